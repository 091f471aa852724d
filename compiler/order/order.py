"""The order of a template: everything that its declarations claim, from its values to claims between scripts."""

from __future__ import annotations

from collections.abc import Mapping

from compiler.order.agents import check_agent_ids, check_windows
from compiler.order.bodies import Bodies
from compiler.order.claims import Claim, Involved
from compiler.order.directives.nearly import check_bodies_for_directives
from compiler.order.directives.statements import Statements
from compiler.order.extract import Located, Scripts
from compiler.order.forms.depends_on import statement_claims
from compiler.order.forms.everyone import check_settings, everyone_claims
from compiler.order.forms.exp_sync import observed_claims
from compiler.order.forms.rule_sources import read_rules
from compiler.order.forms.script_order import order_claims
from compiler.order.inventory import Inventory
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic
from compiler.terraform.configuration.module import Module
from compiler.terraform.scope.scope import ModuleScope


@dataclass(frozen=True, slots=True)
class Order:
    """What is declared: ``explicit`` claims name both sides, those of ``everyone`` come from the word ``all``.

    ``observed`` are the waits that scripts do by themselves. ``fixed``: whatever the inputs are, this is the order.
    """

    scope: ModuleScope
    located: tuple[Located, ...]
    inventory: Inventory
    bodies: Bodies
    explicit: tuple[Claim, ...]
    everyone: tuple[Claim, ...]
    observed: tuple[Claim, ...]
    involved: tuple[Involved, ...]
    diagnostics: tuple[Diagnostic, ...]
    fixed: bool


def find_order(scripts: Scripts, statements: Mapping[Module, Statements]) -> Order:
    """Return the order of a template's scripts, given what its blocks say."""
    scope, located, inventory, bodies = scripts.scope, scripts.located, scripts.inventory, scripts.bodies
    rules, found = read_rules(located)
    orders = order_claims(inventory, rules)
    said = statement_claims(inventory, statements)
    explicit = (*said.claims, *orders.claims)
    everyone = everyone_claims(inventory, statements, explicit)
    claims = (*explicit, *everyone.claims)
    observed = observed_claims(inventory, bodies)
    # Scripts whose agent is an output of a missing module can be ordered, but it can't be told on which agent.
    lost = (
        Involved(claim.dependent.runtime.missing, claim.origin.item)
        for claim in claims
        if claim.dependent.runtime is not None and claim.dependent.runtime.missing is not None
    )
    return Order(
        scope,
        located,
        inventory,
        bodies,
        explicit,
        tuple(everyone.claims),
        tuple(observed.claims),
        (*orders.involved, *said.involved, *lost),
        (
            *found,
            *orders.diagnostics,
            *said.diagnostics,
            *everyone.diagnostics,
            *check_settings(inventory, statements),
            *observed.diagnostics,
            *check_windows(claims),
            *check_agent_ids(inventory.scripts),
            *check_bodies_for_directives(inventory.scripts, bodies),
            *scope.world.diagnostics,
        ),
        fixed=not scope.world.used_inputs,
    )
