"""The command line as typer reads it: whatever is not plain, ``--help``, mistakes, and what a shell completes.

``python -m compiler.command_line.typed`` writes ``plain.json`` anew: what :mod:`compiler.command_line.plain` has to
know of the commands. A test tells when that is due.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from importlib import import_module
from types import MappingProxyType
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

from compiler import __version__
from compiler.command_line import parameters
from compiler.command_line.application import COMMANDS, CommandLine, DeclaredCommand, common
from compiler.command_line.plain import FILE
from compiler.commands.shared.arguments import PlainCommand, PlainGroup
from compiler.commands.shared.exits import ExitCode

HOMES = MappingProxyType(
    {
        "making": ("check", "compile", "clean", "migrate"),
        "asking": ("graph", "why", "show", "eval", "explain"),
        "watching": ("simulate", "run", "timeline"),
        "serving": ("lsp",),
        "describing": ("emit", "config"),
    }
)
"""The commands and groups of commands in the order of ``--help``, by the module that has them."""

GROUPS = MappingProxyType(
    {
        "emit": "Print the order in the form that another tool reads.",
        "config": "Print what a configuration may hold.",
    }
)


def parameters_of(command: DeclaredCommand) -> Iterator[inspect.Parameter]:
    """Yield the parameters of a command that the command line gives, each with its annotation as an object."""
    for function in (command.function, common) if command.reads_template else (command.function,):
        own = inspect.signature(function, locals=vars(parameters), eval_str=True).parameters.values()
        yield from (each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in list(own)[1:])


class _Called:
    """A command as typer sees it. Its parameters are asked for only where it is the one that is run."""

    def __init__(self, command: DeclaredCommand) -> None:
        self._command = command
        self.__name__ = command.name
        self.__doc__ = command.function.__doc__
        # Those of the signature count.
        self.__annotations__: dict[str, Any] = {}

    @property
    def __signature__(self) -> inspect.Signature:
        context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
        return inspect.Signature([context, *parameters_of(self._command)])

    def __call__(self, context: typer.Context, **values: object) -> None:
        self._command.run(context.obj, values)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"unitc {__version__}")
        raise typer.Exit


def _top(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def application(arguments: Sequence[str] = ()) -> typer.Typer:
    """Return the application with the one command that the arguments begin with, none for the version, or else all.

    typer makes the parameters of all commands before it looks at the arguments, which takes longer than a kept answer.
    """
    app = typer.Typer(
        name="unitc",
        cls=PlainGroup,
        help="Order the scripts of a Coder workspace template at compile time.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    )
    app.callback()(_top)
    groups: dict[str, typer.Typer] = {}
    for command in _wanted(arguments[0] if arguments else ""):
        group, _, name = command.name.rpartition(" ")
        if group and group not in groups:
            groups[group] = typer.Typer(help=GROUPS[group], no_args_is_help=True, rich_markup_mode=None)
            app.add_typer(groups[group], name=group)
        groups.get(group, app).command(name, cls=PlainCommand)(_Called(command))
    return app


def _wanted(word: str) -> Iterator[DeclaredCommand]:
    if word == "--version":
        return
    homes = [home for home, words in HOMES.items() if word in words]
    for home in homes or HOMES:
        module = import_module(f"compiler.command_line.{home}").__name__
        for command in COMMANDS.values():
            if command.function.__module__ == module and (not homes or command.name.split()[0] == word):
                yield command


def run(given: CommandLine) -> NoReturn:
    """Read the command line, run its command, and leave; a mistake in it is told."""
    application(given.arguments)(args=list(given.arguments), prog_name="unitc", obj=given)
    raise SystemExit(ExitCode.OK)


# --- what is plain


def plain_commands() -> Mapping[str, Any]:
    """Return what ``plain.json`` holds of each command."""
    top = typer.main.get_command(application())
    assert isinstance(top, PlainGroup)
    found = {}
    for name, each in top.commands.items():
        inner = each.commands if isinstance(each, TyperGroup) else {"": each}
        for last, command in inner.items():
            full = f"{name} {last}".rstrip()
            found[full] = {"home": COMMANDS[full].function.__module__, **_plain_parameters(command)}
    return found


def _plain_parameters(command: Any) -> Mapping[str, Any]:
    arguments, options = [], {}
    for parameter in command.params:
        if isinstance(parameter, TyperArgument):
            arguments.append([parameter.name, *_kind(parameter)])
        elif isinstance(parameter, TyperOption):
            options.update({name: [parameter.name, *_kind(parameter)] for name in parameter.opts})
            options.update({name: [parameter.name, "flag", False] for name in parameter.secondary_opts})
    required = [parameter.name for parameter in command.params if parameter.required]
    return {"arguments": arguments, "required": required, "options": options}


def _kind(parameter: TyperArgument | TyperOption) -> tuple[str, object]:
    """Return what a parameter's value is, and what else has to be known of it."""
    annotation: Any = parameter.type_descriptor.annotation
    if isinstance(parameter, TyperOption) and parameter.is_flag:
        return "flag", True
    if annotation == list[str]:
        return "texts", None
    if annotation is int:
        return "number", parameter.type_descriptor.parameter_info.min
    if annotation is str:
        return "text", None
    assert issubclass(annotation, StrEnum)
    return "choice", f"{annotation.__module__}:{annotation.__qualname__}"


def text(commands: Mapping[str, Any]) -> str:
    """Return what ``plain.json`` holds: a line for each option, so that changes can be read."""
    found = []
    for name, command in commands.items():
        head = ", ".join(f"{json.dumps(key)}: {json.dumps(command[key])}" for key in ("home", "arguments", "required"))
        options = ",\n".join(f"  {json.dumps(option)}: {json.dumps(row)}" for option, row in command["options"].items())
        found.append(f' {json.dumps(name)}: {{{head}, "options": {{\n{options}}}}}')
    return "{\n" + ",\n".join(found) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text(plain_commands()), encoding="utf-8", newline="\n")
