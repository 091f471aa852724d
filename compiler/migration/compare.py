"""Whether two readings of a template say the same order, and where they don't."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from compiler.order.claims import Claim
from compiler.order.model import Phase
from compiler.order.outcome import Requires
from compiler.order.resolve import resolve_claims
from compiler.pipeline import Analysis, fixed_order
from compiler.records import dataclass
from compiler.source.diagnostics import Severity
from compiler.wiring.cycles import terraform_cycles


class DeclaredWait(NamedTuple):
    """An order that scripts made by hand, and that is declared from now on."""

    dependent: str
    prerequisite: str
    requires: Requires


class _UnitPair(NamedTuple):
    """Two units in a graph; ``fixed`` tells what holds for every input from what the given values make."""

    fixed: bool
    runtime: str
    phase: Phase
    dependent: str
    prerequisite: str


class _Wait(NamedTuple):
    requires: Requires
    gate: bool


@dataclass(frozen=True, slots=True)
class Orders:
    """The order of a template as it can be compared. ``keyed`` are claims about single instances of groups.

    ``error`` is the first mistake, a clause; empty for none.
    """

    units: frozenset[tuple[bool, str, Phase, str]]
    waits: Mapping[_UnitPair, _Wait]
    keyed: frozenset[tuple[object, ...]]
    circles: frozenset[object]
    error: str


def orders_of(analysis: Analysis) -> Orders:
    """Return the order of a template: with the given values, and as it holds for every input."""
    fixed = fixed_order(analysis)
    always = resolve_claims(fixed.inventory, (*fixed.explicit, *fixed.everyone), fixed.observed).graphs
    graphs = (*((False, graph) for graph in analysis.graphs), *((True, graph) for graph in always))
    errors = (item for item in analysis.diagnostics if item.severity is Severity.ERROR)
    first = next(errors, None)
    return Orders(
        frozenset((which, graph.runtime, graph.phase, unit.address) for which, graph in graphs for unit in graph.units),
        {
            _UnitPair(which, graph.runtime, graph.phase, edge.dependent, edge.prerequisite): _Wait(
                edge.requires, edge.is_gate
            )
            for which, graph in graphs
            for edge in graph.edges
        },
        frozenset((*_keyed(False, analysis.order.explicit), *_keyed(True, fixed.explicit))),
        frozenset(terraform_cycles(analysis.config, {})),
        "" if first is None else f"{first.summary[:1].lower()}{first.summary[1:]}",
    )


def _keyed(which: bool, claims: Iterable[Claim]) -> Iterator[tuple[object, ...]]:
    """Yield the claims about single instances that no claim about all of them holds anyway."""
    known = {
        (
            (which, item.dependent.address, item.prerequisite.address, item.phase, item.requires),
            (item.dependent_key, item.prerequisite_key),
        )
        for item in claims
    }
    return (claim for claim in known if claim[1] != _ALL and (claim[0], _ALL) not in known)


_ALL: Final = (None, None)


def difference(before: Orders, after: Orders, declared: Iterable[DeclaredWait]) -> str:
    """Return the first thing that isn't the same, as a clause, empty where all is.

    What is ``declared`` from now on may be new, and what a script did by itself may have become a gate.
    """
    if after.error:
        return f"it would be an error: {after.error}"
    if after.circles - before.circles:
        return "Terraform's resources would depend on each other in a cycle"
    new = {(item.dependent, item.prerequisite): item.requires for item in declared}
    for pair in sorted(before.waits.keys() | after.waits.keys()):
        was, now = before.waits.get(pair), after.waits.get(pair)
        wanted = new.get((pair.dependent, pair.prerequisite))
        if wanted is not None and now == _Wait(wanted, gate=True):
            continue
        if was != now:
            return _said(pair, was, now)
    if before.units != after.units or before.keyed != after.keyed:
        return "other instances would be ordered"
    return ""


def _said(pair: _UnitPair, was: _Wait | None, now: _Wait | None) -> str:
    names = f"{pair.dependent} would"
    if now is None:
        return f"{names} no longer wait for {pair.prerequisite}"
    if was is None:
        return f"{names} wait for {pair.prerequisite} too"
    if was.requires is now.requires:
        return f"{names} wait for {pair.prerequisite} in another way"
    return f"{names} wait for {pair.prerequisite} with {now.requires}, not with {was.requires}"
