"""The forms in which ``unitc graph`` draws, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from compiler.drawing.dot import to_dot
from compiler.drawing.graph_json import to_document, to_json
from compiler.drawing.tree import to_tree
from compiler.order.model import UnitGraph

__all__ = ["draw"]


def _json(graphs: tuple[UnitGraph, ...]) -> str:
    return to_json(to_document(graphs))


_FORMS: Mapping[str, Callable[[tuple[UnitGraph, ...]], str]] = {"dot": to_dot, "json": _json, "tree": to_tree}


def draw(graphs: tuple[UnitGraph, ...], form: str) -> str:
    """Return the graphs as text in one of the forms."""
    return _FORMS[form](graphs)
