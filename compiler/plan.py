"""The launch plan: what the emitters draw from, and nothing else.

A plan holds every unit of every runtime and phase with its gates, in the order in which a person would read them:
prerequisites before dependents, ties by address in code-point order.
"""

from __future__ import annotations

from dataclasses import dataclass

from compiler.model import Phase, Unit
from compiler.outcome import Requires

__all__ = ["Gate", "LaunchPlan", "PhasePlan", "PlannedUnit"]


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
    """One runtime and phase: units in topological order, and the same addresses in waves."""

    runtime: str
    phase: Phase
    units: tuple[PlannedUnit, ...]
    waves: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class LaunchPlan:
    """Every runtime and phase of a template, by runtime, then phase, in code-point order."""

    phases: tuple[PhasePlan, ...]
