"""What only bash and its like understand, in scripts that another shell may read.

Source: POSIX, 2 "Shell Command Language", and https://mywiki.wooledge.org/Bashism for what dash makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.reading.readings import Reading, readings
from compiler.checks.subject import Subject
from compiler.patterns import regex
from compiler.shell.calls import Invocation
from compiler.shell.syntax import FunctionDeclaration, Pipeline, ShellLoop
from compiler.shell.walk import nodes, words_of
from compiler.source.diagnostics import Diagnostic

# What each branch starts with is a character, so that others are passed over; it may find more than what isn't for sh.
_BASH = regex(
    r"\[\[|=\(|&>|<<<|<\(|>\(|\(\(|pipefail|\|&|\+=|\$\{(?:!|\w+(?:\[[^]]*\])?(?:/|:[ \d($]|\^|,))|"
    r"source\b|function\b|select\b|declare\b|let\b|shopt\b|mapfile\b|readarray\b|pushd\b|popd\b|disown\b"
)

_POSIX = frozenset({"sh", "dash", "ash", "busybox"})
# Busybox has taken over a part of it.
_BUSYBOX = frozenset({"ash", "busybox"})
_IN_BUSYBOX = frozenset(
    {"[[", "source", "function", "a process substitution", "&>", "&>>", "set -o pipefail", "let", "${NAME/…}"}
    | {"${NAME:…}"}
)
# Texts that look after the shell themselves.
_AWARE = ("BASH_VERSION", "ZSH_VERSION", "exec bash", "exec /bin/bash")
_COMMANDS = frozenset(
    {"[[", "((", "source", "function", "declare", "let", "shopt", "mapfile", "readarray", "pushd", "popd", "disown"}
)
_ARITHMETIC = regex(r"for\s*\(\(")
# Expansions that are a syntax error elsewhere, as long as nothing around them is quoted by '.
_EXPANSIONS = {
    "${NAME/…}": regex(r"\$\{\w+(?:\[[^]]*\])?//?"),
    "${NAME:…}": regex(r"\$\{\w+:(?:[ \d(]|\$)"),
    "${NAME^}": regex(r"\$\{\w+(?:\^|,)"),
    "${!NAME}": regex(r"\$\{!"),
}
_SHOWN = 1


def check_bashisms(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each script that isn't for bash by its first line and holds what sh doesn't know."""
    for reading in readings(subject, _BASH):
        name = reading.body.script.interpreter.name
        if (name is None or name in _POSIX) and not any(word in reading.body.script.text for word in _AWARE):
            known = _IN_BUSYBOX if name in _BUSYBOX else frozenset()
            found = [item for item in _found(reading) if item[0] not in known]
            for what, start, end in sorted(found, key=lambda item: item[1])[:_SHOWN]:
                yield _told(reading, name, what, (start, end))


def _found(reading: Reading) -> Iterator[tuple[str, int, int]]:
    text = reading.body.script.text
    for call in reading.calls:
        # What a string holds is read by a shell of its own.
        if call.direct:
            for what in _in_command(text, call):
                yield what, call.start, call.end
            for item in call.command.assignments:
                if item.value is not None and text.startswith("(", item.value.start):
                    yield "an array", item.start, item.end
                elif item.append:
                    yield "+=", item.start, item.end
    for node in nodes(reading.body.script.body):
        if isinstance(node, FunctionDeclaration) and node.keyword:
            yield "function", node.start, node.start + len("function")
        elif isinstance(node, ShellLoop) and node.keyword == "select":
            yield "select", node.start, node.start + len("select")
        elif isinstance(node, ShellLoop) and (head := _ARITHMETIC.match(text, node.start)):
            yield "for ((", head.start(), head.end()
        elif isinstance(node, Pipeline) and any(node.errors_too):
            yield "|&", node.start, node.end


def _in_command(text: str, call: Invocation) -> Iterator[str]:
    """Yield what of a command only bash knows."""
    command = call.command
    # A script that tries pipefail in a shell of its own, or asks first, knows that it may not be there.
    certain = not (call.visit.subshell or call.visit.tested or call.visit.conditional)
    if command.name in _COMMANDS:
        yield command.name or ""
    elif command.name == "set" and "pipefail" in command.texts and certain:
        yield "set -o pipefail"
    for redirection in command.redirections:
        if redirection.operator in ("&>", "&>>", "<<<"):
            yield redirection.operator
    for word in words_of(command):
        raw = text[word.start : word.end]
        if raw.startswith(("<(", ">(")):
            yield "a process substitution"
        elif "${" in raw and "'" not in raw and not word.substitutions and word.literal is None:
            yield from (what for what, expansion in _EXPANSIONS.items() if expansion.search(raw))


def _told(reading: Reading, name: str | None, what: str, place: tuple[int, int]) -> Diagnostic:
    if name is None:
        return reading.finding(
            "UC331",
            place,
            "Needs bash without saying so",
            f"{reading.script.address} has no #! line, so the user's login shell reads it, which may be another one in "
            f"the next image; only bash knows {what}.",
            help="start the script with: #!/usr/bin/env bash",
        )
    return reading.finding(
        "UC330",
        place,
        "Needs bash, but runs under sh",
        f"{reading.script.address} is read by {name}, and only bash knows {what}: where {name} is dash, as in Debian "
        "and Ubuntu, it fails here or does something else.",
        help="start the script with: #!/usr/bin/env bash",
    )
