"""``before = all`` and ``depends_on_completion = all``: one unit against everybody else of its runtime and phase.

Let H be all units of a runtime and phase that say ``before… = all``, and A everything that any of H waits for,
directly or not. Every other unit waits for each of H; H and A get no generated edge. ``depends_on_… = all`` is the
mirror image: H waits for every unit but H and what waits for any of H.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from compiler.model import Origin, Phase
from compiler.ordering.claims import Claim
from compiler.ordering.depends_on import own_scripts
from compiler.ordering.inventory import Inventory, Script
from compiler.ordering.statements import Everyone, Statements
from compiler.outcome import Requires
from compiler.terraform.module import Module

__all__ = ["everyone_claims"]

_STRENGTH = {Requires.START: 0, Requires.COMPLETION: 1, Requires.SUCCESS: 2}


@dataclass(frozen=True, slots=True)
class _Says:
    """A script whose block says ``all``: before everybody (``before``) or after."""

    script: Script
    before: bool
    requires: Requires
    origin: Origin


def _says(inventory: Inventory, statements: Mapping[Module, Statements]) -> Iterable[_Says]:
    for place in inventory.places:
        for statement in statements[place.config.module].statements:
            requires = statement.verb.requires
            if not isinstance(statement.targets, Everyone) or requires is None:
                continue
            origin = Origin(statement.kind, statement.span, statement.span)
            for script in own_scripts(inventory, place, statement.owner):
                yield _Says(script, statement.verb.inverse, requires, origin)


def _reach(start: Iterable[str], steps: Mapping[str, set[str]]) -> set[str]:
    """Return everything that can be reached from ``start``, without it unless there is a way back."""
    seen: set[str] = set()
    pending = list(start)
    while pending:
        for after in steps.get(pending.pop(), ()):
            if after not in seen:
                seen.add(after)
                pending.append(after)
    return seen


def everyone_claims(
    inventory: Inventory, statements: Mapping[Module, Statements], explicit: Iterable[Claim]
) -> tuple[Claim, ...]:
    """Return the claims that the word ``all`` makes, at most one for a pair; explicit claims take their place."""
    says = tuple(_says(inventory, statements))
    if not says:
        return ()
    prerequisites: dict[tuple[str, Phase], dict[str, set[str]]] = {}
    dependents: dict[tuple[str, Phase], dict[str, set[str]]] = {}
    taken: set[tuple[str, str, Phase]] = set()
    for claim in explicit:
        assert claim.dependent.runtime is not None
        graph = (claim.dependent.runtime.address, claim.phase)
        late, early = claim.dependent.address, claim.prerequisite.address
        prerequisites.setdefault(graph, {}).setdefault(late, set()).add(early)
        dependents.setdefault(graph, {}).setdefault(early, set()).add(late)
        taken.add((late, early, claim.phase))
    units: dict[tuple[str, Phase], list[Script]] = {}
    for script in inventory.scripts:
        if script.runtime is not None:
            for phase in script.triggers.phases:
                units.setdefault((script.runtime.address, phase), []).append(script)

    best: dict[tuple[str, str, Phase], Claim] = {}
    for graph, members in sorted(units.items()):
        here = {script.address for script in members}
        for before, steps in ((True, prerequisites), (False, dependents)):
            speakers = [say for say in says if say.before is before and say.script.address in here]
            heads = {say.script.address for say in speakers}
            spared = heads | _reach(heads, steps.get(graph, {}))
            for say in speakers:
                for other in members:
                    if other.address in spared:
                        continue
                    dependent, prerequisite = (other, say.script) if before else (say.script, other)
                    key = (dependent.address, prerequisite.address, graph[1])
                    known = best.get(key)
                    if key in taken or (known and _STRENGTH[known.requires] >= _STRENGTH[say.requires]):
                        continue
                    best[key] = Claim(dependent, prerequisite, graph[1], say.requires, say.origin)
    return tuple(best.values())
