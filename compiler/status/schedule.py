"""When each unit runs, if each takes the time that it is told to take: the launcher's course without the launcher.

Gates are the business of the tracker (:mod:`compiler.status.tracker`): what ends here is told to it, and whom it calls
ready goes on here, as the supervisor does it. A unit whose gates are open takes its mutexes, one by one in sorted
order, keeping those that it has while it waits for the next; then it takes a place, of which ``--jobs`` leaves so many.
When a unit ends, those who wait for its mutexes go on first, then its dependents in running order, then those who queue
for a place. Seconds count from the start of the first unit; nothing but running takes time.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from compiler.order.outcome import Outcome, Requires
from compiler.records import dataclass
from compiler.status.decision import Change, Unmet
from compiler.status.tracker import StatusTracker


@dataclass(frozen=True, slots=True)
class Job:
    """A unit as far as time goes: its limits in seconds, None for none, and the mutexes that it holds, sorted."""

    address: str
    timeout: float | None = None
    gate_timeout: float | None = None
    mutexes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a unit does when it runs: for how many seconds, and how it ends: succeeded, failed, or timed_out.

    One that takes longer than its timeout is timed out then. One that is told to time out does so at its timeout, and
    where it has none, after ``seconds``.
    """

    seconds: float
    outcome: Outcome = Outcome.SUCCEEDED


class Why(StrEnum):
    """What a unit waited for last before it ran."""

    GATE = "gate"
    MUTEX = "mutex"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Cause:
    """The unit that let another one start, and by what: ``what`` is a requirement, a mutex, or empty for a place."""

    unit: str
    why: Why
    what: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a unit. ``start`` is None where its body didn't run; ``because`` is set where it was skipped."""

    address: str
    outcome: Outcome
    start: float | None
    end: float
    because: Unmet | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A whole run: the units by address, and when the last one ended."""

    units: Mapping[str, Course]
    makespan: float

    def critical_path(self) -> tuple[str, ...]:
        """Return the chain of units that decided when the last one ended, in running order; none where none ran."""
        ran = [course for course in self.units.values() if course.start is not None]
        if not ran:
            return ()
        course = min(ran, key=lambda each: (-each.end, each.address))
        path = [course.address]
        while course.cause is not None:
            course = self.units[course.cause.unit]
            path.append(course.address)
        return tuple(reversed(path))


def make_schedule(
    jobs: Sequence[Job],
    edges: Iterable[tuple[str, str, Requires]],
    told: Mapping[str, Told],
    *,
    places: int | None = None,
) -> Schedule:
    """Return the schedule of ``jobs``, which stand in running order; ``edges`` are (dependent, prerequisite, requires).

    ``told`` has every unit. ``places`` are how many run at the same time at most. Raises what
    :class:`StatusTracker` raises.
    """
    return _Supervisor(jobs, tuple(edges), told, places).run()


class _Supervisor:
    """The state of a run. Its methods carry the names of what the launcher does at the same point."""

    def __init__(
        self,
        jobs: Sequence[Job],
        edges: tuple[tuple[str, str, Requires], ...],
        told: Mapping[str, Told],
        places: int | None,
    ) -> None:
        self._jobs = {job.address: job for job in jobs}
        self._told = told
        self._places = places
        running_order = {job.address: number for number, job in enumerate(jobs)}
        self._tracker = StatusTracker(self._jobs, edges, key=running_order.__getitem__)
        self._gates = {(dependent, prerequisite): requires for dependent, prerequisite, requires in edges}
        waiting = {dependent for dependent, _, _ in edges}
        self._first = [job.address for job in jobs if job.address not in waiting]
        self._now = 0.0
        self._number = 0
        self._events: list[tuple[float, int, str, Outcome]] = []
        self._active = 0
        self._launched: set[str] = set()
        self._ended: dict[str, Course] = {}
        self._started: dict[str, float] = {}
        self._causes: dict[str, Cause] = {}
        self._holders: dict[str, str] = {}
        self._wanting: dict[str, list[str]] = {}
        self._queue: list[str] = []

    def run(self) -> Schedule:
        """Return how it all went."""
        changes: list[Change] = []
        self._tracker.subscribe(changes.append)
        for job in self._jobs.values():
            if job.gate_timeout is not None:
                self._expect(job.gate_timeout, job.address, Outcome.PENDING)
        for unit in self._first:
            self._ready(unit)
        while self._events:
            self._now, _, unit, outcome = heapq.heappop(self._events)
            if outcome is Outcome.PENDING:
                # Its waiting was bounded, and is over unless it has a place by now.
                if unit in self._launched or unit in self._ended:
                    continue
                outcome = Outcome.TIMED_OUT
            changes.clear()
            self._tracker.set_outcome(unit, outcome)
            if outcome is Outcome.RUNNING:
                self._begun(unit)
            else:
                self._over(unit, outcome)
            self._follow(unit, changes)
            self._fill(unit)
        return Schedule(
            {unit: self._ended[unit] for unit in sorted(self._ended)},
            max((course.end for course in self._ended.values() if course.start is not None), default=0.0),
        )

    def _expect(self, time: float, unit: str, outcome: Outcome) -> None:
        self._number += 1
        heapq.heappush(self._events, (time, self._number, unit, outcome))

    def _ready(self, unit: str) -> None:
        for mutex in self._jobs[unit].mutexes:
            holder = self._holders.setdefault(mutex, unit)
            if holder != unit:
                self._wanting.setdefault(mutex, []).append(unit)
                return
        if self._places is None or self._active < self._places:
            self._launch(unit)
        else:
            self._queue.append(unit)

    def _launch(self, unit: str) -> None:
        self._launched.add(unit)
        self._active += 1
        self._expect(self._now, unit, Outcome.RUNNING)

    def _begun(self, unit: str) -> None:
        self._started[unit] = self._now
        told, limit = self._told[unit], self._jobs[unit].timeout
        seconds, outcome = told.seconds, told.outcome
        if limit is not None and (outcome is Outcome.TIMED_OUT or seconds > limit):
            seconds, outcome = limit, Outcome.TIMED_OUT
        self._expect(self._now + seconds, unit, outcome)

    def _over(self, unit: str, outcome: Outcome) -> None:
        start = self._started.get(unit)
        self._ended[unit] = Course(unit, outcome, start, self._now, None, self._causes.get(unit))
        if unit in self._launched:
            self._active -= 1
        elif unit in self._queue:
            self._queue.remove(unit)
        for mutex in self._jobs[unit].mutexes:
            wanting = self._wanting.get(mutex, [])
            if unit in wanting:
                wanting.remove(unit)
            if self._holders.get(mutex) == unit:
                del self._holders[mutex]
                if wanting:
                    following = wanting.pop(0)
                    self._causes[following] = Cause(unit, Why.MUTEX, mutex)
                    self._ready(following)

    def _follow(self, unit: str, changes: Iterable[Change]) -> None:
        for change in changes:
            if change.outcome is Outcome.SKIPPED:
                self._ended[change.unit] = Course(change.unit, change.outcome, None, self._now, change.reason)
            elif change.ready and change.unit != unit:
                opener = self._opener(change.unit, unit)
                self._causes[change.unit] = Cause(opener, Why.GATE, self._gates[change.unit, opener])
                self._ready(change.unit)

    def _opener(self, unit: str, ended: str) -> str:
        """Return whose end opened the last gate: ``ended``, or one that was skipped because of it."""
        if (unit, ended) in self._gates:
            return ended
        return next(
            each
            for each, course in reversed(self._ended.items())
            if (unit, each) in self._gates and course.end == self._now
        )

    def _fill(self, ended: str) -> None:
        while self._queue and self._places is not None and self._active < self._places:
            unit = self._queue.pop(0)
            self._causes[unit] = Cause(ended, Why.PLACE)
            self._launch(unit)
