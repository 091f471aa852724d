"""The forms in which ``unitc graph`` draws, by name, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from compiler.drawing.picture import FOLD_ABOVE, Picture, make_picture
from compiler.order.model import UnitGraph
from compiler.records import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """How to draw. ``fold``: modules as one box each, None to leave that to the size. ``waves``: show the waves."""

    fold: bool | None = None
    waves: bool = False


def pictures_of(graphs: tuple[UnitGraph, ...], wish: Wish) -> tuple[Picture, ...]:
    """Return the pictures of graphs, as many and in the same order."""
    fold = sum(len(graph.units) for graph in graphs) > FOLD_ABOVE if wish.fold is None else wish.fold
    return tuple(make_picture(graph, fold=fold, boxes_are_waves=wish.waves) for graph in graphs)


def _json(graphs: tuple[UnitGraph, ...], _: Wish) -> str:
    from compiler.drawing.graph_json import to_json

    return to_json(graphs)


def _tree(graphs: tuple[UnitGraph, ...], wish: Wish, width: int | None) -> str:
    from compiler.drawing.tree import to_tree, to_waves

    return to_waves(graphs, width) if wish.waves else to_tree(graphs, width)


def _dot(graphs: tuple[UnitGraph, ...], wish: Wish) -> str:
    from compiler.drawing.dot import to_dot

    return to_dot(pictures_of(graphs, wish))


def _mermaid(graphs: tuple[UnitGraph, ...], wish: Wish) -> str:
    from compiler.drawing.mermaid import to_mermaid

    return to_mermaid(pictures_of(graphs, wish))


def _svg(graphs: tuple[UnitGraph, ...], wish: Wish) -> str:
    from compiler.drawing.svg import to_svg

    return to_svg(pictures_of(graphs, wish))


_FORMS: Mapping[str, Callable[[tuple[UnitGraph, ...], Wish], str]] = {
    "dot": _dot,
    "json": _json,
    "mermaid": _mermaid,
    "svg": _svg,
}


_PLAIN = Wish()


def draw(graphs: tuple[UnitGraph, ...], form: str, wish: Wish = _PLAIN, width: int | None = None) -> str:
    """Return the graphs as text in one of the forms.

    ``width`` is that of the terminal in columns, for the tree; None where its lines may have any length.
    """
    if form == "tree":
        return _tree(graphs, wish, width)
    return _FORMS[form](graphs, wish)
