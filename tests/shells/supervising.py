"""What the processes of a run do, step by step: the supervisor with its sentinel, and who starts bodies for it.

A unit that says something of itself is attended to by a shell of its own, which does what gate mode does without the
waiting. Any other is a job: a shell that starts the body, and tells how it ended. What the supervisor knows is called
as in gate mode behind ``S.``, since only it can ask for that; ``ev`` and a unit is there where the log says it. Words
come to the supervisor in any order but that of one unit, whose next one is read only behind the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from tests.shells.protocol import Machine, Move, Names
from tests.shells.roles import Programs, untold, wrong
from tests.shells.steps import FINAL, Unit, names, opening, outcome, stays

__all__ = ["supervised"]

_NOBODY: Names = frozenset()


def _is_attended(told: Unit) -> bool:
    return bool(told.ready) or told.unless or told.attempts > 1


class _Supervised(Programs):
    def __init__(self, units: Mapping[str, Unit], victims: Names) -> None:
        super().__init__(units, victims)
        # The supervisor keeps the mutex itself, so no process notes itself there.
        self.holders = []
        self.settlers = {
            unit: [*([f"sentinel {unit}"] if _is_attended(told) else []), "supervisor", "guard"]
            for unit, told in units.items()
        }

    def add(self, process: str, label: str, *moves: Move) -> None:
        super().add(process, label, *(self._logged(move) for move in moves))

    def _logged(self, move: Move) -> Move:
        verb, _, what = move.word.partition(" ")
        unit, _, end = what.partition(" ")
        if verb != "event" or end == "ready":
            return move
        return move._replace(makes=move.makes | {f"ev {unit} {end}"})

    def publish(self, process: str, label: str, unit: str, end: str, then: str, *, again: bool = False) -> None:
        """Make a file of a unit, and who made it tells the supervisor, unless it is that itself or has outlived it."""
        tell = f"{label}, tell"
        self.make(process, label, f"{unit}.{end}", tell, tell if again else then)
        word = f"{end} {unit}"
        told = process not in ("supervisor", "guard")
        self.add(process, tell, self.tell(word, then) if told else Move(then))

    def tell(self, word: str, then: str) -> Move:
        """Return the move that tells the supervisor something."""
        return Move(then, f"tell {word}", makes=names(f"word {word}"))

    # --- the roles

    def shell(self, unit: str) -> None:
        """The shell that attends to a unit."""
        me = f"shell {unit}"
        self.make(me, "begin", f"{unit}.owner.{me}", "open")
        self.add(me, "open", Move("sentinel", f"open {unit}", makes=names(f"fifo {unit}")))
        self.add(me, "sentinel", Move("held 0", f"start sentinel {unit}", starts=(f"sentinel {unit}", "read")))
        self.run(me, unit, 0)
        self.leave(me, unit)

    def job(self, unit: str) -> None:
        """The shell that starts a body, and tells of it."""
        me, body, ended = f"job {unit}", names(f"body {unit}"), names(f"ended {unit}")
        begin = Move("run", f"start body {unit}", makes=names(f"forked {unit}"), starts=(f"body {unit}", "note 0"))
        self.add(me, "begin", begin)
        self.add(me, "run", self.tell(f"run {unit}", "wait"))
        end = self.units[unit].ends
        self.add(me, "wait", Move(f"tell {end}", needs=ended, lacks=body), Move("tell failed", lacks=body))
        for word in {end, "failed"}:
            self.add(me, f"tell {word}", self.tell(f"end {unit} {word}", ""))

    def supervisor(self) -> None:
        """The supervisor: it starts what may start, takes a word, and so on until all units are over."""
        me = "supervisor"
        self.add(me, "begin", Move("decide", "start guard", starts=("guard", "read 0")))
        moves: list[Move] = []
        for unit, told in self.units.items():
            fresh = names(f"S.{unit}.launched", f"S.{unit}.over")
            skip = names(f"S.{unit}.over", f"S.{unit}.skipped")
            for requires, other in told.gates:
                opens = names(*(name for each in opening(requires, other, "S.") for name in each))
                moves.append(Move(f"skip {unit}", needs=names(f"S.{other}.over"), lacks=fresh | opens))
            mutex = names("S.m") if told.mutex else _NOBODY
            makes = names(f"S.{unit}.launched") | mutex
            role, begin = ("shell", "begin") if _is_attended(told) else ("job", "begin")
            for each in product(*(opening(requires, other, "S.") for requires, other in told.gates)):
                needs = frozenset().union(*each)
                starts = (f"{role} {unit}", begin)
                moves.append(Move("decide", f"start {role} {unit}", needs, fresh | mutex, makes, starts=starts))
            self.add(me, f"skip {unit}", Move(f"publish {unit}", f"event {unit} skipped"))
            self.make(me, f"publish {unit}", f"{unit}.skipped", f"note {unit}")
            self.add(me, f"note {unit}", Move("decide", makes=skip))
            self.learn(me, unit)
        over = Move("leave", needs=names(*(f"S.{unit}.over" for unit in self.units)))
        self.add(me, "decide", *moves, over, Move("read"))
        words = [move for unit in self.units for move in self.words(unit)]
        self.choices.add("read")
        self.add(me, "read", *words)
        self.add(me, "leave", Move("", "over", takes=names("guard"), makes=names("done run")))

    def words(self, unit: str) -> Iterator[Move]:
        """Yield what the supervisor does with the words of a unit."""
        told, before = self.units[unit], _NOBODY
        ends = sorted({told.ends, "failed", *(["succeeded"] if told.unless else [])})
        launched, over = names(f"S.{unit}.launched"), names(f"S.{unit}.over")
        if _is_attended(told):
            for word in ("running", *(["ready"] if told.ready else []), *ends):
                mine = names(f"word {word} {unit}")
                makes = names(f"S.{unit}.{word}", *(over if word in ends else ()))
                takes = mine | (names("S.m") if told.mutex and word in ends else _NOBODY)
                yield Move("decide", f"hear {word} {unit}", mine, before | over, makes, takes)
                yield Move("read", f"hear {word} {unit}", mine | over, before, takes=mine)
                before |= mine
            dead = names(f"shell {unit}")
        else:
            run = names(f"word run {unit}")
            yield Move(f"run {unit}", f"hear run {unit}", run, over, takes=run)
            # It was taken for dead before.
            yield Move("read", f"hear run {unit}", run | over, takes=run | {f"body {unit}", f"runs {unit}"})
            for end in ends:
                mine = names(f"word end {unit} {end}")
                yield Move(f"end {unit} {end}", f"hear end {unit}", mine, run | over, takes=mine)
                yield Move("read", f"hear end {unit}", mine | over, run, takes=mine)
                before |= mine
            before |= run
            dead = names(f"job {unit}")
        if dead & self.victims:
            # Only the second look counts, so that what the dead have told before has been heard.
            yield Move(f"bury {unit}", "tick", ticks=((launched, dead | over | before),))

    def learn(self, me: str, unit: str) -> None:
        """What follows from the words of a unit, and from the death of who would tell of it."""
        told = self.units[unit]
        mutex = names("S.m") if told.mutex else _NOBODY
        failed = Move("decide", makes=names(f"S.{unit}.over", f"S.{unit}.failed"), takes=mutex)
        victims = {f"shell {unit}", f"job {unit}"} & self.victims
        if _is_attended(told):
            if victims:
                self.settle(me, f"bury {unit}", unit, f"buried {unit}", "read")
                self.add(me, f"buried {unit}", failed)
            return
        self.add(me, f"run {unit}", Move("decide", f"event {unit} running", makes=names(f"S.{unit}.running")))
        for end in {told.ends, "failed"}:
            self.add(me, f"end {unit} {end}", Move(f"make {unit} {end}", f"event {unit} {end}"))
            self.make(me, f"make {unit} {end}", f"{unit}.{end}", f"over {unit} {end}")
            makes = names(f"S.{unit}.over", f"S.{unit}.{end}")
            self.add(me, f"over {unit} {end}", Move("decide", makes=makes, takes=mutex))
        if victims:
            kills = names(f"body {unit}", f"runs {unit}")
            ran = names(f"S.{unit}.running")
            self.add(me, f"bury {unit}", Move(f"seize {unit}", needs=ran, takes=kills), Move(f"seize {unit}"))
            most = self.most(unit)
            self.seize(me, f"seize {unit}", f"{unit}.buried", True, lambda n: f"slay {unit} {n}", f"end {unit} failed")
            for n in range(1, most + 1):
                self.slay(me, f"slay {unit} {n}", unit, f"end {unit} failed")

    def guard(self) -> None:
        """The sentinel of the supervisor, which settles what was running where that ends without a word."""
        me = "guard"
        if "supervisor" not in self.victims:
            self.add(me, "read 0", Move("read 0", needs=names("never")))
            return
        holders: list[tuple[Names, Names]] = [(names("supervisor"), _NOBODY)]
        for unit, told in self.units.items():
            if _is_attended(told):
                holders.append((names(f"shell {unit}"), names(f"fifo {unit}")))
            else:
                holders += [
                    (names(f"job {unit}"), names(f"forked {unit}")),
                    (names(f"body {unit}"), names(f"runs {unit}")),
                ]
        # The lifeline ends when nobody holds it any more, and who doesn't hold it never will again.
        for number, (process, lets_go) in enumerate(holders):
            then = f"read {number + 1}" if number + 1 < len(holders) else "guard 0"
            ways = [Move(then, lacks=process)] + ([Move(then, needs=lets_go)] if lets_go else [])
            self.add(me, f"read {number}", *ways)
        for number, (unit, told) in enumerate(self.units.items()):
            label, then = f"guard {number}", f"guard {number + 1}"
            ways = []
            if _is_attended(told):
                owner, shell = f"{unit}.owner.shell {unit}", names(f"shell {unit}")
                ways = [Move(f"{label}, settle", needs=names(owner), takes=shell)]
            # What the log says of an end holds, but where somebody may be about to settle the unit.
            ways += [Move(f"{label}, make {end}", needs=names(f"ev {unit} {end}")) for end in FINAL]
            begun = (f"ev {unit} running", f"{unit}.body.body {unit}")
            ways += [Move(f"{label}, settle", needs=names(name)) for name in begun]
            self.add(me, label, *ways, Move(then))
            for end in FINAL:
                self.make(me, f"{label}, make {end}", f"{unit}.{end}", then)
            settle = {**dict.fromkeys(FINAL, then), "": f"{label}, bury"}
            self.read_outcome(me, f"{label}, settle", unit, settle)
            self.settle(me, f"{label}, bury", unit, then, f"{label}, rest")
            self.add(me, f"{label}, rest", Move(f"{label}, bury", "rest", ticks=tuple(self.dead_settlers(me, unit))))
        self.add(me, f"guard {len(self.units)}", Move("", "clean", makes=names("done guard")))


def supervised(units: Mapping[str, Unit], crashes: int = 0, victims: Iterable[str] | None = None) -> Machine:
    """Return what a run of these units does. So many of the victims may crash, all processes where none are named."""
    roles = {"supervisor": "supervisor", "guard": "guard"}
    for unit, each in units.items():
        attended = _is_attended(each)
        for role in ("shell", "sentinel", "body") if attended else ("job", "body"):
            roles[f"{role} {unit}"] = role
        if each.ready:
            roles[f"watch {unit}"] = "watch"
    mortal = frozenset(roles if victims is None else victims) if crashes else frozenset()
    # Who kills a supervisor kills the shells that attend to units for it.
    if "supervisor" in mortal:
        mortal |= {f"shell {unit}" for unit, each in units.items() if _is_attended(each)}
    told = _Supervised(units, mortal)
    for name, role in roles.items():
        of = name.partition(" ")[2]
        getattr(told, role)(*([of] if of else []))
    return Machine(
        told.programs,
        {"supervisor": "begin"},
        mortal if victims is None else mortal & frozenset(victims),
        frozenset(told.choices),
        {f"body {unit}": names(f"runs {unit}") for unit in units},
        stays,
        lambda word, there: wrong(units, word, there | _begun(units, there)),
        lambda there, steps: _left(units, there, steps, crashes),
    )


def _begun(units: Mapping[str, Unit], there: Names) -> Names:
    """Return as a file of each unit that its body has begun, which the supervisor keeps to itself."""
    return frozenset(f"{unit}.running" for unit in units if f"S.{unit}.running" in there)


def _left(units: Mapping[str, Unit], there: Names, steps: Mapping[str, str], crashes: int) -> Iterator[str]:
    """Yield what is wrong with a state in which nothing happens any more."""
    if not crashes:
        yield from untold(units, there)
    yield from (f"{process} waits for ever: {label}" for process, label in steps.items())
    for unit in units:
        # What no body has been started for is nothing that a sentinel has to settle.
        begun = any(f"ev {unit} {word}" in there for word in ("running", *FINAL))
        due = "done run" in there or f"done {unit}" in there or ("done guard" in there and begun)
        if due and not outcome(there, unit):
            yield f"{unit} has no outcome"
