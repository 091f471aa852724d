"""What single words and lines of a script's text do that was meant otherwise, or that has no effect."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from compiler.checks.reading.readings import readings, texts
from compiler.checks.subject import Subject, far_call
from compiler.patterns import regex
from compiler.shell.calls import Invocation
from compiler.source.diagnostics import Diagnostic

_MERGE = regex("<{7}")


def check_merges(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each script's text with the marks of a merge."""
    for reading in readings(subject, _MERGE):
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


_PARAMETER = regex(r"\$\{[0-9]+\}")


def check_parameters(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each number that alone makes an interpolation in a script's text."""
    for reading in texts(subject):
        if reading.body.text.literal is not None:
            continue
        at = 0
        for part in reading.body.text.parts:
            start, at = at, at + len(part.text)
            written = next((f.span.text for f in part.frames if _PARAMETER.fullmatch(f.span.text)), None)
            if written is None or not reading.body.script.body:
                continue
            yield reading.finding(
                "UC348",
                (start, at),
                "Shell argument that Terraform takes for a number",
                f"For Terraform {written} is the number {part.text}, and that is what {reading.script.address} gets "
                "to see.",
                help=f"write ${written} if the script is to see {written}, or {part.text} if the number is meant",
            )


_STARTUP = frozenset({".bashrc", ".profile", ".bash_profile", ".zshrc", "nvm.sh", ".bash_aliases"})
_STARTUP_FILES = regex("|".join(map(re.escape, sorted(_STARTUP))))


def check_nounset(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each start-up file that is read while unset variables end the script."""
    for reading in readings(subject, _STARTUP_FILES):
        on: Invocation | None = None
        for call in reading.calls:
            command = call.command
            if command.name == "set":
                on = _switched(call, on)
                continue
            path = command.words[1].text if command.name in ("source", ".") and len(command.words) > 1 else None
            if on is not None and path is not None and posixpath.basename(path) in _STARTUP:
                yield reading.finding(
                    "UC343",
                    call.place,
                    "Start-up file read under set -u",
                    f"{reading.script.address} reads this file while set -u holds: where it uses a variable that isn't "
                    "set, as most of them do, the script ends here.",
                    help="write set +u before it, and set -u after it",
                )


def _switched(call: Invocation, on: Invocation | None) -> Invocation | None:
    """Return the call that has switched ``nounset`` on, None where it is off after this one."""
    texts = call.command.texts[1:]
    for text, following in zip(texts, (*texts[1:], None), strict=True):
        if text is None or text.startswith("--") or text[:1] not in ("-", "+"):
            continue
        if "u" in text or (text.endswith("o") and following == "nounset"):
            on = call if text.startswith("-") else None
    return on
