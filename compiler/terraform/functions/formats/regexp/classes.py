"""Sets of characters in regular expressions, and which letters differ only in case.

The names are those of https://github.com/google/re2/wiki/Syntax. What a category such as ``\\p{Lu}`` holds comes from
Python's Unicode data, which may be one version away from Terraform's (15.0): a character that one of them doesn't know
yet is taken for unassigned.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import TypeAlias

__all__ = ["ANY", "DIGIT", "POSIX", "SPACE", "WORD", "Ranges", "fold", "inverted", "merged", "unicode_class"]

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""A set of characters: first and last code points, in order and apart from one another."""

LAST = 0x10FFFF

ANY: Ranges = ((0, LAST),)


def merged(pairs: Iterable[tuple[int, int]]) -> Ranges:
    """Return the pairs in order, with those that touch made one."""
    result: list[tuple[int, int]] = []
    for first, last in sorted(pairs):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return tuple(result)


def inverted(ranges: Ranges) -> Ranges:
    """Return all other characters."""
    result = []
    start = 0
    for first, last in ranges:
        if start < first:
            result.append((start, first - 1))
        start = last + 1
    if start <= LAST:
        result.append((start, LAST))
    return tuple(result)


def _of(text: str) -> Ranges:
    """Return the set that a text such as ``09AZ`` writes: pairs of first and last character."""
    return merged((ord(text[at]), ord(text[at + 1])) for at in range(0, len(text), 2))


DIGIT = _of("09")
SPACE = _of("\t\n\f\r  ")
WORD = _of("09AZ__az")

POSIX = {
    "alnum": _of("09AZaz"),
    "alpha": _of("AZaz"),
    "ascii": _of("\x00\x7f"),
    "blank": _of("\t\t  "),
    "cntrl": _of("\x00\x1f\x7f\x7f"),
    "digit": DIGIT,
    "graph": _of("!~"),
    "lower": _of("az"),
    "print": _of(" ~"),
    "punct": _of("!/:@[`{~"),
    "space": _of("\t\r  "),
    "upper": _of("AZ"),
    "word": WORD,
    "xdigit": _of("09AFaf"),
}
"""The classes that are written ``[[:name:]]``."""

# Each category, and by its first letter each group of them.
_CATEGORIES = re.compile("C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?")


@cache
def unicode_class(name: str) -> Ranges | None:
    """Return the class that is written ``\\p{name}``, or None where there is none of that name."""
    if name == "Any":
        return ANY
    if _CATEGORIES.fullmatch(name):
        return merged((code, code) for code in range(LAST + 1) if _category(code).startswith(name))
    return _scripts().get(name)


def _category(code: int) -> str:
    category = unicodedata.category(chr(code))
    # What isn't assigned belongs to no class here, although Unicode counts it with the control characters.
    return "" if category == "Cn" else category


@cache
def _scripts() -> dict[str, Ranges]:
    """Return the characters of each of Unicode's scripts."""
    # This takes 30 ms to import, and hardly any pattern names a script.
    from importlib.resources import files

    lines = files(__package__).joinpath("scripts.txt").read_text("ascii").splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return {name: tuple(map(_pair, pairs)) for name, *pairs in rows}


def _pair(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first, 16), int(last or first, 16)


_CASED_END = 0x1F000

# These two have no counterpart in another case, although mappings lead from them to the plain letter.
_DOTTED_AND_DOTLESS_I = (0x130, 0x131)

_ASCII_EXTRA = {"k": "\u212a", "s": "\u017f"}


def fold(ranges: Ranges) -> Ranges:
    """Return the set with every letter that differs only in case from one in it."""
    if all(last < 0x80 for _, last in ranges):
        found = [ord(other) for first, last in ranges for code in range(first, last + 1) for other in _ascii(chr(code))]
    else:
        found = [other for orbit in _orbits() for other in orbit if any(_holds(ranges, code) for code in orbit)]
    return merged((*ranges, *((code, code) for code in found)))


def _ascii(char: str) -> str:
    return char.swapcase() + _ASCII_EXTRA.get(char.lower(), "")


def _holds(ranges: Ranges, code: int) -> bool:
    return any(first <= code <= last for first, last in ranges)


@cache
def _orbits() -> tuple[tuple[int, ...], ...]:
    """Return the groups of letters that differ only in case."""
    groups: dict[int, list[int]] = {}
    for code in range(_CASED_END):
        char = chr(code)
        for other in (char.upper(), char.lower(), char.title()):
            if len(other) == 1 and other != char and code not in _DOTTED_AND_DOTLESS_I:
                _join(groups, code, ord(other))
    return tuple({id(group): tuple(group) for group in groups.values()}.values())


def _join(groups: dict[int, list[int]], left: int, right: int) -> None:
    group = groups.setdefault(left, [left])
    other = groups.setdefault(right, [right])
    if group is not other:
        group.extend(other)
        for code in other:
            groups[code] = group
