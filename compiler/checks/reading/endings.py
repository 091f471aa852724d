"""How a script ends: whether it ends at all, and with which exit code as far as that is plain."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from compiler.patterns import regex
from compiler.shell import nodes, unwrapped, visits
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
}
ENDLESS = regex("while|until|" + "|".join(map(re.escape, _SERVERS)))
"""Words without which no text goes on for ever, as far as that is told here."""
_NO_SERVER = frozenset(
    {"--version", "-v", "--help", "-h", "--install-extension", "--list-extensions", "--uninstall-extension"}
)


def functions_of(body: StatementList) -> dict[str, FunctionDeclaration]:
    """Return the functions that a script declares, by name."""
    return {node.name: node for node in nodes(body) if isinstance(node, FunctionDeclaration)}


def is_server(command: Command) -> bool:
    """Return whether a command is a program that serves until it is ended."""
    words = unwrapped(command.words)
    name = words[0].literal if words else None
    if name is None:
        return False
    name = posixpath.basename(name)
    texts = {word.literal for word in words[1:]}
    if name not in _SERVERS or texts & _NO_SERVER:
        return False
    return not _SERVERS[name] or any(needed <= texts for needed in _SERVERS[name])


def endless(body: StatementList) -> Node | None:
    """Return the node of a script's top level that never comes to an end, if one does."""
    for statement in body:
        node = statement.node
        if statement.background:
            continue
        if isinstance(node, Command) and is_server(node):
            return node
        if isinstance(node, ShellLoop) and _is_endless(node):
            return node
    return None


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
    if not body or depth > 8:
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
