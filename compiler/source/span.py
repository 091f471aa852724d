"""Where something stands: sources, spans and positions.

Every value that is read from a file carries a :class:`Span`. A span is a pair of offsets into the text of its
:class:`Source`; lines and columns are computed only where a person or a machine form needs them.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from compiler.records import dataclass, field, settle

_BYTE_ORDER_MARK = "\ufeff"


class Pos(NamedTuple):
    """A place for people: line and column, both counted from 1, the column in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The text of one file, exactly as it stands on disk (line endings and byte order mark included).

    ``name`` is the file's path relative to the template's folder, with ``/``. Two sources are the same only if they
    are the same object: a text is read once.
    """

    name: str
    text: str
    # Most files are never spoken of.
    _line_starts: tuple[int, ...] = field(init=False, default=())

    @property
    def line_starts(self) -> tuple[int, ...]:
        """The offsets at which lines start."""
        if not self._line_starts:
            starts = [0]
            find = self.text.find
            at = find("\n")
            while at != -1:
                starts.append(at + 1)
                at = find("\n", at + 1)
            settle(self, "_line_starts", tuple(starts))
        return self._line_starts

    def pos(self, offset: int) -> Pos:
        """Return the position of the code point at ``offset``; a byte order mark takes no column."""
        line = bisect_right(self.line_starts, offset)
        column = offset - self.line_starts[line - 1] + 1
        if line == 1 and column > 1 and self.text.startswith(_BYTE_ORDER_MARK):
            column -= 1
        return Pos(line, column)

    def line(self, number: int) -> str:
        """Return line ``number`` (from 1) without its line ending and without a byte order mark."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n").removeprefix(_BYTE_ORDER_MARK)

    def span(self, start: int, end: int) -> Span:
        """Return the span from ``start`` up to but without ``end``."""
        return Span(self, start, end)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a source: offsets in code points, ``end`` is the first one outside."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The exact slice of the source, byte for byte."""
        return self.source.text[self.start : self.end]

    @property
    def start_pos(self) -> Pos:
        """Position of the first code point."""
        return self.source.pos(self.start)

    @property
    def end_pos(self) -> Pos:
        """Position just after the last code point."""
        return self.source.pos(self.end)

    @property
    def own(self) -> bool:
        """Whether it is in a file of the template itself, which can be edited, and no installed or outer module's."""
        return not self.source.name.startswith(("/", "../", ".terraform/"))

    @property
    def key(self) -> tuple[str, int, int]:
        """Sort key: file, then place."""
        return (self.source.name, self.start, self.end)

    def to(self, other: Span) -> Span:
        """Return the span from the start of this one to the end of ``other`` in the same source."""
        return Span(self.source, self.start, other.end)

    def whole_lines(self) -> Span | None:
        """Return the lines of the span with their ends, None where something else stands on them."""
        text = self.source.text
        start = text.rfind("\n", 0, self.start) + 1
        end = text.find("\n", self.end) + 1 or len(text)
        alone = not text[start : self.start].strip() and not text[self.end : end].strip()
        return Span(self.source, start, end) if alone else None
