"""The protocol of files as a model: its steps are values, and every order in which they can happen is tried.

What the header of ``templates/runtime/protocol.sh`` says that the shell of a unit, what watches over its body, its
sentinel and those who wait do, each does here in steps of one file or one word, and whoever is alive may take the next
step. A shell, a sentinel or what watches over a body may crash between any two of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

__all__ = ["FILES", "UNITS", "Explored", "State", "Unit", "explore"]

_FINAL: Final = ("succeeded", "failed", "skipped")
FILES: Final = frozenset(_FINAL) | {"owner", "claim", "waiter", "body", "running", "ready", "buried", "free", "N"}
"""The ends of the names of the files that the model knows; N is the file of the Nth holder of a mutex."""


class Unit(NamedTuple):
    """A unit: what it waits for, whether it holds the mutex, whether it becomes ready, and how its body ends."""

    gates: tuple[tuple[str, str], ...] = ()
    mutex: bool = False
    ready: bool = False
    ends: str = "succeeded"


UNITS: Final[Mapping[str, Unit]] = {
    "a": Unit(mutex=True, ready=True),
    "b": Unit((("ready", "a"),), mutex=True),
    "c": Unit((("success", "a"), ("completion", "b"))),
}


@dataclass(frozen=True, slots=True)
class State:
    """All that there is at a moment: files, words in FIFOs, and what each process does next.

    A shell is at a step with what it has still to do there; ``gone`` are processes that ended or crashed.
    """

    files: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    fifos: frozenset[str] = frozenset()
    bodies: frozenset[str] = frozenset()
    steps: tuple[tuple[str, tuple[str, ...]], ...] = ()
    crashes: int = 0
    crashed: frozenset[str] = frozenset()

    def at(self, process: str) -> tuple[str, ...]:
        """Return what a process does next; nothing where it isn't there."""
        for name, step in self.steps:
            if name == process:
                return step
        return ()

    def doing(self, process: str, *step: str) -> State:
        """Return the state in which a process does this next."""
        steps = dict(self.steps)
        if step:
            steps[process] = step
        else:
            steps.pop(process, None)
        return replace(self, steps=tuple(sorted(steps.items())))

    def make(self, *names: str) -> State:
        """Return the state with these files."""
        return replace(self, files=self.files | set(names))

    def waiters(self, what: str) -> tuple[str, ...]:
        """Return who waits for a unit or the mutex, as it is listed now."""
        return tuple(sorted(name.rpartition(".")[2] for name in self.files if name.startswith(f"{what}.waiter.")))

    def outcome(self, unit: str) -> str:
        """Return the outcome of a unit, nothing where it has none."""
        return next((word for word in _FINAL if f"{unit}.{word}" in self.files), "")


@dataclass
class Explored:
    """What came of trying everything: how many states there are, and what is wrong in one of them."""

    states: int = 0
    wrong: list[str] = field(default_factory=list)


def _gate(state: State, requires: str, unit: str) -> str:
    outcome = state.outcome(unit)
    opened = {
        "ready": f"{unit}.ready" in state.files or outcome == "succeeded",
        "success": outcome == "succeeded",
        "completion": bool(outcome),
    }[requires]
    return "open" if opened else "impossible" if outcome else "closed"


def _holder(state: State) -> int:
    number = 0
    while f"m.{number + 1}.N" in state.files:
        number += 1
    return number


def _kill(state: State, unit: str) -> State:
    """Kill the body of a unit and what watches over it, as far as they have noted themselves."""
    return replace(state, bodies=state.bodies - {unit}).doing(f"watch {unit}")


def _settle(state: State, unit: str, process: str, then: tuple[str, ...]) -> State:
    """Settle a unit whose shell is dead: its bodies are killed, then buried, and who made that makes failed."""
    state = _kill(state, unit)
    if f"{unit}.buried" in state.files:
        return state.doing(process, *then)
    return state.make(f"{unit}.buried").doing(process, "bury", unit, *then)


def _tick(state: State, unit: str, units: Mapping[str, Unit]) -> Iterator[State]:
    """Yield what a shell that waits does on a tick: it looks again, also after those who died without a word.

    A look that would find nothing new is no step, so that where nothing is left to do no step is left.
    """
    step = state.at(f"shell {unit}")
    if step[:1] != ("read",):
        return
    back = step[1:]
    if back[0] == "look":
        other = units[unit].gates[int(back[1])][1]
        if _gate(state, *units[unit].gates[int(back[1])]) != "closed":
            yield state.doing(f"shell {unit}", *back)
        elif f"{other}.claim" in state.files and not state.at(f"shell {other}") and not state.outcome(other):
            yield _settle(state, other, f"shell {unit}", back)
    elif back[0] == "mutex":
        number = _holder(state)
        holder = next((u for u in units if f"m.{number}.owner.{u}" in state.files), "")
        if f"m.{number}.free" in state.files:
            yield state.doing(f"shell {unit}", *back)
        elif holder and not state.at(f"shell {holder}"):
            yield _kill(state, holder).doing(f"shell {unit}", "take", str(number + 1))


def _shell(state: State, unit: str, units: Mapping[str, Unit]) -> Iterator[State]:
    """Yield the states after the next step of a unit's shell."""
    me, told = f"shell {unit}", units[unit]
    match state.at(me):
        case ("begin",):
            yield state.make(f"{unit}.owner").doing(me, "claim")
        case ("claim",):
            yield state.make(f"{unit}.claim").doing(me, "open")
        case ("open",):
            opened = replace(state, fifos=state.fifos | {unit}).doing(f"sentinel {unit}", "watch")
            yield opened.doing(me, "gate", "0")
        case ("gate", n) if int(n) < len(told.gates):
            yield state.make(f"{told.gates[int(n)][1]}.waiter.{unit}").doing(me, "look", n)
        case ("gate", _):
            if told.mutex:
                yield state.make(f"m.waiter.{unit}").doing(me, "mutex")
            else:
                yield state.doing(me, "start")
        case ("look", n):
            match _gate(state, *told.gates[int(n)]):
                case "open":
                    yield state.doing(me, "gate", str(int(n) + 1))
                case "impossible":
                    yield state.doing(me, "end", "skipped")
                case _:
                    yield state.doing(me, "read", "look", n)
        case ("mutex",):
            number = _holder(state)
            free = number == 0 or f"m.{number}.free" in state.files
            yield state.doing(me, *(("take", str(number + 1)) if free else ("read", "mutex")))
        case ("take", number):
            if f"m.{number}.N" in state.files:
                yield state.doing(me, "mutex")
            else:
                yield state.make(f"m.{number}.owner.{unit}", f"m.{number}.N").doing(me, "start")
        case ("read", *back) if unit in state.words:
            yield replace(state, words=state.words - {unit}).doing(me, *back)
        case ("start",):
            # The body notes itself while it holds the lifeline: until then nobody finds that ended.
            started = replace(state.make(f"{unit}.body"), bodies=state.bodies | {unit}).doing(me, "running")
            yield started
        case ("running",):
            begun = state.make(f"{unit}.running")
            if told.ready:
                begun = begun.doing(f"watch {unit}", "ready")
            yield begun.doing(me, "wake", unit, "wait")
        case ("wait",) if unit not in state.bodies:
            yield state.doing(f"watch {unit}").doing(me, "end", told.ends)
        case ("end", outcome):
            yield state.make(f"{unit}.{outcome}").doing(me, "wake", unit, "release")
        case ("release",):
            mine = next((name for name in state.files if name.startswith("m.") and name.endswith(f".owner.{unit}")), "")
            if mine:
                yield state.make(f"m.{mine.split('.')[1]}.free").doing(me, "wake", "m", "over")
            else:
                yield state.doing(me, "over")
        case ("over",):
            files = frozenset(name for name in state.files if not name.endswith(f".waiter.{unit}"))
            left = replace(state, files=files, fifos=state.fifos - {unit}, words=state.words - {unit})
            yield left.doing(f"sentinel {unit}").doing(me)


def _any(state: State, process: str) -> Iterator[State]:
    """Yield the states after a step that everybody may have to take: to wake, and to settle a unit."""
    match state.at(process):
        case ("wake", what, *then):
            yield state.doing(process, "word", ",".join(state.waiters(what)), *then)
        case ("word", "", *then):
            yield state.doing(process, *then)
        case ("word", listed, *then):
            first, _, rest = listed.partition(",")
            words = state.words | ({first} & state.fifos)
            yield replace(state, words=words).doing(process, "word", rest, *then)
        case ("bury", unit, *then):
            yield state.make(f"{unit}.failed").doing(process, "wake", unit, *then)


def _others(state: State, unit: str) -> Iterator[State]:
    """Yield the states after a step of a unit's body, of what watches over that, and of its sentinel."""
    if unit in state.bodies:
        yield replace(state, bodies=state.bodies - {unit})
    watch, sentinel = f"watch {unit}", f"sentinel {unit}"
    if state.at(watch) == ("ready",):
        yield state.make(f"{unit}.ready").doing(watch, "wake", unit)
    if state.at(sentinel) == ("watch",) and not state.at(f"shell {unit}"):
        if state.outcome(unit):
            yield state.doing(sentinel, "clean")
        else:
            yield _settle(state, unit, sentinel, ("clean",))
    if state.at(sentinel) == ("clean",):
        files = frozenset(name for name in state.files if not name.endswith(f".waiter.{unit}"))
        yield replace(state, files=files, fifos=state.fifos - {unit}, words=state.words - {unit}).doing(sentinel)


def _crashes(state: State) -> Iterator[State]:
    for process, step in state.steps:
        if step == ("begin",):
            continue
        gone = {process}
        if step in (("claim",), ("open",)):
            # It never came to have a sentinel.
            gone.add(process.replace("shell", "sentinel"))
        yield replace(state, crashes=state.crashes - 1, crashed=state.crashed | gone).doing(process)


def _wrong(before: State, after: State, units: Mapping[str, Unit]) -> Iterator[str]:
    for unit in after.bodies - before.bodies:
        yield from (f"{unit} started before its {gate}" for gate in units[unit].gates if _gate(after, *gate) != "open")
        if units[unit].mutex and any(units[other].mutex for other in after.bodies - {unit}):
            yield f"{unit} started while the mutex was held"
    for unit in units:
        if sum(f"{unit}.{word}" in after.files for word in _FINAL) > 1:
            yield f"{unit} has two outcomes"


def explore(units: Mapping[str, Unit], crashes: int) -> Explored:
    """Try every order of steps with at most so many crashes.

    Ticks come only once something has crashed: without that, words alone have to be enough.
    """
    first = State(crashes=crashes)
    for unit in units:
        first = first.doing(f"shell {unit}", "begin")
    seen, left, explored = {first}, deque([first]), Explored()
    while left:
        state = left.popleft()
        following = [each for unit in units for each in (*_shell(state, unit, units), *_others(state, unit))]
        following += [each for process, _ in state.steps for each in _any(state, process)]
        if state.crashed:
            following += [each for unit in units for each in _tick(state, unit, units)]
        if not following:
            explored.wrong += _left(state, units)
        if state.crashes:
            following += _crashes(state)
        for each in following:
            explored.wrong += _wrong(state, each, units)
            if each not in seen:
                seen.add(each)
                left.append(each)
        if explored.wrong:
            break
    explored.states = len(seen)
    return explored


def _left(state: State, units: Mapping[str, Unit]) -> Iterator[str]:
    """Yield what is wrong with a state in which nothing happens any more.

    Who waits for a unit that nobody has started waits as long as that, and so does who waits for that one.
    """
    idle = {unit for unit in units if f"{unit}.claim" not in state.files}
    for unit in units:
        step = state.at(f"shell {unit}")
        if step[:2] == ("read", "look") and units[unit].gates[int(step[2])][1] in idle:
            idle.add(unit)
    for process, step in state.steps:
        if process.split()[1] not in idle:
            yield f"{process} waits for ever: {step}"
    for unit in units:
        # With its shell and its sentinel both gone it is left to whoever waits for it, if anybody does.
        if unit not in idle and not state.outcome(unit) and not {f"shell {unit}", f"sentinel {unit}"} <= state.crashed:
            yield f"{unit} has no outcome"
