"""The marks that a merge has left in a script's text, which no shell can read."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.reading.readings import readings
from compiler.checks.subject import Subject
from compiler.patterns import regex
from compiler.source.diagnostics import Diagnostic

_MARK = regex("<{7}")


def check_merges(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each script's text with the marks of a merge."""
    for reading in readings(subject, _MARK):
        conflict = reading.body.conflict
        if conflict is not None:
            yield reading.finding(
                "UC006",
                (conflict.ours, conflict.ours + 7),
                "Merge conflict",
                f"The text of {reading.script.address} holds the marks of a merge that isn't finished. The shell runs "
                "what stands before them, and stops there.",
                help="choose one side or join both, and remove the lines with the marks",
            )
