"""Files that a script waits for in a loop, and files that it makes, as far as its text says so plainly."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from compiler.checks.shell import Command, is_shell, read_commands

__all__ = ["FileUse", "Files", "files_of"]


@dataclass(frozen=True, slots=True)
class FileUse:
    """A file and the line of the script's text that says something about it, without its indentation."""

    path: str
    line: str


@dataclass(frozen=True, slots=True)
class Files:
    """What a script waits for and makes, each path once, in source order."""

    awaited: tuple[FileUse, ...]
    made: tuple[FileUse, ...]


# Tests that a file which has just been made passes.
_TESTS = frozenset({"-e", "-f", "-s", "-r", "-w", "-x", "-d", "-h", "-L"})
_TEST_COMMANDS = ("[", "[[", "test")
_ENDS_OF_TEST = ("]", "]]")
# Commands that run the command after them; options of sudo that take a value.
_WRAPPERS = frozenset({"sudo", "command", "exec", "nohup", "doas"})
_VALUED_OPTIONS = frozenset({"-u", "-g", "-C", "-h", "-p", "-a"})
_DECLARING = frozenset({"export", "local", "readonly", "declare", "typeset"})
_READING = frozenset({"for", "select", "read", "getopts", "mapfile", "readarray", "printf", "unset"})
# Commands that make their operands, and those that make their last one.
_MAKE_ALL = frozenset({"touch", "tee", "mkdir", "mkfifo"})
_MAKE_LAST = frozenset({"cp", "mv", "ln", "install"})
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\+?=(.*)", re.DOTALL)
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NO_FILES = ("/dev/", "/proc/", "/sys/")
# Variables may be set from one another. What grows beyond Linux's PATH_MAX is no path.
_MAX_DEPTH = 8
_MAX_PATH = 4096


def files_of(text: str) -> Files:
    """Return the files that a script's text waits for and makes; none where it isn't written for a shell."""
    commands = read_commands(text) if is_shell(text) else ()
    variables = _variables(commands)

    def each(found: Iterator[tuple[str | None, Command]]) -> tuple[FileUse, ...]:
        uses: dict[str, FileUse] = {}
        for word, command in found:
            path = _path(word, variables)
            if path is not None and path not in uses:
                uses[path] = FileUse(path, _line(text, command.start))
        return tuple(uses.values())

    return Files(each(_awaited(commands)), each(_made(commands)))


def _line(text: str, offset: int) -> str:
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    return text[start : end if end >= 0 else len(text)].strip()


# Names


def _variables(commands: tuple[Command, ...]) -> Mapping[str, str | None]:
    """Return the variables that a script sets: their value where it sets them once, else None."""
    found: dict[str, str | None] = {}
    for command in commands:
        words = command.words
        if command.name in _READING:
            for word in words[1:]:
                if word is not None and _IDENTIFIER.fullmatch(word):
                    found[word] = None
            continue
        declaring = command.name in _DECLARING
        for word in words[1:] if declaring else words:
            assignment = None if word is None else _ASSIGNMENT.match(word)
            if assignment is not None:
                name = assignment[1]
                once = name not in found and "+=" not in assignment[0][: len(name) + 2]
                found[name] = assignment[2] if once else None
            elif not declaring:
                break
    return found


def _path(word: str | None, variables: Mapping[str, str | None]) -> str | None:
    """Return a word as an absolute path, with ``${NAME}`` for what the environment holds; None for anything else.

    All scripts of an agent have the same environment, so a variable that neither sets is the same for both.
    """
    for _ in range(_MAX_DEPTH):
        if word is None or variables.keys().isdisjoint(_REFERENCE.findall(word)):
            break
        word = _substituted(word, variables)
    else:
        return None
    if word is None or "/" not in word or not word.startswith(("/", "${")) or word.startswith(_NO_FILES):
        return None
    # POSIX leaves it to the system what two slashes at the start mean; on Linux and macOS they are one.
    return posixpath.normpath("/" + word.lstrip("/") if word.startswith("/") else word)


def _substituted(word: str, variables: Mapping[str, str | None]) -> str | None:
    """Return a word with the values of the variables that are set, None where one isn't known."""
    parts = _REFERENCE.split(word)
    for at in range(1, len(parts), 2):
        name = parts[at]
        value = variables.get(name, f"${{{name}}}")
        if value is None:
            return None
        parts[at] = value
    return "".join(parts) if sum(map(len, parts)) <= _MAX_PATH else None


def _unwrapped(command: Command) -> tuple[str | None, ...]:
    """Return a command's words without what only runs it, such as ``sudo -u coder``."""
    words = list(command.words)
    while words and words[0] in _WRAPPERS:
        words.pop(0)
        while words and (words[0] or "").startswith("-"):
            if words.pop(0) in _VALUED_OPTIONS and words:
                words.pop(0)
    return tuple(words)


# What is made


def _made(commands: tuple[Command, ...]) -> Iterator[tuple[str | None, Command]]:
    for command in commands:
        for path in command.writes:
            yield path, command
        name, *operands = _unwrapped(command) or (None,)
        operands = [word for word in operands if word is None or not word.startswith("-")]
        if name in _MAKE_LAST:
            operands = operands[-1:]
        elif name not in _MAKE_ALL:
            continue
        for path in operands:
            yield path, command


# What is awaited


def _tested(command: Command) -> tuple[str | None, bool] | None:
    """Return the file that a test asks for and whether it asks for its absence; None for any other command."""
    words = list(command.words)
    if not words or words.pop(0) not in _TEST_COMMANDS:
        return None
    if words and words[-1] in _ENDS_OF_TEST:
        words.pop()
    absent = bool(words) and words[0] == "!"
    if absent:
        words.pop(0)
    if len(words) != 2 or words[0] not in _TESTS:
        return None
    return words[1], absent


@dataclass(slots=True)
class _Loop:
    """A loop under way: its reserved word, the files that its condition or a ``break`` waits for, and its body."""

    word: str
    files: list[tuple[str | None, Command]]
    in_body: bool = False
    sleeps: bool = False


def _awaited(commands: tuple[Command, ...]) -> Iterator[tuple[str | None, Command]]:
    """Yield each file without which a loop that sleeps doesn't end, with the command that asks for it."""
    loops: list[_Loop] = []
    negated = False
    for at, command in enumerate(commands):
        name = command.name
        if name in ("while", "until", "for"):
            loops.append(_Loop(name, []))
        elif not loops:
            pass
        elif name == "do":
            loops[-1].in_body = True
        elif name == "done":
            loop = loops.pop()
            if loop.sleeps:
                yield from loop.files
        elif (_unwrapped(command) or ("",))[0] == "sleep":
            loops[-1].sleeps = loops[-1].in_body
        else:
            _note_test(loops[-1], command, commands[at + 1 : at + 3], negated=negated)
        negated = name == "!"


def _note_test(loop: _Loop, command: Command, after: tuple[Command, ...], *, negated: bool) -> None:
    """Note the file that a test in a loop's condition, or before a ``break`` in its body, asks for."""
    tested = _tested(command)
    if tested is None:
        return
    path, absent = tested
    absent = absent != negated
    if (not absent and _breaks(after)) if loop.in_body else (absent is (loop.word == "while")):
        loop.files.append((path, command))


def _breaks(after: tuple[Command, ...]) -> bool:
    """Return whether a ``break`` follows a test at once: after ``&&``, or after ``then``."""
    if after and after[0].name == "then":
        after = after[1:]
        return bool(after) and after[0].name == "break"
    return bool(after) and after[0].name == "break" and after[0].operator == "&&"
