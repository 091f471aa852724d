"""Locks that scripts make by hand, where a mutex does it."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.reading.readings import Reading, readings
from compiler.checks.subject import Subject
from compiler.patterns import regex
from compiler.shell.calls import program
from compiler.shell.syntax import Not, ShellLoop, Statement
from compiler.shell.walk import nodes, visits
from compiler.source.diagnostics import Diagnostic

_PROGRAMS = frozenset({"flock", "lockfile", "dotlockfile", "shlock"})
_LOCKING = regex("lock|mkdir")


def check_locks(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each lock of a script: a program that takes one, or a loop around ``mkdir``."""
    for reading in readings(subject, _LOCKING):
        place = _lock(reading)
        if place is not None:
            yield reading.finding(
                "UC341",
                place,
                "Lock by hand",
                f"{reading.script.address} takes a lock of its own. A mutex keeps scripts apart without one: it is "
                "released however the script ends, and the run shows which script holds it.",
                help='write in each of the scripts: # unitc: mutex = "NAME"',
            )


def _lock(reading: Reading) -> tuple[int, int] | None:
    for call in reading.calls:
        if program(call.command)[0] in _PROGRAMS:
            return call.place
    for node in nodes(reading.body.script.body):
        if isinstance(node, ShellLoop) and node.keyword in ("until", "while"):
            for visit in visits(node.condition):
                name, words = program(visit.command)
                made = name == "mkdir" and not any(word.literal == "-p" for word in words)
                if made and (node.keyword == "until" or _negated(node.condition)):
                    return visit.command.start, visit.command.end
    return None


def _negated(condition: tuple[Statement, ...]) -> bool:
    return len(condition) == 1 and isinstance(condition[0].node, Not)
