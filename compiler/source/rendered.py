"""A text that was put together from many places: every part of it knows where it was written, and what isn't known.

A script's text comes out of heredocs, files, local values and interpolations, one inside the other. Each part carries
its *frames*, from the outermost expression inwards: the place of the part there. A piece of the text that reaches over
several parts stands in the innermost frame that they have in common.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from compiler.records import dataclass, field, settle
from compiler.source.span import Span


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a part stands in one of the expressions that it went through; ``within`` tells those apart.

    ``exact``: the part is written there letter by letter, so that a place inside of it can be told.
    """

    within: Span
    span: Span
    exact: bool = False


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of a text. ``known`` is False where ``text`` only stands in for something that can't be known yet.

    ``carried`` is the text of which this part is the base64 form.
    """

    text: str
    frames: tuple[Frame, ...]
    known: bool = True
    carried: RenderedText | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RenderedText:
    """Parts as one text. Offsets are code points of ``text``.

    ``literal`` is the text where it stands in one place, known as a whole and carrying nothing. Of such a text the
    parts are made when a place in it is first asked for, which is seldom.
    """

    _given: Iterable[TextPart]
    literal: str | None = None
    text: str = field(init=False)
    _found_starts: tuple[int, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        settle(self, "text", "".join(part.text for part in self.parts) if self.literal is None else self.literal)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RenderedText) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def parts(self) -> tuple[TextPart, ...]:
        """The parts, in order."""
        if not isinstance(self._given, tuple):
            settle(self, "_given", tuple(self._given))
        assert isinstance(self._given, tuple)
        return self._given

    @property
    def _starts(self) -> tuple[int, ...]:
        if not self._found_starts:
            settle(self, "_found_starts", tuple(accumulate((len(part.text) for part in self.parts), initial=0))[:-1])
        return self._found_starts

    @property
    def whole(self) -> bool:
        """Whether all of the text is known."""
        return self.literal is not None or all(part.known for part in self.parts)

    @property
    def carries(self) -> bool:
        """Whether a part is the base64 form of another text."""
        return self.literal is None and any(part.carried for part in self.parts)

    @property
    def blank(self) -> bool:
        """Whether nothing is known of the text but white space."""
        if self.literal is not None:
            return not self.literal.strip()
        return not any(part.known and part.text.strip() for part in self.parts)

    @property
    def holes(self) -> tuple[tuple[int, int], ...]:
        """The places, as offsets, of the parts that only stand in for something."""
        if self.literal is not None:
            return ()
        return tuple(
            (start, start + len(part.text))
            for start, part in zip(self._starts, self.parts, strict=True)
            if not part.known
        )

    def carried(self, start: int, end: int) -> RenderedText | None:
        """Return the text whose base64 form stands between two offsets, where a part says so."""
        part = self.parts[self._at(start)] if self.parts else None
        if part is None or self._starts[self._at(start)] != start or len(part.text) != end - start:
            return None
        return part.carried

    def exact(self, start: int, end: int) -> bool:
        """Return whether a piece of the text stands letter by letter in one file, apart from what lines start with."""
        parts = self.parts[self._at(start) : self._at(max(start, end - 1)) + 1]
        first = parts[0].frames[-1]
        return all(part.known and part.frames[-1].exact and part.frames[-1].within == first.within for part in parts)

    def span(self, start: int, end: int) -> Span:
        """Return the place of a piece of the text, which must not be empty as a whole."""
        first, last = self._at(start), self._at(max(start, end - 1))
        one, other = self.parts[first], self.parts[last]
        depth = 0
        while (
            depth + 1 < min(len(one.frames), len(other.frames))
            and one.frames[depth + 1].within == other.frames[depth + 1].within
            # Where both came through one expression as a whole, they may have more in common.
            and one.frames[depth].span == other.frames[depth].span
        ):
            depth += 1
        begin = self._place(first, depth, start, start)
        finish = self._place(last, depth, max(start, end - 1), end)
        return Span(begin.source, begin.start, max(begin.start, finish.end))

    def _at(self, offset: int) -> int:
        return max(0, bisect_right(self._starts, offset) - 1)

    def _place(self, index: int, depth: int, start: int, end: int) -> Span:
        frame = self.parts[index].frames[depth]
        if not frame.exact:
            return frame.span
        begin = frame.span.start + start - self._starts[index]
        return Span(frame.span.source, begin, frame.span.start + end - self._starts[index])
