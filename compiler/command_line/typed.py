"""The command line as typer reads it: whatever is not plain, ``--help``, mistakes, and what a shell completes.

``python -m compiler.command_line.typed`` writes ``plain.json`` anew: what :mod:`compiler.command_line.plain` has to
know of the commands. A test tells when that is due.
"""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from compiler import __version__
from compiler.command_line import parameters
from compiler.command_line.application import COMMANDS, CommandLine, DeclaredCommand, common
from compiler.command_line.plain import FILE, READERS
from compiler.commands.shared.console import ExitCode

HOMES = MappingProxyType(
    {
        "check": ("check",),
        "compile": ("compile",),
        "clean": ("clean",),
        "migrate": ("migrate",),
        "graph": ("graph", "why"),
        "show": ("show",),
        "evaluate": ("eval",),
        "explain": ("explain",),
        "simulate": ("simulate",),
        "run": ("run",),
        "timeline": ("timeline",),
        "lsp": ("lsp",),
        "emit": ("emit",),
        "config": ("config",),
    }
)
"""The first words of commands in the order of ``--help``, by the module in :mod:`compiler.commands` that has them."""

GROUPS = MappingProxyType(
    {
        "emit": "Print the order in the form that another tool reads.",
        "config": "Print what a configuration may hold.",
    }
)


def parameters_of(command: DeclaredCommand) -> Iterator[inspect.Parameter]:
    """Yield the parameters of a command that the command line gives, each with its annotation as an object."""
    # What a function returns isn't asked for, and takes long to import.
    names = {**vars(parameters), "Options": object}
    for function in (command.function, common) if command.reads_template else (command.function,):
        own = inspect.signature(function, locals=names, eval_str=True).parameters.values()
        yield from (each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in list(own)[1:])


class PlainCommand(TyperCommand):
    """A command of typer's whose values are read as :mod:`compiler.command_line.plain` reads them."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters of the command, ``--help`` among them."""
        return _plain(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """The same for what stands before a command's name."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters of the group, ``--help`` among them."""
        return _plain(super().get_params(ctx))


def _plain(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        parameter.process_value = partial(_process, parameter)
    return parameters


def _process(parameter: Any, context: typer.Context, value: Any) -> Any:
    """Return what the command gets for a value; a value that is missing is left to typer to tell.

    typer lets pydantic make it, which takes a fifth of a compile to import.
    """
    kind, more = _kind(parameter)
    if parameter.required and not value:
        return type(parameter).process_value(parameter, context, value)
    if kind == "texts":
        value = list(value or ())
    elif value is not None and kind != "flag":
        try:
            value = READERS[kind](value, more)
        except ValueError as exc:
            raise typer.BadParameter(str(exc), context, parameter) from None
    return value if parameter.callback is None else parameter.callback(context, parameter, value)


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


def application(word: str | None = None) -> typer.Typer:
    """Return the application with what a word stands for, a command or a group of them, or with all commands for None.

    typer makes the parameters of all commands before it looks at the arguments, which takes longer than a kept answer.
    So where the word is none of theirs, they have no parameters: ``--help`` and mistakes show only what they are for.
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
    for full, called in _known(word):
        group, _, name = full.rpartition(" ")
        if group and group not in groups:
            groups[group] = typer.Typer(help=GROUPS[group], no_args_is_help=True, rich_markup_mode=None)
            app.add_typer(groups[group], name=group)
        groups.get(group, app).command(name, cls=PlainCommand)(called)
    return app


def _known(word: str | None) -> Iterator[tuple[str, Callable[..., None]]]:
    """Yield the names of commands with what typer calls."""
    homes = [home for home, words in HOMES.items() if word is None or word in words]
    for home in homes:
        module = import_module(f"compiler.commands.{home}").__name__
        for command in COMMANDS.values():
            if command.function.__module__ == module and (word is None or command.name.split()[0] == word):
                yield command.name, _Called(command)
    if not homes and word != "--version":
        for name, known in json.loads(FILE.read_bytes()).items():
            yield name, _named(known["help"])


def _named(text: str) -> Callable[[], None]:
    def named() -> None:
        pass

    named.__doc__ = text
    return named


def run(given: CommandLine) -> NoReturn:
    """Read the command line, run its command, and leave; a mistake in it is told."""
    # A shell that completes asks for any of them.
    word = None if "_UNITC_COMPLETE" in os.environ else "".join(given.arguments[:1])
    application(word)(args=list(given.arguments), prog_name="unitc", obj=given)
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
            function = COMMANDS[full].function
            says = (function.__doc__ or "").partition("\n")[0]
            found[full] = {"home": function.__module__, "help": says, **_plain_parameters(command)}
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


_HEAD = ("home", "help", "arguments", "required")


def text(commands: Mapping[str, Any]) -> str:
    """Return what ``plain.json`` holds: a line for each option, so that changes can be read."""
    found = []
    for name, command in commands.items():
        head = ", ".join(f"{json.dumps(key)}: {json.dumps(command[key])}" for key in _HEAD)
        options = ",\n".join(f"  {json.dumps(option)}: {json.dumps(row)}" for option, row in command["options"].items())
        found.append(f' {json.dumps(name)}: {{{head}, "options": {{\n{options}}}}}')
    return "{\n" + ",\n".join(found) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text(plain_commands()), encoding="utf-8", newline="\n")
