"""What the processes of gate mode do, step by step, as the header of ``templates/runtime/protocol.sh`` states it.

Each role is a program for the explorer in ``protocol.py``: the shell of a unit, one more start of that, its body, what
watches over the body, and its sentinel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product

from tests.shells.protocol import Machine, Move, Names
from tests.shells.steps import FINAL, Steps, Unit, names, opening, outcome, stays

__all__ = ["Programs", "gate_mode", "untold", "wrong"]


def _is_open(there: Names, requires: str, unit: str) -> bool:
    """Return whether a gate is open."""
    return any(needs <= there for needs in opening(requires, unit))


class Programs(Steps):
    """The programs of the roles."""

    def body(self, unit: str) -> None:
        """A body: it notes itself, becomes the text, and ends."""
        me, told = f"body {unit}", self.units[unit]
        for n in self.places(unit):
            self.note(me, unit, n, f"become {n}")
            gates = [name for gate in told.gates for each in opening(*gate) for name in each]
            others = [f"runs {other}" for other in self.units if self.units[other].mutex] if told.mutex else []
            self.add(
                me,
                f"become {n}",
                Move(
                    "runs",
                    f"become {unit}",
                    makes=names(f"runs {unit}", f"begun {unit}"),
                    sees=names(*gates, *others, *(f"{unit}.{word}" for word in FINAL)),
                ),
            )
        self.add(me, "runs", Move("", "end", makes=names(f"ended {unit}")))

    def note(self, me: str, unit: str, n: int, then: str) -> None:
        """Note this process at its unit and its mutex, and end where somebody else has them now."""
        self.add(me, f"note {n}", Move(f"look {n}", f"note {unit}", makes=names(f"{unit}.body.{me}")))
        self.test(me, f"look {n}", f"{unit}.buried.1", f"late {n}", f"note m {n}" if n else then)
        self.add(me, f"late {n}", Move(""))
        if n:
            noted = names(f"m.{n}.body.{me}")
            self.add(me, f"note m {n}", Move(f"look m {n}", f"note m.{n}", makes=noted))
            if n < len(self.holders):
                self.test(me, f"look m {n}", f"m.{n + 1}", f"late {n}", then)
            else:
                self.add(me, f"look m {n}", Move(then))

    def watch(self, unit: str) -> None:
        """What watches over a body: it notes itself, hears that the unit is ready, and says so."""
        me, told = f"watch {unit}", self.units[unit]
        for n in self.places(unit):
            self.note(me, unit, n, f"assist {n}")
            self.add(me, f"assist {n}", Move("hear", makes=names(f"assists {unit}")))
        self.choices.add("hear")
        # Over is a word of the bell, which the shell rings when the body has ended.
        over = [Move("", needs=names(f"over {unit}"))] if told.ready == "notify" else []
        self.add(me, "hear", Move("event"), *over)
        self.add(me, "event", Move("publish", f"event {unit} ready", makes=names(f"ev {unit} ready")))
        self.publish(me, "publish", unit, "ready", "done")
        self.add(me, "done", Move(""))

    def sentinel(self, unit: str) -> None:
        """The sentinel of a unit: it reads the lifeline, and settles the unit where that ends without a word."""
        me, told = f"sentinel {unit}", self.units[unit]
        held = names(f"shell {unit}")
        # A body holds the lifeline until it becomes the text, and what watches over it until it hears.
        holders = [(f"body {unit}", f"runs {unit}")]
        if told.ready:
            holders.append((f"watch {unit}", f"assists {unit}"))
        ends = []
        for ended in product((False, True), repeat=len(holders)):
            gone = frozenset(name for (name, _), by_end in zip(holders, ended, strict=True) if by_end)
            there = frozenset(name for (_, name), by_end in zip(holders, ended, strict=True) if not by_end)
            ends.append(Move("settle", "", needs=there, lacks=held | gone))
        self.add(me, "read", *(ends if f"shell {unit}" in self.victims else ()))
        if f"shell {unit}" not in self.victims:
            return
        self.settle(me, "settle", unit, "clean", "rest")
        # Somebody else is at it, who may die.
        self.add(me, "rest", Move("settle", "rest", ticks=tuple(self.dead_settlers(me, unit))))
        self.clean(me, unit)

    def clean(self, me: str, unit: str) -> None:
        """Take away what the shell of a unit has made for itself."""
        gone = names(f"fifo {unit}", f"word {unit}", *self.waits(unit))
        self.add(me, "clean", Move("", f"clean {unit}", takes=gone, makes=names(f"done {unit}")))

    def again(self, unit: str) -> None:
        """One more start of a unit, which comes later, and then is no part of the protocol."""
        me = f"again {unit}"
        self.make(me, "begin", f"{unit}.owner.{me}", "claim")
        self.add(me, "claim", Move("drop", f"find {unit}.claim", needs=names(f"{unit}.claim")))
        self.add(me, "drop", Move("", f"drop {unit}.owner.{me}", takes=names(f"{unit}.owner.{me}")))

    def shell(self, unit: str) -> None:
        """The shell of a unit, from its start to its end."""
        me, told = f"shell {unit}", self.units[unit]
        self.make(me, "begin", f"{unit}.owner.{me}", "claim")
        self.make(me, "claim", f"{unit}.claim", "open")
        self.add(me, "open", Move("sentinel", f"open {unit}", makes=names(f"fifo {unit}")))
        self.add(me, "sentinel", Move("join 0", f"start sentinel {unit}", starts=(f"sentinel {unit}", "read")))
        count = len(told.gates)
        for number, (_, other) in enumerate(told.gates):
            self.make(me, f"join {number}", f"{other}.waiter.{unit}", f"join {number + 1}")
        everything = "".join(map(str, range(count)))
        self.add(me, f"join {count}", Move(f"look {everything}" if count else "gates are open"))
        for some in range(1, count + 1):
            for left in combinations(everything, some):
                self.look(me, unit, "".join(left))
        if unit in self.holders:
            self.make(me, "gates are open", f"m.waiter.{unit}", "seize")
            self.seize(me, "seize", "m", False, lambda n: f"held {n}", "read the mutex")
            self.choices.add("read the mutex")
            ticks = []
            if any(f"shell {other}" in self.victims for other in self.holders):
                self.seize(me, "seize on a tick", "m", True, lambda n: f"held {n}", "read the mutex")
                ticks = [Move("seize on a tick", "tick", ticks=tuple(self.dead_holders(unit)))]
            self.add(me, "read the mutex", self.word(unit, "seize"), *ticks)
        else:
            self.add(me, "gates are open", Move("held 0"))
        for n in self.places(unit):
            self.run(me, unit, n)
        self.publish(me, "skip", unit, "skipped", "over")
        self.leave(me, unit)

    def leave(self, me: str, unit: str) -> None:
        """Say over on the lifeline, and take away what is left."""
        sentinel = names(f"sentinel {unit}")
        self.add(me, "over", Move("clean", f"over {unit}", takes=sentinel))
        self.clean(me, unit)

    def word(self, unit: str, then: str) -> Move:
        """Return the move that reads a word."""
        return Move(then, f"read {unit}", needs=names(f"word {unit}"), takes=names(f"word {unit}"))

    def dead(self, unit: str) -> Iterator[tuple[Names, Names]]:
        """Yield when no owner of a unit is alive, though it has been claimed, and it has no outcome."""
        needs = names(f"{unit}.claim")
        lacks = names(f"shell {unit}", *(f"{unit}.{word}" for word in FINAL))
        if self.units[unit].again:
            yield needs, lacks | {f"again {unit}"}
            yield needs, lacks | {f"{unit}.owner.again {unit}"}
        else:
            yield needs, lacks

    def dead_holders(self, unit: str) -> Iterator[tuple[Names, Names]]:
        """Yield when the last holder of the mutex is done or dead."""
        others = [other for other in self.holders if other != unit]
        for n in range(1, len(self.holders)):
            needs, lacks = names(f"m.{n}"), names(f"m.{n + 1}")
            yield needs | {f"m.{n}.free"}, lacks
            for each in product((False, True), repeat=len(others)):
                pairs = zip(others, each, strict=True)
                yield needs, lacks | {f"shell {o}" if dead else f"m.{n}.owner.shell {o}" for o, dead in pairs}

    def look(self, me: str, unit: str, left: str) -> None:
        """Look at the gates that are left one by one, then read; and on a tick look after the dead as well."""
        gates = self.units[unit].gates
        for tick in (False, True) if self.victims else (False,):
            for done in range(len(left)):
                for count in range(done + 1):
                    for still in combinations(left[:done], count):
                        self.look_at(me, unit, left, done, "".join(still), tick)
        self.choices.add(f"read {left}")
        ticks: list[tuple[Names, Names]] = []
        for number in left:
            requires, other = gates[int(number)]
            ticks += [(needs, frozenset()) for needs in opening(requires, other)]
            ticks += [(names(f"{other}.{word}"), frozenset()) for word in FINAL]
            if f"shell {other}" in self.victims:
                ticks += self.dead(other)
        then = [Move(f"tick {left}", "tick", ticks=tuple(ticks))] if self.victims else []
        self.add(me, f"read {left}", self.word(unit, f"look {left}"), *then)

    def look_at(self, me: str, unit: str, left: str, done: int, still: str, tick: bool) -> None:
        """Look at one gate."""
        verb = "tick" if tick else "look"
        label = f"{verb} {left}" + (f", {done} with {still}" if done else "")
        number = left[done]
        requires, other = self.units[unit].gates[int(number)]

        def after(closed: bool) -> str:
            rest = still + number if closed else still
            if done + 1 < len(left):
                return f"{verb} {left}, {done + 1} with {rest}"
            return f"read {rest}" if rest else "gates are open"

        ends = {"": f"{label}, none", **{word: f"{label}, {word}" for word in FINAL}}
        inspects = tick and f"shell {other}" in self.victims
        self.read_outcome(me, label, other, {**ends, "": f"{label}, inspect"} if inspects else ends)
        if inspects:
            self.test(me, f"{label}, inspect", f"{other}.claim", f"{label}, owned", ends[""])
            owners = [f"shell {other}", *([f"again {other}"] if self.units[other].again else [])]
            self.owned(me, f"{label}, owned", other, owners, ends[""], f"{label}, outcome")
            self.read_outcome(me, f"{label}, outcome", other, {**ends, "": f"{label}, settle"})
            self.settle(me, f"{label}, settle", other, ends["failed"], ends[""])
        for word, mine in ends.items():
            opens = {name.partition(".")[2] for each in opening(requires, other) for name in each}
            flag = opens - set(FINAL)
            if word and word in opens:
                self.add(me, mine, Move(after(False)))
            elif flag:
                self.test(me, mine, f"{other}.{flag.pop()}", after(False), "skip" if word else after(True))
            else:
                self.add(me, mine, Move("skip" if word else after(True)))

    def run(self, me: str, unit: str, n: int) -> None:
        """Run the body of a unit that is holder n of the mutex, as often as it takes, and publish how it ended."""
        told, at = self.units[unit], f" as {n}"
        body = names(f"body {unit}")
        begin = (f"body {unit}", f"note {n}")
        self.add(me, f"held {n}", Move(f"ask{at}" if told.unless else f"begin 1{at}"))
        if told.unless:
            self.add(me, f"ask{at}", Move(f"answer{at}", f"start body {unit}", starts=begin))
            self.choices.add(f"answer{at}")
            # No attempt has ended yet.
            needless, ended = Move(f"event succeeded{at}", lacks=body), names(f"ended {unit}")
            self.add(me, f"answer{at}", needless, Move(f"begin 1{at}", lacks=body, takes=ended))
        for attempt in range(1, told.attempts + 1):
            watch, last = f"watch {attempt}{at}", attempt == told.attempts
            started = Move(watch if attempt > 1 else f"event running{at}", f"start body {unit}", starts=begin)
            self.add(me, f"begin {attempt}{at}", started)
            # Whether it has become ready in an attempt before is looked for before the body begins.
            ready = [Move(f"wait {attempt}{at}", needs=names(f"{unit}.ready"))] if told.ready else []
            starts = (f"watch {unit}", f"note {n}") if told.ready else None
            word = f"start watch {unit}" if starts else ""
            self.add(me, watch, *ready, Move(f"wait {attempt}{at}", word, starts=starts))
            ended = names(f"ended {unit}")
            for how in dict.fromkeys((told.ends, "failed")):
                then = f"event {how}{at}" if last else f"begin {attempt + 1}{at}"
                self.finish(me, unit, f"{how} {attempt}{at}", then)
            self.add(
                me,
                f"wait {attempt}{at}",
                Move(f"{told.ends} {attempt}{at}", needs=ended, lacks=body, takes=ended),
                Move(f"failed {attempt}{at}", lacks=body),
            )
        self.add(me, f"event running{at}", Move(f"running{at}", f"event {unit} running"))
        self.publish(me, f"running{at}", unit, "running", f"watch 1{at}")
        for end in {told.ends, "failed", *(["succeeded"] if told.unless else [])}:
            self.add(me, f"event {end}{at}", Move(f"{end}{at}", f"event {unit} {end}"))
            # One that had nothing to do counts as having run.
            self.publish(me, f"{end}{at}", unit, end, f"free{at}")
        if n:
            self.make(me, f"free{at}", f"m.{n}.free", f"free{at}, wake")
            self.wake(me, f"free{at}, wake", "m", "over")
        else:
            self.add(me, f"free{at}", Move("over"))

    def finish(self, me: str, unit: str, label: str, then: str) -> None:
        """End what watches over a body that has ended, and publish for it what the log has."""
        watch, ready = names(f"watch {unit}"), self.units[unit].ready
        if ready == "notify":
            over = names(f"over {unit}")
            self.add(me, label, Move(f"{label}, wait", f"ring {unit}", needs=watch, makes=over), Move(then))
            self.add(me, f"{label}, wait", Move(then, lacks=watch, takes=over))
        elif ready:
            recall, again = f"{label}, recall", f"{label}, ready"
            self.add(me, label, Move(recall, needs=watch, takes=watch), Move(then))
            self.add(me, recall, Move(again, needs=names(f"ev {unit} ready")), Move(then))
            self.publish(me, again, unit, "ready", then, again=True)
        else:
            self.add(me, label, Move(then))


def gate_mode(units: Mapping[str, Unit], crashes: int = 0, victims: Iterable[str] | None = None) -> Machine:
    """Return what wrapped scripts of units do, all of them started at any moment.

    So many of the victims may crash, which are all processes where none are named.
    """
    roles = {
        f"{role} {unit}": role
        for unit, told in units.items()
        for role in ("shell", "sentinel", "body", "watch", "again")
        if role not in ("watch", "again") or getattr(told, {"watch": "ready"}.get(role, role))
    }
    mortal = frozenset(roles if victims is None else victims) if crashes else frozenset()
    told = Programs(units, mortal)
    for name, role in roles.items():
        getattr(told, role)(name.partition(" ")[2])
    return Machine(
        told.programs,
        {name: "begin" for name, role in roles.items() if role in ("shell", "again")},
        mortal,
        frozenset(told.choices),
        {f"body {unit}": names(f"runs {unit}") for unit in units},
        stays,
        lambda word, there: wrong(units, word, there),
        lambda there, steps: _left(units, there, steps, crashes),
    )


def wrong(units: Mapping[str, Unit], word: str, there: Names) -> Iterator[str]:
    """Yield what is wrong with a move where these things are there."""
    verb, _, what = word.partition(" ")
    if verb == "become":
        yield from (f"{what} started before its {gate}" for gate in units[what].gates if not _is_open(there, *gate))
        if units[what].mutex:
            yield from (
                f"{what} runs beside {u}" for u in units if units[u].mutex and u != what and f"runs {u}" in there
            )
        if end := outcome(there, what):
            yield f"{what} started though it had {end}"
    elif verb == "make":
        unit = what.partition(".")[0]
        if end := outcome(there, unit):
            yield f"{unit} had {end} before {word}"
        if f"runs {unit}" in there:
            yield f"{unit} still runs where {word}"


def untold(units: Mapping[str, Unit], there: Names) -> Iterator[str]:
    """Yield the units that are ready by the log alone, which only a crash may leave."""
    for unit in units:
        if f"ev {unit} ready" in there and f"{unit}.ready" not in there:
            yield f"only the log says that {unit} is ready"


def _left(units: Mapping[str, Unit], there: Names, steps: Mapping[str, str], crashes: int) -> Iterator[str]:
    """Yield what is wrong with a state in which nothing happens any more.

    Who waits for a unit that nobody has started waits as long as that, and so does who waits for that one.
    """
    if not crashes:
        yield from untold(units, there)
    idle = {unit for unit in units if f"{unit}.claim" not in there}
    for unit, told in units.items():
        label = steps.get(f"shell {unit}", "")
        if label.startswith("read ") and any(told.gates[int(n)][1] in idle for n in label[5:] if n.isdecimal()):
            idle.add(unit)
    for process, label in steps.items():
        if process.partition(" ")[2] not in idle:
            yield f"{process} waits for ever: {label}"
    for unit in set(units) - idle:
        # Where its shell and its sentinel are both dead it is left to whoever waits for it, if anybody does.
        if not outcome(there, unit) and f"done {unit}" in there:
            yield f"{unit} has no outcome"
