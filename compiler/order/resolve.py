"""From claims to the graphs: one for each runtime and phase, with every edge typed and every origin kept.

Here declarations of different forms meet: repeats become one edge with several origins, contradictions an error that
shows both places, and cycles an error for each component that shows every hop.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import TypeAlias

from compiler.order.claims import STRENGTH, Claim
from compiler.order.graph import cycles
from compiler.order.inventory import Inventory, Script
from compiler.order.model import Edge, Origin, Phase, Unit, UnitGraph
from compiler.order.outcome import Requires
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, Label, also, error
from compiler.source.span import Span
from compiler.terraform.configuration.address import InstanceKey

# A cycle longer than this is shown from both ends: a hundred hops can't be followed.
MAX_CYCLE_SHOWN = 12


@dataclass(frozen=True, slots=True)
class ResolvedOrder:
    """The graphs, by runtime, then phase. ``broken`` says that one of them has a cycle, so that nothing can run."""

    graphs: tuple[UnitGraph, ...]
    broken: bool
    diagnostics: tuple[Diagnostic, ...]


def _unit(script: Script, runtime: str, phase: Phase) -> Unit:
    return Unit(
        address=script.address,
        runtime=runtime,
        phase=phase,
        display_name=script.display_name,
        timeout=script.timeout,
        body=script.body,
        span=script.span,
        group=script.group,
        mutexes=script.mutexes,
        gate_timeout=script.gate_timeout,
        conduct=script.conduct,
    )


def _origins(claims: Iterable[Claim]) -> tuple[Origin, ...]:
    found = {(*origin.span.key, origin.kind): origin for origin in (claim.origin for claim in claims)}
    return tuple(found[key] for key in sorted(found))


def _conflict(claims: list[Claim]) -> tuple[Claim, Claim] | None:
    """Return the first two claims about a pair that ask for different things of the same instances, if there are."""
    seen: dict[tuple[Requires, _Met, _Met], Claim] = {}
    for claim in claims:
        mine, theirs = claim.dependent_key, claim.prerequisite_key
        for requires, one, other in itertools.product(Requires, _meeting(mine), _meeting(theirs)):
            if requires is not claim.requires and (requires, one, other) in seen:
                return seen[requires, one, other], claim
        for one, other in itertools.product((mine, _SOME), (theirs, _SOME)):
            seen.setdefault((claim.requires, one, other), claim)
    return None


class _Some(Enum):
    """In place of a key: a claim with whatever key."""

    SOME = "some"


_SOME = _Some.SOME
_Met: TypeAlias = InstanceKey | _Some


def _meeting(key: InstanceKey) -> tuple[_Met, ...]:
    """Return the keys of claims that are about instances which a claim with this key is about, None meaning all."""
    return (_SOME,) if key is None else (key, None)


def _conflict_errors(conflicts: Iterable[tuple[Claim, Claim]]) -> Iterator[Diagnostic]:
    """Yield the error for each two declarations that contradict each other, however many pairs they are about."""
    by_place: dict[tuple[Span, Span], list[tuple[Claim, Claim]]] = {}
    for first, second in conflicts:
        by_place.setdefault((first.origin.item, second.origin.item), []).append((first, second))
    for (there, here), found in by_place.items():
        first, second = found[0]
        more = f" The same goes for {len(found) - 1} more pairs." if len(found) > 1 else ""
        yield error(
            "UC202",
            here,
            "Contradictory requirements",
            f"{second.dependent.address} waits for {second.prerequisite.address} with {second.requires} here and with "
            f"{first.requires} at another place; one pair has one requirement.{more}",
            label=f"requires {second.requires}",
            related=[also(there, f"requires {first.requires}")],
            help="remove one of the two declarations, or make them say the same",
        )


def _edges(
    claims: Iterable[Claim], observed: Iterable[Claim]
) -> tuple[tuple[Edge, ...], tuple[tuple[Claim, Claim], ...]]:
    """Return the edges of one graph, by dependent, then prerequisite, and the claims that contradict each other.

    ``observed`` are the waits that scripts do by themselves: they are listed beside declarations and contradict none.
    """
    declared: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        declared.setdefault((claim.dependent.address, claim.prerequisite.address), []).append(claim)
    seen: dict[tuple[str, str], list[Claim]] = {}
    for claim in observed:
        seen.setdefault((claim.dependent.address, claim.prerequisite.address), []).append(claim)
    edges = []
    conflicts = []
    for pair in sorted(declared.keys() | seen.keys() if seen else declared):
        saying, observing = declared.get(pair, []), seen.get(pair, []) if seen else []
        if len(saying) == 1 and not observing:
            # Nearly every pair is declared once.
            edges.append(Edge(*pair, saying[0].requires, (saying[0].origin,)))
            continue
        saying.sort(key=lambda claim: claim.origin.span.key)
        conflict = _conflict(saying) if len(saying) > 1 else None
        if conflict is not None:
            conflicts.append(conflict)
        strongest = max((claim.requires for claim in saying or observing), key=STRENGTH.__getitem__)
        edges.append(Edge(*pair, strongest, _origins((*saying, *observing))))
    return tuple(edges), tuple(conflicts)


def _cycle_error(cycle: tuple[str, ...], edges: Mapping[tuple[str, str], Edge]) -> Diagnostic:
    """Return the error for one cycle, given in running order, prerequisite first, its first unit again at the end."""
    hops = [edges[dependent, prerequisite] for prerequisite, dependent in itertools.pairwise(cycle)]
    shown = list(cycle)
    if len(shown) > MAX_CYCLE_SHOWN:
        half = MAX_CYCLE_SHOWN // 2
        shown = [*shown[:half], f"… {len(cycle) - 2 * half} more …", *shown[-half:]]
        hops = hops[:half]
    labels: list[Label] = []
    for hop in hops:
        origin = hop.origins[0]
        labels.append(also(origin.item, f"{hop.dependent} waits for {hop.prerequisite} ({hop.requires})"))
    first, *rest = labels
    return error(
        "UC203",
        first.span,
        "Scripts wait for each other",
        f"None of these scripts could ever start: {' -> '.join(shown)} (each runs before the next).",
        label=first.text,
        related=rest,
        help="remove one of these declarations, or turn it around",
    )


def resolve_claims(inventory: Inventory, claims: Iterable[Claim], observed: Iterable[Claim]) -> ResolvedOrder:
    """Return the graphs of all units and what is wrong with their order."""
    by_graph: defaultdict[tuple[str, Phase], tuple[list[Claim], list[Claim]]] = defaultdict(lambda: ([], []))
    units: dict[tuple[str, Phase], dict[str, Unit]] = {}
    for script in inventory.scripts:
        if script.runtime is None:
            continue
        for phase in script.triggers.phases:
            key = (script.runtime.address, phase)
            units.setdefault(key, {})[script.address] = _unit(script, script.runtime.address, phase)
    for index, group in enumerate((claims, observed)):
        for claim in group:
            assert claim.dependent.runtime is not None
            key = (claim.dependent.runtime.address, claim.phase)
            by_graph[key][index].append(claim)
    diagnostics: list[Diagnostic] = []
    graphs = []
    broken = False
    for key in sorted(units):
        runtime, phase = key
        declared, seen = by_graph[key]
        edges, conflicts = _edges(declared, seen)
        diagnostics.extend(_conflict_errors(conflicts))
        found = cycles((edge.dependent, edge.prerequisite) for edge in edges)
        if found:
            by_pair = {(edge.dependent, edge.prerequisite): edge for edge in edges}
            diagnostics.extend(_cycle_error(cycle, by_pair) for cycle in found)
            broken = True
        graphs.append(UnitGraph(runtime, phase, tuple(units[key][name] for name in sorted(units[key])), edges))
    return ResolvedOrder(tuple(graphs), broken, tuple(diagnostics))
