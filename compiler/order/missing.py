"""Modules that could not be read because they are not installed: named once, with what depends on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from compiler.order.claims import Involved
from compiler.order.directives.statements import Everyone, Statements
from compiler.source.diagnostics import Diagnostic, also, error, warning
from compiler.source.prose import listed
from compiler.source.span import Span
from compiler.terraform.configuration.module import Changed, Config, Module, ModuleCall, walk
from compiler.terraform.configuration.sources import is_local

# How many orders one diagnostic shows.
_SHOWN = 5

_GO_ON = "or pass --allow-missing-modules to go on with the gates that are known"


def check_missing(
    root: Config, involved: Iterable[Involved], statements: Mapping[Module, Statements], *, allowed: bool
) -> Iterator[Diagnostic]:
    """Yield one diagnostic for each call of a module that is not installed: an error where an order involves it.

    A module that is installed but isn't the one that the call names is an error anyway, as Terraform has it.
    ``allowed`` makes both a warning in any case. The word ``all`` involves every module, since its scripts may be
    meant.
    """
    naming: dict[str, set[Span]] = {}
    for item in involved:
        naming.setdefault(item.call, set()).add(item.span)
    everyone = {
        statement.span
        for config in walk(root)
        for statement in statements[config.module].statements
        if isinstance(statement.targets, Everyone)
    }
    calls: dict[ModuleCall, list[str]] = {}
    changed: dict[ModuleCall, Changed] = {}
    for config in walk(root):
        for call in config.module.calls.values():
            # A local module that isn't there has been reported where its source was read; so has a missing source.
            if call.name not in config.children and call.source is not None and not is_local(call.source):
                calls.setdefault(call, []).append(".".join(f"module.{name}" for name in (*config.path, call.name)))
                if call.name in config.changed:
                    changed.setdefault(call, config.changed[call.name])
    for call, addresses in calls.items():
        spans = sorted(everyone.union(*(naming.get(address, ()) for address in addresses)), key=lambda span: span.key)
        source = call.block.body.attribute("source")
        assert source is not None
        if call in changed:
            yield (warning if allowed else error)(
                "UC019",
                source.expression.span,
                changed[call].summary,
                changed[call].detail,
                help=("run: terraform get", *([] if allowed else [_GO_ON])),
            )
            continue
        names = listed(addresses)
        be, its = ("is", "its") if len(addresses) == 1 else ("are", "their")
        make = error if spans and not allowed else warning
        yield make(
            "UC011",
            source.expression.span,
            "Module is not installed",
            f"{names} {be} not installed, so {its} scripts are not known"
            + (" and the order that involves them can't be resolved." if spans else "."),
            related=[also(span, "this order involves it") for span in spans[:_SHOWN]],
            help=(
                "run: terraform get",
                _GO_ON if spans else "",
            ),
        )
