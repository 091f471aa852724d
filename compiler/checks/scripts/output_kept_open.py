"""Processes in the background that keep a script's output open after the script has ended.

The agent reads a script's standard output and standard error through pipes. Where the script has ended and something
still holds one of them, it waits 10 s, and then counts the script as failed (``pipes_left_open``).
Source: https://github.com/coder/coder/blob/main/agent/agentscripts/agentscripts.go, ``WaitDelay``.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from compiler.checks.reading.endings import is_server, never_ends
from compiler.checks.reading.readings import Reading, readings
from compiler.checks.subject import Subject
from compiler.patterns import regex
from compiler.shell.calls import Invocation, program, unwrapped
from compiler.shell.syntax import (
    Chain,
    Command,
    CommandGroup,
    FunctionDeclaration,
    If,
    Node,
    Not,
    Pipeline,
    Redirection,
    ShellLoop,
    Statement,
    StatementList,
    Word,
)
from compiler.shell.walk import bodies_of, visits
from compiler.source.diagnostics import Diagnostic

# A sign that ends a command, not one of two, and not that of a redirection; and what needs no such sign.
# What each branch starts with is a character, so that others are passed over.
_BACKGROUND = regex("&(?<![&<>]&)(?![&>])|setsid")

# What is over before the script ends, and what may be: of these it can't be told.
_TASKS = frozenset(
    {"echo", "printf", "kill", "pkill", "rm", "cp", "mv", "mkdir", "touch", "chmod", "chown", "ln", "true", ":", "cd"}
    | {"git", "coder", "apt", "apt-get", "apk", "dnf", "yum", "pip", "pip3", "pipx", "npm", "yarn", "pnpm", "curl"}
    | {"wget", "tar", "unzip", "sed", "grep", "cat", "tee", "sh", "bash", "sleep", "test", "[", "[["}
)
# Options that make a task of a program that otherwise serves.
_TASK_OPTIONS = frozenset({"--install-extension", "--version", "--help", "install", "build", "clone", "pull"})
_BOTH = frozenset({1, 2})
_NAMES = {
    frozenset({1}): "standard output",
    frozenset({2}): "standard error",
    _BOTH: "standard output and standard error",
}


def check_output_kept_open(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each process in the background that keeps a script's output."""
    for reading in readings(subject, _BACKGROUND):
        script = reading.body.script
        if script.broken or any(call.command.name == "wait" for call in reading.calls) or never_ends(script.body):
            continue
        # Without a login shell that is known, only what holds in every shell is told.
        bash = script.interpreter.name in ("bash", "zsh")
        for node in _in_background(script.body):
            if _ends_it(reading, node):
                continue
            held = _held(node, _redirected_before(reading, node), bash=bash)
            if held and not all(_is_task(command, reading) for command in _commands(node)):
                yield _kept(reading, node, (node.start, node.end), held)
        yield from _in_strings(reading)


def _ends_it(reading: Reading, node: Node) -> bool:
    """Return whether the script ends a process later on: what it has sent to the background, as far as is told."""
    return any(call.command.name == "kill" and call.start > node.end and call.direct for call in reading.calls)


def _in_strings(reading: Reading) -> Iterator[Diagnostic]:
    """Yield a warning for each process that a string sends to the background, as of ``bash -c``."""
    outer: Invocation | None = None
    for call in reading.calls:
        if call.direct:
            outer = call
        elif outer is not None and call.visit.background and not (call.deferred or outer.visit.background):
            around = (*outer.visit.redirections, *outer.command.redirections, *call.visit.redirections)
            held = _open((*around, *call.command.redirections))
            piped = outer.visit.piped or call.visit.piped or outer.visit.substitution
            if held and not piped and not _is_task(call.command, reading):
                yield _kept(reading, call.command, call.place, held)


def _in_background(body: StatementList) -> Iterator[Node]:
    for statement in body:
        if statement.background:
            yield statement.node
        else:
            for inner in bodies_of(statement.node):
                yield from _in_background(inner)


_PIPE = Redirection(">&", 1, Word(("9",), 0, 0), None, 0, 0)


def _commands(node: Node) -> Iterator[Command]:
    return (visit.command for visit in visits((Statement(node, True),)) if visit.command.words)


def _is_task(command: Command, reading: Reading) -> bool:
    """Return whether a command comes to an end by itself as a rule, or nothing is known of it."""
    words = unwrapped(command.words)
    name = words[0].text if words else None
    if any(is_server(call.command) for call in reading.calls if command.start <= call.start < command.end):
        return False
    if name is None or posixpath.basename(name) in _TASKS:
        return True
    return any((word.literal or "").split("=")[0] in _TASK_OPTIONS for word in words[1:])


def _redirected_before(reading: Reading, node: Node) -> tuple[Redirection, ...]:
    """Return the redirections that hold around a node: of ``exec`` before it, and of what it stands in."""
    found: tuple[Redirection, ...] = ()
    for call in reading.calls:
        command = call.command
        if len(command.words) == 1 and command.name == "exec" and command.start < node.start:
            found += command.redirections
        if node.start <= command.start < node.end:
            outer = [item for item in call.visit.redirections if item.end > node.end]
            return found + tuple(outer)
    return found


def _held(node: Node, around: tuple[Redirection, ...], *, bash: bool) -> frozenset[int]:
    """Return which of the descriptors 1 and 2 a node keeps open while it runs."""
    match node:
        case Command():
            return _open((*around, *node.redirections))
        case Pipeline():
            held = _held(node.nodes[-1], around, bash=bash)
            for stage in node.nodes[:-1]:
                # What such a part writes goes into the pipe, and 2>&1 sends its errors along.
                held |= _held(stage, (*around, _PIPE), bash=bash)
            return held
        case CommandGroup(kind="(") if len(node.body) == 1 and isinstance(node.body[0].node, Command):
            return _held(node.body[0].node, (*around, *node.redirections), bash=bash)
        case ShellLoop():
            return _open((*around, *node.redirections))
        case Not():
            return _held(node.node, around, bash=bash)
        case FunctionDeclaration():
            return frozenset()
        case Chain():
            # Bash stays as the parent of a list's last command; other shells become that command.
            return _open(around) if bash else _held(node.right, around, bash=bash)
        case CommandGroup():
            inside = (*around, *node.redirections)
            return _open(inside) if bash or not node.body else _held(node.body[-1].node, inside, bash=bash)
        case If():
            return _open((*around, *node.redirections)) if bash else frozenset()
        case _:
            return frozenset()


def _open(redirections: tuple[Redirection, ...]) -> frozenset[int]:
    """Return which of the descriptors 1 and 2 are still the script's after these redirections."""
    ours = {1: True, 2: True}
    for item in redirections:
        if item.operator in (">&", "<&") and not item.both:
            target = (item.target.text if item.target is not None else None) or ""
            ours[item.descriptor] = ours.get(int(target), False) if target in ("1", "2") else False
        elif item.writes is not None:
            own = _leads_back(item.writes)
            if item.both:
                ours[1] = ours[2] = own
            else:
                ours[item.descriptor] = own
    return frozenset(number for number in _BOTH if ours[number])


def _leads_back(word: Word) -> bool:
    """Return whether a target is a process, such as ``>(tee log)``, or the terminal's own name for an output."""
    return bool(word.substitutions) or word.text in ("/dev/stdout", "/dev/stderr", "/dev/fd/1", "/dev/fd/2")


def _kept(reading: Reading, node: Node, place: tuple[int, int], held: frozenset[int]) -> Diagnostic:
    what = _NAMES[held]
    is_are = "is" if len(held) == 1 else "are"
    name = _name(node)
    return reading.finding(
        "UC320",
        place,
        "Background process keeps the script's output open",
        f"{reading.script.address} ends while this goes on in the background with the script's {what}. The agent waits "
        f"10 s for {'it' if len(held) == 1 else 'them'} to be closed, and then counts the script as failed.",
        label=f"{what} {is_are} the script's",
        help=f"send its output elsewhere: … >/tmp/{name}.log 2>&1 &",
    )


def _name(node: Node) -> str:
    while not isinstance(node, Command):
        at = 0 if isinstance(node, Pipeline) else -1
        inner = next((body[at].node for body in bodies_of(node) if body), None)
        if inner is None:
            return "background"
        node = inner
    name, _ = program(node)
    return name if name.replace("-", "").replace("_", "").isalnum() else "background"
