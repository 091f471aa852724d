"""How a script ends: whether it ends at all, and with which exit code as far as that is plain."""

from __future__ import annotations

import re
from collections.abc import Mapping

from compiler.patterns import regex
from compiler.shell.calls import program, unwrapped
from compiler.shell.syntax import (
    Case,
    Chain,
    Command,
    CommandGroup,
    FunctionDeclaration,
    If,
    Node,
    Not,
    Pipeline,
    ShellLoop,
    Statement,
    StatementList,
)
from compiler.shell.walk import nodes, visits

# Commands that always give 0, or fail only where nothing else would work either.
_ALWAYS = frozenset({"echo", "printf", "true", ":", "tee", "sleep", "export", "disown", "unset", "date", "trap"})
# Servers, by program, with the words that make them one; none where the program is one by itself.
_SERVERS: Mapping[str, tuple[frozenset[str], ...]] = {
    "code-server": (),
    "dockerd": (),
    "sshd": (frozenset({"-D"}),),
    "tail": (frozenset({"-f"}), frozenset({"-F"}), frozenset({"-fn"})),
    "jupyter": (frozenset({"lab"}), frozenset({"notebook"}), frozenset({"server"})),
    "jupyter-lab": (),
    "sleep": (frozenset({"infinity"}), frozenset({"inf"})),
    "python3": (frozenset({"http.server"}),),
    "python": (frozenset({"http.server"}),),
    "ttyd": (),
    "filebrowser": (),
    "openvscode-server": (),
    "supervisord": (frozenset({"-n"}), frozenset({"--nodaemon"})),
    "code": (frozenset({"tunnel"}), frozenset({"serve-web"})),
    "docker": (frozenset({"compose", "up"}), frozenset({"logs", "-f"})),
    "docker-compose": (frozenset({"up"}),),
    "flask": (frozenset({"run"}),),
    "nginx": (frozenset({"daemon off;"}),),
    "novnc_proxy": (),
    "uvicorn": (),
}
ENDLESS = regex("while|until|" + "|".join(map(re.escape, _SERVERS)))
"""Words without which no text goes on for ever, as far as that is told here."""
_MAX_DEPTH = 8
_NO_SERVER = frozenset(
    {"--version", "-v", "--help", "-h", "--install-extension", "--list-extensions", "--uninstall-extension"}
)
_IN_BACKGROUND = frozenset({"-d", "--detach"})
"""What lets a container go on after its command; elsewhere such an option means something else."""


def functions_of(body: StatementList) -> dict[str, FunctionDeclaration]:
    """Return the functions that a script declares, by name."""
    return {node.name: node for node in nodes(body) if isinstance(node, FunctionDeclaration)}


def is_server(command: Command) -> bool:
    """Return whether a command is a program that serves until it is ended."""
    name, words = program(command)
    # What is given a time ends by itself.
    if any(word.literal == "timeout" for word in command.words[: -len(words) - 1]):
        return False
    texts = {word.literal for word in words}
    if name not in _SERVERS or texts & _NO_SERVER or (name.startswith("docker") and texts & _IN_BACKGROUND):
        return False
    return not _SERVERS[name] or any(needed <= texts for needed in _SERVERS[name])


def endless(body: StatementList) -> Node | None:
    """Return the node of a script's top level that never comes to an end, if one does."""
    return _endless(body, functions_of(body), 0)


def _endless(body: StatementList, functions: Mapping[str, FunctionDeclaration], depth: int) -> Node | None:
    return next((item.node for item in body if not item.background and _goes_on(item.node, functions, depth)), None)


def _goes_on(node: Node, functions: Mapping[str, FunctionDeclaration], depth: int) -> bool:
    match node:
        case Command():
            called = functions.get(node.name or "")
            if called is None or depth > _MAX_DEPTH:
                return is_server(node)
            return _endless(called.body, functions, depth + 1) is not None
        case ShellLoop():
            return _is_endless(node)
        case Pipeline():
            return any(_goes_on(stage, functions, depth) for stage in node.nodes)
        case CommandGroup():
            return _endless(node.body, functions, depth) is not None
        case _:
            return False


def _is_endless(loop: ShellLoop) -> bool:
    """Return whether a loop goes on for ever: its condition always holds, and nothing in it leaves."""
    if len(loop.condition) != 1 or not isinstance(loop.condition[0].node, Command):
        return False
    always = {"while": ("true", ":", "1"), "until": ("false",)}.get(loop.keyword, ())
    if loop.condition[0].node.name not in always:
        return False
    return not any(
        visit.command.name in ("break", "exit", "return", "exec") or None in visit.command.texts[:1]
        for visit in visits(loop.body)
    )


def never_ends(body: StatementList) -> bool:
    """Return whether a script goes on for ever as far as its top level says."""
    return endless(body) is not None


def succeeds_always(
    body: StatementList, functions: Mapping[str, FunctionDeclaration], depth: int = 0
) -> Command | None:
    """Return the command whose exit code, always 0, is a body's, None where the body may fail.

    ``set -e`` isn't looked at here. Source: POSIX, 2.8.2 and 2.9, for the exit codes of what is made of commands.
    """
    if not body or depth > _MAX_DEPTH:
        return None
    last = body[-1]
    if isinstance(last.node, FunctionDeclaration):
        return succeeds_always(body[:-1], functions, depth + 1)
    return _first_command(last.node) if last.background else _always(last.node, functions, depth)


def _always(node: Node, functions: Mapping[str, FunctionDeclaration], depth: int) -> Command | None:
    match node:
        case Command():
            return _command(node, functions, depth)
        case Pipeline():
            return _always(node.nodes[-1], functions, depth)
        case Chain(operator="||"):
            return _always(node.right, functions, depth)
        case CommandGroup():
            return succeeds_always(node.body, functions, depth + 1)
        case If():
            bodies = [body for _, body in node.arms] + ([node.otherwise] if node.otherwise is not None else [])
            found = [succeeds_always(body, functions, depth + 1) for body in bodies]
            return found[0] if None not in found else None
        case ShellLoop():
            return succeeds_always(node.body, functions, depth + 1)
        case Case():
            found = [succeeds_always(body, functions, depth + 1) for body in node.bodies]
            return found[0] if found and None not in found else None
        case Chain() | Not() | FunctionDeclaration():
            return None


def _command(node: Command, functions: Mapping[str, FunctionDeclaration], depth: int) -> Command | None:
    words = unwrapped(node.words)
    if not words:
        substitutes = any(item.value is not None and item.value.substitutions for item in node.assignments)
        return node if node.assignments and not substitutes else None
    name = words[0].literal
    if name in functions:
        return node if succeeds_always(functions[name or ""].body, functions, depth + 1) is not None else None
    if name == "exit":
        return node if len(words) > 1 and words[1].literal == "0" else None
    if name == "set":
        return node
    return node if name in _ALWAYS and name not in functions else None


def _first_command(node: Node) -> Command | None:
    return next((visit.command for visit in visits((Statement(node, False),))), None)
