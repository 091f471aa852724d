"""Scripts of one agent with the same name in the dashboard, whose logs can't be told apart."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.subject import Subject
from compiler.order.inventory import Script
from compiler.source.diagnostics import Diagnostic, also, warning


def check_display_names(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each script whose display name another block of the same agent has."""
    first: dict[tuple[str, str], Script] = {}
    for script in subject.inventory.scripts:
        if script.runtime is None or not script.display_name:
            continue
        known = first.setdefault((script.runtime.address, script.display_name), script)
        attribute = script.resource.block.body.attribute("display_name")
        other = known.resource.block.body.attribute("display_name")
        if known.resource is script.resource or attribute is None or other is None:
            continue
        yield warning(
            "UC344",
            attribute.expression.span,
            "Two scripts with one display name",
            f'{script.address} and {known.address} are both shown as "{script.display_name}".',
            related=[also(other.expression.span, f"{known.address} has it too")],
            help="give each a name of its own",
        )
