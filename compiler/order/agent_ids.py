"""Scripts whose ``agent_id`` is another attribute of an agent than its id, so that no agent would ever run them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from compiler.hcl.traversal import AttrStep, traversal_of
from compiler.order.inventory import Script
from compiler.order.references import without_prefix
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.span import Span
from compiler.terraform.configuration.schema import AGENT_ID, RESOURCES

__all__ = ["check_agent_ids"]


def check_agent_ids(scripts: Iterable[Script]) -> Iterator[Diagnostic]:
    """Yield an error for each block whose ``agent_id`` names an agent by an attribute that isn't its id."""
    seen = set()
    for script in scripts:
        attribute = script.resource.block.body.attribute("agent_id")
        if attribute is None or attribute.expression.span in seen:
            continue
        span = attribute.expression.span
        seen.add(span)
        traversal = traversal_of(attribute.expression)
        traversal = None if traversal is None else without_prefix(traversal)
        if traversal is None or traversal.root not in AGENT_ID or traversal.root not in RESOURCES:
            continue
        last = traversal.steps[-1] if len(traversal.steps) > 1 else None
        wanted = AGENT_ID[traversal.root]
        # An argument may well carry an agent's id; what the provider computes besides doesn't.
        if not isinstance(last, AttrStep) or last.name == wanted or last.name not in RESOURCES[traversal.root].computed:
            continue
        yield error(
            "UC210",
            span,
            "Not the id of an agent",
            f"{script.address} has {span.text} as agent_id, and no agent has that as its id: it would never run.",
            help=f"write {Span(span.source, span.start, last.span.start).text}.{wanted}",
        )
