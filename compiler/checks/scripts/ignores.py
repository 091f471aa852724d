"""Ignores in scripts' texts, where nothing reads them: only the template's own comments silence warnings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from compiler.checks.reading.places import far_call
from compiler.checks.reading.readings import texts
from compiler.checks.subject import Subject
from compiler.patterns import regex
from compiler.source.diagnostics import Diagnostic

_IGNORE = regex(r"^[ \t]*(?:#|//)[ \t]*(?P<said>unitc:[ \t]*ignore\b[^\r\n]*)", re.MULTILINE)


def check_ignores(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each comment in a script's text that is meant to silence one."""
    for reading in texts(subject):
        script = reading.script
        for match in _IGNORE.finditer(reading.text):
            # What an installed module says in its texts is its authors' business.
            if far_call(subject, script) is None:
                yield reading.finding(
                    "UC801",
                    (match.end() - len(match[0].lstrip()), match.end()),
                    "Ignore in a script's text",
                    f"The text of {script.address} holds this comment, and it silences nothing: ignores are read in "
                    "the template's own comments only.",
                    help=f"move it into the block of {script.resource.address}: # {match['said'].strip()}",
                )
