"""What rules of Coder's own can't say, each with its place: edges, and what units say of themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from compiler.hcl.syntax import Literal
from compiler.hcl.traversal import AttrStep, Traversal
from compiler.order.directives.settings import UnitSettings
from compiler.order.directives.statements import Statements
from compiler.order.extract import Located
from compiler.order.forms.rule_sources import order_resources
from compiler.order.inventory import Inventory
from compiler.order.rule_writing import Unsaid, UnsaidReason, WrittenRule
from compiler.source.diagnostics import Diagnostic, also, error
from compiler.source.span import Span
from compiler.terraform.configuration.address import GROUP
from compiler.terraform.configuration.module import Module, ModuleCall, Named, Resource
from compiler.wiring.checks import references_within

_LAUNCHER = "or compile with --target launcher"


class _Refusal(NamedTuple):
    """How a reason is told: ``because`` is what it keeps, empty where the reason says that itself.

    ``by_script``: each script that is to blame is told by itself.
    """

    code: str
    summary: str
    because: str
    help: str
    by_script: bool = True


_REFUSALS: Mapping[UnsaidReason, _Refusal] = MappingProxyType(
    {
        UnsaidReason.REQUIREMENT: _Refusal(
            "UC430",
            "Requirement that native rules don't have",
            "Coder's own rules know success and completion only",
            f"require success or completion, {_LAUNCHER}",
            by_script=False,
        ),
        UnsaidReason.AGENT_SCRIPT: _Refusal(
            "UC431",
            "Agent's own script in a native order",
            "Coder's own rules order coder_script resources only",
            f"move its text into a coder_script, {_LAUNCHER}",
        ),
        UnsaidReason.TRIGGERS: _Refusal(
            "UC433",
            "Script with both triggers in a native order",
            "Coder refuses a rule that selects it",
            f"write one script for each of the two, {_LAUNCHER}",
        ),
        UnsaidReason.NOT_FIXED: _Refusal(
            "UC434",
            "Instances of a native order aren't fixed",
            "rules that are written now would have to hold for all of them",
            f"make it a fixed value, {_LAUNCHER}",
        ),
        UnsaidReason.OUT_OF_REACH: _Refusal(
            "UC435",
            "Order that no native rule reaches",
            "",
            f"order whole modules, write the order in the module's own folder, {_LAUNCHER}",
            by_script=False,
        ),
    }
)


def unsaid_edges(unsaid: Iterable[Unsaid]) -> Iterator[Diagnostic]:
    """Yield an error for each declaration, and each reason why no rule says what it says."""
    found: dict[tuple[UnsaidReason, tuple[object, ...], Span | None], list[Unsaid]] = {}
    for item in unsaid:
        blamed = item.script.span if _REFUSALS[item.reason].by_script else None
        found.setdefault((item.reason, item.edge.declared.key, blamed), []).append(item)
    for (reason, _, blamed), items in found.items():
        first, refusal = items[0], _REFUSALS[reason]
        pairs = len({(item.edge.dependent, item.edge.prerequisite) for item in items})
        waits = f"{first.edge.dependent} waits for {first.edge.prerequisite}"
        who = "" if reason is UnsaidReason.REQUIREMENT else f"{waits} here. "
        because = f", and {refusal.because}" if refusal.because else ""
        more = f" The same goes for {pairs - 1} more pair{'s' * (pairs > 2)} of this declaration." if pairs > 1 else ""
        yield error(
            refusal.code,
            first.edge.declared,
            refusal.summary,
            f"{who}{_sentence(first.why)}{because}.{more}",
            related=[] if blamed is None else [also(blamed, f"declares {first.script.address}")],
            help=refusal.help,
        )


def _sentence(clause: str) -> str:
    """Return a clause as the start of a sentence; an address stays as it is."""
    first, _, rest = clause.partition(" ")
    return clause if "." in first else f"{first.capitalize()} {rest}"


def _said(expression: object) -> bool:
    """Return whether an expression says something: null cancels what a call says."""
    return expression is not None and not (isinstance(expression, Literal) and expression.value is None)


_SAYS: Mapping[str, Callable[[UnitSettings], bool]] = MappingProxyType(
    {
        "mutex": lambda settings: bool(settings.mutexes),
        "gate_timeout": lambda settings: settings.gate_timeout is not None,
        "ready": lambda settings: _said(settings.ready),
        "unless": lambda settings: _said(settings.unless),
        "retries": lambda settings: bool(settings.retries),
        "optional": lambda settings: bool(settings.optional),
    }
)


def said_settings(inventory: Inventory, statements: Mapping[Module, Statements]) -> Iterator[tuple[str, str, Span]]:
    """Yield what blocks say of their units beside an order: address, word and directive, in modules with instances."""
    for module in dict.fromkeys(place.config.module for place in inventory.places):
        for (owner, _), settings in statements[module].settings.items():
            for word, says in _SAYS.items():
                if says(settings):
                    yield _address(owner), word, settings.spans[word]


def refused_settings(inventory: Inventory, statements: Mapping[Module, Statements]) -> Iterator[Diagnostic]:
    """Yield an error for each directive that says something of a unit by itself."""
    for address, word, span in said_settings(inventory, statements):
        yield error(
            "UC432",
            span,
            "Setting that native rules don't have",
            f"{address} says {word}, which takes a wrapper around the script; Coder's own rules put scripts into an "
            "order and do nothing else.",
            help=f"remove it, {_LAUNCHER}",
        )


def start_only(rules: Mapping[str, tuple[WrittenRule, ...]], modules: Mapping[str, Module]) -> Iterator[Diagnostic]:
    """Yield an error for each script of which rules name an instance that a stop build doesn't have.

    Coder takes a selector without an index that selects nothing, and refuses one with an index. The rules are by the
    folder of their module, as ``modules`` are.
    """
    for folder, found in rules.items():
        named = {text.partition("[")[0]: text for rule in found for text in (*rule.run, *rule.after) if "[" in text}
        for address, selector in named.items():
            body = modules[folder].resources[address].block.body
            repeated = body.attribute("count") or body.attribute("for_each")
            if repeated is None or not any(map(_of_builds, references_within(repeated.expression, modules[folder]))):
                continue
            refusal = _REFUSALS[UnsaidReason.NOT_FIXED]
            yield error(
                refusal.code,
                repeated.expression.span,
                refusal.summary,
                f"Only a build that starts the workspace has {selector}, which a rule would name by its index, and "
                "Coder refuses the rule when the workspace stops.",
                help=f"order all instances alike, {_LAUNCHER}",
            )


def unfixed_rules(located: Iterable[Located]) -> Iterator[Diagnostic]:
    """Yield an error for each data source of the template whose own instances, and so its rules, aren't fixed."""
    blocks = {
        resource: None
        for item in located
        for resource in order_resources(item)
        if GROUP in item.scope.expansion(resource).keys
    }
    for resource in blocks:
        body = resource.block.body
        repeated = body.attribute("count") or body.attribute("for_each")
        assert repeated is not None
        refusal = _REFUSALS[UnsaidReason.NOT_FIXED]
        yield error(
            refusal.code,
            repeated.expression.span,
            refusal.summary,
            f"Which instances of {resource.address} there are depends on an input, or is known only at apply, and "
            f"{refusal.because}.",
            help=refusal.help,
        )


def _of_builds(reference: Traversal) -> bool:
    """Return whether what a reference names differs between the builds that start a workspace and that stop it."""
    names = [step.name for step in reference.steps if isinstance(step, AttrStep)]
    if reference.root != "data" or names[:1] != ["coder_workspace"]:
        return False
    return len(names) < 3 or names[2] in ("start_count", "transition")


def _address(owner: Named) -> str:
    assert isinstance(owner, Resource | ModuleCall)
    return owner.address if isinstance(owner, Resource) else f"module.{owner.name}"
