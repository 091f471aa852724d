"""Versions of modules and providers, and what templates ask of them: ``>= 1.2, < 2.0``, ``~> 1.4.0``.

Rules: https://developer.hashicorp.com/terraform/language/expressions/version-constraints; what that leaves open is
as Terraform's version library (github.com/hashicorp/go-version) has it. Which versions a constraint takes that names a
pre-release is left to Terraform. It installs one version of a provider, which has to meet the constraints of the
``required_providers`` blocks of all modules (https://developer.hashicorp.com/terraform/language/providers/requirements).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from compiler.hcl.syntax import Attribute, BareKey, Expression, ObjectExpr, Template
from compiler.patterns import regex
from compiler.records import dataclass
from compiler.source.limits import MAX_INT64
from compiler.terraform.configuration.module import Module

_VERSION = (
    r"v?(?P<numbers>[0-9]+(?:\.[0-9]+)*)"
    r"(?P<prerelease>-[0-9]+[0-9A-Za-z\-~]*(?:\.[0-9A-Za-z\-~]+)*"
    r"|-?[A-Za-z\-~]+[0-9A-Za-z\-~]*(?:\.[0-9A-Za-z\-~]+)*)?"
    r"(?:\+[0-9A-Za-z\-~]+(?:\.[0-9A-Za-z\-~]+)*)?"
)
_WHOLE = regex(_VERSION)
_CONSTRAINT = regex(rf"[ \t\r\n\f]*(?P<operator>=|!=|>=|<=|>|<|~>|)[ \t\r\n\f]*{_VERSION}[ \t\r\n\f]*")


class VersionError(Exception):
    """A text is no version, or no constraint on versions."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version: its numbers, at least three of them, of which ``written`` stand in ``text``."""

    numbers: tuple[int, ...]
    is_prerelease: bool
    written: int
    text: str

    def __str__(self) -> str:
        return self.text


def _version(found: re.Match[str], text: str = "") -> Version:
    numbers = [int(number) for number in found["numbers"].split(".")]
    if max(numbers) > MAX_INT64:
        raise VersionError(f"{found['numbers']} holds a number that is too large")
    return Version((*numbers, *[0] * (3 - len(numbers))), found["prerelease"] is not None, len(numbers), text)


def read_version(text: str) -> Version:
    """Return the version that a text names. Raises :class:`VersionError`."""
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise VersionError(f"{text} is not a version")
    return _version(found, text)


def check_constraint(constraint: str) -> None:
    """Raise :class:`VersionError` where a text is no constraint."""
    _bounds(constraint)


def may_meet(version: Version, constraint: str) -> bool:
    """Return whether a version meets every part of a constraint, True where one of them names a pre-release.

    Where none does, a pre-release meets nothing but ``!=``. Raises :class:`VersionError`.
    """
    bounds = _bounds(constraint)
    return any(bound.is_prerelease for _, bound in bounds) or all(
        sign == "!=" if version.is_prerelease else _OPERATORS[sign](version, bound) for sign, bound in bounds
    )


def asks_for(constraint: str, least: Version) -> bool:
    """Return whether a constraint is met by no version before another one. Raises :class:`VersionError`."""
    # A pre-release comes before the version of its numbers, and after all that have lower ones.
    return any(
        sign in _FROM_BELOW and _compared(operator.gt if bound.is_prerelease else operator.ge)(bound, least)
        for sign, bound in _bounds(constraint)
    )


def _bounds(constraint: str) -> list[tuple[str, Version]]:
    parts = [_CONSTRAINT.fullmatch(part) for part in constraint.split(",")]
    wanted = [(found["operator"], _version(found)) for found in parts if found is not None]
    if len(wanted) != len(parts):
        raise VersionError(f"{constraint} is not a constraint on versions")
    return wanted


def _compared(holds: Callable[[tuple[int, ...], tuple[int, ...]], bool]) -> Callable[[Version, Version], bool]:
    """Return what compares versions by their numbers, of which the one with fewer of them has zeros more."""

    def compare(version: Version, other: Version) -> bool:
        length = max(len(version.numbers), len(other.numbers))
        ours, theirs = (item.numbers + (0,) * (length - len(item.numbers)) for item in (version, other))
        return holds(ours, theirs)

    return compare


def _pessimistic(version: Version, bound: Version) -> bool:
    """Return whether a version lies at or above a bound, and differs from it only from its last written number on."""
    kept, last = bound.written - 1, len(bound.numbers) - 1
    return (
        _compared(operator.ge)(version, bound)
        and last < len(version.numbers)
        and version.numbers[:kept] == bound.numbers[:kept]
        and version.numbers[last] >= bound.numbers[last]
    )


# The operators that a version before the bound never meets.
_FROM_BELOW = frozenset({"", "=", ">", ">=", "~>"})
_OPERATORS: Mapping[str, Callable[[Version, Version], bool]] = MappingProxyType(
    {
        "": _compared(operator.eq),
        "=": _compared(operator.eq),
        "!=": _compared(operator.ne),
        ">": _compared(operator.gt),
        "<": _compared(operator.lt),
        ">=": _compared(operator.ge),
        "<=": _compared(operator.le),
        "~>": _pessimistic,
    }
)


# What modules ask of a provider

# The data source coder_script_order is there since version 2.20.0 of coder/coder.
# Source: https://registry.terraform.io/providers/coder/coder/latest/docs/data-sources/script_order.
_NEW_ENOUGH = ("2.20.0", "2.99.0", "3.0.0", "99.0.0")
_FIRST = read_version(_NEW_ENOUGH[0])
_NAMED = regex(r"\d+(?:\.\d+){1,2}")


def required_providers(module: Module, name: str) -> Iterator[Attribute]:
    """Yield what a module requires of the provider that it calls by a name, in source order."""
    for file in module.files:
        for block in file.body.blocks_of("terraform"):
            for required in block.body.blocks_of("required_providers"):
                attribute = required.body.attribute(name)
                if attribute is not None:
                    yield attribute


def required_version(attribute: Attribute) -> Template | None:
    """Return the literal constraint in what a module requires of a provider, None where there is none."""
    expression: Expression = attribute.expression
    if isinstance(expression, ObjectExpr):
        for item in expression.items:
            named = isinstance(item.key, BareKey) and item.key.name == "version"
            if named and isinstance(item.value, Template) and item.value.literal is not None:
                return item.value
    return None


def asks_for_order(constraint: str) -> bool:
    """Return whether every version that meets a constraint has the data source; not where it can't be read."""
    try:
        return asks_for(constraint, _FIRST)
    except VersionError:
        return False


def rules_out_order(constraint: str) -> bool:
    """Return whether no version from 2.20.0 on meets a constraint; those that it names itself are tried too."""
    try:
        named = [read_version(text) for text in _NAMED.findall(constraint)]
        candidates = [
            *map(read_version, _NEW_ENOUGH),
            *(version for version in named if version.numbers >= _FIRST.numbers),
        ]
        return not any(may_meet(version, constraint) for version in candidates)
    except VersionError:
        return False
