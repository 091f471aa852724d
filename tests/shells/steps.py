"""The steps of which the programs of the model are made: files, words, locks, and how one settles a dead unit.

Things are called as the files are, with the unit or the mutex in front; the only mutex is m. ``fifo`` and ``word`` of a
unit are the FIFO of its shell and a word in it; one word says as much as several. A process is called by its role and
its unit, and so is the thing that is there as long as it lives; ``runs`` of a unit is there as long as its body runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Final, NamedTuple

from tests.shells.protocol import Move, Names

__all__ = ["FINAL", "Steps", "Unit", "names", "opening", "outcome", "stays"]

FINAL: Final = ("succeeded", "failed", "skipped")
"""The outcomes that the model has."""

_NOTHING: Final[Names] = frozenset()
_STAY: Final = (*FINAL, "claim", "running", "ready", "free")


class Unit(NamedTuple):
    """A unit: what it waits for, whether it holds the mutex, and what its body does.

    ``ready`` is ``probe`` or ``notify`` where it becomes that. ``attempts`` is how often its body may be run: each run
    but the last fails. ``unless`` says that it may turn out that it needn't be run, and ``again`` that there is one
    more start.
    """

    gates: tuple[tuple[str, str], ...] = ()
    mutex: bool = False
    ready: str = ""
    ends: str = "succeeded"
    attempts: int = 1
    unless: bool = False
    again: bool = False


def names(*each: str) -> Names:
    return frozenset(each)


def outcome(there: Names, unit: str) -> str:
    """Return the outcome of a unit among what is there, nothing where it has none."""
    return next((word for word in FINAL if f"{unit}.{word}" in there), "")


def opening(requires: str, unit: str, of: str = "") -> list[Names]:
    """Return what opens a gate: one of these is there. ``of`` stands before the names of what one knows for itself."""
    ends = {
        "start": ("running",),
        "ready": ("ready", "succeeded"),
        "success": ("succeeded",),
        "failure": ("failed",),
        "completion": FINAL,
    }[requires]
    return [names(f"{of}{unit}.{end}") for end in ends]


def stays(name: str) -> bool:
    of, _, end = name.rpartition(".")
    return bool(of) and (end in _STAY or end.isdecimal() or ".body." in name)


class Steps:
    """The programs of processes, which are written down label by label."""

    def __init__(self, units: Mapping[str, Unit], victims: Names) -> None:
        self.units = units
        self.victims = victims
        self.programs: dict[str, dict[str, tuple[Move, ...]]] = {}
        self.choices: set[str] = set()
        self.settlers = {unit: [f"sentinel {unit}", *self._others(unit)] for unit in units}
        self.holders = [unit for unit, told in units.items() if told.mutex]

    def _others(self, unit: str) -> list[str]:
        return [f"shell {other}" for other, told in self.units.items() if unit in {name for _, name in told.gates}]

    def add(self, process: str, label: str, *moves: Move) -> None:
        """Write down the moves of a label."""
        program = self.programs.setdefault(process, {})
        assert label not in program, (process, label)
        program[label] = moves

    def make(self, process: str, label: str, name: str, then: str, there: str | None = None) -> None:
        """Make a file: what comes then, and what where it was there already."""
        unit, _, end = name.rpartition(".")
        sees = names(*(f"{unit}.{word}" for word in FINAL), f"runs {unit}") if end in FINAL else _NOTHING
        made = Move(then, f"make {name}", lacks=names(name), makes=names(name), sees=sees)
        self.add(process, label, made, Move(then if there is None else there, f"find {name}"))

    def test(self, process: str, label: str, name: str, yes: str, no: str) -> None:
        """Look whether a file is there."""
        self.add(process, label, Move(yes, needs=names(name)), Move(no))

    def read_outcome(self, process: str, label: str, unit: str, then: Mapping[str, str]) -> None:
        """Look for the outcome of a unit. One is all that it ever has, so this is one step."""
        ends = [Move(then[word], needs=names(f"{unit}.{word}")) for word in FINAL]
        self.add(process, label, *ends, Move(then[""]))

    def wake(self, process: str, label: str, what: str, then: str) -> None:
        """List who waits, then send each a word, which nobody gets whose FIFO is gone."""
        waiting = [
            u
            for u, told in self.units.items()
            if (told.mutex if what == "m" else what in {other for _, other in told.gates})
        ]
        moves = []
        for count in range(len(waiting), -1, -1):
            for some in combinations(waiting, count):
                listed = frozenset(f"{process} wakes {unit}" for unit in some)
                moves.append(
                    Move(f"{label}, words", "", needs=frozenset(f"{what}.waiter.{unit}" for unit in some), makes=listed)
                )
        self.add(process, label, *moves)
        words = []
        for unit in waiting:
            listed = names(f"{process} wakes {unit}")
            word, fifo = names(f"word {unit}"), names(f"fifo {unit}")
            words.append(Move(f"{label}, words", f"word {unit}", needs=listed | fifo, takes=listed, makes=word))
            words.append(Move(f"{label}, words", "", needs=listed, takes=listed))
        self.add(process, f"{label}, words", *words, Move(then))

    def publish(self, process: str, label: str, unit: str, end: str, then: str, *, again: bool = False) -> None:
        """Make a file of a unit, and wake. ``again`` says that somebody else may have done so, in part or in whole."""
        self.make(process, label, f"{unit}.{end}", f"{label}, wake")
        self.wake(process, f"{label}, wake", unit, then)

    def owned(self, process: str, label: str, lock: str, owners: Sequence[str], yes: str, no: str) -> None:
        """Look whether one of the owners of a lock is alive, one after the other."""
        for number, owner in enumerate(owners):
            last = number + 1 == len(owners)
            self.add(
                process,
                f"{label}, {number}" if number else label,
                Move(yes, needs=names(f"{lock}.owner.{owner}", owner)),
                Move(no if last else f"{label}, {number + 1}"),
            )

    def seize(self, process: str, label: str, lock: str, tick: bool, got: Callable[[int], str], busy: str) -> None:
        """Take a lock as its next holder, where the last one is done or, on a tick, dead."""
        owners = [f"shell {unit}" for unit in self.holders] if lock == "m" else self.settlers[lock.partition(".")[0]]
        most = len(self.holders) if lock == "m" else self.most(lock.partition(".")[0])
        for n in range(most + 1):
            mine = f"{lock}.{n}"
            count, after = (f"{label}, count {n}" if n else label), f"{label}, make {n + 1}"
            if n == most:
                # Each takes it once, so there are no more.
                self.add(process, count, Move(busy))
                break
            self.test(
                process, count, f"{lock}.{n + 1}", f"{label}, count {n + 1}", f"{label}, last {n}" if n else after
            )
            if n:
                self.test(process, f"{label}, last {n}", f"{mine}.free", after, f"{label}, owned {n}" if tick else busy)
                if tick:
                    self.owned(process, f"{label}, owned {n}", mine, owners, busy, after)
            owner, new = f"{lock}.{n + 1}.owner.{process}", f"{lock}.{n + 1}"
            self.make(process, after, owner, f"{label}, number {n + 1}")
            # Only a mutex has been held by others with bodies of their own.
            last = n if lock == "m" else 0
            taken = f"{label}, slay {n}" if last else got(n + 1)
            self.make(process, f"{label}, number {n + 1}", new, taken, f"{label}, drop {n + 1}")
            self.add(process, f"{label}, drop {n + 1}", Move(busy, f"drop {owner}", takes=names(owner)))
            for before in range(last, 0, -1):
                killed = f"{label}, kill {before} for {n}"
                slays = f"{label}, slay {before} for {n}" if before < n else f"{label}, slay {n}"
                then = f"{label}, slay {before - 1} for {n}" if before > 1 else got(n + 1)
                self.test(process, slays, f"{lock}.{before}.free", got(n + 1), killed)
                self.slay(process, killed, f"{lock}.{before}", then)

    def slay(self, process: str, label: str, lock: str, then: str) -> None:
        """Kill the bodies that have noted themselves at a lock, and what watches over them."""
        units = self.holders if lock.startswith("m.") else [lock]
        victims = [
            f"{role} {unit}" for unit in units for role in ("body", "watch") if role == "body" or self.units[unit].ready
        ]
        word = f"slay {lock}"
        for number, victim in enumerate(victims):
            unit = victim.partition(" ")[2]
            gone = names(victim, *([f"runs {unit}"] if victim.startswith("body") else []))
            then_label = f"{label}, {number + 1}" if number + 1 < len(victims) else then
            self.add(
                process,
                f"{label}, {number}" if number else label,
                Move(then_label, "" if number else word, needs=names(f"{lock}.body.{victim}"), takes=gone),
                Move(then_label, "" if number else word),
            )
        if not victims:
            self.add(process, label, Move(then, word))

    def settle(self, process: str, label: str, unit: str, settled: str, busy: str) -> None:
        """Settle a unit whose shell is dead."""
        self.seize(process, label, f"{unit}.buried", True, lambda n: f"{label}, slay bodies {n}", busy)
        for n in range(1, self.most(unit) + 1):
            self.slay(process, f"{label}, slay bodies {n}", unit, f"{label}, outcome")
        self.read_outcome(process, f"{label}, outcome", unit, {**dict.fromkeys(FINAL, settled), "": f"{label}, event"})
        self.add(process, f"{label}, event", Move(f"{label}, publish", f"event {unit} failed"))
        self.publish(process, f"{label}, publish", unit, "failed", settled)

    def dead_settlers(self, me: str, unit: str) -> Iterator[tuple[Names, Names]]:
        """Yield when the last one who was about to settle a unit is dead."""
        others = [other for other in self.settlers[unit] if other != me]
        for n in range(1, self.most(unit) + 1):
            needs, lock = names(f"{unit}.buried.{n}"), f"{unit}.buried.{n}.owner"
            lacks = names(f"{unit}.buried.{n + 1}") if n < self.most(unit) else frozenset()
            for each in product((False, True), repeat=len(others)):
                pairs = zip(others, each, strict=True)
                yield needs, lacks | {other if dead else f"{lock}.{other}" for other, dead in pairs}

    def most(self, unit: str) -> int:
        """Return how many may be about to settle a unit, one after the other."""
        return len(self.settlers[unit])

    def places(self, unit: str) -> Iterable[int]:
        """Return as which holder of the mutex a unit may come, 0 where it needs none."""
        return range(1, len(self.holders) + 1) if unit in self.holders else (0,)

    def waits(self, unit: str) -> Iterator[str]:
        """Yield the files by which the shell of a unit waits."""
        told = self.units[unit]
        yield from (f"{other}.waiter.{unit}" for _, other in told.gates)
        if told.mutex:
            yield f"m.waiter.{unit}"
