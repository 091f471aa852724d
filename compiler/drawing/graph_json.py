"""The machine form of the graph: ``unitc graph --format json``.

All order in it is code-point order: graphs by runtime and phase, units by address, edges by dependent and
prerequisite, origins by place. ``format_version`` changes with the form.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from compiler.order.model import Edge, KnownBody, Notify, ScriptBody, Unit, UnitGraph

FORMAT_VERSION = "1"


def to_json(graphs: Iterable[UnitGraph]) -> str:
    """Return the graphs as JSON text: two spaces deep, characters as themselves, with a final newline."""
    value = {
        "format_version": FORMAT_VERSION,
        "graphs": [
            {
                "runtime": graph.runtime,
                "phase": graph.phase,
                "units": [_unit(unit) for unit in sorted(graph.units, key=lambda unit: unit.address)],
                "edges": [
                    _edge(edge) for edge in sorted(graph.edges, key=lambda edge: (edge.dependent, edge.prerequisite))
                ],
            }
            for graph in sorted(graphs, key=lambda graph: (graph.runtime, graph.phase))
        ],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _unit(unit: Unit) -> dict[str, object]:
    """Return a unit and the line, from 1, of the block that declares it; times are in seconds.

    ``"instances": null`` says that they can't be known before apply. What a unit says of itself is in the form only
    where it does: ``ready`` and ``unless`` are commands, null for one that is known only at apply, and a body that
    says itself when it is ready has ``"notify"``.
    """
    conduct = unit.conduct
    value: dict[str, object] = {
        "address": unit.address,
        "display_name": unit.display_name,
        "timeout": unit.timeout,
        "file": unit.span.source.name,
        "line": unit.span.start_pos.line,
    }
    if unit.group:
        value["instances"] = None
    if unit.mutexes:
        value["mutexes"] = list(unit.mutexes)
    if unit.gate_timeout is not None:
        value["gate_timeout"] = unit.gate_timeout
    if conduct.ready is not None:
        value["ready"] = _command(conduct.ready)
    if conduct.unless is not None:
        value["unless"] = _command(conduct.unless)
    if conduct.retries:
        value["retries"] = conduct.retries
    if conduct.optional:
        value["optional"] = True
    return value


def _command(command: ScriptBody | Notify) -> str | None:
    if isinstance(command, Notify):
        return command.value
    return command.text if isinstance(command, KnownBody) else None


def _edge(edge: Edge) -> dict[str, object]:
    # One declaration may name the other side in several ways, and is still one declaration.
    origins = sorted({(each.span.source.name, *each.span.start_pos, each.kind) for each in edge.origins})
    return {
        "dependent": edge.dependent,
        "prerequisite": edge.prerequisite,
        "requires": edge.requires,
        "origins": [
            {"kind": kind, "file": file, "line": line, "column": column} for file, line, column, kind in origins
        ],
    }
