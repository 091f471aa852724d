"""What runs a script: how Coder's agent finds it, and whether that is a shell.

The agent trims the text, and where it then starts with ``#!`` it takes that line's words as the command, to which it
adds ``-c`` and the text; without such a line it takes the user's login shell.
Source: https://github.com/coder/coder/blob/main/agent/agentssh/agentssh.go, ``CreateCommand``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from contextlib import suppress

from compiler.patterns import regex
from compiler.records import dataclass

_SHELLS = frozenset({"sh", "ash", "bash", "dash", "ksh", "mksh", "zsh", "busybox"})
# What a line of a script for Windows begins with, and none for a shell does.
_POWERSHELL = regex(
    r"^\s*(?:\$[A-Za-z_]\w* *= |(?:Get|Set|New|Write|Start|Invoke|Add|Enable|Import|Install)-[A-Z]\w+)", re.MULTILINE
)
_ODD_LINE = regex(r"""\s*+#![^\n]*['"\\]""")
# Options of env that take a value as the next word.
_VALUED = frozenset({"-u", "--unset", "-C", "--chdir"})


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The program's name without its folder, None where it is the login shell, and its options."""

    name: str | None
    options: tuple[str, ...] = ()

    @property
    def is_shell(self) -> bool:
        """Whether the text is read by a shell. A login shell may be fish, but templates aren't written for that."""
        return self.name is None or self.name in _SHELLS

    def sets(self, letter: str) -> bool:
        """Return whether an option such as ``e`` in ``bash -eu`` is set."""
        return any(
            option.startswith("-") and not option.startswith("--") and letter in option for option in self.options
        )


def _words(text: str) -> list[str]:
    """Return the words of a line as a shell reads them; blanks part those of one whose quotes don't pair."""
    words = text.split()
    if any(quote in text for quote in "'\"\\"):
        import shlex

        with suppress(ValueError):
            words = shlex.split(text)
    return words


def names_interpreter_oddly(text: str) -> bool:
    """Return whether a script's text has a ``#!`` line with quotes or backslashes."""
    return _ODD_LINE.match(text) is not None


def interpreter_of(text: str) -> Interpreter:
    """Return what runs a script's text."""
    line, _, _ = text.strip().partition("\n")
    if not line.startswith("#!"):
        return Interpreter("powershell" if _POWERSHELL.search(text) else None)
    words = _words(line[2:])
    if not words:
        return Interpreter(None)
    name, *rest = words
    name = posixpath.basename(name)
    if name == "env":
        while rest and (rest[0].startswith("-") or "=" in rest[0]):
            if rest.pop(0) in _VALUED and rest:
                rest.pop(0)
        if not rest:
            return Interpreter("env")
        name, *rest = rest
        name = posixpath.basename(name)
    return Interpreter(name, tuple(rest))


def shell_of(text: str, holes: Sequence[tuple[int, int]] = ()) -> Interpreter | None:
    """Return what runs a script's text where that is a shell, else None.

    ``holes`` are the places, as offsets, of what isn't known: where the start isn't, what runs it isn't either.
    """
    interpreter = interpreter_of(text)
    start = len(text) - len(text.lstrip())
    return interpreter if interpreter.is_shell and not any(low <= start < high for low, high in holes) else None
