"""The graph as DOT, for Graphviz.

Written by hand: every name in it may hold any character, so each goes through :func:`_quote`. Syntax of quoted strings:
https://graphviz.org/doc/info/lang.html; escapes in labels: https://graphviz.org/docs/attr-types/escString/.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from compiler.drawing.picture import EDGE_KINDS, Arrow, Picture, Shape, nested

# Inside quotes a label reads backslash escapes and character entities, so a name must not make any by itself.
_ESCAPES: Mapping[str, str] = MappingProxyType({'"': '\\"', "\\": "\\\\", "&": "&amp;", "\n": "\\n"})

# Characters that Graphviz can't draw or stops at: controls, lone surrogates, line and paragraph separators.
_UNDRAWABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})

_RED: Mapping[str, str] = MappingProxyType({"color": "red", "penwidth": "2"})

_LEGEND = ", ".join(f"{kind.dot}: {requires}" for requires, kind in reversed(tuple(EDGE_KINDS.items()))).capitalize()


def to_dot(pictures: Iterable[Picture]) -> str:
    """Return one DOT digraph with a cluster for each runtime and phase, and in it one for each module.

    Arrows are in running order, from the prerequisite to its dependent; their style and label say what the dependent
    requires. A unit shows its address, below it its display name and what it says of itself, and a second border where
    it is a group. An edge whose only origin is ``coder exp sync`` is gray:
    there the script waits by itself. What is part of a cycle is red.
    """
    lines = [
        f"// Arrows are in running order. {_LEGEND}.",
        "digraph unitc {",
        '  graph [rankdir=LR, fontname="sans-serif"];',
        '  node [shape=box, fontname="sans-serif"];',
        '  edge [fontname="sans-serif"];',
    ]
    for number, picture in enumerate(sorted(pictures, key=lambda picture: (picture.runtime, picture.phase))):
        lines += _cluster(number, picture)
    lines.append("}")
    return "\n".join(lines) + "\n"


def _cluster(number: int, picture: Picture) -> list[str]:
    def name(position: int) -> str:
        # The same address may stand in both phases; the cluster's number makes it another node.
        return _quote(f"{number}/{picture.nodes[position].key}")

    def opens(box: int, title: str) -> tuple[str, str]:
        return f"subgraph {_quote(f'cluster_{number}_{box}')} {{", f"  label={_quote(title)};"

    def draw(position: int, node: Shape) -> str:
        return f"{name(position)}{_attributes(_node_style(node))};"

    lines = [
        f"  subgraph {_quote(f'cluster_{number}')} {{",
        f"    label={_quote(f'{picture.runtime} {picture.phase}')};",
    ]
    lines += (f"    {line}" for line in nested(picture.nodes, draw, opens, "}"))
    lines += (
        f"    {name(arrow.source)} -> {name(arrow.target)}{_attributes(_arrow_style(arrow))};"
        for arrow in picture.arrows
    )
    lines.append("  }")
    return lines


def _node_style(node: Shape) -> dict[str, str]:
    lines = [node.key, *([node.name] if node.name is not None else []), *node.notes]
    style = {"label": "\n".join(lines)}
    if node.group:
        style["peripheries"] = "2"
    if node.folded:
        style["shape"] = "folder"
    return {**style, **(_RED if node.faulty else {})}


def _arrow_style(arrow: Arrow) -> dict[str, str]:
    kind = EDGE_KINDS[arrow.requires]
    words = [*([kind.word] if kind.word else []), *([f"{arrow.count} orders"] if arrow.count > 1 else [])]
    style = {"style": kind.dot, **({"label": ", ".join(words)} if words else {})}
    if arrow.faulty:
        return {**style, **_RED}
    return {**style, **({"color": "gray50"} if arrow.by_itself else {})}


def _attributes(values: Mapping[str, str]) -> str:
    return " [" + ", ".join(f"{name}={_quote(value)}" for name, value in values.items()) + "]"


def _quote(text: str) -> str:
    """Return ``text`` as a DOT string which, as a label, shows exactly ``text``.

    Different texts give different strings, as node names need it, except that an undrawable character is written as
    Terraform writes it in an address, ``\\u001b``.
    """
    return '"' + "".join(_ESCAPES.get(character) or _drawable(character) for character in text) + '"'


def _drawable(character: str) -> str:
    return f"\\\\u{ord(character):04x}" if unicodedata.category(character) in _UNDRAWABLE else character
