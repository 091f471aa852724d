"""Places as editors count them: lines and columns from 0, columns in the units that client and server agreed on.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#position
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping

from lsprotocol.types import Position, Range

from compiler.patterns import regex
from compiler.source.span import Span

# The protocol ends a line at each of these, Terraform at line feeds only.
_LINE_END = regex(r"\r\n|\n|\r")
_BYTE_ORDER_MARK = "\ufeff"
_UNITS: Mapping[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-16": lambda text: len(text) + sum(character > "\uffff" for character in text),
    "utf-32": len,
}


class Lines:
    """The lines of a text. ``encoding`` is the agreed one: ``utf-8``, ``utf-16`` or ``utf-32``.

    ``on_disk``: the text isn't the editor's, so a byte order mark in it is one that an editor strips on opening.
    """

    def __init__(self, text: str, encoding: str, *, on_disk: bool = False) -> None:
        self._text = text
        self._units = _UNITS[encoding]
        first = 1 if on_disk and text.startswith(_BYTE_ORDER_MARK) else 0
        ends = list(_LINE_END.finditer(text))
        self._starts = [first, *(end.end() for end in ends)]
        self._ends = [*(end.start() for end in ends), len(text)]

    def position(self, offset: int) -> Position:
        """Return the position of the code point at ``offset``; inside of a line's end it is that end."""
        line = max(bisect_right(self._starts, offset) - 1, 0)
        start = self._starts[line]
        return Position(line, self._units(self._text[start : min(offset, self._ends[line])]))

    def range(self, span: Span) -> Range:
        """Return the range of a span in this text."""
        return Range(self.position(span.start), self.position(span.end))

    def offset(self, position: Position) -> int:
        """Return the offset of a position.

        Beyond the end of its line it is that end, as the protocol has it; inside of a character it is its start.
        """
        if position.line >= len(self._starts):
            return len(self._text)
        at, end = self._starts[position.line], self._ends[position.line]
        left = position.character
        while at < end:
            left -= self._units(self._text[at])
            if left < 0:
                break
            at += 1
        return at
