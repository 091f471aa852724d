"""Agents on which no order can hold: an ``agent_id`` that is no agent's id for certain, and agents that run Windows.

No agent would ever run a script with such an id; on Windows there is no POSIX shell that could run the launcher.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from compiler.hcl.syntax import GetAttr, Template
from compiler.hcl.traversal import AttrStep, root_of, traversal_of
from compiler.order.claims import Claim
from compiler.order.inventory import Runtime, Script
from compiler.order.model import Origin
from compiler.order.references import without_prefix
from compiler.source.diagnostics import Diagnostic, also, error, warning
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
        expression = attribute.expression
        if isinstance(expression, GetAttr) and expression.name == AGENT_ID.get(root_of(expression)):
            # As nearly all do, it ends with what a block of that type calls its id.
            continue
        traversal = traversal_of(expression)
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


def check_windows(claims: Iterable[Claim]) -> Iterator[Diagnostic]:
    """Yield an error for each order on an agent that runs Windows, and a warning for each agent that may."""
    orders: dict[Runtime, tuple[Span, set[Origin]]] = {}
    for claim in claims:
        runtime = claim.dependent.runtime
        assert runtime is not None
        if runtime.os_span is not None and runtime.os in (None, "windows"):
            orders.setdefault(runtime, (runtime.os_span, set()))[1].add(claim.origin)
    for runtime, (said, origins) in orders.items():
        places = sorted({origin.item.key: origin.item for origin in origins}.items())
        ordered = [span for _, span in places]
        if runtime.os == "windows":
            for span in ordered:
                yield error(
                    "UC219",
                    span,
                    "Order on a Windows agent",
                    f"{runtime.address} runs Windows, where the launcher can't run, so its scripts can't be ordered.",
                    related=[also(said, "runs Windows")],
                    help="remove the order, or let the scripts on Windows wait by themselves",
                )
        else:
            yield warning(
                "UC219",
                ordered[0],
                "Order on what may be a Windows agent",
                f"The operating system of {runtime.address} is not fixed; where it is windows the launcher can't run, "
                "and its scripts start all at once.",
                related=[also(said, "may be windows")],
                help='write os = "linux" where the agent never runs Windows',
            )
