"""All simple commands of a script, each with what it stands in."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.records import dataclass, replace
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
    Redirection,
    ShellLoop,
    Statement,
    StatementList,
    Word,
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A command and its surroundings.

    ``background``: it, or something around it, is sent to the background. ``piped``: it writes into a pipe. ``reads``:
    it reads from one. ``tested``: its exit code is asked for (a condition, the left side of ``&&`` and ``||``, ``!``).
    ``ignored``: a failure is passed over (``|| true`` and the like). ``conditional``: it may not run. ``substitution``:
    it makes a word. ``function`` is the function that it is part of. ``loops`` are the loops around it, the outermost
    first. ``redirections`` are those of what stands around it, the outermost first.
    """

    command: Command
    background: bool = False
    piped: bool = False
    reads: bool = False
    tested: bool = False
    ignored: bool = False
    conditional: bool = False
    subshell: bool = False
    substitution: bool = False
    function: str | None = None
    loops: tuple[ShellLoop, ...] = ()
    redirections: tuple[Redirection, ...] = ()


_NOTHING = Command((), (), (), 0, 0)


def visits(body: StatementList) -> Iterator[Visit]:
    """Yield the simple commands of a body in source order."""
    yield from _body(body, Visit(_NOTHING))


def _body(body: StatementList, around: Visit) -> Iterator[Visit]:
    for statement in body:
        yield from _node(statement.node, replace(around, background=True) if statement.background else around)


def _node(node: Node, around: Visit) -> Iterator[Visit]:
    match node:
        case Command():
            yield replace(around, command=node)
            for word in words_of(node):
                for inner in word.substitutions:
                    yield from _body(inner, replace(around, substitution=True, tested=True))
        case Pipeline():
            for index, stage in enumerate(node.nodes):
                last = index == len(node.nodes) - 1
                yield from _node(
                    stage,
                    replace(around, piped=around.piped or not last, reads=around.reads or index > 0, subshell=True),
                )
        case Chain():
            ignored = node.operator == "||" and _is_harmless(node.right)
            yield from _node(node.left, replace(around, tested=True, ignored=around.ignored or ignored))
            yield from _node(node.right, replace(around, conditional=True))
        case Not():
            yield from _node(node.node, replace(around, tested=True))
        case CommandGroup():
            inside = _inside(node.redirections, around)
            yield from _body(node.body, replace(inside, subshell=True) if node.kind == "(" else inside)
        case If():
            inside = _inside(node.redirections, around)
            for condition, body in node.arms:
                yield from _body(condition, replace(inside, tested=True))
                yield from _body(body, replace(inside, conditional=True))
            if node.otherwise is not None:
                yield from _body(node.otherwise, replace(inside, conditional=True))
        case ShellLoop():
            inside = _inside(node.redirections, around)
            inside = replace(inside, loops=(*inside.loops, node))
            for word in node.words:
                for inner in word.substitutions:
                    yield from _body(inner, replace(around, substitution=True, tested=True))
            yield from _body(node.condition, replace(inside, tested=True))
            yield from _body(node.body, replace(inside, conditional=True))
        case Case():
            inside = _inside(node.redirections, around)
            for body in node.bodies:
                yield from _body(body, replace(inside, conditional=True))
        case FunctionDeclaration():
            yield from _body(node.body, replace(_inside(node.redirections, around), function=node.name))


def _inside(redirections: tuple[Redirection, ...], around: Visit) -> Visit:
    return replace(around, redirections=(*around.redirections, *redirections)) if redirections else around


def words_of(command: Command) -> Iterator[Word]:
    """Yield everything of a command that the shell makes words of: arguments, values, targets, what stands below."""
    yield from command.words
    yield from (item.value for item in command.assignments if item.value is not None)
    for redirection in command.redirections:
        if redirection.target is not None:
            yield redirection.target
        if redirection.heredoc is not None:
            yield redirection.heredoc.word


def _is_harmless(node: Node) -> bool:
    return isinstance(node, Command) and node.name in ("true", ":", "echo", "printf")


def nodes(body: StatementList) -> Iterator[Node]:
    """Yield all nodes of a body but those in words, the outer ones first."""
    for statement in body:
        yield statement.node
        for inner in bodies_of(statement.node):
            yield from nodes(inner)


def bodies_of(node: Node) -> Iterator[StatementList]:
    """Yield what a node is made of, as bodies."""
    match node:
        case Command():
            return
        case Pipeline():
            yield tuple(Statement(stage, False) for stage in node.nodes)
        case Chain():
            yield (Statement(node.left, False), Statement(node.right, False))
        case Not():
            yield (Statement(node.node, False),)
        case If():
            for condition, body in node.arms:
                yield from (condition, body)
            yield node.otherwise or ()
        case ShellLoop():
            yield from (node.condition, node.body)
        case Case():
            yield from node.bodies
        case CommandGroup() | FunctionDeclaration():
            yield node.body
