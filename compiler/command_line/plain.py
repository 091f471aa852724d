"""A plain command line, read without typer: known options, each spelled out, with values that they take.

Nothing else is read here: help, mistakes, and rarer spellings such as ``-j4`` are typer's. What the commands take is
told by ``plain.json``, which is made of what they declare (:mod:`compiler.command_line.typed`); so what is read here
is what typer would read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from compiler.command_line.application import COMMANDS, DeclaredCommand

FILE = Path(__file__).with_name("plain.json")
DATA = (FILE,)
"""The files of the package that are read here."""


def read(arguments: Sequence[str]) -> tuple[DeclaredCommand, dict[str, Any]] | None:
    """Return the command with values for its parameters; None where the command line isn't plain."""
    commands = json.loads(FILE.read_bytes())
    for words in (1, 2):
        name = " ".join(arguments[:words])
        if name in commands:
            values = _values(arguments[words:], commands[name])
            if values is None:
                return None
            import_module(commands[name]["home"])
            return COMMANDS[name], values
    return None


def _values(given: Iterable[str], command: dict[str, Any]) -> dict[str, Any] | None:
    values: dict[str, Any] = {}
    loose = []
    rest = iter(given)
    for word in rest:
        if not word.startswith("-") or word == "-":
            loose.append(word)
            continue
        option, equals, value = word.partition("=")
        name, kind, more = command["options"].get(option, (None, None, None))
        if equals and (kind == "flag" or not option.startswith("--")):
            return None
        try:
            if kind == "texts":
                values.setdefault(name, []).append(value if equals else next(rest))
            else:
                values[name] = more if kind == "flag" else READERS[kind](value if equals else next(rest), more)
        except (KeyError, StopIteration, ValueError):
            return None
    for name, kind, more in command["arguments"]:
        taken = loose if kind == "texts" else loose[:1]
        loose = loose[len(taken) :]
        try:
            if taken:
                values[name] = taken if kind == "texts" else READERS[kind](taken[0], more)
        except ValueError:
            return None
    return None if loose or not all(map(values.get, command["required"])) else values


def _choice(value: str, path: str) -> Any:
    module, _, name = path.partition(":")
    choices = getattr(import_module(module), name)
    if value not in list(choices):
        raise ValueError(f"{value!r} is not one of {', '.join(repr(str(choice)) for choice in choices)}.")
    return choices(value)


def _number(value: str, least: int) -> int:
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("write a whole number")
    if int(value) < least:
        raise ValueError(f"write {least} or more")
    return int(value)


READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "text": lambda value, _: value,
    "number": _number,
    "choice": _choice,
}
"""What makes a value of the text that is given for it, by its kind. Raises ValueError, which says what to write."""
