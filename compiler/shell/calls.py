"""Every command that a text holds, also those in strings that a shell reads later: of ``trap``, ``eval``, ``sh -c``."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from itertools import pairwise

from compiler.records import dataclass
from compiler.shell.reader import ShellScript, read
from compiler.shell.syntax import Command, UnknownPart, VariablePart, Word
from compiler.shell.variables import Variables
from compiler.shell.walk import Visit, visits

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "su"})
# Commands that run the command after them, with the options that take a value as the next word, and how many words
# of their own stand before it.
_WRAPPERS: dict[str, tuple[frozenset[str], int]] = {
    "sudo": (frozenset({"-u", "-g", "-C", "-h", "-p", "-a", "-D", "-R", "-T"}), 0),
    "doas": (frozenset({"-u", "-C"}), 0),
    "command": (frozenset(), 0),
    "builtin": (frozenset(), 0),
    "exec": (frozenset({"-a"}), 0),
    "nohup": (frozenset(), 0),
    "setsid": (frozenset(), 0),
    "time": (frozenset(), 0),
    "env": (frozenset({"-u", "-C"}), 0),
    "nice": (frozenset({"-n"}), 0),
    "ionice": (frozenset({"-c", "-n", "-p"}), 0),
    "stdbuf": (frozenset({"-i", "-o", "-e"}), 0),
    "timeout": (frozenset({"-s", "-k", "--signal", "--kill-after"}), 1),
    "eatmydata": (frozenset(), 0),
}
_MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command, the variables that hold where it stands, and its place in the text that was read first.

    ``deferred``: it runs when a trap is sprung. ``direct``: it stands in the text itself, and in no string of it.
    """

    visit: Visit
    variables: Variables
    start: int
    end: int
    deferred: bool = False
    direct: bool = True

    @property
    def place(self) -> tuple[int, int]:
        """Where the command begins and ends in the text that was read first."""
        return self.start, self.end

    @property
    def command(self) -> Command:
        """The command."""
        return self.visit.command


def unwrapped(words: Sequence[Word]) -> tuple[Word, ...]:
    """Return a command's words without what only runs it, such as ``sudo -u coder`` or ``timeout 5``."""
    found = list(words)
    while found:
        name = found[0].literal
        wrapper = _WRAPPERS.get(posixpath.basename(name)) if name is not None else None
        if wrapper is None:
            break
        valued, own = wrapper
        rest = found[1:]
        if name == "command" and rest and rest[0].literal in ("-v", "-V"):
            break
        while rest and ((rest[0].literal or "").startswith("-") or _assigns(rest[0], name or "")):
            option = rest.pop(0).literal
            if option in valued and rest:
                rest.pop(0)
        rest = rest[own:]
        if not rest:
            break
        found = rest
    return tuple(found)


def program(command: Command) -> tuple[str, tuple[Word, ...]]:
    """Return the name of what a command runs in the end, without its folder, and the words behind it.

    The name is empty where there is none, and where it isn't written out.
    """
    words = unwrapped(command.words)
    return (posixpath.basename(words[0].literal or ""), words[1:]) if words else ("", ())


def _assigns(word: Word, name: str) -> bool:
    first = word.parts[0] if word.parts else ""
    return name in ("env", "sudo") and isinstance(first, str) and "=" in first and first[0] not in "=-"


def calls(script: ShellScript) -> Iterator[Invocation]:
    """Yield the commands of a script, in source order; those in a string after the command that the string is given."""
    yield from _calls(script, Variables(script.body), 0, None, 0, False)


def _calls(
    script: ShellScript, variables: Variables, shift: int, whole: tuple[int, int] | None, depth: int, deferred: bool
) -> Iterator[Invocation]:
    for visit in visits(script.body):
        command = visit.command
        start, end = whole or (command.start + shift, command.end + shift)
        yield Invocation(visit, variables, start, end, deferred, depth == 0)
        word, quote = _string(command), 1
        if word is None:
            word, quote = _standard_input(command), 0
        if word is None or depth >= _MAX_DEPTH:
            continue
        inner = "".join(_as_text(part) for part in word.parts)
        raw = script.text[word.start + quote : word.end - quote]
        nested = read(inner)
        exact = raw == inner and whole is None
        yield from _calls(
            nested,
            Variables(nested.body, variables, visit),
            shift + word.start + quote,
            None if exact else whole or (word.start + shift, word.end + shift),
            depth + 1,
            deferred or command.name == "trap",
        )


def _as_text(part: str | VariablePart | UnknownPart) -> str:
    if isinstance(part, str):
        return part
    return f"${{{part.name}}}" if isinstance(part, VariablePart) else "$(:)"


def _string(command: Command) -> Word | None:
    """Return the argument that a shell reads as a text of its own."""
    name, words = program(command)
    if name in ("trap", "eval") and words:
        return words[0] if len(words) > 1 or name == "eval" else None
    if name in _SHELLS:
        for word, following in pairwise(words):
            option = word.literal or ""
            if option.startswith("-") and not option.startswith("--") and option.endswith("c"):
                return following
    return None


def _standard_input(command: Command) -> Word | None:
    """Return the heredoc that a shell reads its commands from, as in ``bash <<EOF``."""
    shell, words = program(command)
    # A shell that is given a file reads its commands from there; what su is given is a user.
    if shell not in _SHELLS or (shell != "su" and not all(map(_is_option, words))):
        return None
    heredocs = [item.heredoc for item in command.redirections if item.heredoc is not None and not item.descriptor]
    return heredocs[-1] if heredocs else None


def _is_option(word: Word) -> bool:
    return (word.literal or "").startswith("-")
