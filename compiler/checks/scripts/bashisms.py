"""What only bash and its like understand, in scripts that another shell may read.

Source: POSIX, 2 "Shell Command Language", and https://mywiki.wooledge.org/Bashism for what dash makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.reading.readings import Reading, readings
from compiler.checks.subject import Subject
from compiler.patterns import regex
from compiler.shell import nodes
from compiler.shell.syntax import FunctionDeclaration
from compiler.shell.walk import words_of
from compiler.source.diagnostics import Diagnostic

_BASH = regex(r"\[\[|source|function|=\(|&>|<<<|[<>]\(")

_POSIX = frozenset({"sh", "dash", "ash", "busybox"})
# Texts that look after the shell themselves.
_AWARE = ("BASH_VERSION", "ZSH_VERSION", "exec bash", "exec /bin/bash")
_SHOWN = 1


def check_bashisms(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each script that isn't for bash by its first line and holds what sh doesn't know."""
    for reading in readings(subject, _BASH):
        name = reading.body.script.interpreter.name
        if (name is None or name in _POSIX) and not any(word in reading.body.script.text for word in _AWARE):
            for what, start, end in sorted(_found(reading), key=lambda item: item[1])[:_SHOWN]:
                yield _told(reading, name, what, (start, end))


def _found(reading: Reading) -> Iterator[tuple[str, int, int]]:
    text = reading.body.script.text
    for call in reading.calls:
        command = call.command
        # What a string holds is read by a shell of its own.
        if not call.direct:
            continue
        if command.name in ("[[", "source", "function"):
            yield command.name, call.start, call.end
        for item in command.assignments:
            if item.value is not None and text.startswith("(", item.value.start):
                yield "an array", item.start, item.end
        for redirection in command.redirections:
            if redirection.operator in ("&>", "&>>"):
                yield redirection.operator, call.start, call.end
            if redirection.operator == "<<<":
                yield "<<<", call.start, call.end
        for word in words_of(command):
            if text.startswith(("<(", ">("), word.start):
                yield "a process substitution", call.start, call.end
    for node in nodes(reading.body.script.body):
        if isinstance(node, FunctionDeclaration) and node.keyword:
            yield "function", node.start, node.start + len("function")


def _told(reading: Reading, name: str | None, what: str, place: tuple[int, int]) -> Diagnostic:
    if name is None:
        return reading.finding(
            "UC331",
            place,
            "Needs bash without saying so",
            f"{reading.script.address} has no #! line, so the user's login shell reads it, which may be another one in "
            f"the next image; only bash knows {what}.",
            help="let the script begin with: #!/usr/bin/env bash",
        )
    return reading.finding(
        "UC330",
        place,
        "Needs bash, but runs under sh",
        f"{reading.script.address} is read by {name}, and only bash knows {what}: where {name} is dash, as in Debian "
        "and Ubuntu, it fails here or does something else.",
        help="let the script begin with: #!/usr/bin/env bash",
    )
