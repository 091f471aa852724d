"""What all commands share: how they are declared, the options that they have in common, and how they end.

A command's parameters are declared as typer has it, in annotations; but nothing here or in a command's file imports
typer, which takes longer than a kept answer, and longer than most of what a compile does. A plain command line is read
without it (:mod:`compiler.command_line.plain`), every other one by it (:mod:`compiler.command_line.typed`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from compiler.commands.shared.console import Color, Console, ExitCode, Format, Misconfigured, Usage
from compiler.disk import Disk, Unreadable
from compiler.records import dataclass

if TYPE_CHECKING:
    from typing import Annotated

    import typer

    from compiler.pipeline import Options


CommandFunction = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What the process was given: its arguments, and the disk that it looks at."""

    arguments: tuple[str, ...]
    disk: Disk


@dataclass(frozen=True, slots=True)
class TemplateRun:
    """What every command that reads a template gets: the console, and what the user gave beside the template.

    ``arguments`` are those of the command line, without the command's name.
    """

    console: Console
    options: Options
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeclaredCommand:
    """A command: its name, of two words in a group, and its function, whose other parameters the command line gives.

    Its first parameter is the :class:`TemplateRun` where it reads a template, and else what the process was given.
    """

    name: str
    function: CommandFunction
    reads_template: bool

    def run(self, given: CommandLine, values: Mapping[str, Any]) -> NoReturn:
        """Run the command with values for its parameters, all but those that have a default, and leave."""
        if not self.reads_template:
            self.function(given, **values)
            raise SystemExit(ExitCode.OK)
        console, make = common(given, **{name: value for name, value in values.items() if name in _COMMON})
        own = {name: value for name, value in values.items() if name not in _COMMON}
        guarded(console, lambda: self.function(make(), **own))


COMMANDS: dict[str, DeclaredCommand] = {}
"""The commands whose files are imported, by name."""


def command(name: str) -> Callable[[CommandFunction], CommandFunction]:
    """Return what declares a command that reads no template."""
    return _declaring(name, reads_template=False)


def reads_template(name: str) -> Callable[[CommandFunction], CommandFunction]:
    """Return what declares a command that reads a template, with the common options added to its own."""
    return _declaring(name, reads_template=True)


def _declaring(name: str, *, reads_template: bool) -> Callable[[CommandFunction], CommandFunction]:
    def declare(function: CommandFunction) -> CommandFunction:
        COMMANDS[name] = DeclaredCommand(name, function, reads_template)
        return function

    return declare


def _assignments(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield ``--var`` and ``--var-file`` in their order on the command line, which decides who wins."""
    pending = iter(arguments)
    for argument in pending:
        for kind in ("var", "var-file"):
            if argument == f"--{kind}":
                yield kind, next(pending, "")
            elif argument.startswith(f"--{kind}="):
                yield kind, argument.split("=", 1)[1]


def guarded(console: Console, command: Callable[[], int]) -> NoReturn:
    """Run a command and leave with its exit code; what kept it from its work is said in one line."""
    code: int
    try:
        code = command()
    except Usage as exc:
        console.fail(str(exc))
        code = ExitCode.USAGE
    except Misconfigured as exc:
        console.report([(exc.template, exc.diagnostics)], Format.TEXT)
        code = ExitCode.USAGE
    except Unreadable as exc:
        console.fail(str(exc))
        code = ExitCode.FILES
    raise SystemExit(code)


def common(
    given: CommandLine,
    var: Annotated[
        list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="Give a variable a value.")
    ] = None,
    var_file: Annotated[
        list[str] | None, typer.Option("--var-file", metavar="FILE", help="Read the values of variables.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="ADDRESS=VALUE", help="Give an attribute known only at apply a value."),
    ] = None,
    assume_defaults: Annotated[
        bool | None,
        typer.Option(
            "--assume-defaults/--no-assume-defaults",
            help="Take the defaults of coder_parameter, and stand-ins for the workspace and its owner.",
            show_default=False,
        ),
    ] = None,
    allow_missing_modules: Annotated[
        bool, typer.Option("--allow-missing-modules", help="Carry on without modules that are not installed.")
    ] = False,
    allow_outside: Annotated[
        bool, typer.Option("--allow-outside", help="Let file functions read outside the template and its modules.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Don't use or keep the answers of earlier runs.")
    ] = False,
    color: Annotated[Color, typer.Option("--color", help="When to colour text.")] = Color.AUTO,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print diagnostics and results only.")] = False,
) -> tuple[Console, Callable[[], TemplateRun]]:
    """The options of every command that reads a template; returns the console and what makes the command's input.

    ``no_cache`` has done its work before the command line is read (:mod:`compiler.start`).
    """
    console = Console.of_process(color, quiet=quiet, disk=given.disk)

    def make() -> TemplateRun:
        from compiler.commands.shared.templates_on_disk import options

        found = options(
            _assignments(given.arguments),
            set_ or (),
            os.environ,
            assume_defaults=assume_defaults,
            allow_missing_modules=allow_missing_modules,
            allow_outside=allow_outside,
        )
        return TemplateRun(console, found, given.arguments[1:])

    return console, make


_COMMON = frozenset(common.__annotations__) - {"given", "return"}
