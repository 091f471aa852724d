"""Scripts whose ``agent_id`` is a text, or another attribute of an agent than its id: no agent would ever run them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from compiler.hcl.syntax import Template
from compiler.hcl.traversal import AttrStep, traversal_of
from compiler.order.inventory import Script
from compiler.order.references import without_prefix
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.span import Span
from compiler.terraform.configuration.schema import AGENT_ID, RESOURCES


def check_agent_ids(scripts: Iterable[Script]) -> Iterator[Diagnostic]:
    """Yield an error for each block whose ``agent_id`` is no agent's id for certain."""
    seen = set()
    for script in scripts:
        attribute = script.resource.block.body.attribute("agent_id")
        if attribute is None or attribute.expression.span in seen:
            continue
        span = attribute.expression.span
        seen.add(span)
        text = attribute.expression.literal if isinstance(attribute.expression, Template) else None
        if text is not None:
            named = next((root for root in AGENT_ID if text.startswith(f"{root}.")), None)
            yield error(
                "UC210",
                span,
                "Not the id of an agent",
                f"{script.address} has the text {span.text[:60]} as agent_id. Ids are made when a workspace is built, "
                "so no agent has that as its id: it would never run.",
                help=f"write {text} without quotes" if named else "write coder_agent.NAME.id",
            )
            continue
        traversal = traversal_of(attribute.expression)
        traversal = None if traversal is None else without_prefix(traversal)
        if traversal is None or traversal.root not in AGENT_ID or traversal.root not in RESOURCES:
            continue
        last = traversal.steps[-1] if len(traversal.steps) > 1 else None
        wanted = AGENT_ID[traversal.root]
        if not isinstance(last, AttrStep) or last.name == wanted:
            continue
        # An argument of another block may well carry an agent's id; what the provider computes besides doesn't.
        schema = RESOURCES[traversal.root]
        if last.name not in (schema.attributes if traversal.root == "coder_agent" else schema.computed):
            continue
        yield error(
            "UC210",
            span,
            "Not the id of an agent",
            f"{script.address} has {span.text} as agent_id, and no agent has that as its id: it would never run.",
            help=f"write {Span(span.source, span.start, last.span.start).text}.{wanted}",
        )
