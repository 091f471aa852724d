"""Text in two ways of counting: bytes, as the grammar counts, and code points, as all else here does."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node as Tree


class EncodedText:
    """A text as bytes, as the grammar counts, and as code points, as all else here does."""

    __slots__ = ("_starts", "data", "holes", "stand_in", "text")

    def __init__(self, text: str, holes: Sequence[tuple[int, int]], stand_in: str) -> None:
        self.text = text
        self.data = text.encode("utf-8", "replace")
        self.holes = holes
        self.stand_in = stand_in
        self._starts = (
            None if text.isascii() else list(accumulate((len(c.encode("utf-8", "replace")) for c in text), initial=0))
        )

    def at(self, offset: int) -> int:
        """Return the code point at a byte."""
        return offset if self._starts is None else bisect_right(self._starts, offset) - 1

    def raw(self, start: int, end: int) -> bytes:
        """Return the bytes between two of them."""
        return self.data[start:end]

    def of(self, tree: Tree) -> str:
        """Return a node's text."""
        return self.data[tree.start_byte : tree.end_byte].decode("utf-8", "replace")

    def unknown(self, start: int, end: int) -> bool:
        """Return whether something between two code points only stands in for what isn't known."""
        return any(low < end and start < high for low, high in self.holes)
