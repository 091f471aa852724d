"""``depends_on``, its typed siblings and ``before``: from statements to claims.

A directive about a pair replaces the plain ``depends_on`` of that pair in the same block; ``depends_on_none`` takes
it away. Everything else that is said twice is for ``resolve`` to compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from compiler.diagnostics import Diagnostic, error, warning
from compiler.hcl.traversal import Traversal
from compiler.model import Origin, Phase
from compiler.ordering.claims import MAX_PAIRS, Claim, pairs, too_many
from compiler.ordering.inventory import Inventory, Place, Script
from compiler.ordering.references import (
    AGENT_SCRIPTS,
    Foreign,
    MissingModule,
    Target,
    may_not_exist,
    missing_instance_warning,
    resolve,
)
from compiler.ordering.statements import Everyone, Statement, Statements
from compiler.outcome import Requires
from compiler.span import Span
from compiler.terraform.module import Module, ModuleCall, Named, Resource

__all__ = ["Involved", "StatementClaims", "own_scripts", "statement_claims"]


@dataclass(frozen=True, slots=True)
class Involved:
    """An order names a module that could not be read: ``call`` is its address without indexes."""

    call: str
    span: Span


@dataclass(slots=True)
class StatementClaims:
    """What all statements of a template claim."""

    claims: list[Claim] = field(default_factory=list)
    involved: list[Involved] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def own_scripts(inventory: Inventory, place: Place, owner: Named) -> tuple[Script, ...]:
    """Return the scripts that a block stands for in a module instance."""
    if isinstance(owner, ModuleCall):
        return inventory.of_call(place, owner.name)
    assert isinstance(owner, Resource)
    arguments = AGENT_SCRIPTS if owner.type == "coder_agent" else ("script",)
    return tuple(script for argument in arguments for script in inventory.of_resource(place, owner.address, argument))


def _not_a_script(statement: Statement, found: Foreign) -> Diagnostic:
    return error(
        "UC205",
        found.span,
        "Not a script",
        f"{found.text} in {statement.name} is neither a script nor a module.",
        help="name a coder_script, a module, or an agent's startup_script or shutdown_script",
    )


def _agent_in_plain(found: Target) -> Diagnostic:
    return error(
        "UC205",
        found.span,
        "Attribute in depends_on",
        f"Terraform refuses the reference {found.text} in depends_on, since it names an attribute.",
        help=f"write it as a comment: # unitc: depends_on_success = [{found.text}]",
    )


def _nothing_shared(statement: Statement, own: tuple[Script, ...], target: Target) -> Diagnostic:
    """Return what is said where no pair of a statement shares runtime and phase."""
    one, other = own[0], target.scripts[0]
    if one.runtime is None or other.runtime is None:
        lost = one if one.runtime is None else other
        why = f"it can't be told which agent runs {lost.address}"
    elif one.runtime.address != other.runtime.address:
        why = f"{one.address} runs on {one.runtime.address} and {other.address} on {other.runtime.address}"
    else:
        why = f"{one.address} runs {_when(one)} and {other.address} {_when(other)}"
    if statement.plain:
        return warning(
            "UC212",
            target.span,
            "Orders creation only",
            f"Terraform creates {target.text} first, but no run is ordered: {why}.",
            help="take the reference away, or write # unitc: depends_on_none = "
            f"[{target.text}] to say that only creation is meant",
        )
    return error(
        "UC214",
        target.span,
        "Nothing to order",
        f"{statement.name} can order nothing here: {why}.",
        help="order scripts of one agent and one phase; between agents a script has to wait by itself",
    )


def _when(script: Script) -> str:
    phases = script.triggers.phases
    if not phases:
        return "on a schedule only" if script.triggers.cron else "never"
    return "in the phases start and stop" if len(phases) > 1 else f"in the phase {phases[0]}"


@dataclass(slots=True)
class _Block:
    """Reads the statements of one block in one module instance."""

    inventory: Inventory
    place: Place
    out: StatementClaims

    def read(self, owner: Named, statements: list[Statement]) -> None:
        own = own_scripts(self.inventory, self.place, owner)
        plain: list[Claim] = []
        typed: list[Claim] = []
        replaced: set[tuple[str, str, Phase]] = set()
        for statement in statements:
            if isinstance(statement.targets, Everyone):
                continue
            for traversal in statement.targets:
                claims = self._claims(owner, own, statement, traversal)
                if statement.plain:
                    plain.extend(claims)
                    continue
                replaced.update((claim.dependent.address, claim.prerequisite.address, claim.phase) for claim in claims)
                if statement.verb.requires is not None:
                    typed.extend(claims)
        self.out.claims.extend(
            claim
            for claim in plain
            if (claim.dependent.address, claim.prerequisite.address, claim.phase) not in replaced
        )
        self.out.claims.extend(typed)

    def _claims(
        self, owner: Named, own: tuple[Script, ...], statement: Statement, traversal: Traversal
    ) -> tuple[Claim, ...]:
        found = resolve(self.inventory, self.place, traversal)
        match found:
            case Diagnostic():
                self.out.diagnostics.append(found)
                return ()
            case Foreign():
                if not statement.plain:
                    self.out.diagnostics.append(_not_a_script(statement, found))
                return ()
            case MissingModule():
                self.out.involved.append(Involved(found.call, found.span))
                return ()
        if statement.plain and any(script.argument != "script" for script in found.scripts) and not found.module:
            self.out.diagnostics.append(_agent_in_plain(found))
            return ()
        if isinstance(owner, ModuleCall) and owner.name not in self.place.config.children:
            call = ".".join(f"module.{name}" for name in (*self.place.config.path, owner.name))
            self.out.involved.append(Involved(call, statement.span))
        if may_not_exist(found):
            self.out.diagnostics.append(missing_instance_warning(found))
        origin = Origin(statement.kind, statement.span, found.span)
        dependents, prerequisites = (found.scripts, own) if statement.verb.inverse else (own, found.scripts)
        count = len(self.out.claims) + len(dependents) * len(prerequisites)
        if count > MAX_PAIRS:
            self.out.diagnostics.append(too_many(origin, count))
            return ()
        # A statement that takes order away needs a requirement only to be a claim; it is never kept.
        requires = statement.verb.requires or Requires.SUCCESS
        claims, diagnostics = pairs(dependents, prerequisites, requires, origin)
        self.out.diagnostics.extend(diagnostics)
        if not claims and not diagnostics and own and found.scripts and statement.verb.requires is not None:
            self.out.diagnostics.append(_nothing_shared(statement, own, found))
        return claims


def statement_claims(inventory: Inventory, statements: Mapping[Module, Statements]) -> StatementClaims:
    """Return what the statements of all module instances claim, but for those that say ``all``."""
    out = StatementClaims()
    by_owner: dict[Module, dict[Named, list[Statement]]] = {}
    for module, read in statements.items():
        owners = by_owner.setdefault(module, {})
        for statement in read.statements:
            owners.setdefault(statement.owner, []).append(statement)
    for place in inventory.places:
        block = _Block(inventory, place, out)
        for owner, owned in by_owner.get(place.config.module, {}).items():
            block.read(owner, owned)
    return out
