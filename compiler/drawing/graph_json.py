"""The machine form of the graph: ``unitc graph --format json``.

A :class:`GraphDocument` is what the form says, no more: it is made from the resolved graphs or read back from text,
and the two are equal where the text was written from the graphs. ``format_version`` changes with the form.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from compiler.order.model import (
    Body,
    Edge,
    KnownBody,
    Notify,
    OriginKind,
    Phase,
    Unit,
    UnitGraph,
    UnknownBody,
)
from compiler.order.outcome import Requires
from compiler.records import dataclass

__all__ = [
    "FORMAT_VERSION",
    "CommandRecord",
    "EdgeRecord",
    "GraphDocument",
    "GraphRecord",
    "OriginRecord",
    "UnitRecord",
    "from_json",
    "to_document",
    "to_json",
]

FORMAT_VERSION = "1"


@dataclass(frozen=True, slots=True, order=True)
class OriginRecord:
    """A declaration that an edge comes from: its file below the template's folder and its place, from 1."""

    file: str
    line: int
    column: int
    kind: OriginKind


@dataclass(frozen=True, slots=True)
class EdgeRecord:
    """``dependent`` waits for ``prerequisite``; ``origins`` are sorted by place."""

    dependent: str
    prerequisite: str
    requires: Requires
    origins: tuple[OriginRecord, ...]


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """A command of a unit, or the word ``notify``; ``text`` is None where it is known only at apply."""

    text: str | None


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """A unit and the line, from 1, of the block that declares it. ``timeout`` is in seconds, None for none.

    ``group`` says that its instances can't be known before apply; the form writes that as ``"instances": null``.
    ``mutexes`` are what it holds while it runs, sorted; ``gate_timeout`` bounds its waiting, in seconds. ``ready`` and
    ``unless`` are commands, None within for one that is known only at apply; a body that says itself when it is ready
    has ``"notify"``. The form has all of these only where a unit has them.
    """

    address: str
    display_name: str | None
    timeout: int | None
    file: str
    line: int
    group: bool
    mutexes: tuple[str, ...] = ()
    gate_timeout: int | None = None
    ready: CommandRecord | None = None
    unless: CommandRecord | None = None
    retries: int = 0
    optional: bool = False


@dataclass(frozen=True, slots=True)
class GraphRecord:
    """The graph of one runtime and phase: units by address, edges by dependent, then prerequisite."""

    runtime: str
    phase: Phase
    units: tuple[UnitRecord, ...]
    edges: tuple[EdgeRecord, ...]


@dataclass(frozen=True, slots=True)
class GraphDocument:
    """All graphs of a template, by runtime, then phase. All order is code-point order."""

    graphs: tuple[GraphRecord, ...]


def to_document(graphs: Iterable[UnitGraph]) -> GraphDocument:
    """Return what the machine form says of the graphs, in its order."""
    records = [
        GraphRecord(
            graph.runtime,
            graph.phase,
            tuple(sorted(map(_unit, graph.units), key=lambda unit: unit.address)),
            tuple(
                EdgeRecord(edge.dependent, edge.prerequisite, edge.requires, _origins(edge))
                for edge in sorted(graph.edges, key=lambda edge: (edge.dependent, edge.prerequisite))
            ),
        )
        for graph in graphs
    ]
    return GraphDocument(tuple(sorted(records, key=lambda record: (record.runtime, record.phase))))


def to_json(document: GraphDocument) -> str:
    """Return the document as JSON text: two spaces deep, characters as themselves, with a final newline."""
    value = {
        "format_version": FORMAT_VERSION,
        "graphs": [
            {
                "runtime": graph.runtime,
                "phase": graph.phase,
                "units": [_unit_value(unit) for unit in graph.units],
                "edges": [_edge_value(edge) for edge in graph.edges],
            }
            for graph in document.graphs
        ],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str) -> GraphDocument:
    """Return the document that ``text`` is the machine form of. Raises ValueError where it isn't of this form."""
    value: Any = json.loads(text)
    try:
        if value["format_version"] != FORMAT_VERSION:
            raise ValueError(f"format_version is {value['format_version']!r}, not {FORMAT_VERSION!r}")
        return GraphDocument(tuple(_read_graph(graph) for graph in value["graphs"]))
    except (KeyError, TypeError) as fault:
        raise ValueError("the text is not the machine form of a graph") from fault


def _unit(unit: Unit) -> UnitRecord:
    name, line = unit.span.source.name, unit.span.start_pos.line
    return UnitRecord(
        unit.address,
        unit.display_name,
        unit.timeout,
        name,
        line,
        unit.group,
        unit.mutexes,
        unit.gate_timeout,
        _command(unit.conduct.ready),
        _command(unit.conduct.unless),
        unit.conduct.retries,
        unit.conduct.optional,
    )


def _command(command: Body | Notify | None) -> CommandRecord | None:
    match command:
        case None:
            return None
        case Notify():
            return CommandRecord(command.value)
        case KnownBody(text):
            return CommandRecord(text)
        case UnknownBody():
            return CommandRecord(None)


def _origins(edge: Edge) -> tuple[OriginRecord, ...]:
    # One declaration may name the other side in several ways, and is still one declaration.
    return tuple(
        sorted({OriginRecord(each.span.source.name, *each.span.start_pos, each.kind) for each in edge.origins})
    )


def _unit_value(unit: UnitRecord) -> dict[str, object]:
    value: dict[str, object] = {
        "address": unit.address,
        "display_name": unit.display_name,
        "timeout": unit.timeout,
        "file": unit.file,
        "line": unit.line,
    }
    if unit.group:
        value["instances"] = None
    if unit.mutexes:
        value["mutexes"] = list(unit.mutexes)
    if unit.gate_timeout is not None:
        value["gate_timeout"] = unit.gate_timeout
    if unit.ready is not None:
        value["ready"] = unit.ready.text
    if unit.unless is not None:
        value["unless"] = unit.unless.text
    if unit.retries:
        value["retries"] = unit.retries
    if unit.optional:
        value["optional"] = True
    return value


def _edge_value(edge: EdgeRecord) -> dict[str, object]:
    return {
        "dependent": edge.dependent,
        "prerequisite": edge.prerequisite,
        "requires": edge.requires,
        "origins": [
            {"kind": origin.kind, "file": origin.file, "line": origin.line, "column": origin.column}
            for origin in edge.origins
        ],
    }


def _read_graph(value: Any) -> GraphRecord:
    units = [
        UnitRecord(
            unit["address"],
            unit["display_name"],
            unit["timeout"],
            unit["file"],
            unit["line"],
            "instances" in unit,
            tuple(unit.get("mutexes", ())),
            unit.get("gate_timeout"),
            CommandRecord(unit["ready"]) if "ready" in unit else None,
            CommandRecord(unit["unless"]) if "unless" in unit else None,
            unit.get("retries", 0),
            unit.get("optional", False),
        )
        for unit in value["units"]
    ]
    edges = [
        EdgeRecord(
            edge["dependent"],
            edge["prerequisite"],
            Requires(edge["requires"]),
            tuple(
                OriginRecord(origin["file"], origin["line"], origin["column"], OriginKind(origin["kind"]))
                for origin in edge["origins"]
            ),
        )
        for edge in value["edges"]
    ]
    return GraphRecord(value["runtime"], Phase(value["phase"]), tuple(units), tuple(edges))
