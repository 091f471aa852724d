"""The marks that a merge leaves in a file where it couldn't decide.

Source: https://git-scm.com/docs/git-merge#_how_conflicts_are_presented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from compiler.patterns import regex

# What both sides come from, where git is set to show it.
_BASE: Final = regex(r"^\|{7}[ \r\n]", re.MULTILINE)
_MARK: Final = regex(r"^(<{7}|={7}|>{7})(?=[ \r\n]|\Z)", re.MULTILINE)


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


def sides(text: str) -> tuple[str, str]:
    """Return a text as each side of its conflicts has it, the same twice where there is none."""
    ours: list[str] = []
    theirs: list[str] = []
    at = 0
    for conflict in conflicts(text):
        base = _BASE.search(text, conflict.ours, conflict.between)
        for side, start, end in (
            (ours, conflict.ours, base.start() if base else conflict.between),
            (theirs, conflict.between, conflict.theirs),
        ):
            side.append(text[at : conflict.ours] + text[text.index("\n", start) + 1 : end])
        at = text.find("\n", conflict.theirs) + 1 or len(text)
    return "".join((*ours, text[at:])), "".join((*theirs, text[at:]))
