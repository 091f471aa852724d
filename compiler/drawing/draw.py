"""The forms in which ``unitc graph`` draws, by name, and what can be asked of them."""

from __future__ import annotations

from importlib import import_module

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


_PLAIN = Wish()
# The modules of forms that aren't called like them.
_MODULES = {"json": "graph_json"}


def draw(graphs: tuple[UnitGraph, ...], form: str, wish: Wish = _PLAIN, width: int | None = None) -> str:
    """Return the graphs as text in one of the forms.

    ``width`` is that of the terminal in columns, for the tree; None where its lines may have any length.
    """
    # One run needs one of the forms.
    module = import_module(f"compiler.drawing.{_MODULES.get(form, form)}")
    if form == "tree":
        text: str = module.to_waves(graphs, width) if wish.waves else module.to_tree(graphs, width)
    else:
        text = getattr(module, f"to_{form}")(graphs if form == "json" else pictures_of(graphs, wish))
    return text
