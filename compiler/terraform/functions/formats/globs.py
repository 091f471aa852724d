"""Which paths match a pattern such as ``scripts/**/*.sh``, as ``fileset`` has it.

The patterns are those of https://pkg.go.dev/github.com/bmatcuk/doublestar@v1.1.5: ``*`` and ``?`` stay within a step of
the path, ``**`` as a step stands for any number of folders, ``[a-z]`` and ``[^a-z]`` for characters, ``{a,b}`` for
alternatives, and ``\\`` takes a character's meaning away. Names with a leading dot match like all others. Malformed
patterns are left to Terraform.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from compiler.patterns import regex
from compiler.terraform.values.budget import LaterError

_SEPARATOR = regex(r"(?<!\\)/")
_META = regex(r"[*?\[{\\]")


def split_static(pattern: str) -> tuple[str, tuple[str, ...]]:
    """Return the folder that a pattern begins with, and the steps after it, the first of which isn't plain."""
    steps = _SEPARATOR.split(pattern)
    count = next((place for place, step in enumerate(steps) if _META.search(step)), len(steps))
    folder = "/".join(steps[:count])
    return folder or ("/" if pattern.startswith("/") else "."), tuple(steps[count:])


def matches(steps: Sequence[str], path: Sequence[str], spend: Callable[[int], None]) -> bool:
    """Return whether the steps of a path match those of a pattern. ``spend`` pays for the attempts.

    Raises :class:`LaterError` where a step of the pattern is malformed.
    """
    spend(1)
    if not steps or not path:
        return not steps and not path
    if steps[0] == "**":
        return len(steps) == 1 or any(matches(steps[1:], path[start:], spend) for start in range(len(path)))
    return _name(steps[0]).fullmatch(path[0]) is not None and matches(steps[1:], path[1:], spend)


# More stars in one step than these make Python try too many ways.
_MOST_STARS = 5


@lru_cache(maxsize=256)
def _name(step: str) -> re.Pattern[str]:
    """Return the regular expression of the names that match a step of a pattern."""
    expression = _translated(step)
    if step.count("*") > _MOST_STARS:
        raise LaterError("a pattern of many stars")
    return re.compile(expression, re.DOTALL)


_PIECE = regex(
    r"(?P<stars>\*+)|(?P<one>\?)|\\(?P<escaped>.)|(?P<class>\[\^?(?:\w(?:-\w)?|[. ])+\])|\{(?P<options>[^{}\\]*)\}"
    r"|(?P<plain>[^*?\[\]{}\\])",
    re.DOTALL,
)


def _translated(pattern: str) -> str:
    parts = []
    at = 0
    while at < len(pattern):
        piece = _PIECE.match(pattern, at)
        if piece is None:
            raise LaterError("a malformed pattern")
        at = piece.end()
        match piece.lastgroup:
            case "stars":
                parts.append(".*")
            case "one":
                parts.append(".")
            case "class":
                parts.append(piece["class"])
            case "options":
                parts.append(f"(?:{'|'.join(map(_translated, piece['options'].split(',')))})")
            case _:
                parts.append(re.escape(piece["escaped"] or piece["plain"]))
    return "".join(parts)
