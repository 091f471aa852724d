"""The launch plan: what the emitters draw from, and nothing else.

A plan holds every unit of every runtime and phase with its gates, in the order in which a person would read them:
prerequisites before dependents, ties by address in code-point order.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from compiler.order.graph import running_order
from compiler.order.model import Phase, Unit, UnitGraph
from compiler.order.outcome import Requires
from compiler.records import dataclass


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing that a unit waits for."""

    requires: Requires
    prerequisite: str


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit with its gates, sorted by prerequisite."""

    unit: Unit
    gates: tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class PhasePlan:
    """One runtime and phase: units in topological order, and the same addresses in waves.

    Mutexes show in neither: they say that two units never run at the same time, and not which of them is first.
    """

    runtime: str
    phase: Phase
    units: tuple[PlannedUnit, ...]
    waves: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class LaunchPlan:
    """Every runtime and phase of a template, by runtime, then phase, in code-point order."""

    phases: tuple[PhasePlan, ...]


def _phase_plan(graph: UnitGraph) -> PhasePlan:
    units = {unit.address: unit for unit in graph.units}
    gates: dict[str, list[Gate]] = {}
    # A script that calls coder exp sync waits by itself; a gate beside it would say the same thing twice.
    for edge in graph.gates:
        gates.setdefault(edge.dependent, []).append(Gate(edge.requires, edge.prerequisite))
    order, waves = running_order(units, [(edge.dependent, edge.prerequisite) for edge in graph.gates])
    planned = tuple(
        PlannedUnit(units[address], tuple(sorted(gates.get(address, ()), key=attrgetter("prerequisite"))))
        for address in order
    )
    return PhasePlan(graph.runtime, graph.phase, planned, waves)


def make_plan(graphs: Iterable[UnitGraph]) -> LaunchPlan:
    """Return the plan of graphs without cycles. Raises ``graph.CycleClosed`` where there is one."""
    return LaunchPlan(tuple(_phase_plan(graph) for graph in graphs))
