"""Files that a script waits for in a loop, and files that it makes, as far as its text says so plainly."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from compiler.order.bodies import ShellBody
from compiler.records import dataclass
from compiler.shell.calls import Invocation, program
from compiler.shell.syntax import Chain, Command, If, Node, Not, ShellLoop, Statement, StatementList, Word
from compiler.shell.walk import visits


@dataclass(frozen=True, slots=True)
class FileUse:
    """A file, and the command that says something about it, by its offsets in the script's text.

    ``later``: it is made in the background, and maybe only when the script has ended.
    """

    path: str
    start: int
    end: int
    later: bool = False


@dataclass(frozen=True, slots=True)
class FileUses:
    """What a script waits for and makes, each path once, in source order."""

    awaited: tuple[FileUse, ...]
    made: tuple[FileUse, ...]


# Tests that a file which has just been made passes.
_TESTS = frozenset({"-e", "-f", "-s", "-r", "-w", "-x", "-d", "-h", "-L"})
_TEST_COMMANDS = ("[", "[[", "test")
_ENDS_OF_TEST = ("]", "]]")
# Commands that fail where their one operand isn't there.
_LISTS = ("ls", "stat", "cat")
# Commands that make their operands, and those that make their last one.
_MAKE_ALL = frozenset({"touch", "tee", "mkdir", "mkfifo"})
_MAKE_LAST = frozenset({"cp", "mv", "ln", "install"})
_NO_FILES = ("/dev/", "/proc/", "/sys/")


def files_of(body: ShellBody) -> FileUses:
    """Return the files that a script waits for and makes; none where it isn't written for a shell."""
    places = {id(call.command): call for call in body.calls}
    later = _in_background(body.calls)
    return FileUses(_uses(_awaited(body), places, frozenset()), _uses(_made(body.calls), places, later))


def _uses(
    found: Iterator[tuple[Word, Command]], places: dict[int, Invocation], later: frozenset[int]
) -> tuple[FileUse, ...]:
    uses: dict[str, FileUse] = {}
    for word, command in found:
        call = places[id(command)]
        path = path_of(word, call)
        use = None if path is None else FileUse(path, call.start, call.end, id(command) in later)
        # Of a file that is made twice, what the script itself does counts.
        if use is not None and (use.path not in uses or (uses[use.path].later and not use.later)):
            uses[use.path] = use
    return tuple(uses.values())


def _in_background(found: Sequence[Invocation]) -> frozenset[int]:
    """Return the commands, by id, that may go on when the script has ended: it doesn't wait for them."""
    if any(call.command.name == "wait" for call in found):
        return frozenset()
    sent = {call.command.name for call in found if call.visit.background and call.command.name is not None}
    later = set()
    around = False
    for call in found:
        # What stands in a string runs with the command that the string is given.
        around = call.visit.background if call.direct else around
        if around or call.visit.background or call.visit.function in sent:
            later.add(id(call.command))
    return frozenset(later)


def path_of(word: Word, call: Invocation) -> str | None:
    """Return a word as an absolute path, with ``${NAME}`` for what the environment holds; None for anything else."""
    text = call.variables.text(word, call.visit)
    if text is None or "/" not in text or not text.startswith(("/", "${")) or text.startswith(_NO_FILES):
        return None
    # POSIX leaves it to the system what two slashes at the start mean; on Linux and macOS they are one.
    return posixpath.normpath("/" + text.lstrip("/") if text.startswith("/") else text)


# What is made


def _made(found: Sequence[Invocation]) -> Iterator[tuple[Word, Command]]:
    for call in found:
        command = call.command
        for redirection in (*command.redirections, *call.visit.redirections):
            if redirection.writes is not None:
                yield redirection.writes, command
        name, words = program(command)
        operands = [word for word in words if not (word.literal or "").startswith("-")]
        if name in _MAKE_ALL | _MAKE_LAST:
            yield from ((word, command) for word in (operands[-1:] if name in _MAKE_LAST else operands))


# What is awaited


def _tested(node: Node) -> tuple[Word, bool, Command] | None:
    """Return the file that a test asks for and whether it asks for its absence; None for anything else."""
    if isinstance(node, Not):
        inner = _tested(node.node)
        return None if inner is None else (inner[0], not inner[1], inner[2])
    if not isinstance(node, Command):
        return None
    words = list(node.words[1:])
    if node.name in _LISTS:
        return (words[0], False, node) if len(words) == 1 else None
    if node.name not in _TEST_COMMANDS:
        return None
    if words and words[-1].text in _ENDS_OF_TEST:
        words.pop()
    absent = bool(words) and words[0].text == "!"
    if absent:
        words.pop(0)
    # Of a longer test the first part is read, which the others only bound.
    joint = next((at for at, word in enumerate(words) if word.text in ("&&", "||")), len(words))
    words = words[:joint]
    if len(words) != 2 or words[0].text not in _TESTS:
        return None
    return words[1], absent, node


def _awaited(body: ShellBody) -> Iterator[tuple[Word, Command]]:
    """Yield each file without which a loop that sleeps doesn't end, with the command that asks for it."""
    for loop, _ in body.loops:
        if _sleeps(loop.body):
            yield from _of_loop(loop)


def _sleeps(body: StatementList) -> bool:
    return any(not visit.loops and program(visit.command)[0] == "sleep" for visit in visits(body))


def _of_loop(loop: ShellLoop) -> Iterator[tuple[Word, Command]]:
    for statement in loop.condition:
        for part in _parts(statement.node):
            tested = _tested(part)
            if tested is not None and tested[1] is (loop.keyword == "while"):
                yield tested[0], tested[2]
    for statement in loop.body:
        asked = before_break(statement)
        tested = None if asked is None else _tested(asked)
        if tested is not None and not tested[1]:
            yield tested[0], tested[2]


def _parts(node: Node) -> Iterator[Node]:
    """Yield what a condition is put together from."""
    if isinstance(node, Chain):
        yield from _parts(node.left)
        yield from _parts(node.right)
    else:
        yield node


def before_break(statement: Statement) -> Node | None:
    """Return what is asked before a ``break`` that follows at once: after ``&&``, or after ``then``."""
    node = statement.node
    if isinstance(node, Chain) and node.operator == "&&" and _is_break(node.right):
        return node.left
    if isinstance(node, If):
        condition, body = node.arms[0]
        if len(condition) == 1 and body and _is_break(body[0].node):
            return condition[0].node
    return None


def _is_break(node: Node) -> bool:
    return isinstance(node, Command) and node.name == "break"
