"""Plain command lines: read without typer, as typer reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.command_line import typed
from compiler.command_line.application import COMMANDS, CommandLine, DeclaredCommand
from compiler.command_line.plain import FILE, read
from compiler.disk import Disk

TABLE: Mapping[str, Any] = json.loads(FILE.read_text("utf-8"))


def test_what_is_known_of_the_commands_is_what_they_declare() -> None:
    made = typed.plain_commands()
    assert json.loads(typed.text(made)) == TABLE, "run: python -m compiler.command_line.typed"
    assert typed.text(made) == FILE.read_text("utf-8")


def by_typer(arguments: Sequence[str]) -> tuple[str, Mapping[str, object]] | None:
    """Return the command with values for its parameters as typer reads them, None where it runs none."""
    found: list[tuple[str, Mapping[str, object]]] = []

    def note(command: DeclaredCommand, given: CommandLine, values: Mapping[str, object]) -> NoReturn:
        found.append((command.name, values))
        raise SystemExit

    with mock.patch.object(DeclaredCommand, "run", note), pytest.raises(SystemExit):
        typed.run(CommandLine(tuple(arguments), Disk()))
    return found[0] if found else None


_WORDS = st.one_of(
    st.sampled_from(("", "-", "--", "-j4", "-qj2", "--strict=1", "--json", "-h", "--help", "--form", "0", "-1", "٣")),
    st.text("-=a é", max_size=4),
)


@st.composite
def _lines(draw: st.DrawFn) -> list[str]:
    """Return a command line: mostly options with values that they take, and now and then anything else."""
    name = draw(st.sampled_from(sorted(TABLE)))
    options = TABLE[name]["options"]
    words = name.split()
    for option in draw(st.lists(st.sampled_from(sorted(options)), max_size=4)) if options else ():
        kind, more = options[option][1:]
        fitting = [""] if kind == "flag" else ["7"] if kind == "number" else ["a", "--strict", "x=y"]
        if kind == "choice":
            module, _, enum = more.partition(":")
            fitting = list(getattr(import_module(module), enum))
        value = draw(st.sampled_from(fitting))
        words += [option] if kind == "flag" else draw(st.sampled_from(([option, value], [f"{option}={value}"])))
    loose = st.lists(st.one_of(st.sampled_from(("a", "b", "config", "report")), _WORDS), max_size=2)
    for word in draw(loose):
        words.insert(draw(st.integers(len(name.split()), len(words))), word)
    return words


@given(_lines())
def test_a_plain_command_line_is_read_as_typer_reads_it(arguments: list[str]) -> None:
    plain = read(arguments)
    if plain is not None:
        command, values = plain
        read_by_typer = by_typer(arguments)
        assert read_by_typer is not None
        assert command.name == read_by_typer[0]
        # typer gives every parameter a value: its default, where the command line has none.
        assert {name: value for name, value in read_by_typer[1].items() if name in values} == values
        left = {name: value for name, value in read_by_typer[1].items() if name not in values}
        assert left == {name: value for name, value in _defaults(command) if name in left}


def _defaults(command: DeclaredCommand) -> Iterator[tuple[str, object]]:
    for parameter in typed.parameters_of(command):
        yield parameter.name, parameter.default


PLAIN = (
    ["check"],
    ["check", "a", "b", "--strict", "--format", "json", "-q"],
    ["check", "--report=sarif=out", "--report", "json=x", "--min-severity", "error", "--jobs", "2"],
    ["compile", "--check", "--no-cache", "template"],
    ["compile", "-o", "-", "--target=native", "--no-launcher"],
    ["emit", "exp-sync", "template"],
    ["config", "schema", "report"],
    ["explain", "UC203"],
    ["why", "a", "b", "-C", "template"],
    ["timeline", "one", "two"],
)


@pytest.mark.parametrize("arguments", PLAIN, ids=" ".join)
def test_what_is_typed_every_day_is_plain(arguments: list[str]) -> None:
    plain = read(arguments)
    assert plain is not None
    assert plain[0] is COMMANDS[" ".join(arguments[: plain[0].name.count(" ") + 1])]


LEFT: Sequence[list[str]] = (
    [],
    ["--version"],
    ["nothing"],
    ["emit"],
    ["check", "--help"],
    ["check", "--strict=1"],
    ["check", "--format", "xml"],
    ["check", "--jobs", "0"],
    ["check", "--jobs"],
    ["check", "-j4"],
    ["check", "--", "a"],
    ["graph", "a", "b"],
    ["why"],
    ["why", ""],
    ["config", "schema", "nothing"],
)


@pytest.mark.parametrize("arguments", LEFT, ids=" ".join)
def test_everything_else_is_left_to_typer(arguments: list[str]) -> None:
    assert read(arguments) is None
