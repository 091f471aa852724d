"""The graph as a Mermaid flowchart, which GitHub draws in Markdown.

Syntax: https://mermaid.js.org/syntax/flowchart.html. Ids are made of numbers alone, so that no two names can meet in
one; every name goes through :func:`quote`. GitHub draws at most 500 arrows of one flowchart.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence

from compiler.drawing.picture import EDGE_KINDS, Picture, Shape, nested

_WORD = frozenset(string.ascii_letters + string.digits)
_PLAIN = frozenset(" ,:/()[]")
_JOINTS = frozenset("_.-")
# Mermaid makes a line break and a formula of these even where they are written as entities.
_SPLIT = (("\\n", "\\\u200bn"), ("$$", "$\u200b$"))


def quote(*lines: str) -> str:
    """Return lines as a Mermaid string that shows exactly them, with a blank without width in two pairs.

    Inside of quotes Mermaid reads Markdown and entities, so all but letters, digits and a few harmless characters is
    written as an entity with its number (https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters).
    """
    return '"' + "<br/>".join(map(_escape, lines)) + '"'


def _escape(text: str) -> str:
    def plain(at: int, character: str) -> bool:
        if character in _WORD or character in _PLAIN:
            return True
        if ord(character) > 127:
            return character.isalpha()
        # Between letters these make no list, no heading and no emphasis.
        beside = text[at - 1 : at] + text[at + 1 : at + 2]
        return character in _JOINTS and at > 0 and len(beside) == 2 and beside.isalnum() and not text[:at].isdigit()

    for pair, apart in _SPLIT:
        text = text.replace(pair, apart)
    return "".join(
        character if plain(at, character) else f"#{_drawable(character)};" for at, character in enumerate(text)
    )


def _drawable(character: str) -> int:
    # A lone surrogate and a control character have no number that a browser draws.
    if character == "\u200b":
        return 0x200B
    return 0xFFFD if "\ud800" <= character <= "\udfff" or not character.isprintable() else ord(character)


def to_mermaid(pictures: Iterable[Picture]) -> str:
    """Return one flowchart with a box for each runtime and phase, and in it one for each module.

    Arrows are in running order, as in every drawing; what is part of a cycle is red.
    """
    lines = ["flowchart LR"]
    arrows = 0
    red: list[int] = []
    faulty: list[str] = []
    for number, picture in enumerate(pictures):
        lines.append(f"  subgraph g{number}[{quote(picture.title)}]")
        lines += (f"    {line}" for line in _nodes(number, picture.nodes))
        for arrow in picture.arrows:
            kind = EDGE_KINDS[arrow.requires]
            words = [kind.word] if kind.word else []
            words += ["exp-sync"] if arrow.by_itself else []
            words += [f"{arrow.count} orders"] if arrow.count > 1 else []
            label = f"|{quote(', '.join(words))}|" if words else ""
            lines.append(f"    g{number}n{arrow.source} {kind.mermaid}{label} g{number}n{arrow.target}")
            red += [arrows] if arrow.faulty else []
            arrows += 1
        lines.append("  end")
        faulty += (f"g{number}n{position}" for position, node in enumerate(picture.nodes) if node.faulty)
    if faulty:
        lines.append("  classDef cycle stroke:#d1242f,stroke-width:2px")
        lines.append(f"  class {','.join(faulty)} cycle")
    if red:
        lines.append(f"  linkStyle {','.join(map(str, red))} stroke:#d1242f,stroke-width:2px")
    return "\n".join(lines) + "\n"


def _nodes(number: int, nodes: Sequence[Shape]) -> Iterable[str]:
    def draw(position: int, node: Shape) -> str:
        lines = [node.title, *([node.name] if node.name else []), *node.notes]
        text = quote(*lines)
        # A box with two more lines is a group, a hexagon a folded module.
        shape = f"{{{{{text}}}}}" if node.folded else f"[[{text}]]" if node.group else f"[{text}]"
        return f"g{number}n{position}{shape}"

    return nested(nodes, draw, lambda box, title: (f"subgraph g{number}b{box}[{quote(title)}]",), "end")
