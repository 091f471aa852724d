"""``set -u`` before a start-up file of the user's shell, most of which use variables that may not be set."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from compiler.checks.reading.readings import Reading, readings
from compiler.checks.subject import Subject
from compiler.patterns import regex
from compiler.shell.calls import Invocation
from compiler.source.diagnostics import Diagnostic

_STARTUP = frozenset({".bashrc", ".profile", ".bash_profile", ".zshrc", "nvm.sh", ".bash_aliases"})
_READING = regex("|".join(map(re.escape, sorted(_STARTUP))))


def check_nounset(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each start-up file that is read while unset variables end the script."""
    for reading in readings(subject, _READING):
        on: Invocation | None = None
        for call in reading.calls:
            command = call.command
            if command.name == "set":
                on = _switched(call, on)
            elif on is not None and command.name in ("source", ".") and len(command.words) > 1:
                path = command.words[1].text
                if path is not None and posixpath.basename(path) in _STARTUP:
                    yield _told(reading, call)


def _switched(call: Invocation, on: Invocation | None) -> Invocation | None:
    """Return the call that has switched ``nounset`` on, None where it is off after this one."""
    texts = call.command.texts[1:]
    for text, following in zip(texts, (*texts[1:], None), strict=True):
        if text is None or text.startswith("--") or text[:1] not in ("-", "+"):
            continue
        if "u" in text or (text.endswith("o") and following == "nounset"):
            on = call if text.startswith("-") else None
    return on


def _told(reading: Reading, call: Invocation) -> Diagnostic:
    return reading.finding(
        "UC343",
        call.place,
        "Start-up file read under set -u",
        f"{reading.script.address} reads this file while set -u holds: where it uses a variable that isn't set, as "
        "most of them do, the script ends here.",
        help="write set +u before it, and set -u after it",
    )
