"""What a comment is about: the block that it stands in or right above, and the line below it."""

from __future__ import annotations

from compiler.hcl.syntax import Block, Comment, File

__all__ = ["block_of", "line_below"]


def line_below(file: File, comment: Comment) -> int:
    """Return the number of the line below a comment; other comments, alone on their lines, may stand between."""
    alone = {
        line
        for other in file.comments
        if other.alone
        for line in range(other.span.start_pos.line, other.span.end_pos.line + 1)
    }
    line = comment.span.end_pos.line + 1
    while line in alone:
        line += 1
    return line


def block_of(file: File, comment: Comment) -> Block | None:
    """Return the innermost block that a comment stands in, or the one on the line right below it.

    A comment above a block counts only outside of all blocks and alone on its line.
    """
    found = None
    blocks = file.body.blocks
    while holding := next((block for block in blocks if _holds(block, comment)), None):
        found, blocks = holding, holding.body.blocks
    if found is not None or not comment.alone:
        return found
    line = line_below(file, comment)
    return next((block for block in file.body.blocks if block.span.start_pos.line == line), None)


def _holds(block: Block, comment: Comment) -> bool:
    return block.span.start <= comment.span.start < block.span.end
