"""All simple commands of a script, each with what it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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


_NOWHERE = Visit(Command((), (), (), 0, 0))


def visits(body: StatementList, around: Visit = _NOWHERE) -> Iterator[Visit]:
    """Yield the simple commands of a body that stands in what is ``around``, in source order."""
    for statement in body:
        node = statement.node
        here = replace(around, background=True) if statement.background else around
        words: Iterable[Word] = ()
        if isinstance(node, Command):
            yield replace(here, command=node)
            words = words_of(node)
        elif isinstance(node, ShellLoop):
            words = node.words
        for word in words:
            for inner in word.substitutions:
                yield from visits(inner, replace(here, substitution=True, tested=True))
        for inner, inside in _within(node, here):
            yield from visits(inner, inside)


def nodes(body: StatementList) -> Iterator[Node]:
    """Yield all nodes of a body but those in words, the outer ones first."""
    for statement in body:
        yield statement.node
        for inner in bodies_of(statement.node):
            yield from nodes(inner)


def bodies_of(node: Node) -> Iterator[StatementList]:
    """Yield what a node is made of, as bodies."""
    return (body for body, _ in _within(node, _NOWHERE))


def _within(node: Node, around: Visit) -> Iterator[tuple[StatementList, Visit]]:
    """Yield what a node is made of, as bodies, each with what it stands in."""
    if isinstance(node, CommandGroup | If | ShellLoop | Case | FunctionDeclaration) and node.redirections:
        around = replace(around, redirections=(*around.redirections, *node.redirections))
    match node:
        case Pipeline():
            last = len(node.nodes) - 1
            for at, stage in enumerate(node.nodes):
                piped, reads = around.piped or at < last, around.reads or at > 0
                yield _alone(stage), replace(around, piped=piped, reads=reads, subshell=True)
        case Chain():
            ignored = around.ignored or (node.operator == "||" and _is_harmless(node.right))
            yield _alone(node.left), replace(around, tested=True, ignored=ignored)
            yield _alone(node.right), replace(around, conditional=True)
        case Not():
            yield _alone(node.node), replace(around, tested=True)
        case CommandGroup():
            yield node.body, replace(around, subshell=True) if node.kind == "(" else around
        case If():
            for condition, body in node.arms:
                yield condition, replace(around, tested=True)
                yield body, replace(around, conditional=True)
            yield node.otherwise or (), replace(around, conditional=True)
        case ShellLoop():
            around = replace(around, loops=(*around.loops, node))
            yield node.condition, replace(around, tested=True)
            yield node.body, replace(around, conditional=True)
        case Case():
            for body in node.bodies:
                yield body, replace(around, conditional=True)
        case FunctionDeclaration():
            yield node.body, replace(around, function=node.name)


def _alone(node: Node) -> StatementList:
    return (Statement(node, False),)


def _is_harmless(node: Node) -> bool:
    return isinstance(node, Command) and node.name in ("true", ":", "echo", "printf")


def words_of(command: Command) -> Iterator[Word]:
    """Yield everything of a command that the shell makes words of: arguments, values, targets, what stands below."""
    yield from command.words
    yield from (item.value for item in command.assignments if item.value is not None)
    for redirection in command.redirections:
        yield from (word for word in (redirection.target, redirection.heredoc) if word is not None)
