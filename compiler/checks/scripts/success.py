"""Scripts that others wait for to succeed, though they can't fail: the exit code is that of an ``echo``."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.reading.endings import functions_of, never_ends, succeeds_always
from compiler.checks.reading.readings import Reading, texts
from compiler.checks.subject import Subject
from compiler.order.model import Edge
from compiler.order.outcome import Requires
from compiler.shell.calls import program
from compiler.shell.syntax import Command, Pipeline, StatementList
from compiler.shell.walk import nodes
from compiler.source.diagnostics import Diagnostic, warning

# Commands whose failure is of no interest to others.
_TRIVIAL = frozenset({"echo", "printf", "true", ":", "sleep", "touch", "mkdir", "export", "date", "set", "exit", "cd"})
_TRIVIAL |= {"trap", "[", "[[", "test", "tee", "cat", "command", "source", ".", "local", "declare", "readonly", "unset"}


def check_success(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each order by success or by failure behind a script whose exit code is always 0."""
    outcomes = (Requires.SUCCESS, Requires.FAILURE)
    edges = [edge for graph in subject.graphs for edge in graph.gates if edge.requires in outcomes]
    prerequisites = {edge.prerequisite for edge in edges}
    found: dict[str, tuple[Reading, Command]] = {}
    for reading in texts(subject):
        address = reading.script.address
        last = _always_succeeds(reading) if address in prerequisites else None
        if last is not None:
            found[address] = reading, last
    for edge in edges if found else ():
        if edge.prerequisite in found:
            yield _told(edge, *found[edge.prerequisite])


def _always_succeeds(reading: Reading) -> Command | None:
    """Return the command that makes a script succeed whatever happens before, None where it may fail."""
    if "|" not in reading.text and reading.stops_on_failure:
        # Only a pipe hides a failure then; for most scripts this and the first line are enough to know.
        return None
    script = reading.body.script
    if not script.body or not reading.body.known or never_ends(script.body):
        return None
    if all(program(call.command)[0] in _TRIVIAL for call in reading.calls if call.command.words):
        return None
    if any(_may_fail(call.command) for call in reading.calls):
        return None
    pipefail = any(call.command.name == "set" and "pipefail" in call.command.texts for call in reading.calls)
    if reading.stops_on_failure:
        return None if pipefail else _swallowed(script.body)
    last = succeeds_always(script.body, functions_of(script.body))
    return None if pipefail and last is not None and _is_last_of_pipe(script.body, last) else last


def _swallowed(body: StatementList) -> Command | None:
    """Return the last command of the pipe that hides a failure, where nothing else fails and stops the script."""
    found = None
    for statement in body:
        node = statement.node
        if statement.background or succeeds_always((statement,), {}) is None:
            return None
        if isinstance(node, Pipeline):
            found = succeeds_always((statement,), {})
        elif not isinstance(node, Command):
            return None
    return found


def _is_last_of_pipe(body: StatementList, command: Command) -> bool:
    return any(isinstance(node, Pipeline) and node.nodes[-1] is command for node in nodes(body))


def _may_fail(command: Command) -> bool:
    """Return whether a command ends the script with a code of its own."""
    if command.name == "exit":
        return len(command.words) < 2 or command.words[1].literal != "0"
    # ${NAME:?} ends the script too; kill may be meant for the script itself.
    return command.name in ("exec", "return", "kill") or command.name is None


def _why(reading: Reading) -> str:
    if reading.stops_on_failure:
        return "without pipefail the exit code of a pipe is that of its last command, which always returns 0."
    return "without set -e a script goes on after a command that fails, and the last one here always returns 0."


def _remedy(reading: Reading) -> str:
    if not reading.stops_on_failure:
        return f"let {reading.script.address} start with: set -e"
    bash = "" if reading.body.script.interpreter.name == "bash" else " begin with #!/usr/bin/env bash and"
    return f"let {reading.script.address}{bash} say: set -o pipefail"


def _told(edge: Edge, reading: Reading, last: Command) -> Diagnostic:
    dependent, prerequisite = edge.dependent, edge.prerequisite
    remedies = [_remedy(reading)]
    if edge.requires is Requires.SUCCESS:
        summary = "Success of a script that can't fail"
        detail = f"{dependent} waits for {prerequisite} to succeed, and {prerequisite} always does"
        remedies.append("or say that its end is all that counts: # unitc: depends_on_completion = […]")
    else:
        summary = "Failure of a script that can't fail"
        detail = f"{dependent} runs only if {prerequisite} fails, and only a timeout or a signal makes it fail"
    return warning(
        "UC321",
        edge.declared,
        summary,
        f"{detail}: {_why(reading)}",
        related=[reading.label((last.start, last.end), f"gives {prerequisite} the exit code 0")],
        help=remedies,
    )
