"""``unitc check``: diagnostics and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from compiler.command_line.application import command
from compiler.commands.many import each, processes
from compiler.commands.shared.analysis import hold_addresses, read_template, unknown_addresses
from compiler.commands.shared.console import (
    Console,
    ExitCode,
    Format,
    Misconfigured,
    TemplateRun,
    Usage,
    read_reports,
    strictly,
)
from compiler.commands.shared.templates_on_disk import find_templates
from compiler.disk import telling
from compiler.records import dataclass, replace
from compiler.source.diagnostics import Diagnostic, Severity
from compiler.source.limits import MAX_ROUNDS
from compiler.source.prose import counted

if TYPE_CHECKING:
    from compiler.command_line.parameters import (
        Annotated,
        FormatOption,
        Jobs,
        Reports,
        Strict,
        TemplatesArgument,
        typer,
    )
    from compiler.commands.shared.baseline import Results
    from compiler.commands.shared.templates_on_disk import TemplatePath
    from compiler.pipeline import Analysis, Options
    from compiler.shell.tools import Tools
    from compiler.source.span import Source

# Of the modules that take a compiled copy so many are named.
_SHOWN = 3


@command("check")
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
    from compiler.shell.tools import AskedOnce, Tools

    console, options, reports = run.console, replace(run.options, pedantic=pedantic), read_reports(report or ())
    if diff and format is not Format.TEXT:
        raise Usage(f"--diff prints what would change, and --format {format} the diagnostics, to the same stream")
    templates = find_templates(console.disk, paths or ["."])
    if fix or diff:
        for template in templates:
            # Of several templates each file is named as it is seen from here.
            folder = f"{template.folder.as_posix()}/" if len(templates) > 1 else ""
            _fix(console, template, options, folder, only_shown=diff)
    known = None
    if baseline is not None:
        from compiler.commands.shared.baseline import read_baseline

        known = read_baseline(console.disk, baseline)
    tools = Tools.found(console.disk)
    work = partial(_checked, replace(options, tools=AskedOnce(tools)), tools)
    checked = each(console, templates, work, jobs or processes())
    # An address counts where one of the templates has it.
    hold_addresses(frozenset(options.attributes).intersection(*(item.unknown for item in checked)))
    results: Results = [(item.given, strictly(item.diagnostics, strict=strict)) for item in checked]
    if min_severity is Severity.ERROR:
        results = [(given, tuple(filter(_is_error, found))) for given, found in results]
    if write_baseline is not None:
        from compiler.commands.shared import baseline as baselines

        number = baselines.write_baseline(console.disk, write_baseline, results)
        console.note(f"wrote {write_baseline} ({counted(number, 'finding')})")
        return ExitCode.OK
    if known is not None and baseline is not None:
        from compiler.commands.shared.baseline import without_known

        results, gone = without_known(known, baseline, results)
        if gone:
            console.note(f"{gone} of the findings in {baseline} are gone; write it again with --write-baseline")
    code = console.report(results, format, reports)
    if any(item.misconfigured for item in checked):
        return ExitCode.USAGE
    if format is Format.TEXT:
        _note(console, checked, tools)
        if code is ExitCode.OK:
            console.note(f"{counted(len(results), 'template')} checked, no errors.")
    return ExitCode.OK if exit_zero else code


@dataclass(frozen=True, slots=True)
class _Checked:
    """What there is to tell of a template. ``unknown`` are the given addresses that it doesn't have.

    ``needs_copy`` says why compiling it takes ``--out-dir``, empty where it doesn't. ``missing`` are shells that would
    have read its scripts, and aren't installed; ``unheard`` programs that gave no answer, or not all of it.
    """

    given: str
    diagnostics: tuple[Diagnostic, ...]
    unknown: frozenset[str]
    misconfigured: bool = False
    needs_copy: str = ""
    missing: frozenset[str] = frozenset()
    unheard: frozenset[str] = frozenset()


def _note(console: Console, checked: Sequence[_Checked], tools: Tools) -> None:
    """Say what was not looked at, and how templates are compiled where that takes more than their paths."""
    from compiler.shell.tools import TIMEOUT

    for item in checked:
        if item.needs_copy:
            console.note(f"{item.given}: compiling it takes --out-dir DIR: {item.needs_copy}")
    if tools.shellcheck is None:
        console.note("ShellCheck is not installed, so it checked no script: pip install 'unitc-coder[shellcheck]'")
    for shell in sorted({shell for item in checked for shell in item.missing}):
        console.note(f"{shell} is not installed, so the syntax of scripts for it was not checked")
    for program in sorted({program for item in checked for program in item.unheard}):
        console.note(f"{program} gave no full answer within {TIMEOUT} s, so not every script was checked with it")


def _checked(options: Options, tools: Tools, template: TemplatePath) -> _Checked:
    try:
        analysis = read_template(template, options)
    except Misconfigured as exc:
        return _Checked(template.given, exc.diagnostics, frozenset(), misconfigured=True)
    # Imported when the programs that read the scripts have long begun.
    from compiler.commands.staleness import torn_files

    torn = torn_files(template.disk, analysis, template.folder, template.given)
    unknown = unknown_addresses(analysis, options)
    found = (*analysis.diagnostics, *torn)
    return _Checked(
        template.given, found, unknown, False, _needs_copy(analysis), frozenset(tools.missing), frozenset(tools.unheard)
    )


def _needs_copy(analysis: Analysis) -> str:
    from compiler.pipeline import needs_copy

    far = needs_copy(analysis) if analysis.valid else ()
    said = [f"module.{'.module.'.join(item.path)} {item.why}" for item in far]
    return "; ".join([*said[:_SHOWN], *([f"and {len(far) - _SHOWN} more"] if len(far) > _SHOWN else [])])


def _is_error(diagnostic: Diagnostic) -> bool:
    return diagnostic.severity is Severity.ERROR


def _changes(template: TemplatePath, options: Options) -> list[tuple[Source, str]]:
    """Return the template's own files that can be fixed, with their new texts, after as many rounds as it takes."""
    from compiler.output.fix import fixed, put_together
    from compiler.terraform.configuration.files import EditedFiles

    changes: Mapping[Source, str] = {}
    for _ in range(MAX_ROUNDS):
        texts = {source.name: text.encode("utf-8", "surrogateescape") for source, text in changes.items()}
        found = fixed(read_template(template, options, EditedFiles(template.files, texts)).diagnostics)
        if not found:
            break
        changes = put_together(changes, found)
    return sorted(changes.items(), key=lambda item: item[0].name)


def _fix(console: Console, template: TemplatePath, options: Options, folder: str, *, only_shown: bool) -> None:
    from compiler.output.fix import fix_diff, replace_file

    for source, text in _changes(template, options):
        if only_shown:
            console.out(fix_diff(source, text, folder))
            continue
        with telling(f"{folder}{source.name}", always=True):
            replace_file(console.disk, template.folder / source.name, text)
        console.note(f"fixed {folder}{source.name}")
