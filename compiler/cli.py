"""The command line: arguments, streams and environment in, a named exit code out.

What is heavy is imported by the command that needs it, so that ``--version`` and ``--help`` answer at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from compiler import __version__
from compiler.console import Color, Console, ExitCode, Format, Unreadable, Usage, strictly

if TYPE_CHECKING:
    from compiler.pipeline import Analysis, Options
    from compiler.templates_on_disk import TemplatePath

__all__ = ["app", "main"]

app = typer.Typer(
    name="unitc",
    help="Order the scripts of a Coder workspace template at compile time.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)


class GraphFormat(StrEnum):
    """Forms in which the graph is printed."""

    TREE = "tree"
    DOT = "dot"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The options that say what is given to a template, as a command got them."""

    sets: tuple[str, ...]
    assume_defaults: bool
    allow_missing_modules: bool
    allow_outside: bool


Template = Annotated[str, typer.Argument(metavar="PATH", help="A template: a folder, or any .tf file in it.")]
Folder = Annotated[str, typer.Option("-C", "--chdir", metavar="DIR", help="The template.")]
Var = Annotated[list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="Give a variable a value.")]
VarFile = Annotated[list[str] | None, typer.Option("--var-file", metavar="FILE", help="Read values of variables.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="ADDRESS=VALUE", help="Give an attribute known only at apply a value."),
]
AssumeDefaults = Annotated[
    bool, typer.Option("--assume-defaults", help="Take a coder_parameter's default where no value is given.")
]
AllowMissing = Annotated[
    bool, typer.Option("--allow-missing-modules", help="Go on without modules that are not installed.")
]
AllowOutside = Annotated[
    bool, typer.Option("--allow-outside", help="Let file functions read outside of the template and its modules.")
]
ColorOption = Annotated[Color, typer.Option("--color", help="When to colour text.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Print diagnostics and results only.")]
Strict = Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How diagnostics are printed.")]


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


def _options(context: typer.Context, inputs: Inputs) -> Options:
    from compiler.templates_on_disk import options

    return options(
        _assignments(context.obj),
        inputs.sets,
        os.environ,
        assume_defaults=inputs.assume_defaults,
        allow_missing_modules=inputs.allow_missing_modules,
        allow_outside=inputs.allow_outside,
    )


def _analyze(template: TemplatePath, options: Options) -> Analysis:
    """Return what a template says; problems with files and arguments become the exceptions of the command line."""
    from compiler.pipeline import analyze
    from compiler.terraform.files import DiskFiles

    try:
        return analyze(DiskFiles(template.folder), options)
    except OSError as exc:
        raise Unreadable(f"{exc.filename or template.given}: {exc.strerror or exc}") from None
    except ValueError as exc:
        # Arguments of the command line that the template has no use for.
        if type(exc) is not ValueError:
            raise
        raise Usage(str(exc)) from None


def _run(console: Console, command: Callable[[], ExitCode]) -> NoReturn:
    """Run a command and leave with its exit code; what kept it from its work is said in one line."""
    try:
        code = command()
    except Usage as exc:
        console.fail(str(exc))
        code = ExitCode.USAGE
    except Unreadable as exc:
        console.fail(str(exc))
        code = ExitCode.FILES
    raise typer.Exit(code)


@app.command()
def check(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Templates; a folder without .tf files is searched for them."),
    ] = None,
    format: FormatOption = Format.TEXT,
    strict: Strict = False,
    var: Var = None,
    var_file: VarFile = None,
    set_: Set = None,
    assume_defaults: AssumeDefaults = False,
    allow_missing_modules: AllowMissing = False,
    allow_outside: AllowOutside = False,
    color: ColorOption = Color.AUTO,
    quiet: Quiet = False,
) -> None:
    """Print what is wrong with templates, and nothing else."""
    console = Console.of_process(color, quiet=quiet)

    def command() -> ExitCode:
        from compiler.templates_on_disk import find_templates

        given = Inputs(tuple(set_ or ()), assume_defaults, allow_missing_modules, allow_outside)
        options = _options(context, given)
        results = [
            (template.given, strictly(_analyze(template, options).diagnostics, strict=strict))
            for template in find_templates(paths or ["."])
        ]
        code = console.report(results, format)
        if format is Format.TEXT and code is ExitCode.OK:
            count = len(results)
            console.note(f"{count} template{'s' * (count != 1)} checked, no errors.")
        return code

    _run(console, command)


@app.command()
def graph(
    context: typer.Context,
    path: Template = ".",
    format: Annotated[GraphFormat, typer.Option("--format", help="How the graph is printed.")] = GraphFormat.TREE,
    var: Var = None,
    var_file: VarFile = None,
    set_: Set = None,
    assume_defaults: AssumeDefaults = False,
    allow_missing_modules: AllowMissing = False,
    allow_outside: AllowOutside = False,
    color: ColorOption = Color.AUTO,
    quiet: Quiet = False,
) -> None:
    """Print who waits for whom; where there are errors, what could be told of it."""
    console = Console.of_process(color, quiet=quiet)

    def command() -> ExitCode:
        from compiler.emit.draw import draw
        from compiler.templates_on_disk import find_template

        given = Inputs(tuple(set_ or ()), assume_defaults, allow_missing_modules, allow_outside)
        template = find_template(path)
        analysis = _analyze(template, _options(context, given))
        console.out(draw(analysis.graphs, format))
        return console.report([(template.given, analysis.diagnostics)], Format.TEXT)

    _run(console, command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(args=given, prog_name="unitc", obj=given)
    except Exception:
        _bug()
    raise SystemExit(ExitCode.OK)


def _bug() -> NoReturn:
    """Say that unitc is at fault, and what to report."""
    import platform
    import traceback

    trace = traceback.format_exc()
    sys.stderr.write(
        f"unitc: this is a bug in unitc {__version__}, not in your template.\n"
        "Please report it with the template (or the part that matters) and these lines:\n"
        f"  python {platform.python_version()} on {sys.platform}\n"
        + "".join(f"  {line}\n" for line in trace.splitlines()[-12:])
    )
    raise SystemExit(ExitCode.BUG)
