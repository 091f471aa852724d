"""The bodies of scripts as checks look at them, and what may run at the same time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Unpack, cast

from compiler.checks.reading.files import FileUses, files_of
from compiler.checks.reading.places import shown
from compiler.checks.reading.reaching import Reach
from compiler.checks.subject import Subject, prerequisites
from compiler.order.bodies import ShellBody
from compiler.order.inventory import Script
from compiler.order.model import Origin, UnitGraph
from compiler.patterns import regex
from compiler.records import dataclass, field
from compiler.source.diagnostics import Diagnostic, Label, Parts, also, warning

if TYPE_CHECKING:
    from compiler.shell.calls import Invocation


@dataclass(eq=False)
class Reading:
    """A script, and a text of it that a shell reads: its body, or a script that the body carries."""

    subject: Subject
    script: Script
    body: ShellBody
    text: str = field(init=False)
    """The text itself."""

    def __post_init__(self) -> None:
        self.text = self.body.text.text

    @property
    def calls(self) -> Sequence[Invocation]:
        """The commands of the text, those in strings included."""
        return self.body.calls

    @cached_property
    def files(self) -> FileUses:
        """The files that the script waits for and makes."""
        return files_of(self.body)

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

    def finding(
        self,
        code: str,
        place: tuple[int, int],
        summary: str,
        detail: str,
        *,
        far_help: str | Iterable[str] | None = None,
        **parts: Unpack[Parts],
    ) -> Diagnostic:
        """Return a warning about a piece of the text, given by its offsets, at a place that can be edited.

        ``far_help`` is what to do where the text is an installed module's; where it is left out, the authors are named.
        """
        where = shown(self.subject, self.script, self.body, *place)
        parts["related"] = (*where.related, *parts.get("related", ()))
        if where.call is not None:
            parts["help"] = far_help if far_help is not None else _tell_authors(where.call.source)
            # The caret stands under a call there, of which the label says nothing.
            parts["label"] = ""
        return warning(code, where.span, summary, detail, **parts)

    def label(self, place: tuple[int, int], text: str) -> Label:
        """Return a label for a piece of the text, at a place that can be edited."""
        return also(shown(self.subject, self.script, self.body, *place).span, text)


# Comments, and then this as the first command: it stands in no string and no heredoc.
_STARTS_WITH_ERREXIT = regex(r"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*set -[a-df-z]*e[a-z]*(?:[ \t]+[-a-z]+)*[ \t]*(?:\n|$)")


def _is_errexit(text: str) -> bool:
    return text == "errexit" or (text.startswith("-") and not text.startswith("--") and "e" in text)


def _texts(subject: Subject) -> Mapping[str, list[Reading]]:
    """Return the texts of all scripts, by address, whether a shell reads them or not."""
    known = cast("dict[str, list[Reading]]", subject.readings)
    if not known:
        for script, body in subject.bodies.all(subject.inventory.scripts):
            known[script.address] = [Reading(subject, script, part) for part in body.bodies]
    return known


def readings(subject: Subject, words: re.Pattern[str] | None = None, *, carried: bool = False) -> Iterator[Reading]:
    """Yield the texts of all scripts that a shell reads; with ``carried`` those in base64 too.

    With ``words`` only those that hold one of them: what a check looks for can't be in another text, which then needn't
    be read.
    """
    return _read(_texts(subject).values(), words, carried=carried)


def in_graph(
    subject: Subject, graph: UnitGraph, words: re.Pattern[str] | None = None, *, carried: bool = False
) -> list[Reading]:
    """Return the texts of the scripts of one agent and phase, by address; see :func:`readings`."""
    known = _texts(subject)
    return list(_read((known.get(unit.address, ()) for unit in graph.units), words, carried=carried))


def texts(subject: Subject, *, carried: bool = False) -> Iterator[Reading]:
    """Yield the texts of all scripts, also those that no shell reads; with ``carried`` those in base64 too."""
    for known in _texts(subject).values():
        yield from known if carried else known[:1]


def _read(known: Iterable[Sequence[Reading]], words: re.Pattern[str] | None, *, carried: bool) -> Iterator[Reading]:
    search = None if words is None else words.search
    for reading in chain.from_iterable(known) if carried else (parts[0] for parts in known if parts):
        if (search is None or search(reading.text)) and reading.body.script.body:
            yield reading


class Concurrency:
    """Which units of a graph may run at the same time: those that no path and no common mutex keeps apart.

    A path over a requirement of ``start`` or ``ready`` keeps nothing apart: what it waits for goes on. Sets of units
    are those of :class:`compiler.checks.reading.reaching.Reach`.
    """

    def __init__(self, graph: UnitGraph) -> None:
        self._graph = graph

    # Of most graphs nothing is asked.

    @cached_property
    def _before(self) -> Reach:
        addresses = (unit.address for unit in self._graph.units)
        return Reach(addresses, prerequisites(edge for edge in self._graph.edges if edge.requires.of_the_end))

    @cached_property
    def _after(self) -> Reach:
        later: dict[str, list[str]] = {}
        for edge in self._graph.edges:
            if edge.requires.of_the_end:
                later.setdefault(edge.prerequisite, []).append(edge.dependent)
        return Reach((unit.address for unit in self._graph.units), later)

    @cached_property
    def _mutexes(self) -> Mapping[str, tuple[str, ...]]:
        return {unit.address: unit.mutexes for unit in self._graph.units}

    @cached_property
    def _holders(self) -> Mapping[str, int]:
        holders: dict[str, int] = {}
        for unit in self._graph.units:
            for mutex in unit.mutexes:
                holders[mutex] = holders.get(mutex, 0) | self.only(unit.address)
        return holders

    def only(self, address: str) -> int:
        """Return the set of one unit."""
        return self._before.bit(address)

    def ended(self, address: str, other: str) -> bool:
        """Return whether a unit has ended before another one runs."""
        return self._before.leads(other, address)

    def order(self, dependent: str, prerequisite: str) -> tuple[Origin, ...]:
        """Return the declarations of the first step on a path from a unit to one that ends before it."""
        return next(
            edge.origins
            for edge in self._graph.edges
            if edge.dependent == dependent
            and edge.requires.of_the_end
            and (edge.prerequisite == prerequisite or self.ended(prerequisite, edge.prerequisite))
        )

    def ordered(self, one: str, other: str) -> bool:
        """Return whether one of two units waits for the other to end."""
        return self.ended(other, one) or self.ended(one, other)

    def together(self, address: str, others: int) -> Iterator[str]:
        """Yield which of a set of units may run at the same time as one, by address."""
        apart = self.only(address) | self._before.all_from(address) | self._after.all_from(address)
        for mutex in self._mutexes[address]:
            apart |= self._holders[mutex]
        return self._before.members(others & ~apart)


def _tell_authors(source: str | None) -> str:
    return (
        f"the text belongs to the module {source}: tell its authors, or copy the module into the template and edit it"
    )
