"""What keeps an order from taking effect in what Terraform is told: ``lifecycle``, and constraints on the provider."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.subject import Subject
from compiler.hcl import traversal_of
from compiler.hcl.syntax import Body, Expression, Template, TupleExpr
from compiler.order.inventory import Script
from compiler.source.diagnostics import Diagnostic, also, error, warning
from compiler.source.span import Span
from compiler.source.suggest import did_you_mean
from compiler.terraform.configuration.module import Mode, walk
from compiler.terraform.configuration.schema import LIFECYCLE_ARGUMENTS, LIFECYCLE_BLOCKS
from compiler.terraform.configuration.versions import required_providers, required_version, rules_out_order

_ALL = ("all", "*")
_TRIGGERS = ("run_on_start", "run_on_stop", "cron")


def check_lifecycle(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each ordered script whose text, or timeout, Terraform is told to leave as it is."""
    blocks = [script for script in subject.inventory.scripts if script.resource.block.body.blocks]
    if not blocks or not subject.wrapped:
        return
    ordered = {
        address for graph in subject.graphs for edge in graph.gates for address in (edge.dependent, edge.prerequisite)
    }
    for script in blocks:
        if script.address in ordered:
            yield from _ignored(script)


def check_lifecycle_names(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each argument and block that ``lifecycle`` doesn't take."""
    for module in {config.module: None for config in walk(subject.root)}:
        for resource in module.resources.values():
            for block in resource.blocks:
                for lifecycle in block.body.blocks_of("lifecycle"):
                    yield from _unknown(lifecycle.body)


def _unknown(body: Body) -> Iterator[Diagnostic]:
    for attribute in body.attributes:
        if attribute.name not in LIFECYCLE_ARGUMENTS:
            yield _unsupported("UC103", "argument", attribute.name, attribute.name_span)
    for nested in body.blocks:
        if nested.type not in LIFECYCLE_BLOCKS:
            yield _unsupported("UC104", "block", nested.type, nested.header_span)


def _unsupported(code: str, what: str, name: str, span: Span) -> Diagnostic:
    near = did_you_mean(name, sorted(LIFECYCLE_ARGUMENTS | LIFECYCLE_BLOCKS))
    return error(
        code,
        span,
        "Unsupported argument" if what == "argument" else "Unsupported block type",
        f"A lifecycle block has no {what} {name}.",
        help=f"did you mean {near}?" if near else f"remove {name}",
    )


def _ignored(script: Script) -> Iterator[Diagnostic]:
    frozen = [script.argument]
    if script.resource.block.body.attribute("timeout") is not None:
        frozen.append("timeout")
    triggers = [name for name in _TRIGGERS if script.resource.block.body.attribute(name) is not None]
    if len(triggers) > 1:
        # The wiring leaves one of them to this block, and makes a further block for each other one.
        frozen += triggers
    for lifecycle in script.resource.block.body.blocks_of("lifecycle"):
        attribute = lifecycle.body.attribute("ignore_changes")
        if attribute is None:
            continue
        value = attribute.expression
        for item in value.items if isinstance(value, TupleExpr) else (value,):
            name = _name(item)
            if name in frozen or name in _ALL:
                what = script.argument if name in _ALL else name
                yield error(
                    "UC112",
                    item.span,
                    "Changes of an ordered script are ignored",
                    f"{script.address} takes part in an order, which is put into its {what}; with ignore_changes "
                    f"Terraform keeps the old {what} wherever the workspace exists already, so the order would never "
                    "take effect there.",
                    related=[also(script.span, "ordered")],
                    help="remove lifecycle's ignore_changes" if name in _ALL else f"remove {what} from ignore_changes",
                )


def _name(item: Expression) -> str | None:
    """Return what is ignored: the root of a reference, or the quoted name that Terraform still takes."""
    if isinstance(item, Template):
        return item.literal
    traversal = traversal_of(item)
    return None if traversal is None else traversal.root


def check_providers(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each constraint on the provider that no version with the data source meets."""
    orders = [
        resource
        for config in walk(subject.root)
        for resource in config.module.resources_of(Mode.DATA, "coder_script_order")
    ]
    if not orders:
        return
    for module in dict.fromkeys(config.module for config in walk(subject.root)):
        for attribute in required_providers(module, "coder"):
            version = required_version(attribute)
            if version is not None and rules_out_order(version.literal or ""):
                yield warning(
                    "UC346",
                    version.span,
                    "Provider too old for the order",
                    "The data source coder_script_order exists since version 2.20.0 of the provider, which "
                    "this constraint rules out.",
                    related=[also(orders[0].block.header_span, "needs 2.20.0")],
                    help='write: version = ">= 2.20.0"',
                )
