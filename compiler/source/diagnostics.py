"""Diagnostics: a user's mistake is data.

A :class:`Diagnostic` can't be made without a registered code and exactly one primary label. Stages return tuples of
them beside what they could make; only reporters turn them into text.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypedDict, Unpack

from compiler.records import dataclass, replace
from compiler.source.codes import CODES
from compiler.source.span import Span


class Severity(StrEnum):
    """How grave a diagnostic is: an error leaves no correct output."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Label:
    """A place that takes part in a diagnostic and what it has to do with it (``text`` may be empty)."""

    span: Span
    text: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that does what a diagnostic asks for: ``text`` in the place of ``span``, which is empty to insert."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. ``summary`` is a few words, ``detail`` whole sentences that name things, ``help`` what to do.

    ``edits`` do it, all together, where that is certain. ``follows`` marks what may well be only a consequence of
    another error: it is told where there is no such error.
    """

    code: str
    severity: Severity
    summary: str
    detail: str
    labels: tuple[Label, ...]
    help: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    follows: bool = False

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"diagnostic code {self.code} is not registered in compiler/source/codes.py")
        if sum(label.primary for label in self.labels) != 1 or not self.labels[0].primary:
            raise ValueError(f"{self.code} needs exactly one primary label, and it comes first")

    @property
    def primary(self) -> Label:
        """The label that says where the mistake is."""
        return self.labels[0]

    @property
    def key(self) -> tuple[str, int, int, str, str, str]:
        """Sort key: file, place, code; then the words, so that the order is total."""
        span = self.primary.span
        return (span.source.name, span.start, span.end, self.code, self.summary, self.detail)


def also(span: Span, text: str) -> Label:
    """Return a related label: another declaration that takes part."""
    return Label(span, text)


class Parts(TypedDict, total=False):
    """What a diagnostic may have besides: ``label`` is the text under the caret, ``related`` what else takes part."""

    label: str
    related: Iterable[Label]
    help: str | Iterable[str]
    edits: Iterable[Edit]
    follows: bool


def error(code: str, span: Span, summary: str, detail: str, **parts: Unpack[Parts]) -> Diagnostic:
    """Return an error at ``span``. Empty lines of help are left out."""
    return _make(Severity.ERROR, code, span, summary, detail, **parts)


def warning(code: str, span: Span, summary: str, detail: str, **parts: Unpack[Parts]) -> Diagnostic:
    """Return a warning at ``span``. Empty lines of help are left out."""
    return _make(Severity.WARNING, code, span, summary, detail, **parts)


def _make(
    severity: Severity,
    code: str,
    span: Span,
    summary: str,
    detail: str,
    *,
    label: str = "",
    related: Iterable[Label] = (),
    help: str | Iterable[str] = (),
    edits: Iterable[Edit] = (),
    follows: bool = False,
) -> Diagnostic:
    labels = (Label(span, label, primary=True), *related)
    lines = tuple(filter(None, (help,) if isinstance(help, str) else help))
    return Diagnostic(code, severity, summary, detail, labels, lines, tuple(edits), follows)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Return whether one of the diagnostics is an error."""
    return any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)


def causes(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics without those that only follow from others; all of them where nothing else is wrong."""
    found = list(diagnostics)
    if not has_errors(item for item in found if not item.follows):
        return [replace(item, follows=False) for item in found]
    return [item for item in found if not item.follows]


def sort_diagnostics(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics in report order, each once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda diagnostic: diagnostic.key))
