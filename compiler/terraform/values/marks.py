"""Where a value comes from and why it isn't known: marks and reasons."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from compiler.records import dataclass
from compiler.source.span import Span


class ReasonKind(StrEnum):
    """Why something isn't known."""

    INPUT = "input"
    """It is decided outside the template: a data source, an attribute of a resource, a variable without a value,
    the machine in ``path.cwd``."""
    FUNCTION = "function"
    """A function answers at apply only, such as ``timestamp()``."""
    ERROR = "error"
    """The expression is wrong; a diagnostic has said so."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that an unknown depends on: its address (such as ``data.coder_parameter.repo.value``) and its place."""

    address: str
    span: Span | None = None
    kind: ReasonKind = ReasonKind.INPUT

    @property
    def key(self) -> tuple[str, str, tuple[str, int, int]]:
        """Sort key."""
        return (self.address, self.kind, self.span.key if self.span else ("", 0, 0))


class MarkKind(StrEnum):
    """What a mark says about a value."""

    SENSITIVE = "sensitive"
    GIVEN = "given"
    """An input that takes part was given: by a tfvars file, ``--var``, ``TF_VAR_*``, ``--set``."""
    DEFAULT = "default"
    """A variable's default takes part, because nothing else was given."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One mark; ``address`` names the input for ``GIVEN`` and ``DEFAULT`` and is empty otherwise."""

    kind: MarkKind
    address: str = ""


Marks: TypeAlias = frozenset[Mark]
"""The marks of a value; a set, since nothing but membership matters."""

NO_MARKS: Marks = frozenset()
SENSITIVE = Mark(MarkKind.SENSITIVE)

_PROVENANCE = (MarkKind.GIVEN, MarkKind.DEFAULT)


def provenance_marks(marks: Marks) -> Marks:
    """Return those marks that say where a value comes from."""
    return frozenset(mark for mark in marks if mark.kind in _PROVENANCE) if marks else NO_MARKS


class Provenance(StrEnum):
    """What a value depends on, weakest last: nothing, inputs that were given, or also a variable's default."""

    FIXED = "fixed"
    GIVEN = "given"
    DEFAULT = "default"
