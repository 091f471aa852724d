"""The bodies of scripts as checks look at them, and what may run at the same time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from compiler.checks.reading.files import FileUses, files_of
from compiler.checks.reading.places import shown
from compiler.checks.subject import Subject, prerequisites
from compiler.order.bodies import ShellBody
from compiler.order.graph import reach
from compiler.order.inventory import Script
from compiler.order.model import Origin, Unit, UnitGraph
from compiler.patterns import regex
from compiler.records import dataclass, field
from compiler.source.diagnostics import Diagnostic, Label, also, warning

if TYPE_CHECKING:
    from compiler.shell import Invocation

__all__ = ["Concurrency", "Reading", "finding", "in_graph", "label", "readings", "texts"]


@dataclass(eq=False)
class Reading:
    """A script, and a text of it that a shell reads: its body, or a script that the body carries."""

    script: Script
    body: ShellBody

    @property
    def calls(self) -> Sequence[Invocation]:
        """The commands of the text, those in strings included."""
        return self.body.calls

    @cached_property
    def files(self) -> FileUses:
        """The files that the script waits for and makes."""
        return files_of(self.body)

    @property
    def text(self) -> str:
        """The text itself."""
        return self.body.text.text

    @cached_property
    def stops_on_failure(self) -> bool:
        """Whether ``set -e`` holds somewhere in the text: from then on a command that fails ends it."""
        if _STARTS_WITH_ERREXIT.match(self.text):
            return True
        if self.body.script.interpreter.sets("e"):
            return True
        return any(
            call.command.name == "set"
            and any(text is not None and _is_errexit(text) for text in call.command.texts[1:])
            for call in self.calls
        )


# Comments, and then this as the first command: it stands in no string and no heredoc.
_STARTS_WITH_ERREXIT = regex(r"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*set -[a-df-z]*e[a-z]*(?:[ \t]+[-a-z]+)*[ \t]*(?:\n|$)")


def _is_errexit(text: str) -> bool:
    return text == "errexit" or (text.startswith("-") and not text.startswith("--") and "e" in text)


def texts(subject: Subject, *, carried: bool = False) -> Iterator[Reading]:
    """Yield the texts of all scripts, whether a shell reads them or not; with ``carried`` those in base64 too."""
    if not subject.readings:
        for script, body in subject.bodies.all(subject.inventory.scripts):
            if script.runtime is not None and script.runtime.os == "windows":
                # There PowerShell or cmd reads it.
                continue
            subject.readings.extend(Reading(script, part) for part in body.bodies)
    for reading in subject.readings:
        assert isinstance(reading, Reading)
        if carried or reading.body.layer == 0:
            yield reading


def readings(subject: Subject, words: re.Pattern[str] | None = None, *, carried: bool = False) -> Iterator[Reading]:
    """Yield the texts of all scripts that a shell reads; with ``carried`` those in base64 too.

    With ``words`` only those that hold one of them: what a check looks for can't be in another text, which then needn't
    be read.
    """
    for reading in texts(subject, carried=carried):
        if (words is None or words.search(reading.text)) and reading.body.script.body:
            yield reading


def in_graph(
    subject: Subject, graph: UnitGraph, words: re.Pattern[str] | None = None, *, carried: bool = False
) -> list[Reading]:
    """Return the texts of the scripts of one agent and phase, by address; see :func:`readings`."""
    units = {unit.address for unit in graph.units}
    return [reading for reading in readings(subject, words, carried=carried) if reading.script.address in units]


@dataclass
class Concurrency:
    """Which units of a graph may run at the same time: those that no path and no common mutex keeps apart.

    A path over a requirement of ``start`` or ``ready`` keeps nothing apart: what it waits for goes on.
    """

    graph: UnitGraph
    _units: Mapping[str, Unit] = field(init=False)
    _steps: Mapping[str, list[str]] = field(init=False)
    _before: dict[str, frozenset[str]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._units = {unit.address: unit for unit in self.graph.units}
        self._steps = prerequisites(edge for edge in self.graph.edges if edge.requires.of_the_end)

    def before(self, address: str) -> frozenset[str]:
        """Return everything that has ended before a unit runs."""
        if address not in self._before:
            self._before[address] = reach([address], self._steps)
        return self._before[address]

    def order(self, dependent: str, prerequisite: str) -> tuple[Origin, ...]:
        """Return the declarations of the first step on a path from a unit to one that ends before it."""
        return next(
            edge.origins
            for edge in self.graph.edges
            if edge.dependent == dependent
            and edge.requires.of_the_end
            and (edge.prerequisite == prerequisite or prerequisite in self.before(edge.prerequisite))
        )

    def ordered(self, one: str, other: str) -> bool:
        """Return whether one of two units waits for the other to end."""
        return other in self.before(one) or one in self.before(other)

    def together(self, one: str, other: str) -> bool:
        """Return whether two units may run at the same time."""
        if one == other or self.ordered(one, other):
            return False
        return not set(self._units[one].mutexes) & set(self._units[other].mutexes)


def finding(
    code: str,
    subject: Subject,
    reading: Reading,
    call: tuple[int, int],
    summary: str,
    detail: str,
    *,
    label: str = "",
    related: Iterable[Label] = (),
    help: str | Iterable[str] = (),
    far_help: str | Iterable[str] | None = None,
) -> Diagnostic:
    """Return a warning about a piece of a script's text, at a place that can be edited.

    ``far_help`` is what to do where the text is an installed module's; where it is left out, the authors are named.
    """
    place = shown(subject, reading.script, reading.body, *call)
    lines = help
    if place.call is not None:
        lines = far_help if far_help is not None else _tell_authors(place.call.source)
    return warning(
        code,
        place.span,
        summary,
        detail,
        label="" if place.call is not None else label,
        related=(*place.related, *related),
        help=lines,
    )


def _tell_authors(source: str | None) -> str:
    return (
        f"the text belongs to the module {source}: tell its authors, or copy the module into the template and edit it"
    )


def label(subject: Subject, reading: Reading, call: tuple[int, int], text: str) -> Label:
    """Return a label for a piece of another script's text, at a place that can be edited."""
    return also(shown(subject, reading.script, reading.body, *call).span, text)
