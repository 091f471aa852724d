"""What a comment is about: the block that it stands in or right above, and the line below it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property

from compiler.hcl.syntax import Block, Comment, File


class Surroundings:
    """What stands around the comments of one file; made once, so that each of many comments costs little."""

    def __init__(self, file: File) -> None:
        """Nothing is looked at before a comment is asked about: of most files none is."""
        self._file = file
        self._blocks = file.body.blocks

    @cached_property
    def _below(self) -> Mapping[int, int]:
        """The first line below a run of lines that hold nothing but comments, by each line of the run."""
        alone = sorted(
            {
                line
                for comment in self._file.comments
                if comment.alone
                for line in range(comment.span.start_pos.line, comment.span.end_pos.line + 1)
            }
        )
        below: dict[int, int] = {}
        for line in reversed(alone):
            below[line] = below.get(line + 1, line + 1)
        return below

    @cached_property
    def _starts(self) -> Sequence[int]:
        return [block.span.start for block in self._blocks]

    @cached_property
    def _at_line(self) -> Mapping[int, Block]:
        return {block.span.start_pos.line: block for block in reversed(self._blocks)}

    def line_below(self, comment: Comment) -> int:
        """Return the number of the line below a comment; other comments, alone on their lines, may stand between."""
        line = comment.span.end_pos.line + 1
        return self._below.get(line, line)

    def block_of(self, comment: Comment) -> Block | None:
        """Return the innermost block that a comment stands in, or the one on the line right below it.

        A comment above a block counts only outside of all blocks and alone on its line.
        """
        at = bisect_right(self._starts, comment.span.start) - 1
        found = self._blocks[at] if at >= 0 and _holds(self._blocks[at], comment) else None
        if found is None:
            return self._at_line.get(self.line_below(comment)) if comment.alone else None
        while inner := next((block for block in found.body.blocks if _holds(block, comment)), None):
            found = inner
        return found


def _holds(block: Block, comment: Comment) -> bool:
    return block.span.start <= comment.span.start < block.span.end
