"""The command line: arguments, streams and environment in, a named exit code out.

What is heavy is imported by the command that needs it, so that ``--version`` and ``--help`` answer at once.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from compiler import __version__
from compiler.commands.arguments import PlainCommand, PlainGroup
from compiler.commands.completing import complete_agent, complete_unit
from compiler.commands.config import Described, print_schema
from compiler.commands.console import Color, Console, ExitCode, Format, Misconfigured, Usage
from compiler.disk import Disk
from compiler.migration.form import Form
from compiler.order.model import Phase
from compiler.output.target import Target
from compiler.output.writer import Unreadable
from compiler.records import dataclass, replace
from compiler.source.codes import CODES
from compiler.source.diagnostics import Severity

if TYPE_CHECKING:
    from typer.models import CommandInfo

    from compiler.pipeline import Options

__all__ = ["app", "main", "reads_template", "stream_failed"]

app = typer.Typer(
    name="unitc",
    cls=PlainGroup,
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
    MERMAID = "mermaid"
    SVG = "svg"
    HTML = "html"
    JSON = "json"


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


def _guarded(console: Console, command: Callable[[], int]) -> NoReturn:
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
        from compiler.commands.templates_on_disk import options

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
        _guarded(console, lambda: self._command(make(), **arguments))


def reads_template(command: Callable[..., int]) -> Callable[..., None]:
    """Return a command with the common options added to its own; its first parameter is the :class:`Run`."""
    return _Reads(command)


@app.command(cls=PlainCommand)
@reads_template
def check(
    run: Run,
    paths: Templates = None,
    format: FormatOption = Format.TEXT,
    strict: Strict = False,
    pedantic: Annotated[
        bool | None,
        typer.Option("--pedantic/--no-pedantic", help="Tell the less certain, too.", show_default=False),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended for certain.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; print what --fix would change.")] = False,
    report: Reports = None,
    min_severity: Annotated[
        Severity, typer.Option("--min-severity", help="Tell only what is at least as grave.")
    ] = Severity.WARNING,
    baseline: Annotated[
        str | None, typer.Option("--baseline", metavar="FILE", help="Leave out the findings that this file knows.")
    ] = None,
    write_baseline: Annotated[
        str | None, typer.Option("--write-baseline", metavar="FILE", help="Write a file that knows all findings.")
    ] = None,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="End with 0 where templates have errors.")] = False,
    jobs: Jobs = None,
) -> ExitCode:
    """Print what is wrong with templates, and nothing else."""
    from compiler.commands.check import CheckOptions, Fix, check
    from compiler.commands.many import processes
    from compiler.commands.reports import read_reports

    wanted = CheckOptions(
        format,
        strict,
        Fix.SHOW if diff else Fix.MAKE if fix else Fix.LEAVE,
        read_reports(report or ()),
        min_severity is Severity.ERROR,
        baseline,
        write_baseline,
        exit_zero,
        jobs or processes(),
    )
    return check(run.console, paths or ["."], replace(run.options, pedantic=pedantic), wanted)


@app.command("compile", cls=PlainCommand)
@reads_template
def compile_(
    run: Run,
    paths: Templates = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="Where the launcher goes; - prints it.")
    ] = None,
    out_dir: Annotated[
        str | None, typer.Option("--out-dir", metavar="DIR", help="Write a compiled copy of the whole template.")
    ] = None,
    no_wire: Annotated[bool, typer.Option("--no-wire", help="Write the launcher alone, without the wiring.")] = False,
    target: Annotated[
        Target | None,
        typer.Option(
            "--target",
            help="Wrap scripts so that they wait by themselves (launcher, the default), write rules for Coder 2.39 or "
            "later (native), or such rules where they can say all of the order (auto).",
            show_default=False,
        ),
    ] = None,
    launcher: Annotated[
        bool | None,
        typer.Option(
            "--launcher/--no-launcher",
            help="Whether to write launcher.sh; by default not into a compiled copy.",
            show_default=False,
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where what is on disk is stale or edited.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; print what would change.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that were edited or are not unitc's.")] = False,
    format: FormatOption = Format.TEXT,
    strict: Strict = False,
    report: Reports = None,
    jobs: Jobs = None,
) -> ExitCode:
    """Write the launcher, and what makes the order hold: wrapped scripts, or rules of Coder's own."""
    from compiler.commands.compile_many import compile_templates
    from compiler.commands.compile_options import CompileOptions
    from compiler.commands.many import processes
    from compiler.commands.reports import read_reports

    done_with_it = ("--check", "--diff", "--force", "--no-cache")
    arguments = tuple(argument for argument in run.arguments if argument not in done_with_it)
    wanted = CompileOptions(
        arguments,
        output,
        out_dir,
        not no_wire,
        target,
        launcher,
        check,
        diff,
        force,
        strict,
        format,
        read_reports(report or ()),
    )
    options = replace(run.options, target=target)
    return compile_templates(run.console, paths or ["."], options, wanted, jobs or processes())


@app.command(cls=PlainCommand)
def clean(
    path: Template = ".",
    force: Annotated[bool, typer.Option("--force", help="Remove files of unitc that were edited, too.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print results only.")] = False,
) -> None:
    """Remove what compile wrote into a template, and nothing else."""
    from compiler.commands.compile import clean

    console = Console.of_process(quiet=quiet)
    _guarded(console, lambda: clean(console, path, force=force))


@app.command(cls=PlainCommand)
@reads_template
def graph(
    run: Run,
    path: Template = ".",
    format: Annotated[GraphFormat, typer.Option("--format", help="How the graph is printed.")] = GraphFormat.TREE,
    focus: Annotated[
        str | None,
        typer.Option(
            "--focus",
            metavar="UNIT",
            help="Only a unit, what it waits for, and what waits for it.",
            autocompletion=complete_unit,
        ),
    ] = None,
    phase: PhaseOption = None,
    agent: AgentOption = None,
    waves: Annotated[bool, typer.Option("--waves", help="Show what can run at the same time.")] = False,
    fold: Annotated[
        bool | None,
        typer.Option("--fold/--no-fold", help="Draw a module as one box; by default in large graphs only."),
    ] = None,
) -> ExitCode:
    """Print who waits for whom.

    Where there are errors it draws what could be told, and exits with 1. Arrows are in running order.
    """
    from compiler.commands.graph import Part, graph
    from compiler.drawing.draw import Wish

    return graph(run.console, path, run.options, format, Part(focus, phase, agent), Wish(fold, waves))


@app.command(cls=PlainCommand)
@reads_template
def why(
    run: Run,
    dependent: Annotated[
        str, typer.Argument(metavar="DEPENDENT", help="The unit that waits.", autocompletion=complete_unit)
    ],
    prerequisite: Annotated[
        str | None,
        typer.Argument(
            metavar="PREREQUISITE",
            help="The unit that it waits for; all, where left out.",
            autocompletion=complete_unit,
        ),
    ] = None,
    path: Folder = ".",
) -> ExitCode:
    """Print the declarations that make one unit wait for another.

    A unit is named by its address, by the end of it, or by its display name, where only one has that.
    """
    from compiler.commands.graph import why

    return why(run.console, path, run.options, dependent, prerequisite)


@app.command(cls=PlainCommand)
@reads_template
def show(
    run: Run,
    unit: Annotated[
        str,
        typer.Argument(
            metavar="UNIT",
            help="A unit: its address, the end of it, or its display name.",
            autocompletion=complete_unit,
        ),
    ],
    path: Folder = ".",
    body: Annotated[bool, typer.Option("--body", help="Print only the body, byte for byte.")] = False,
) -> ExitCode:
    """Print a unit: its place, gates, dependents and body.

    The body is shown as it would run.
    """
    from compiler.commands.show import show

    return show(run.console, path, run.options, unit, body_only=body)


@app.command(cls=PlainCommand)
@reads_template
def migrate(
    run: Run,
    to: Annotated[Form, typer.Option("--to", help="The form into which order is turned.", show_default=False)],
    path: Template = ".",
    write: Annotated[bool, typer.Option("--write", help="Change the files, rather than print how.")] = False,
    remove_waits: Annotated[
        bool, typer.Option("--remove-waits", help="Remove waits by hand from scripts where an order does the same.")
    ] = False,
) -> ExitCode:
    """Say the same order in another form, in your own files.

    The change is printed as a diff; --write makes it. What the form can't say is told, and stays as it is.
    """
    from compiler.commands.migrate import MigrateOptions, migrate

    return migrate(run.console, path, run.options, MigrateOptions(to, write, remove_waits))


@app.command("eval", cls=PlainCommand)
@reads_template
def evaluate(
    run: Run,
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="An expression, or - to read one a line.")],
    path: Template = ".",
    show_sensitive: Annotated[
        bool, typer.Option("--show-sensitive", help="Print sensitive values like any other.")
    ] = False,
) -> ExitCode:
    """Print what a Terraform expression gives in a template.

    The value is printed as jsonencode would; where it can't be known before apply, the reason, and the exit code is 1.
    """
    from compiler.commands.evaluate import evaluate, evaluate_lines

    if expression == "-":
        return evaluate_lines(run.console, path, run.options, sys.stdin, show_sensitive=show_sensitive)
    return evaluate(run.console, path, run.options, expression, show_sensitive=show_sensitive)


@app.command(cls=PlainCommand)
def explain(
    context: typer.Context,
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="CODE", help="A diagnostic's code, such as UC203.", autocompletion=lambda: list(CODES.items())
        ),
    ] = None,
    write: Annotated[
        str | None, typer.Option("--write", metavar="DIR", help="Write all pages into a folder, with a list of them.")
    ] = None,
) -> None:
    """Print what a diagnostic means, with a wrong and a right example."""
    from compiler.commands.explain import explain, write_pages

    console = Console.of_process(disk=context.obj.disk)
    _guarded(console, lambda: explain(console, code) if write is None else write_pages(console, Path(write)))


_emit = typer.Typer(help="Print the order in the words of something else.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(_emit, name="emit")


@_emit.callback()
def _emit_forms() -> None:
    # With a callback the one command keeps its name.
    pass


@_emit.command("exp-sync", cls=PlainCommand)
@reads_template
def exp_sync(run: Run, path: Template = ".") -> ExitCode:
    """Print the order as coder exp sync calls, for the top of each script.

    Such calls say that a script waits for another to end. What else the order says is told with its place, and then
    the exit code is 1.
    """
    from compiler.commands.emit import emit_exp_sync

    return emit_exp_sync(run.console, path, run.options)


_config = typer.Typer(help="Print what a configuration may hold.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(_config, name="config")


@_config.command(cls=PlainCommand)
def schema(
    what: Annotated[
        Described, typer.Argument(metavar="WHAT", help="config, or report for the diagnostics of --format json.")
    ] = Described.CONFIG,
) -> None:
    """Print the JSON schema of unitc.toml, or of the diagnostics as JSON."""
    console = Console.of_process()
    _guarded(console, lambda: print_schema(console, what))


def _needed(arguments: Sequence[str]) -> typer.Typer:
    """Return the application with the one command that the arguments begin with, with all where they don't.

    typer makes the parameters of all commands before it looks at the arguments, which takes longer than a kept answer.
    """
    named = _named(arguments)
    if not named:
        # Registers the commands that stand in a file of their own.
        import compiler.cli_lsp
        import compiler.cli_watch  # noqa: F401

        named = _named(arguments)
    if not named:
        return app
    one = copy(app)
    one.registered_commands, one.registered_groups = named, []
    return one


def _named(arguments: Sequence[str]) -> list[CommandInfo]:
    return [
        item
        for item in app.registered_commands
        if item.callback is not None and [item.name or item.callback.__name__] == list(arguments[:1])
    ]


def main(arguments: Sequence[str] | None = None, disk: Disk | None = None) -> NoReturn:
    """Run the command line and leave the process with its exit code; ``disk`` keeps what the run looks at."""
    given = Given(tuple(sys.argv[1:] if arguments is None else arguments), disk or Disk())
    try:
        _needed(given.arguments)(args=list(given.arguments), prog_name="unitc", obj=given)
    except OSError as exc:
        # What names no file is a stream of this process, such as standard output on a full disk.
        if exc.filename is not None:
            _bug()
        stream_failed(exc)
    except Exception:
        _bug()
    raise SystemExit(ExitCode.OK)


def stream_failed(exc: OSError) -> NoReturn:
    """Say that what was to be printed couldn't be, and leave."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"unitc: standard output: {exc.strerror or exc}\n")
    with contextlib.suppress(OSError, ValueError):
        # What is still buffered would fail once more when Python leaves.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(ExitCode.FILES)


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
