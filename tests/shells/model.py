"""Run a random case and hold what happened against the model: how each unit ends, and what may happen before what."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from signal import SIGKILL
from subprocess import TimeoutExpired
from typing import Final

from compiler.order.outcome import FINAL, GateState, Outcome, Requires, gate_state
from compiler.status.decision import Unmet
from tests.shells.harness import Event, Place, Process, Ran, command_of, until, wrapped
from tests.shells.random_cases import Case, Does, Edge, Member, Mode, Says
from tests.simulation import Ending, Moment, Scripted, simulate

__all__ = ["problems"]

HANG: Final = 60
"""Seconds after which a run counts as hung; the longest case takes about fifteen."""


_ENDED: Final = "ended"


@dataclass
class _Seen:
    """What a run has left to look at. Without a supervisor, ``ran`` is by address."""

    events: list[Event]
    marks: list[str]
    ran: dict[str, Ran]
    finals: dict[str, Outcome] = field(init=False)
    lines: dict[tuple[str, str], int] = field(init=False)

    def __post_init__(self) -> None:
        self.finals = {event.address: Outcome(event.outcome) for event in self.events if event.outcome in FINAL}
        self.lines = {
            (event.address, _ENDED if event.outcome in FINAL else event.outcome): line
            for line, event in enumerate(self.events)
        }

    def has_run(self, address: str) -> bool:
        """Whether its body was started, or it had nothing to do."""
        return (address, Outcome.RUNNING) in self.lines or self.finals.get(address) is Outcome.SUCCEEDED

    def ready(self, address: str) -> bool:
        return (address, Requires.READY) in self.lines

    def first(self, address: str) -> int | None:
        """The line from which on a unit had the mutexes that it holds, or had nothing to do."""
        return self.lines.get((address, Outcome.RUNNING), self.lines.get((address, _ENDED)))


_SUPERVISOR: Final = "supervisor"


def problems(case: Case, folder: Path, path: str = "") -> list[str]:
    """Return what is wrong with a run of the case in a folder that isn't there yet; nothing where all is well.

    ``path`` is a PATH to run it with, in place of that of the tests.
    """
    specs = case.specs()
    with Place(folder, case.shell, specs if case.mode is Mode.SUPERVISOR else (), path) as place:
        try:
            ran = {_SUPERVISOR: _supervise(case, place)} if case.mode is Mode.SUPERVISOR else _gates(case, place)
        except TimeoutExpired:
            last = "; ".join(f"{event.address} {event.outcome}" for event in place.events())
            return [f"it hung; the events are: {last}"]
        found: list[str] = []
        with suppress(AssertionError):
            until(lambda: not place.processes(), 20)
        if left := place.processes():
            found.append(f"processes are left: {[command_of(pid) for pid in left]}")
        seen = _Seen(place.events(), place.read("marks").splitlines(), ran)
        found += [f"a file is left: {name}" for name in place.leftovers() if not _allowed(case)]
        found += _orders(case, seen)
        found += _exclusions(case, seen)
        found += _interrupted(case, seen) if case.interrupt else _undisturbed(case, seen)
        if found:
            found += [f"stderr of {name}: {each.stderr!r}" for name, each in sorted(ran.items()) if each.stderr]
        return found


def _allowed(case: Case) -> bool:
    """Whether files may be left by a shell that was killed: before it has helpers nobody can clean up after it."""
    return case.interrupt is not None and case.interrupt.number is SIGKILL


# --- running


def _supervise(case: Case, place: Place) -> Ran:
    process = place.start("run", *([] if case.jobs is None else ["--jobs", str(case.jobs)]))
    if case.interrupt:
        # From its first FIFO on it has to clean up after itself.
        until(lambda: any(place.state.glob("*/gates/*.life")) or process.popen.poll() is not None)
        time.sleep(0.03 + case.interrupt.after / 100)
        process.send(case.interrupt.number)
    return process.wait(HANG)


def _gates(case: Case, place: Place) -> dict[str, Ran]:
    specs = case.specs()
    started: dict[str, Process] = {}
    for address in case.order:
        started[address] = place.start(text=wrapped(address, specs[address]))
        time.sleep(case.stagger / 100)
    if case.interrupt:
        victim = started[case.interrupt.unit]
        # A unit that was never claimed keeps its dependents waiting, as it should: so its claim comes first.
        gate = f"*/gates/{victim.pid}.life"
        until(lambda: any(place.state.glob(gate)) or victim.popen.poll() is not None)
        time.sleep(0.03 + case.interrupt.after / 100)
        victim.send(case.interrupt.number)
    return {address: process.wait(HANG) for address, process in started.items()}


# --- what holds for every run, disturbed or not


def _orders(case: Case, seen: _Seen) -> Iterator[str]:
    for address in {event.address for event in seen.events}:
        mine = [event.outcome for event in seen.events if event.address == address]
        if sum(outcome in FINAL for outcome in mine) > 1 or any(mine.count(word) > 1 for word in ("running", "ready")):
            yield f"{address} has the events {mine}"
        elif Outcome.RUNNING in mine[1:]:
            yield f"{address} runs after its end"
    numbers = {member.address: number for number, member in enumerate(case.members)}
    for mark in {mark for mark in seen.marks if seen.marks.count(mark) > 1}:
        yield f"a body has run twice: {mark}"
    for edge in case.edges:
        if not seen.has_run(edge.dependent):
            if f"start {numbers[edge.dependent]}" in seen.marks and not _vague(case, edge.dependent):
                yield f"{edge.dependent} has run without an event"
            continue
        ended, begun_by = seen.lines.get((edge.prerequisite, _ENDED)), seen.first(edge.dependent)
        word = {Requires.START: Outcome.RUNNING, Requires.READY: Requires.READY}.get(edge.requires, _ENDED)
        needed = seen.lines.get((edge.prerequisite, word), ended)
        if needed is None or begun_by is None or needed > begun_by:
            yield f"by its events {edge.dependent} ran before the {edge.requires} of {edge.prerequisite}"
        if not edge.requires.of_the_end:
            continue  # The first mark of a body may come later than its start.
        begun = _line(seen.marks, f"start {numbers[edge.dependent]}")
        if begun is not None:
            for word in ("start", "end"):
                before = _line(seen.marks, f"{word} {numbers[edge.prerequisite]}")
                if before is not None and before > begun:
                    yield f"by its marks {edge.dependent} ran before the {word} of {edge.prerequisite}"


def _line(marks: Sequence[str], mark: str) -> int | None:
    return marks.index(mark) if mark in marks else None


def _exclusions(case: Case, seen: _Seen) -> Iterator[str]:
    members = {member.address: member for member in case.members}
    running: dict[str, Member] = {}
    served: set[str] = set()
    for event in seen.events:
        if event.outcome in FINAL:
            running.pop(event.address, None)
        if event.outcome == "ready":
            served.add(event.address)
        if event.outcome is not Outcome.RUNNING:
            continue
        mine = members[event.address]
        for other in running.values():
            if shared := set(mine.mutexes) & set(other.mutexes):
                yield f"{mine.address} ran beside {other.address}, though both hold {sorted(shared)}"
        running[event.address] = mine
        placed = sorted(set(running) - served)
        if case.jobs is not None and len(placed) > case.jobs:
            yield f"{len(placed)} units ran at the same time: {placed}"
    open_marks: dict[int, Member] = {}
    for mark in seen.marks:
        word, number = mark.split()
        mine = case.members[int(number)]
        if word == "end":
            open_marks.pop(int(number), None)
            continue
        for other in open_marks.values():
            # A body without an end mark is over when it was killed, which the marks don't show.
            if mine.mutexes and set(mine.mutexes) & set(other.mutexes) and _marks_its_end(case, other):
                yield f"by its marks {mine.address} ran beside {other.address}"
        open_marks[int(number)] = mine


def _marks_its_end(case: Case, member: Member) -> bool:
    return (
        case.interrupt is None and member.does not in (Does.LATE, Does.ORPHANED) and not _is_taken_along(case, member)
    )


def _is_taken_along(case: Case, member: Member) -> bool:
    """Whether a unit fails that is about to run, or runs, when a body kills the spawner, which is the process above it.

    Where the machine is slow, those may be any that the spawner starts.
    """
    kills = any(other.does is Does.ORPHANED for other in case.members)
    mine = member.says == Says() and member.does not in (Does.UNKNOWN, Does.ORPHANED)
    return case.mode is Mode.SUPERVISOR and kills and mine


def _vague(case: Case, address: str) -> bool:
    """Whether a kill may have come between a unit's start and the word of it."""
    (member,) = (member for member in case.members if member.address == address)
    if case.interrupt and case.interrupt.number is SIGKILL:
        return case.mode is Mode.SUPERVISOR or case.interrupt.unit == address
    return member.does is Does.ORPHANED or _is_taken_along(case, member)


def _times_out(member: Member) -> bool:
    return member.does is Does.LATE and not member.says.gives_up and not member.says.unless


_NEEDED: Final = {Requires.READY: "readiness"}


# --- an undisturbed run


def _undisturbed(case: Case, seen: _Seen) -> Iterator[str]:
    units = [member.address for member in case.members]
    observed = {address: (outcome, seen.has_run(address)) for address, outcome in seen.finals.items()}
    worlds = (simulate(units, case.edges, script) for script in _scripts(case))
    world = next((world for world in worlds if _ends(world) == observed), None)
    if world is None:
        expected = _ends(simulate(units, case.edges, next(_scripts(case))))
        for address in units:
            if observed.get(address) != expected[address]:
                yield f"{address}: (outcome, ran) should be {expected[address]}, is {observed.get(address)}"
        return
    yield from _codes(case, seen, world)
    yield from _words(case, seen, world)


def _ends(world: Mapping[str, Ending]) -> dict[str, tuple[Outcome, bool]]:
    return {address: (ending.outcome, ending.ran) for address, ending in world.items()}


def _scripts(case: Case) -> Iterator[dict[str, Scripted]]:
    # A unit whose shell was killed may have run without a word of it; the likely world comes first.
    unheard = Scripted(Outcome.FAILED, Moment.AT_START)
    ways = [
        [
            member.scripted,
            *([Scripted(Outcome.FAILED)] if _is_taken_along(case, member) else []),
            *([unheard] if _is_taken_along(case, member) or member.does is Does.ORPHANED else []),
        ]
        for member in case.members
    ]
    for way in product(*ways):
        yield {member.address: told for member, told in zip(case.members, way, strict=True)}


def _codes(case: Case, seen: _Seen, world: Mapping[str, Ending]) -> Iterator[str]:
    codes = {event.address: event.code for event in seen.events if event.outcome in FINAL}
    for member in case.members:
        if not world[member.address].ran:
            expected: int | None = None
        elif _times_out(member):
            continue  # It depends on the shell of the body how it goes down.
        else:
            expected = member.code
        lost = _is_taken_along(case, member) and world[member.address].outcome is Outcome.FAILED
        if codes[member.address] != expected and not (lost and codes[member.address] is None):
            yield f"{member.address} ended with code {codes[member.address]}, not {expected}"
    if case.mode is Mode.SUPERVISOR:
        optional = {member.address for member in case.members if member.says.optional}
        bad = any(
            ending.outcome in (Outcome.FAILED, Outcome.TIMED_OUT)
            for address, ending in world.items()
            if address not in optional
        )
        if seen.ran[_SUPERVISOR].code != bad:
            yield f"the supervisor ended with code {seen.ran[_SUPERVISOR].code}"
        return
    for member in case.members:
        ending, code = world[member.address], seen.ran[member.address].code
        if ending.outcome is Outcome.SKIPPED:
            expected = 0
        elif member.does is Does.ORPHANED:
            expected = -SIGKILL
        elif member.says.optional and ending.outcome in (Outcome.FAILED, Outcome.TIMED_OUT):
            expected = 0
        else:
            expected = 124 if _times_out(member) else member.code or 0
        if code != expected:
            yield f"the script of {member.address} ended with code {code}, not {expected}"


def _reasons(case: Case, reason: Unmet) -> Iterator[str]:
    """Yield what may be said of a reason to skip a unit."""
    if reason.requires is Requires.FAILURE:
        yield f"nothing to do: {reason.prerequisite} {reason.outcome.said}"
    elif case.mode is Mode.SUPERVISOR:
        needed = _NEEDED.get(reason.requires, reason.requires)
        yield f"it needs the {needed} of {reason.prerequisite}, which {reason.outcome.said}"
    else:
        yield f"skipped: {reason.prerequisite} {reason.outcome.said}"
        # A script names what its prerequisite was skipped for.
        if reason.outcome is Outcome.SKIPPED:
            yield from (f"{reason.prerequisite} and this one can't run", " more and this one can't run")


def _words(case: Case, seen: _Seen, world: Mapping[str, Ending]) -> Iterator[str]:
    """What is said: why a unit was skipped, and the output of those that ran, once."""
    for number, member in enumerate(case.members):
        ending = world[member.address]
        ran = seen.ran[_SUPERVISOR if case.mode is Mode.SUPERVISOR else member.address]
        if ending.outcome is Outcome.SKIPPED:
            said = [line for line in ran.stderr.splitlines() if line.startswith(f"unitc: {member.address} skipped: ")]
            reasons = [said for reason in ending.reasons for said in _reasons(case, reason)]
            if len(said) != 1 or not any(reason in said[0] for reason in reasons):
                yield f"{member.address} was skipped because of {reasons}, and {said} was said"
        prefix = rf"{re.escape(member.address)} *\| " if case.mode is Mode.SUPERVISOR else ""
        printed = sum(re.fullmatch(f"{prefix}out {number}", line) is not None for line in ran.stdout.splitlines())
        earnest = ending.ran and not member.says.unless and not member.says.gives_up
        if printed != earnest and not _vague(case, member.address):
            yield f"the output of {member.address} was printed {printed} times"
        tried = sum(event.outcome == "retrying" for event in seen.events if event.address == member.address)
        told = (ran.stderr + ran.stdout).count(f"unitc: {member.address}: attempt ")
        expected = min(member.says.failing, member.says.retries) if ending.ran and not member.says.unless else 0
        if (tried, told) != (expected, expected):
            yield f"{member.address} was tried again {tried} times, {told} of them were told, {expected} are due"


# --- a run with a signal from outside


def _interrupted(case: Case, seen: _Seen) -> Iterator[str]:
    """Each unit for itself: with its prerequisites as they ended, could it end so?"""
    assert case.interrupt is not None
    killed = case.interrupt.number is SIGKILL
    gates: dict[str, list[Edge]] = {member.address: [] for member in case.members}
    for edge in case.edges:
        gates[edge.dependent].append(edge)
    for member in case.members:
        address, outcome = member.address, seen.finals.get(member.address)
        hit = case.mode is Mode.SUPERVISOR or case.interrupt.unit == address
        allowed = {member.scripted.outcome, Outcome.SKIPPED}
        if hit:
            allowed |= {Outcome.FAILED} if killed else {Outcome.CANCELED}
        if _is_taken_along(case, member):
            allowed.add(Outcome.FAILED)
        if outcome is None and not (hit and killed):
            yield f"{address} has no outcome"
        elif outcome is not None and outcome not in allowed:
            yield f"{address} is {outcome}, and may only be one of {sorted(allowed)}"
        if outcome is Outcome.SKIPPED and not any(
            GateState.IMPOSSIBLE in _states(case, seen, edge) for edge in gates[address]
        ):
            yield f"{address} was skipped without a reason"
        if seen.has_run(address):
            for edge in gates[address]:
                if GateState.OPEN not in _states(case, seen, edge):
                    yield f"{address} has run though the {edge.requires} of {edge.prerequisite} never came"


def _states(case: Case, seen: _Seen, edge: Edge) -> Iterable[GateState]:
    outcome = seen.finals.get(edge.prerequisite, Outcome.RUNNING)
    worlds = {seen.has_run(edge.prerequisite)} | ({True, False} if _vague(case, edge.prerequisite) else set())
    ready = seen.ready(edge.prerequisite)
    return [gate_state(edge.requires, outcome, has_run=has_run, ready=ready) for has_run in sorted(worlds)]
