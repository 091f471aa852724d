"""The graph as a tree for the terminal: each unit below what it waits for last.

A unit that waits for several others is drawn once, below its first prerequisite in running order; the others are
named behind it. Behind these stands what it says of itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from compiler.drawing.layout import break_cycles, waves
from compiler.drawing.picture import by_dependent
from compiler.drawing.traits import titled, traits
from compiler.order.model import Edge, Unit, UnitGraph
from compiler.source.prose import behind, visible


def _line(unit: Unit, edges: list[Edge], parent: str | None) -> str:
    own = next((edge for edge in edges if edge.prerequisite == parent), None)
    requires = f" ({own.requires})" if own is not None and own.requires != "success" else ""
    others = [
        edge.prerequisite + (f" ({edge.requires})" if edge.requires != "success" else "")
        for edge in edges
        if edge.prerequisite != parent
    ]
    also = f"  {'also ' * (own is not None)}after {', '.join(others)}" if others else ""
    said = "".join(f"  {trait}" for trait in traits(unit))
    return visible(f"{titled(unit)}{requires}{also}{said}")


def _graph(graph: UnitGraph, width: int | None) -> Iterator[str]:
    yield from behind(visible(f"{graph.runtime}, phase {graph.phase}"), width, "", "    ")
    edges = by_dependent(graph)
    children: dict[str | None, list[Unit]] = {}
    for unit in graph.units:
        own = edges.get(unit.address, [])
        children.setdefault(own[0].prerequisite if own else None, []).append(unit)
    drawn: set[str] = set()

    def below(parent: str | None, indent: str) -> Iterator[str]:
        members = children.get(parent, [])
        for position, unit in enumerate(members):
            last = position == len(members) - 1
            if unit.address in drawn:
                continue
            drawn.add(unit.address)
            further = indent + ("   " if last else "│  ")
            under = "│ " if children.get(unit.address) else "  "
            line = _line(unit, edges.get(unit.address, []), parent)
            yield from behind(line, width, f"{indent}{'└─' if last else '├─'} ", f"{further}{under}  ")
            yield from below(unit.address, further)

    yield from below(None, "")
    # Units of a cycle hang below one another and below nothing else.
    for unit in graph.units:
        if unit.address not in drawn:
            drawn.add(unit.address)
            yield from behind(_line(unit, edges.get(unit.address, []), None), width, "↺  ", "       ")


def to_tree(graphs: Iterable[UnitGraph], width: int | None = None) -> str:
    """Return the graphs as trees, an empty line between two of them.

    ``width`` is that of the terminal in columns, None where lines may have any length.
    """
    return "\n".join("\n".join(_graph(graph, width)) + "\n" for graph in graphs)


def to_waves(graphs: Iterable[UnitGraph], width: int | None = None) -> str:
    """Return the units of each graph in waves: a unit stands in the wave after the last of those that it waits for.

    ``width`` is like that of :func:`to_tree`.
    """
    return "\n".join("\n".join(_waves(graph, width)) + "\n" for graph in graphs)


def _waves(graph: UnitGraph, width: int | None) -> Iterator[str]:
    yield from behind(visible(f"{graph.runtime}, phase {graph.phase}"), width, "", "    ")
    at = {unit.address: position for position, unit in enumerate(graph.units)}
    pairs = [(at[edge.prerequisite], at[edge.dependent]) for edge in graph.edges]
    edges = by_dependent(graph)
    for number, wave in enumerate(waves(len(at), break_cycles(len(at), pairs)), 1):
        yield f"wave {number}"
        for position in wave:
            unit = graph.units[position]
            yield from behind(_line(unit, edges.get(unit.address, []), None), width, "   ", "       ")
