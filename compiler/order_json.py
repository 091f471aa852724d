"""The JSON form of an order graph: text that reads back to an equal graph.

This is the form of any :class:`~compiler.graph.OrderGraph`, whatever its vertices are. What ``unitc graph`` prints
says more about units than a graph knows, see :mod:`compiler.emit.graph_json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from compiler.graph import E, OrderGraph, V

if TYPE_CHECKING:
    from _typeshed import SupportsRichComparison

__all__ = ["from_json", "to_json"]


def to_json(graph: OrderGraph[V, E], *, vertex: Callable[[V], str] = str, requires: Callable[[E], str] = str) -> str:
    """Return the graph as JSON text, two spaces deep, with a final newline; ``vertex`` and ``requires`` name things.

    Vertices and edges are in the order of :meth:`OrderGraph.snapshot`. Equal graphs give equal text. Raises ValueError
    where two vertices get the same name, since nothing could read them back.
    """
    vertices, edges = graph.snapshot()
    names = [vertex(each) for each in vertices]
    if len(set(names)) < len(names):
        raise ValueError("two vertices have the same name in the JSON form")
    document = {
        "vertices": names,
        "edges": [
            {
                "dependent": vertex(edge.dependent),
                "prerequisite": vertex(edge.prerequisite),
                "requires": requires(edge.requires),
            }
            for edge in edges
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def from_json(
    text: str,
    *,
    vertex: Callable[[str], V],
    requires: Callable[[str], E],
    key: Callable[[V], SupportsRichComparison] | None = None,
) -> OrderGraph[V, E]:
    """Return the graph that :func:`to_json` wrote; ``vertex`` and ``requires`` turn names back into things.

    Raises ValueError where the text is not of that form, and what :meth:`OrderGraph.build` raises for its edges.
    """
    document: Any = json.loads(text)
    try:
        vertices = [vertex(name) for name in document["vertices"]]
        edges = [
            (vertex(edge["dependent"]), vertex(edge["prerequisite"]), requires(edge["requires"]))
            for edge in document["edges"]
        ]
    except (KeyError, TypeError) as fault:
        raise ValueError("the text is not the JSON form of an order graph") from fault
    return OrderGraph.build(vertices, edges, key=key)
