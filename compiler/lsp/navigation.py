"""Ways through a template: to what a script waits for, to what waits for it, and the list of scripts in a file."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol.types import (
    DefinitionParams,
    DocumentSymbol,
    DocumentSymbolParams,
    Location,
    ReferenceParams,
    SymbolKind,
)

from compiler.lsp.names import At, at, file_of
from compiler.lsp.session import DocumentPlace
from compiler.order.model import Edge
from compiler.source.span import Span


def edges_of(place: DocumentPlace, found: At, *, dependents: bool) -> tuple[Edge, ...]:
    """Return the edges to the dependents of scripts, or to their prerequisites, in the order of the graphs."""
    own = {script.address for script in found.scripts}
    return tuple(
        edge
        for graph in place.analysis.graphs
        for edge in graph.edges
        if (edge.prerequisite if dependents else edge.dependent) in own
    )


def definition(place: DocumentPlace, _params: DefinitionParams) -> list[Location]:
    """Return where the script that is named stands; from a script's own header, where its prerequisites do."""
    found = at(place)
    if found is None:
        return []
    if not found.declares:
        return _locations(place, (block.header_span for block in found.blocks))
    spans = {unit.address: unit.span for graph in place.analysis.graphs for unit in graph.units}
    gates = edges_of(place, found, dependents=False)
    return _locations(place, (spans[edge.prerequisite] for edge in gates))


def references(place: DocumentPlace, params: ReferenceParams) -> list[Location]:
    """Return the declarations that make others wait for the script that is named or declared at a place."""
    found = at(place)
    if found is None:
        return []
    spans = [block.header_span for block in found.blocks] if params.context.include_declaration else []
    waiting = edges_of(place, found, dependents=True)
    return _locations(place, (*spans, *(origin.item for edge in waiting for origin in edge.origins)))


def _locations(place: DocumentPlace, spans: Iterable[Span]) -> list[Location]:
    """Return the places of spans, each once."""
    found = dict.fromkeys(sorted(spans, key=lambda span: span.key))
    return [place.root.location(span) for span in found]


def symbols(place: DocumentPlace, _params: DocumentSymbolParams) -> list[DocumentSymbol]:
    """Return the scripts that a file declares, and the module calls that bring some."""
    known = file_of(place)
    if known is None:
        return []
    units = {unit.address: (unit, graph) for graph in place.analysis.graphs for unit in graph.units}
    found: list[DocumentSymbol] = []
    for block in known[1].body.blocks:
        here = at(place.moved(block.header_span.start))
        addresses = [script.address for script in here.scripts if script.address in units] if here else []
        if not addresses:
            continue
        name = ".".join(label.value for label in block.labels)
        kind = SymbolKind.Function
        if block.type == "module":
            name, kind = f"module.{name}", SymbolKind.Module
        phases = sorted({units[address][1].phase for address in addresses})
        number = len(dict.fromkeys(addresses))
        detail = ", ".join(phases) + (f", {number} scripts" if number > 1 else "")
        whole, header = place.lines.range(block.span), place.lines.range(block.header_span)
        found.append(DocumentSymbol(name, kind, whole, header, detail))
    return found
