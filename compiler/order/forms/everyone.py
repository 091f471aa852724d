"""``before = all`` and ``depends_on_completion = all``: one unit against all others of its runtime and phase.

Let H be all units of a runtime and phase that say ``before… = all``, and A everything that any of H waits for,
directly or not. Every other unit waits for each of H; H and A get no generated edge. ``depends_on_… = all`` is the
mirror image: H waits for every unit but H and what waits for any of H.

What a block says of its units by itself is for nothing where it has none, as ``all`` is: that is told here, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from compiler.order.claims import STRENGTH, Claim, Collected
from compiler.order.directives.statements import Everyone, Statements
from compiler.order.forms.depends_on import own_scripts
from compiler.order.graph import reach
from compiler.order.inventory import AGENT_SCRIPTS, Inventory, Place, Script
from compiler.order.model import Origin, Phase
from compiler.order.outcome import Requires
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, also, error, warning
from compiler.terraform.configuration.module import Module, ModuleCall, Named, Resource


@dataclass(frozen=True, slots=True)
class _Says:
    """A script whose block says ``all``: before all others (``before``) or after."""

    script: Script
    before: bool
    requires: Requires
    origin: Origin


def _says(inventory: Inventory, statements: Mapping[Module, Statements], out: Collected) -> Iterator[_Says]:
    """Yield who says ``all``; report each statement that stands where nothing can be ordered."""
    for place in inventory.places:
        for statement in statements[place.config.module].statements:
            requires = statement.verb.requires
            if not isinstance(statement.targets, Everyone) or requires is None:
                continue
            scripts = own_scripts(inventory, place, statement.owner)
            reason = why_nothing(inventory, place, statement.owner, scripts)
            if reason is not None:
                found = error(
                    "UC214",
                    statement.span,
                    "Nothing to order",
                    f"{statement.name} = all can order nothing here: {reason}.",
                    help="move it into the block of a script that runs on start or on stop",
                    follows=any(script.doubtful for script in scripts),
                )
                out.diagnostics.append(found)
            origin = Origin(statement.kind, statement.span, statement.span)
            for script in scripts:
                yield _Says(script, statement.verb.inverse, requires, origin)


def why_nothing(inventory: Inventory, place: Place, owner: Named, scripts: tuple[Script, ...]) -> str | None:
    """Return why nothing that a block stands for can be ordered; None where something can, or has no instances."""
    if scripts:
        if any(script.triggers.phases and script.runtime is not None for script in scripts):
            return None
        first = scripts[0]
        if first.triggers.phases:
            return f"it can't be told which agent runs {first.address}"
        return f"{first.address} runs {'on a schedule only' if first.triggers.cron else 'never'}"
    if isinstance(owner, Resource) and owner.type == "coder_agent":
        attributes = (owner.block.body.attribute(name) for name in AGENT_SCRIPTS)
        if all(attribute is None for attribute in attributes):
            return f"{owner.address} has no {' and no '.join(AGENT_SCRIPTS)}"
    if isinstance(owner, ModuleCall):
        child = place.config.children.get(owner.name)
        if child is not None and not inventory.missing_in(child) and not inventory.holds_scripts(child):
            return f"module.{owner.name} holds no script"
    return None


# These only ever bound what units do, so where there is none they are kept by themselves.
_BOUNDS = ("mutex", "gate_timeout")


def check_settings(inventory: Inventory, statements: Mapping[Module, Statements]) -> Iterator[Diagnostic]:
    """Yield an error for each directive that says how a unit is run and belongs to none."""
    for place in inventory.places:
        for (owner, argument), settings in statements[place.config.module].settings.items():
            scripts = own_scripts(inventory, place, owner)
            if argument:
                scripts = tuple(script for script in scripts if script.argument == argument)
            reason = why_nothing(inventory, place, owner, scripts)
            if argument and isinstance(owner, Resource) and owner.block.body.attribute(argument) is None:
                reason = f"{owner.address} has no {argument}"
            # What couldn't be read may be what is missing, and has been told.
            if reason is None or place.config.module.is_damaged(owner.blocks):
                continue
            for word, span in settings.spans.items():
                if word not in _BOUNDS:
                    yield error(
                        "UC214",
                        span,
                        "Nothing to apply it to",
                        f"{word} applies to nothing here: {reason}.",
                        help="move it into the block of a script that runs on start or on stop, or remove it",
                    )


_Graph = tuple[str, Phase]


def everyone_claims(
    inventory: Inventory, statements: Mapping[Module, Statements], explicit: Iterable[Claim]
) -> Collected:
    """Return the claims that the word ``all`` makes, at most one for a pair; explicit claims take their place."""
    out = Collected()
    says = list(_says(inventory, statements, out))
    if not says:
        return out
    # Who waits for whom, as what goes before all others asks it and, the other way round, as what comes after them.
    steps: dict[tuple[_Graph, bool], dict[str, set[str]]] = {}
    known: set[tuple[str, str, Phase]] = set()
    for claim in explicit:
        assert claim.dependent.runtime is not None
        graph = (claim.dependent.runtime.address, claim.phase)
        late, early = claim.dependent.address, claim.prerequisite.address
        steps.setdefault((graph, True), {}).setdefault(late, set()).add(early)
        steps.setdefault((graph, False), {}).setdefault(early, set()).add(late)
        known.add((late, early, claim.phase))
    units: dict[_Graph, list[Script]] = {}
    for script in inventory.scripts:
        if script.runtime is None:
            if script.triggers.phases:
                out.diagnostics.append(_left_out(script, says[0]))
            continue
        for phase in script.triggers.phases:
            units.setdefault((script.runtime.address, phase), []).append(script)

    speakers: dict[tuple[_Graph, bool], list[_Says]] = {}
    for say in says:
        if say.script.runtime is not None:
            for phase in say.script.triggers.phases:
                speakers.setdefault(((say.script.runtime.address, phase), say.before), []).append(say)
    best: dict[tuple[str, str, Phase], Claim] = {}
    for (graph, before), heads in sorted(speakers.items(), key=lambda item: item[0]):
        spared = {say.script.address for say in heads}
        spared |= reach(spared, steps.get((graph, before), {}))
        others = [script for script in units[graph] if script.address not in spared]
        if not out.has_room(len(heads) * len(others), heads[0].origin.span):
            break
        for say, other in product(heads, others):
            dependent, prerequisite = (other, say.script) if before else (say.script, other)
            key = (dependent.address, prerequisite.address, graph[1])
            stronger = best.get(key)
            if key in known or (stronger and STRENGTH[stronger.requires] >= STRENGTH[say.requires]):
                continue
            best[key] = Claim(dependent, prerequisite, graph[1], say.requires, say.origin)
    out.claims.extend(best.values())
    return out


def _left_out(script: Script, say: _Says) -> Diagnostic:
    return warning(
        "UC210",
        script.span,
        "Agent can't be found",
        f"It can't be told before apply which agent runs {script.address}, so all doesn't include it.",
        related=[also(say.origin.span, "all is written here")],
        help="set agent_id to the id of one coder_agent, directly or through module inputs and locals",
        follows=script.doubtful,
    )
