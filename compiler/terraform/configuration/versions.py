"""Versions of modules and what calls ask of them: ``>= 1.2, < 2.0``, ``~> 1.4.0``.

Rules: https://developer.hashicorp.com/terraform/language/expressions/version-constraints; what that leaves open is
as Terraform's version library (github.com/hashicorp/go-version) has it. A pre-release is met only by a constraint that
names one with the same numbers, or by ``=`` and ``!=``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from compiler.patterns import regex
from compiler.records import dataclass
from compiler.source.limits import MAX_INT64

_VERSION = (
    r"v?(?P<numbers>[0-9]+(?:\.[0-9]+)*)"
    r"(?:-(?P<dashed>[0-9]+[0-9A-Za-z\-~]*(?:\.[0-9A-Za-z\-~]+)*)"
    r"|-?(?P<lettered>[A-Za-z\-~]+[0-9A-Za-z\-~]*(?:\.[0-9A-Za-z\-~]+)*))?"
    r"(?:\+[0-9A-Za-z\-~]+(?:\.[0-9A-Za-z\-~]+)*)?"
)
_WHOLE = regex(_VERSION)
_CONSTRAINT = regex(rf"[ \t\r\n\f]*(?P<operator>=|!=|>=|<=|>|<|~>|)[ \t\r\n\f]*{_VERSION}[ \t\r\n\f]*")


class VersionError(Exception):
    """A text is no version, or no constraint on versions."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version's numbers, at least three of them, and the name of the pre-release, empty where it is none.

    ``written`` is how many numbers stand in ``text``.
    """

    numbers: tuple[int, ...]
    prerelease: str
    written: int
    text: str

    def __str__(self) -> str:
        return self.text


def _version(found: re.Match[str], text: str = "") -> Version:
    numbers = [int(number) for number in found["numbers"].split(".")]
    if max(numbers) > MAX_INT64:
        raise VersionError(f"{found['numbers']} holds a number that is too large")
    padded = (*numbers, *[0] * (3 - len(numbers)))
    return Version(padded, found["dashed"] or found["lettered"] or "", len(numbers), text)


def read_version(text: str) -> Version:
    """Return the version that a text names. Raises :class:`VersionError`."""
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise VersionError(f"{text} is not a version")
    return _version(found, text)


def check_constraint(constraint: str) -> None:
    """Raise :class:`VersionError` where a text is no constraint."""
    _bounds(constraint)


def meets(version: Version, constraint: str) -> bool:
    """Return whether a version meets every part of a constraint. Raises :class:`VersionError`."""
    return all(_OPERATORS[operator](version, bound) for operator, bound in _bounds(constraint))


def asks_for(constraint: str, least: Version) -> bool:
    """Return whether a constraint is met by no version before another one. Raises :class:`VersionError`."""
    return any(operator in _FROM_BELOW and _order(bound, least) >= 0 for operator, bound in _bounds(constraint))


def _bounds(constraint: str) -> list[tuple[str, Version]]:
    parts = [_CONSTRAINT.fullmatch(part) for part in constraint.split(",")]
    wanted = [(found["operator"], _version(found)) for found in parts if found is not None]
    if len(wanted) != len(parts):
        raise VersionError(f"{constraint} is not a constraint on versions")
    return wanted


def _order(version: Version, other: Version) -> int:
    """Return which of two versions is the later one: 1 the first, -1 the other, 0 neither."""
    length = max(len(version.numbers), len(other.numbers))
    ours, theirs = (item.numbers + (0,) * (length - len(item.numbers)) for item in (version, other))
    if ours != theirs:
        return 1 if ours > theirs else -1
    if len(version.numbers) != len(other.numbers) or version.prerelease == other.prerelease:
        return 0
    if not version.prerelease or not other.prerelease:
        return -1 if version.prerelease else 1
    ours_named, theirs_named = version.prerelease.split("."), other.prerelease.split(".")
    for at in range(max(len(ours_named), len(theirs_named))):
        ours_part, theirs_part = ("".join(parts[at : at + 1]) for parts in (ours_named, theirs_named))
        if ours_part != theirs_part:
            return _order_parts(ours_part, theirs_part)
    return 0


def _is_number(part: str) -> bool:
    return re.fullmatch(r"-?[0-9]+", part) is not None and -MAX_INT64 - 1 <= int(part) <= MAX_INT64


def _order_parts(part: str, other: str) -> int:
    """Return which of two different parts of pre-releases' names comes later, as the library has it."""
    if not part:
        return -1 if _is_number(other) else 1
    if not other:
        return 1 if _is_number(part) else -1
    if _is_number(part) and _is_number(other):
        return 1 if int(part) > int(other) else -1
    if _is_number(part) or _is_number(other):
        return -1 if _is_number(part) else 1
    return 1 if part > other else -1


def _comparable(version: Version, bound: Version) -> bool:
    """Return whether the one may be held against the other at all: a pre-release only where one is asked for."""
    if not version.prerelease:
        return True
    return bool(bound.prerelease) and version.numbers == bound.numbers


def _pessimistic(version: Version, bound: Version) -> bool:
    """Return whether a version lies at or above a bound, and differs from it only from its last written number on."""
    if not _comparable(version, bound) or (bound.prerelease and not version.prerelease):
        return False
    kept, last = bound.written - 1, len(bound.numbers) - 1
    return (
        _order(version, bound) >= 0
        and last < len(version.numbers)
        and version.numbers[:kept] == bound.numbers[:kept]
        and version.numbers[last] >= bound.numbers[last]
    )


# The operators that a version before the bound never meets.
_FROM_BELOW = frozenset({"", "=", ">", ">=", "~>"})
_OPERATORS: Mapping[str, Callable[[Version, Version], bool]] = MappingProxyType(
    {
        "": lambda version, bound: _order(version, bound) == 0,
        "=": lambda version, bound: _order(version, bound) == 0,
        "!=": lambda version, bound: _order(version, bound) != 0,
        ">": lambda version, bound: _comparable(version, bound) and _order(version, bound) > 0,
        "<": lambda version, bound: _comparable(version, bound) and _order(version, bound) < 0,
        ">=": lambda version, bound: _comparable(version, bound) and _order(version, bound) >= 0,
        "<=": lambda version, bound: _comparable(version, bound) and _order(version, bound) <= 0,
        "~>": _pessimistic,
    }
)
