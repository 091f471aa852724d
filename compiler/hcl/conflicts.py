"""A merge's marks in a configuration: such a file is two files, so whatever else is wrong with it follows from that."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from compiler.hcl.scan import LITERAL, scan_configuration
from compiler.source.conflicts import conflicts
from compiler.source.diagnostics import Diagnostic, also, error
from compiler.source.span import Source, Span

_WIDTH: Final = 7
# How many further conflicts are shown.
_SHOWN: Final = 3


def merge_conflict(source: Source) -> Diagnostic | None:
    """Return the error for the marks of a merge in a file that can't be read, None where there are none.

    Marks inside of strings and heredocs are text, unless a conflict goes beyond them.
    """
    found = list(conflicts(source.text))
    if not found:
        return None
    tokens = scan_configuration(source.text, 0, len(source.text)).tokens

    def is_text(offset: int) -> bool:
        kind, start, end = tokens[max(0, bisect_right(tokens, offset, key=lambda token: token[1]) - 1)]
        return kind == LITERAL and start <= offset < end

    def mark(offset: int) -> Span:
        return source.span(offset, offset + _WIDTH)

    real = [conflict for conflict in found if not all(map(is_text, conflict))]
    if not real:
        return None
    first, *others = real
    more = f" There are {len(real)} such conflicts in the file." if others else ""
    return error(
        "UC006",
        mark(first.ours),
        "Merge conflict",
        f"{source.name} holds the marks of a merge that isn't finished, so it can't be told which side counts.{more}",
        label="one side starts here",
        related=[
            also(mark(first.between), "the other side starts here"),
            also(mark(first.theirs), "and ends here"),
            *(also(mark(other.ours), "another conflict") for other in others[:_SHOWN]),
        ],
        help="choose one side or join both, and remove the lines with the marks",
    )
