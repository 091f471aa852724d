"""Which paths match a pattern such as ``scripts/**/*.sh``, as ``fileset`` has it.

The patterns are those of https://pkg.go.dev/github.com/bmatcuk/doublestar@v1.1.5: ``*`` and ``?`` stay within a step of
the path, ``**`` as a step stands for any number of folders, ``[a-z]`` and ``[^a-z]`` for characters, ``{a,b}`` for
alternatives, and ``\\`` takes a character's meaning away. Names with a leading dot match like all others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from compiler.patterns import regex
from compiler.terraform.functions.formats import FormatError

__all__ = ["matches", "split_static"]


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

    Raises :class:`FormatError` where a step of the pattern is malformed.
    """
    spend(1)
    if not steps or not path:
        return not steps and not path
    if steps[0] == "**":
        return len(steps) == 1 or any(matches(steps[1:], path[start:], spend) for start in range(len(path)))
    return _matches_name(steps[0], path[0], spend) and matches(steps[1:], path[1:], spend)


def _matches_name(pattern: str, name: str, spend: Callable[[int], None]) -> bool:
    spend(1)
    at = place = 0
    while at < len(pattern) and place < len(name):
        mark = pattern[at]
        if mark == "*":
            rest = pattern[at + 1 :]
            return not rest or any(_may_match(rest, name[start:], spend) for start in range(place, len(name)))
        if mark == "{":
            end = _closing(pattern, at + 1, "}")
            options = _split_options(pattern[at + 1 : end])
            return any(_matches_name(option + pattern[end + 1 :], name[place:], spend) for option in options)
        if mark == "[":
            end = _closing(pattern, at + 1, "]")
            if not _in_class(pattern[at + 1 : end], name[place]):
                return False
            at = end
        elif mark == "\\":
            at += 1
            if at == len(pattern):
                raise FormatError("syntax error in pattern")
            if pattern[at] != name[place]:
                return False
        elif mark not in ("?", name[place]):
            return False
        at += 1
        place += 1
    return place == len(name) and pattern[at:] in ("", "*", "**")


def _may_match(pattern: str, name: str, spend: Callable[[int], None]) -> bool:
    """Return whether what follows a star matches; there the library takes a malformed pattern for one that doesn't."""
    try:
        return _matches_name(pattern, name, spend)
    except FormatError:
        return False


def _closing(pattern: str, start: int, mark: str) -> int:
    match = re.compile(rf"(?<!\\){re.escape(mark)}").search(pattern, start)
    if match is None:
        raise FormatError("syntax error in pattern")
    return match.start()


def _split_options(text: str) -> list[str]:
    return re.split(r"(?<!\\),", text)


_CLASS_ITEM = regex(r"(?:\\(.)|([^-\\]))(?:-(?:\\(.)|([^-\\])))?", re.DOTALL)


def _in_class(text: str, char: str) -> bool:
    """Return whether a character is in the class that stands between brackets."""
    negated = text.startswith("^")
    at = int(negated)
    if not text:
        raise FormatError("syntax error in pattern")
    found = False
    while at < len(text):
        match = _CLASS_ITEM.match(text, at)
        if match is None or text[match.end() : match.end() + 1] == "-":
            raise FormatError("syntax error in pattern")
        low = match[1] or match[2]
        high = match[3] or match[4] or low
        found = found or low <= char <= high
        at = match.end()
    return found != negated
