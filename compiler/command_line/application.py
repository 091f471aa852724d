"""What all commands share: how they are declared, the options that they have in common, and how they end.

A command's parameters are declared as typer has it, in annotations; but nothing here or in a command's file imports
typer, which takes longer than a kept answer, and longer than most of what a compile does. A plain command line is read
without it (:mod:`compiler.command_line.plain`), every other one by it (:mod:`compiler.command_line.typed`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from compiler.commands.shared.console import Color, Console, ExitCode, Format, Misconfigured, TemplateRun, Usage
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
class DeclaredCommand:
    """A command: its name, of two words in a group, and its function, whose other parameters the command line gives.

    Its first parameter is the :class:`TemplateRun` where it reads a template, and else the console.
    """

    name: str
    function: CommandFunction
    reads_template: bool

    def run(self, given: CommandLine, values: Mapping[str, Any]) -> NoReturn:
        """Run the command with values for its parameters, all but those that have a default, and leave.

        What kept it from its work is said in one line.
        """
        console = Console.of_process(values.get("color", Color.AUTO), quiet=values.get("quiet", False), disk=given.disk)
        code: int
        try:
            if self.reads_template:
                shared = {name: value for name, value in values.items() if name in _COMMON}
                own = {name: value for name, value in values.items() if name not in _COMMON}
                run = TemplateRun(console, common(given, **shared), given.arguments[1:])
                code = self.function(run, **own)
            else:
                code = self.function(console, **values)
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


COMMANDS: dict[str, DeclaredCommand] = {}
"""The commands whose files are imported, by name."""


def command(name: str, *, reads_template: bool = True) -> Callable[[CommandFunction], CommandFunction]:
    """Return what declares a command; to one that reads a template the common options are added."""

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
) -> Options:
    """The options of every command that reads a template; returns what the user gave beside it.

    ``no_cache`` has done its work before the command line is read (:mod:`compiler.start`), ``color`` and ``quiet`` are
    the console's. Raises :class:`Usage` where one can't be read.
    """
    from compiler.pipeline import Options
    from compiler.terraform.scope.inputs import attribute_value

    assignments = _assignments(given.arguments)
    attributes = {}
    for text in set_ or ():
        address, equals, value = text.partition("=")
        if not equals or "." not in address:
            raise Usage(f"--set {text}: write it as ADDRESS=VALUE, such as data.coder_parameter.repo.value=main")
        attributes[address.strip()] = attribute_value(value)
    return Options(
        tuple((kind, os.path.abspath(text) if kind == "var-file" else text) for kind, text in assignments),
        dict(os.environ),
        attributes,
        assume_defaults=assume_defaults,
        allow_missing_modules=allow_missing_modules,
        allow_outside=allow_outside,
    )


_COMMON = frozenset(common.__annotations__) - {"given", "return"}
