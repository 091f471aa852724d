"""The commands that check templates and write files: ``check``, ``compile``, ``clean`` and ``migrate``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from compiler.command_line.application import CommandLine, TemplateRun, command, guarded, reads_template
from compiler.commands.shared.console import Console, ExitCode, Format
from compiler.output.target import Target
from compiler.records import replace
from compiler.source.diagnostics import Severity

if TYPE_CHECKING:
    from compiler.command_line.parameters import (
        Annotated,
        Form,
        FormatOption,
        Jobs,
        Reports,
        Strict,
        TemplateArgument,
        TemplatesArgument,
        typer,
    )


@reads_template("check")
def check(
    run: TemplateRun,
    paths: TemplatesArgument = None,
    format: FormatOption = Format.TEXT,
    strict: Strict = False,
    pedantic: Annotated[
        bool | None,
        typer.Option("--pedantic/--no-pedantic", help="Report what is less certain, too.", show_default=False),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Fix what can be fixed for certain.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; print what --fix would change.")] = False,
    report: Reports = None,
    min_severity: Annotated[
        Severity, typer.Option("--min-severity", help="Report only what is at least as severe.")
    ] = Severity.WARNING,
    baseline: Annotated[
        str | None, typer.Option("--baseline", metavar="FILE", help="Leave out the findings that this file lists.")
    ] = None,
    write_baseline: Annotated[
        str | None, typer.Option("--write-baseline", metavar="FILE", help="Write all findings into such a file.")
    ] = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 even where templates have errors.")
    ] = False,
    jobs: Jobs = None,
) -> ExitCode:
    """Print what is wrong with templates, and nothing else."""
    from compiler.commands.check import CheckOptions, Fix, check
    from compiler.commands.many import processes
    from compiler.commands.shared.reports import read_reports

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


_DONE_WITH_IT = frozenset({"--check", "--diff", "--force", "--no-cache"})
_TOLD_OF_IT = frozenset({"--format", "--report", "--jobs", "-j"})


def _of_what_is_made(arguments: Iterable[str]) -> Iterator[str]:
    """Yield the arguments that say what is made, without those that say what is done with it and how it is told."""
    rest = iter(arguments)
    for argument in rest:
        if argument in _TOLD_OF_IT:
            next(rest, None)
        elif argument not in _DONE_WITH_IT and argument.partition("=")[0] not in _TOLD_OF_IT:
            yield argument


@reads_template("compile")
def compile_(
    run: TemplateRun,
    paths: TemplatesArgument = None,
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
    from compiler.commands.many import processes
    from compiler.commands.shared.compile_options import CompileOptions
    from compiler.commands.shared.reports import read_reports

    wanted = CompileOptions(
        tuple(_of_what_is_made(run.arguments)),
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


@command("clean")
def clean(
    given: CommandLine,
    path: TemplateArgument = ".",
    force: Annotated[bool, typer.Option("--force", help="Remove generated files that were edited, too.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print results only.")] = False,
) -> None:
    """Remove what compile wrote into a template, and nothing else."""
    from compiler.commands.compile import clean

    console = Console.of_process(quiet=quiet, disk=given.disk)
    guarded(console, lambda: clean(console, path, force=force))


@reads_template("migrate")
def migrate(
    run: TemplateRun,
    to: Annotated[Form, typer.Option("--to", help="The form that the order is rewritten in.", show_default=False)],
    path: TemplateArgument = ".",
    write: Annotated[bool, typer.Option("--write", help="Change the files instead of printing a diff.")] = False,
    remove_waits: Annotated[
        bool, typer.Option("--remove-waits", help="Remove waits by hand from scripts where an order does the same.")
    ] = False,
) -> ExitCode:
    """Rewrite the order in another form, in your own files.

    The change is printed as a diff; --write makes it. What the form can't say is told, and stays as it is.
    """
    from compiler.commands.migrate import MigrateOptions, migrate

    return migrate(run.console, path, run.options, MigrateOptions(to, write, remove_waits))
