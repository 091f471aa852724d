"""Who brings about what a loop waits for: the script that installs a command, or that serves a port."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from compiler.checks.reading.readings import Reading, in_graph
from compiler.checks.scripts.commands import installs
from compiler.checks.subject import Subject
from compiler.patterns import regex
from compiler.records import dataclass
from compiler.shell import Invocation, unwrapped, visits
from compiler.shell.syntax import Loop

__all__ = ["Maker", "maker_of"]

_LOOKS = frozenset({"command", "which", "type"})
_ASKS = frozenset({"curl", "wget", "nc"})
_LOCAL = regex(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d{2,5})(?!\d)")


@dataclass(frozen=True, slots=True)
class Maker:
    """The one other script that brings something about. ``goes_on``: it does so while it runs, not by its end."""

    reading: Reading
    call: Invocation
    what: str
    goes_on: bool


def maker_of(subject: Subject, reading: Reading, loop: Loop) -> Maker | None:
    """Return who brings about what a loop asks for, None where that can't be told or several scripts may."""
    for visit in visits(loop.condition):
        words = [word.literal or "" for word in unwrapped(visit.command.words)]
        name = posixpath.basename(words[0]) if words else ""
        if name in _LOOKS:
            names = [word for word in words[1:] if not word.startswith("-")]
            return _only(_installers(subject, reading, names[0])) if names else None
        if name in _ASKS:
            port = _port(name, words[1:])
            return _only(_servers(subject, reading, port)) if port else None
    return None


def _port(name: str, words: list[str]) -> str:
    """Return the port of this machine that a command asks, empty where it asks something else."""
    if name == "nc":
        local = any(word in ("localhost", "127.0.0.1", "::1") for word in words)
        return next((word for word in reversed(words) if local and word.isdecimal()), "")
    return next((found[1] for word in words if (found := _LOCAL.search(word))), "")


def _others(subject: Subject, reading: Reading) -> Iterator[Reading]:
    for graph in subject.graphs:
        here = in_graph(subject, graph)
        if any(other is reading for other in here):
            yield from (other for other in here if other.script is not reading.script)


def _installers(subject: Subject, reading: Reading, name: str) -> Iterator[Maker]:
    for other in _others(subject, reading):
        for installed, call in installs(other):
            if installed == name:
                yield Maker(other, call, f"installs {name}", goes_on=False)


def _servers(subject: Subject, reading: Reading, port: str) -> Iterator[Maker]:
    """Yield the scripts that name a port in a command which doesn't ask for it."""
    number = re.compile(rf"(?<!\d){port}(?!\d)")
    for other in _others(subject, reading):
        for call in other.calls:
            words = [word.literal or "" for word in unwrapped(call.command.words)]
            asks = not words or posixpath.basename(words[0]) in (*_ASKS, "echo", "printf")
            if not asks and any(number.search(word) for word in words[1:]):
                yield Maker(other, call, f"names port {port}", goes_on=True)


def _only(makers: Iterator[Maker]) -> Maker | None:
    """Return the first of the makers where all belong to one script."""
    found = list(makers)
    return found[0] if len({maker.reading.script.address for maker in found}) == 1 else None
