"""What an editor shows of a script when the pointer rests on it."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol.types import Hover, HoverParams, MarkupContent, MarkupKind

from compiler.drawing.traits import sentences
from compiler.lsp.names import at
from compiler.lsp.root import Root
from compiler.lsp.session import DocumentPlace
from compiler.order.model import Edge, Unit, UnitGraph
from compiler.source.span import Span

# A module call can bring very many scripts, more than a small window is good for.
_MOST_UNITS = 8
_MOST_EDGES = 12


def hover(place: DocumentPlace, _params: HoverParams) -> Hover | None:
    """Return what is known of the scripts that are named or declared at a place."""
    found = at(place)
    if found is None:
        return None
    addresses = {script.address for script in found.scripts}
    units = [(unit, graph) for graph in place.analysis.graphs for unit in graph.units if unit.address in addresses]
    if not units:
        return None
    parts = ["\n".join(_unit(place.root, unit, graph)) for unit, graph in units[:_MOST_UNITS]]
    if len(units) > _MOST_UNITS:
        parts.append(f"and {len(units) - _MOST_UNITS} more")
    text = "\n\n---\n\n".join(parts)
    return Hover(MarkupContent(MarkupKind.Markdown, text), place.lines.range(found.span))


def _unit(root: Root, unit: Unit, graph: UnitGraph) -> Iterator[str]:
    name = f" {_plain(unit.display_name)}" if unit.display_name else ""
    yield f"**{_code(unit.address)}**{name}: phase {graph.phase}, run by {_code(graph.runtime)}"
    yield ""
    yield f"declared at {_link(root, unit.span)}"
    for sentence in sentences(unit):
        yield f"\n{_plain(sentence)}"
    gates = [edge for edge in graph.edges if edge.dependent == unit.address]
    dependents = [edge for edge in graph.edges if edge.prerequisite == unit.address]
    yield from _edges(root, "waits for", gates, [edge.prerequisite for edge in gates])
    yield from _edges(root, "is waited for by", dependents, [edge.dependent for edge in dependents])


def _edges(root: Root, title: str, edges: list[Edge], others: list[str]) -> Iterator[str]:
    yield f"\n{title}{':' if edges else ' nothing'}\n"
    for edge, other in list(zip(edges, others, strict=True))[:_MOST_EDGES]:
        places = ", ".join(_link(root, origin.span) for origin in edge.origins)
        yield f"- {_code(other)} ({edge.requires}): {places}"
    if len(edges) > _MOST_EDGES:
        yield f"- and {len(edges) - _MOST_EDGES} more"


def _link(root: Root, span: Span) -> str:
    line = span.start_pos.line
    return f"[{_plain(f'{span.source.name}:{line}')}](<{root.uri(span.source)}#L{line}>)"


def _code(text: str) -> str:
    """Return a text as code, whatever it holds: the fence is longer than any run of backticks in it."""
    fence = "`"
    while fence in text:
        fence += "`"
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def _plain(text: str) -> str:
    """Return a text with what Markdown would read in it escaped."""
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>()#+-!|~" else character for character in text)
