"""What units are told in a rehearsal: how long they take, how they end. For ``simulate`` and ``run --stub``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from compiler.commands.shared.console import Console, Usage
from compiler.commands.shared.units import find_unit
from compiler.disk import telling
from compiler.order.model import UnitGraph
from compiler.order.outcome import Outcome
from compiler.records import dataclass, field
from compiler.status.schedule import Job, Schedule, Told, make_schedule

if TYPE_CHECKING:
    from compiler.pipeline import Analysis

ASSUMED = 1.0
"""Seconds that a unit is assumed to take where nothing says anything else."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Seconds by address, how units end that don't succeed, and whose duration is only assumed."""

    seconds: Mapping[str, float]
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    def told(self, address: str) -> Told:
        """Return what a unit is told."""
        return Told(self.seconds.get(address, ASSUMED), self.outcomes.get(address, Outcome.SUCCEEDED))


def rehearse(
    console: Console,
    analysis: Analysis,
    duration: Sequence[str] | None,
    durations: Sequence[str] | None,
    fail: Sequence[str] | None,
    timeout: Sequence[str] | None = None,
) -> Rehearsal:
    """Return what the command line makes of the units, which has a parameter for each option.

    Raises :class:`Usage` and :class:`Unreadable`.
    """
    from compiler.status.durations import BadDuration, merge_durations, parse_duration

    try:
        seconds = merge_durations([(name, read_text(console, name)) for name in durations or ()])
        for text in duration or ():
            name, equals, value = text.rpartition("=")
            if not equals:
                raise Usage(f"--duration {text}: write it as UNIT=20s")
            seconds[find_unit(analysis, name)] = parse_duration(value)
    except BadDuration as exc:
        raise Usage(str(exc)) from None
    outcomes = {}
    for names, outcome in ((timeout, Outcome.TIMED_OUT), (fail, Outcome.FAILED)):
        for name in names or ():
            outcomes[find_unit(analysis, name)] = outcome
    return Rehearsal(seconds, outcomes)


def read_text(console: Console, name: str) -> str:
    """Return the text of a file. Raises :class:`Unreadable`."""
    with telling(name):
        return console.disk.read(name).decode("utf-8", "surrogateescape")


def schedule_of(graph: UnitGraph, rehearsal: Rehearsal, *, jobs: int | None = None) -> Schedule:
    """Return the schedule of a graph without cycles."""
    from compiler.order.plan import make_plan

    planned = make_plan([graph]).phases[0].units
    edges = [(each.unit.address, gate.prerequisite, gate.requires) for each in planned for gate in each.gates]
    units = [Job(each.unit.address, each.unit.timeout, each.unit.gate_timeout, each.unit.mutexes) for each in planned]
    return make_schedule(units, edges, {job.address: rehearsal.told(job.address) for job in units}, places=jobs)
