"""The marks that a merge leaves in a file where it couldn't decide.

Source: https://git-scm.com/docs/git-merge#_how_conflicts_are_presented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["Conflict", "conflicts"]

_MARK: Final = re.compile(r"^(<{7}|={7}|>{7})(?=[ \r\n]|\Z)", re.MULTILINE)


class Conflict(NamedTuple):
    """The offsets of a conflict's three marks, which are seven characters each."""

    ours: int
    between: int
    theirs: int


def conflicts(text: str) -> Iterator[Conflict]:
    """Yield the conflicts of a text, in order."""
    seen: list[int] = []
    for mark in _MARK.finditer(text):
        if mark[0][0] == "<":
            seen = [mark.start()]
        elif mark[0][0] == "=" and len(seen) == 1:
            seen.append(mark.start())
        elif mark[0][0] == ">" and len(seen) == 2:
            ours, between = seen
            yield Conflict(ours, between, mark.start())
            seen = []
