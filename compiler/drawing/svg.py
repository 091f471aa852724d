"""The graph as SVG, without any program: for a browser, a README, or the page.

Every text goes through :func:`quote`. Nothing is loaded from anywhere, and there is no script. Colours follow the
reader's preference for light or dark.
"""

from __future__ import annotations

from collections.abc import Sequence

from compiler.drawing.layout import Size, place
from compiler.drawing.picture import EDGE_KINDS, Arrow, Picture, Shape

STYLE = """\
svg { --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --box: #f6f8fa; --line: #818b98; --red: #d1242f }
@media (prefers-color-scheme: dark) {
  svg { --paper: #0d1117; --ink: #f0f6fc; --soft: #9198a1; --box: #151b23; --line: #656c76; --red: #f85149 }
}
.paper { fill: var(--paper) } .box { fill: var(--box); stroke: var(--line) }
.title { font: 600 13px system-ui, sans-serif; fill: var(--ink) }
.more { font: 12px system-ui, sans-serif; fill: var(--soft) }
.head { font: 600 15px system-ui, sans-serif; fill: var(--ink) }
.way { fill: none; stroke: var(--line); stroke-width: 1.5 } .tip { fill: var(--line) }
.label { font: 11px system-ui, sans-serif; fill: var(--soft); paint-order: stroke; stroke: var(--paper);
  stroke-width: 4px }
.faulty .box, .faulty.way { stroke: var(--red); stroke-width: 2 } .faulty.tip { fill: var(--red) }
"""

_MARGIN = 24.0
_HEAD = 36.0
_LINE = 17.0
_MOST = 40
"""Characters of a line in a box; the whole text is its tooltip."""

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}


def replaced(text: str) -> str:
    """Return a text in which what XML can't hold, and what can't be seen, is replaced."""
    return "".join(
        character if character.isprintable() or character in " \n\t" else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def quote(text: str) -> str:
    """Return a text for an element or an attribute of XML and HTML, :func:`replaced` and with entities."""
    return "".join(_ENTITIES.get(character, character) for character in replaced(text))


def _short(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[: _MOST // 2 - 1]}…{text[-_MOST // 2 :]}"


def _wide(style: str, text: str) -> float:
    """Return about how wide a line is; East Asian letters are twice as wide as others, a title's are bold."""
    each = 8.6 if style == "title" else 7.2
    return sum(1.7 * each if ord(character) > 0x2E80 else each for character in text)


def _lines(node: Shape) -> list[tuple[str, str]]:
    lines = [("more", node.boxes[-1])] if node.boxes else []
    lines.append(("title", node.title))
    if node.name:
        lines.append(("more", node.name))
    return lines + [("more", note) for note in node.notes]


def to_svg(pictures: Sequence[Picture], *, standalone: bool = True) -> str:
    """Return one drawing with the graphs below each other. ``standalone``: with its own style and name space."""
    parts: list[str] = []
    y, width = _MARGIN, 320.0
    for picture in pictures:
        drawn, wide, high = _graph(picture)
        parts.append(f'<g transform="translate({_MARGIN:g} {y:g})">')
        parts.append(f'<text class="head" y="14">{quote(picture.title)}</text>')
        parts.append(f'<g transform="translate(0 {_HEAD:g})">')
        parts += [*drawn, "</g>", "</g>"]
        y += _HEAD + high + 2 * _MARGIN
        width = max(width, wide + 2 * _MARGIN, len(picture.title) * 9 + 2 * _MARGIN)
    y = max(y - _MARGIN, 2 * _MARGIN)
    tips = [
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path class="{kind}" d="M0 0 8 4 0 8z"/></marker>'
        for name, kind in (("tip", "tip"), ("red-tip", "faulty tip"))
    ]
    return framed(parts, width, y, STYLE if standalone else "", tips)


def framed(parts: Sequence[str], width: float, height: float, style: str, tips: Sequence[str] = ()) -> str:
    """Return a drawing's parts on paper of that size, with a style unless it is empty, and tips for its arrows."""
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        *([f"<style>{style}</style>"] if style else []),
    ]
    head += ["<defs>", *tips, "</defs>"] if tips else []
    return "\n".join([*head, '<rect class="paper" width="100%" height="100%"/>', *parts, "</svg>"]) + "\n"


def _graph(picture: Picture) -> tuple[list[str], float, float]:
    texts = [_lines(node) for node in picture.nodes]
    sizes = [
        Size(max(_wide(style, _short(text)) for style, text in lines) + 24, len(lines) * _LINE + 14) for lines in texts
    ]
    placed = place(sizes, [(arrow.source, arrow.target) for arrow in picture.arrows])
    parts = [_arrow(arrow, way) for arrow, way in zip(picture.arrows, placed.ways, strict=True)]
    for node, lines, size, (x, y) in zip(picture.nodes, texts, sizes, placed.corners, strict=True):
        kind = "node faulty" if node.faulty else "node"
        parts.append(f'<g class="{kind}" data-unit="{quote(node.key)}" transform="translate({x:g} {y:.1f})">')
        parts.append(f"<title>{quote(chr(10).join([node.key, *(text for _, text in lines[1:])]))}</title>")
        box = f'width="{size.width:g}" height="{size.height:g}" rx="6"'
        if node.group or node.folded:
            # A second edge behind: it stands for several.
            parts.append(f'<rect class="box" x="4" y="4" {box}/>')
        parts.append(f'<rect class="box" {box}/>')
        parts += (
            f'<text class="{style}" x="12" y="{number * _LINE + 20:g}">{quote(_short(text))}</text>'
            for number, (style, text) in enumerate(lines)
        )
        parts.append("</g>")
    parts += _labels(picture, placed.ways)
    return parts, placed.width, placed.height


def _arrow(arrow: Arrow, way: Sequence[tuple[float, float]]) -> str:
    (x, y), *rest = way
    path = f"M{x:g} {y:.1f}"
    for number, (to_x, to_y) in enumerate(rest):
        # Between two columns a curve, across one a straight line.
        bend = (x + to_x) / 2
        straight = number % 2 == 1 or arrow.source == arrow.target
        path += f"L{to_x:g} {to_y:.1f}" if straight else f"C{bend:g} {y:.1f} {bend:g} {to_y:.1f} {to_x:g} {to_y:.1f}"
        x, y = to_x, to_y
    dash = EDGE_KINDS[arrow.requires].dash
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    pale = ' opacity="0.55"' if arrow.by_itself else ""
    kind, tip = ("faulty way", "red-tip") if arrow.faulty else ("way", "tip")
    return f'<path class="{kind}" d="{path}"{dashed}{pale} marker-end="url(#{tip})"/>'


def _labels(picture: Picture, ways: Sequence[Sequence[tuple[float, float]]]) -> list[str]:
    labels = []
    for arrow, way in zip(picture.arrows, ways, strict=True):
        word = EDGE_KINDS[arrow.requires].word
        if word:
            (x, y), (to_x, to_y) = way[0], way[1]
            labels.append(
                f'<text class="label" text-anchor="middle" x="{(x + to_x) / 2:g}" y="{(y + to_y) / 2 + 4:.1f}">'
                f"{quote(word)}</text>"
            )
    return labels
