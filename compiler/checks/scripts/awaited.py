"""Who brings about what a loop waits for: the script that installs a command, or that serves a port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from compiler.checks.reading.readings import Reading, in_graph
from compiler.checks.scripts.commands import installs
from compiler.checks.subject import Subject
from compiler.patterns import regex
from compiler.records import dataclass, field
from compiler.shell.calls import Invocation, program
from compiler.shell.syntax import ShellLoop
from compiler.shell.walk import visits

_LOOKS = frozenset({"command", "which", "type"})
_ASKS = frozenset({"curl", "wget", "nc"})
_NUMBER = regex(r"\d+")
_LOCAL = regex(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d{2,5})(?!\d)")


@dataclass(frozen=True, slots=True)
class Maker:
    """The one other script that brings something about. ``goes_on``: it does so while it runs, not by its end."""

    reading: Reading
    call: Invocation
    what: str
    goes_on: bool


_Kind: TypeAlias = Callable[[Reading], Iterator[tuple[str, Maker]]]


@dataclass(slots=True)
class Makers:
    """Finds who brings about what loops ask for. What the scripts of a graph install and name is gathered once."""

    subject: Subject
    # By graph and kind: the addresses of the graph's units, and what their scripts make, by name.
    _known: dict[tuple[int, _Kind], tuple[frozenset[str], dict[str, list[Maker]]]] = field(default_factory=dict)

    def maker_of(self, reading: Reading, loop: ShellLoop) -> Maker | None:
        """Return who brings about what a loop asks for, None where that can't be told or several scripts may."""
        for visit in visits(loop.condition):
            name, arguments = program(visit.command)
            words = [word.literal or "" for word in arguments]
            if name in _LOOKS:
                names = [word for word in words if not word.startswith("-")]
                return self._only(reading, names[0], _installs) if names else None
            if name in _ASKS:
                port = _port(name, words)
                return self._only(reading, port, _names_ports) if port else None
        return None

    def _only(self, reading: Reading, what: str, kind: _Kind) -> Maker | None:
        """Return the first of the other scripts that make something, where all of it is made by one script."""
        found = (maker for maker in self._all(reading, what, kind) if maker.reading.script is not reading.script)
        first = next(found, None)
        if first is None or any(maker.reading.script.address != first.reading.script.address for maker in found):
            return None
        return first

    def _all(self, reading: Reading, what: str, kind: _Kind) -> Iterator[Maker]:
        for number, graph in enumerate(self.subject.graphs):
            key = (number, kind)
            if key not in self._known:
                makers: dict[str, list[Maker]] = {}
                for other in in_graph(self.subject, graph):
                    for name, maker in kind(other):
                        makers.setdefault(name, []).append(maker)
                self._known[key] = (frozenset(unit.address for unit in graph.units), makers)
            here, makers = self._known[key]
            if reading.script.address in here:
                yield from makers.get(what, ())


def _port(name: str, words: list[str]) -> str:
    """Return the port of this machine that a command asks, empty where it asks something else."""
    if name == "nc":
        local = any(word in ("localhost", "127.0.0.1", "::1") for word in words)
        return next((word for word in reversed(words) if local and word.isdecimal()), "")
    return next((found[1] for word in words if (found := _LOCAL.search(word))), "")


def _installs(reading: Reading) -> Iterator[tuple[str, Maker]]:
    for name, call in installs(reading):
        yield name, Maker(reading, call, f"installs {name}", goes_on=False)


def _names_ports(reading: Reading) -> Iterator[tuple[str, Maker]]:
    """Yield the numbers that a script names in commands which don't ask for them."""
    for call in reading.calls:
        name, words = program(call.command)
        if name not in (*_ASKS, "echo", "printf"):
            for port in dict.fromkeys(number for word in words for number in _NUMBER.findall(word.literal or "")):
                yield port, Maker(reading, call, f"names port {port}", goes_on=True)
