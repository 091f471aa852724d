"""A page that explains a diagnostic, as a terminal shows it: prose at its width, and in examples what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from compiler.report.text import Paint
from compiler.source.prose import wrap

_FENCE = "```"
# What an example shows -> the mark at its lines that the other one doesn't have, and their style.
_MARKS = {"wrong": ("-", "error"), "right": ("+", "help")}


def render_page(page: str, paint: Paint, width: int | None) -> str:
    """Return a page as text. ``width`` is that of the terminal in columns, None to leave lines as they are written."""
    pieces = list(_pieces(page.splitlines()))
    examples = {kind: lines for kind, lines in pieces if kind in _MARKS}
    marked = _marked(examples)
    text: list[str] = []
    for kind, lines in pieces:
        if kind in marked:
            mark, style = _MARKS[kind]
            text += ["", paint("bold", f"{kind.capitalize()}:"), ""]
            for number, line in enumerate(lines):
                shown = f"  {mark} {line}" if number in marked[kind] else f"    {line}"
                text.append(paint(style, shown) if number in marked[kind] else shown.rstrip())
        elif kind == "prose":
            text += ["", *_prose(lines, width)]
        elif kind == "title":
            text += (paint("bold", part) for part in wrap(lines[0], width))
        else:
            text += ["", *(f"    {line}".rstrip() for line in lines)]
    return "".join(f"{line}\n" for line in text)


def _pieces(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what a page is made of: its title, paragraphs of prose, and examples by what they show."""
    kind, piece = "", list[str]()
    for line in lines:
        if kind and kind != "prose":
            if line == _FENCE:
                yield kind, piece
                kind, piece = "", []
            else:
                piece.append(line)
        elif line.startswith(_FENCE):
            kind = line.split()[-1].removeprefix(_FENCE)
        elif line.startswith("# "):
            yield "title", [line[2:]]
        elif line:
            kind, piece = "prose", [*piece, line]
        elif kind:
            yield kind, piece
            kind, piece = "", []
    if kind:
        yield kind, piece


def _prose(lines: list[str], width: int | None) -> Iterator[str]:
    return iter(lines) if width is None else wrap(" ".join(lines), width)


def _settled(lines: Sequence[str], first: int, last: int) -> range:
    """Return lines that only one example has, moved down where that is the same, so that blocks stay whole."""
    while last < len(lines) and lines[first] == lines[last]:
        first, last = first + 1, last + 1
    return range(first, last)


def _marked(examples: Mapping[str, list[str]]) -> dict[str, frozenset[int]]:
    """Return for each example the numbers of the lines, from 0, that the other one doesn't have."""
    from difflib import SequenceMatcher

    wrong, right = examples.get("wrong", []), examples.get("right", [])
    ours: set[int] = set()
    theirs: set[int] = set()
    for tag, first, last, begin, end in SequenceMatcher(None, wrong, right, autojunk=False).get_opcodes():
        if tag == "delete":
            ours.update(_settled(wrong, first, last))
        elif tag == "insert":
            theirs.update(_settled(right, begin, end))
        elif tag == "replace":
            ours.update(range(first, last))
            theirs.update(range(begin, end))
    numbers = {"wrong": ours, "right": theirs}
    return {kind: frozenset(number for number in numbers[kind] if lines[number]) for kind, lines in examples.items()}
