"""``depends_on``, its typed siblings and ``before``: from statements to claims.

A directive about a pair replaces the plain ``depends_on`` of that pair in the same block; ``depends_on_none`` takes
it away. Everything else that is said twice is for ``resolve`` to compare.
"""

from __future__ import annotations

from collections.abc import Mapping

from compiler.hcl.syntax import Unread
from compiler.hcl.traversal import AttrStep, IndexStep
from compiler.order.claims import Claim, Collected, Involved, pairs, without_edits_to
from compiler.order.directives.statements import Everyone, OrderStatement, Statements, StatementTarget
from compiler.order.inventory import AGENT_SCRIPTS, Inventory, Place, Script
from compiler.order.model import Origin, Phase
from compiler.order.outcome import Requires
from compiler.order.references import (
    Existence,
    Foreign,
    MissingModule,
    Referent,
    Resolution,
    missing_instance_warning,
    resolve,
    without_prefix,
)
from compiler.records import dataclass, field
from compiler.source.diagnostics import Diagnostic, also, error, warning
from compiler.source.span import Span
from compiler.terraform.configuration.address import InstanceKey
from compiler.terraform.configuration.module import Module, ModuleCall, Named, Resource


def own_scripts(inventory: Inventory, place: Place, owner: Named) -> tuple[Script, ...]:
    """Return the scripts that a block stands for in a module instance."""
    if isinstance(owner, ModuleCall):
        return inventory.of_call(place, owner.name)
    assert isinstance(owner, Resource)
    arguments = AGENT_SCRIPTS if owner.type == "coder_agent" else ("script",)
    return tuple(script for argument in arguments for script in inventory.of_resource(place, owner.address, argument))


def _name_of(owner: Named) -> str:
    """Return the name of a block that a reference could mean; none for an agent, whose scripts may well be ordered."""
    return "" if isinstance(owner, Resource) and owner.type != "coder_script" else owner.name


def _startup_script(place: Place, found: Foreign) -> str:
    """Return the reference to the startup script of an agent that is named as a whole; empty where it has none."""
    traversal = without_prefix(found.traversal)
    if traversal.root != "coder_agent" or not traversal.steps or not isinstance(traversal.steps[0], AttrStep):
        return ""
    address = f"coder_agent.{traversal.steps[0].name}"
    resource = place.config.module.resources.get(address)
    plain = all(isinstance(step, IndexStep) for step in traversal.steps[1:])
    if resource is None or not plain or resource.block.body.attribute(AGENT_SCRIPTS[0]) is None:
        return ""
    return f"{found.text}.{AGENT_SCRIPTS[0]}"


def _not_a_script(statement: OrderStatement, found: Foreign, startup: str) -> Diagnostic:
    return error(
        "UC205",
        found.span,
        "Not a script",
        f"{found.text} in {statement.name} is neither a script nor a module.",
        help=f"did you mean {startup}?"
        if startup
        else "name a coder_script, a module, or an agent's startup_script or shutdown_script",
    )


def _only_the_agent(found: Foreign, startup: str) -> Diagnostic:
    return warning(
        "UC212",
        found.span,
        "Orders creation only",
        f"Terraform creates {found.text} first, as it does anyway; its startup script still runs at the same time.",
        help=f"did you mean its startup script? write # unitc: depends_on_success = [{startup}]; if not, remove the "
        "reference",
    )


def _agent_in_plain(found: Referent, span: Span) -> Diagnostic:
    return error(
        "UC205",
        span,
        "Attribute in depends_on",
        f"Terraform refuses the reference {found.text} in depends_on, since it names an attribute.",
        help=f"write it as a comment: # unitc: depends_on_success = [{found.text}]",
    )


def _nothing_shared(item: _NamedTarget, own: tuple[Script, ...]) -> Diagnostic:
    """Return what is said where no pair of a statement shares runtime and phase."""
    statement, target = item.statement, item.target
    one, other = own[0], target.scripts[0]
    # An agent of a module that isn't there may have any number of names.
    follows = any(
        script.doubtful or (script.runtime is not None and script.runtime.missing is not None)
        for script in (*own, *target.scripts)
    )
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
            item.span,
            "Orders creation only",
            f"Terraform creates {target.text} first, but no run is ordered: {why}.",
            help="remove the reference, or write # unitc: depends_on_none = "
            f"[{target.text}] to say that only creation is meant",
            follows=follows,
        )
    return error(
        "UC214",
        item.span,
        "Nothing to order",
        f"{statement.name} can order nothing here: {why}.",
        help="order scripts of one agent and one phase; between agents a script has to wait by itself",
        follows=follows,
    )


def _when(script: Script) -> str:
    phases = script.triggers.phases
    if not phases:
        return "on a schedule only" if script.triggers.cron else "never"
    return "in the phases start and stop" if len(phases) > 1 else f"in the phase {phases[0]}"


@dataclass(frozen=True, slots=True)
class _NamedTarget:
    """One reference of a statement: what it names, and the claims that it makes."""

    statement: OrderStatement
    span: Span
    target: Referent
    claims: tuple[Claim, ...]

    @property
    def pairs(self) -> frozenset[_Pair]:
        return frozenset(_pair(claim) for claim in self.claims)

    def covers(self, other: _NamedTarget) -> bool:
        """Return whether this reference is about every instance that the other one is about."""
        return self.target.key is None or self.target.key == other.target.key

    def meets(self, other: _NamedTarget) -> bool:
        """Return whether both references are about the same instances of a pair."""
        return (self.covers(other) or other.covers(self)) and bool(self.pairs & other.pairs)


_Pair = tuple[str, str, Phase]


def _pair(claim: Claim) -> _Pair:
    return (claim.dependent.address, claim.prerequisite.address, claim.phase)


@dataclass(slots=True)
class _StatementClaims:
    """Reads the statements in one module instance, those of one block together."""

    inventory: Inventory
    place: Place
    out: Collected
    # The same words name the same wherever they stand in a module.
    known: dict[str, Referent] = field(default_factory=dict)

    def read(self, owner: Named, statements: list[OrderStatement]) -> None:
        """Claim what a block says, and report what is wrong with that."""
        own = own_scripts(self.inventory, self.place, owner)
        ordering = [statement for statement in statements if not isinstance(statement.targets, Everyone)]
        if not self.check_owner(owner, ordering):
            return
        said = [
            found
            for statement in ordering
            if not isinstance(statement.targets, Everyone)
            for target in statement.targets
            if (found := self.say(own, statement, target)) is not None
        ]
        plain = [item for item in said if item.statement.plain]
        taken = [item for item in said if item.statement.verb.requires is None]
        typed = [item for item in said if not item.statement.plain and item.statement.verb.requires is not None]
        self.check_plain(own, plain, taken)
        self.check_taken(own, plain, taken, typed)
        for item in plain:
            if not taken and not typed:
                self.out.claims.extend(item.claims)
                continue
            covering = (other.pairs for other in (*taken, *typed) if other.covers(item))
            replaced = frozenset[_Pair]().union(*covering)
            self.out.claims.extend(claim for claim in item.claims if _pair(claim) not in replaced)
        for item in typed:
            self.out.claims.extend(item.claims)
            if not item.claims and own and item.target.scripts:
                self.out.diagnostics.append(_nothing_shared(item, own))

    def check_owner(self, owner: Named, statements: list[OrderStatement]) -> bool:
        """Return whether the block stands for scripts, which may have no instances; report directives where not."""
        config = self.place.config
        if isinstance(owner, ModuleCall):
            child = config.children.get(owner.name)
            path = ".".join(f"module.{name}" for name in (*config.path, owner.name))
            missing = (path,) if child is None else self.inventory.missing_in(child)
            self.out.involved.extend(
                Involved(call, statement.span)
                for statement in statements
                if not statement.plain or self.names_scripts(statement)
                for call in missing
            )
            if child is None:
                return False
            if missing or self.inventory.holds_scripts(child):
                return True
            name, has = f"module.{owner.name}", "holds no script"
        else:
            assert isinstance(owner, Resource)
            module = config.module
            scripts = (owner.block.body.attribute(name) is not None or module.may_hide(name) for name in AGENT_SCRIPTS)
            if owner.type == "coder_script" or any(scripts):
                return True
            name, has = owner.address, f"has no {' and no '.join(AGENT_SCRIPTS)}"
        self.out.diagnostics.extend(
            error(
                "UC214",
                statement.span,
                "Nothing to order",
                f"{statement.name} can order nothing here: {name} {has}.",
                help="move it into the block of a script, or of a module that holds scripts",
            )
            for statement in statements
            if not statement.plain
        )
        return False

    def names_scripts(self, statement: OrderStatement) -> bool:
        """Return whether a plain ``depends_on`` names something that could be ordered."""
        assert not isinstance(statement.targets, Everyone)
        return any(not isinstance(self.find(each), Foreign) for each in statement.targets)

    def find(self, target: StatementTarget) -> Resolution:
        known = self.known.get(target.text)
        if known is not None:
            return known
        found = resolve(self.inventory, self.place, target.traversal, target.text)
        if isinstance(found, Referent):
            self.known[target.text] = found
        return found

    def say(self, own: tuple[Script, ...], statement: OrderStatement, target: StatementTarget) -> _NamedTarget | None:
        found = self.find(target)
        if not isinstance(found, Referent):
            self.no_script(own, statement, found)
            return None
        span = target.span
        if statement.plain and found.agents:
            self.out.diagnostics.append(_agent_in_plain(found, span))
            return None
        if found.empty_module and not statement.plain:
            self.out.diagnostics.append(_holds_none(statement, found, span))
            return None
        if found.involves:
            self.out.involved.extend(Involved(call, span) for call in found.involves)
        if found.existence is Existence.FOR_SOME:
            self.out.diagnostics.append(missing_instance_warning(found, span))
        if not self.out.has_room(len(own) * len(found.scripts), span):
            return None
        # A statement that removes an order needs a requirement only to be a claim; it is never kept.
        requires = statement.verb.requires or Requires.SUCCESS
        origin = Origin(statement.kind, statement.span, span)
        if statement.verb.inverse:
            claims = pairs(found.scripts, own, requires, origin, dependent_key=found.key)
        else:
            claims = pairs(own, found.scripts, requires, origin, prerequisite_key=found.key)
        if isinstance(claims, Diagnostic):
            self.out.diagnostics.append(claims)
            return None
        return _NamedTarget(statement, span, found, claims)

    def no_script(
        self, own: tuple[Script, ...], statement: OrderStatement, found: Foreign | MissingModule | Diagnostic
    ) -> None:
        """Report a reference that names no script, or a module that could not be read."""
        match found:
            case Diagnostic():
                self.out.diagnostics.append(without_edits_to(found, (_name_of(statement.owner),)))
            case Foreign():
                startup = _startup_script(self.place, found)
                if not statement.plain:
                    self.out.diagnostics.append(_not_a_script(statement, found, startup))
                elif startup and any(script.argument == "script" for script in own):
                    self.out.diagnostics.append(_only_the_agent(found, startup))
            case MissingModule():
                self.out.involved.append(Involved(found.call, found.span))

    def check_plain(self, own: tuple[Script, ...], plain: list[_NamedTarget], taken: list[_NamedTarget]) -> None:
        """Warn of a plain ``depends_on`` that orders no run, unless a directive says that this is meant."""
        known = {script.address for item in taken for script in item.target.scripts}
        for item in plain:
            scripts = item.target.scripts
            if own and scripts and not item.claims and any(script.address not in known for script in scripts):
                self.out.diagnostics.append(_nothing_shared(item, own))

    def check_taken(
        self, own: tuple[Script, ...], plain: list[_NamedTarget], taken: list[_NamedTarget], typed: list[_NamedTarget]
    ) -> None:
        """Report a ``depends_on_none`` that contradicts a directive beside it, or that removes nothing."""
        if not taken:
            return
        named: dict[InstanceKey, set[str]] = {None: set()}
        for item in plain:
            for key in (None, item.target.key):
                named.setdefault(key, set()).update(script.address for script in item.target.scripts)
        for item in taken:
            there = named.get(item.target.key, set())
            against = next((other for other in typed if other.meets(item)), None)
            if against is not None:
                self.out.diagnostics.append(_contradiction(item, against))
            elif own and item.target.scripts and not any(script.address in there for script in item.target.scripts):
                plain_one = item.statement.owner.block.body.attribute("depends_on")
                broken = plain_one is not None and isinstance(plain_one.expression, Unread)
                self.out.diagnostics.append(_takes_nothing(item, follows=broken))


def _holds_none(statement: OrderStatement, found: Referent, span: Span) -> Diagnostic:
    return error(
        "UC214",
        span,
        "Nothing to order",
        f"{statement.name} can order nothing here: {found.text} holds no script.",
        help="name a module that holds scripts, or remove the reference",
    )


def _contradiction(taken: _NamedTarget, typed: _NamedTarget) -> Diagnostic:
    return error(
        "UC202",
        taken.span,
        "Contradictory requirements",
        f"{taken.statement.name} removes the run order of {taken.target.text}, and {typed.statement.name} beside it "
        f"asks for one with {typed.statement.verb.requires}.",
        label="removes the order",
        related=[also(typed.span, f"requires {typed.statement.verb.requires}")],
        help="remove one of the two directives",
    )


def _takes_nothing(item: _NamedTarget, *, follows: bool) -> Diagnostic:
    return warning(
        "UC214",
        item.span,
        "No order to remove",
        f"{item.statement.name} removes what depends_on in the same block says of {item.target.text}, and no "
        "depends_on here names it.",
        help="remove the directive, or put it into the block whose depends_on is meant",
        follows=follows,
    )


def statement_claims(inventory: Inventory, statements: Mapping[Module, Statements]) -> Collected:
    """Return what the statements of all module instances claim, but for those that say ``all``."""
    by_owner: dict[Module, dict[Named, list[OrderStatement]]] = {}
    for module, read in statements.items():
        owners = by_owner.setdefault(module, {})
        for statement in read.statements:
            owners.setdefault(statement.owner, []).append(statement)
    out = Collected()
    for place in inventory.places:
        reader = _StatementClaims(inventory, place, out)
        for owner, owned in by_owner.get(place.config.module, {}).items():
            reader.read(owner, owned)
    return out
