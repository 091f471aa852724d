"""What all commands share: the application, the options that they have in common, and how they end."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from compiler import __version__
from compiler.commands.shared.arguments import PlainGroup
from compiler.commands.shared.completing import complete_agent
from compiler.commands.shared.console import Color, Console, ExitCode, Format, Misconfigured, Usage
from compiler.disk import Disk
from compiler.order.model import Phase
from compiler.output.writer import Unreadable
from compiler.records import dataclass

if TYPE_CHECKING:
    from compiler.pipeline import Options


__all__ = [
    "AgentOption",
    "Folder",
    "FormatOption",
    "Given",
    "Jobs",
    "PhaseOption",
    "Reports",
    "Run",
    "Strict",
    "Template",
    "Templates",
    "app",
    "guarded",
    "reads_template",
]

app = typer.Typer(
    name="unitc",
    cls=PlainGroup,
    help="Order the scripts of a Coder workspace template at compile time.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)


Template = Annotated[str, typer.Argument(metavar="PATH", help="A template: a folder, or any .tf file in it.")]
Templates = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH", help="Templates; a folder without .tf files is searched for them."),
]
Folder = Annotated[str, typer.Option("-C", "--chdir", metavar="DIR", help="The template.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How diagnostics are printed.")]
PhaseOption = Annotated[Phase | None, typer.Option("--phase", help="Only one phase.")]
AgentOption = Annotated[
    str | None,
    typer.Option("--agent", metavar="AGENT", help="Only what one agent runs.", autocompletion=complete_agent),
]
Reports = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="FORMAT=FILE",
        help="Write the diagnostics into a file, too; any number.",
        autocompletion=lambda: [f"{form}=" for form in Format],
    ),
]
Jobs = Annotated[
    int | None, typer.Option("-j", "--jobs", min=1, help="How many processes work on many templates; all cores.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")]


@dataclass(frozen=True, slots=True)
class Given:
    """What the process was given: its arguments, and the disk that it looks at."""

    arguments: tuple[str, ...]
    disk: Disk


@dataclass(frozen=True, slots=True)
class Run:
    """What every command that reads a template gets: the console, and what the user gave beside the template.

    ``arguments`` are those of the command line, without the command's name.
    """

    console: Console
    options: Options
    arguments: tuple[str, ...]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"unitc {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version and leave.")
    ] = False,
) -> None:
    pass


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
    raise typer.Exit(code)


def _common(
    context: typer.Context,
    var: Annotated[
        list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="Give a variable a value.")
    ] = None,
    var_file: Annotated[
        list[str] | None, typer.Option("--var-file", metavar="FILE", help="Read values of variables.")
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
        bool, typer.Option("--allow-missing-modules", help="Go on without modules that are not installed.")
    ] = False,
    allow_outside: Annotated[
        bool, typer.Option("--allow-outside", help="Let file functions read outside of the template and its modules.")
    ] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither use nor keep answers of earlier runs.")] = False,
    color: Annotated[Color, typer.Option("--color", help="When to colour text.")] = Color.AUTO,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print diagnostics and results only.")] = False,
) -> tuple[Console, Callable[[], Run]]:
    """The options of every command that reads a template; returns the console and what makes the command's input.

    ``no_cache`` has done its work before the command line is read (:mod:`compiler.start`).
    """
    process: Given = context.obj
    console = Console.of_process(color, quiet=quiet, disk=process.disk)

    def make() -> Run:
        from compiler.commands.shared.templates_on_disk import options

        given = options(
            _assignments(process.arguments),
            set_ or (),
            os.environ,
            assume_defaults=assume_defaults,
            allow_missing_modules=allow_missing_modules,
            allow_outside=allow_outside,
        )
        return Run(console, given, process.arguments[1:])

    return console, make


class _Reads:
    """A command that reads a template, as typer sees it."""

    def __init__(self, command: Callable[..., int]) -> None:
        functools.update_wrapper(self, command)
        self._command = command

    @property
    def __signature__(self) -> inspect.Signature:
        """What typer reads; only the command that is run is asked for it."""
        own, common = (inspect.signature(each, eval_str=True).parameters for each in (self._command, _common))
        parameters = [*list(own.values())[1:], *common.values()]
        return inspect.Signature([each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters])

    def __call__(self, **arguments: object) -> None:
        names = inspect.signature(_common).parameters
        console, make = _common(**{name: arguments.pop(name) for name in names})  # type: ignore[arg-type]  # typer has checked them.
        guarded(console, lambda: self._command(make(), **arguments))


def reads_template(command: Callable[..., int]) -> Callable[..., None]:
    """Return a command with the common options added to its own; its first parameter is the :class:`Run`."""
    return _Reads(command)
