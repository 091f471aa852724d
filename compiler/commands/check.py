"""``unitc check``: diagnostics and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from compiler.commands.many import each
from compiler.commands.shared.analysis import hold_addresses, read_template, unknown_addresses
from compiler.commands.shared.console import Console, ExitCode, Format, Misconfigured, Usage, strictly
from compiler.commands.shared.reports import ReportFile
from compiler.commands.shared.templates_on_disk import find_templates
from compiler.commands.staleness import torn_files
from compiler.disk import telling
from compiler.records import dataclass, replace
from compiler.source.diagnostics import Diagnostic, Severity

if TYPE_CHECKING:
    from compiler.commands.shared.baseline import Results
    from compiler.commands.shared.templates_on_disk import TemplatePath
    from compiler.pipeline import Analysis, Options
    from compiler.shell.tools import Tools
    from compiler.source.span import Source

from compiler.source.limits import MAX_ROUNDS
from compiler.source.prose import counted

# Of the modules that take a compiled copy so many are named.
_SHOWN = 3


class Fix(Enum):
    """What becomes of the changes that diagnostics offer."""

    LEAVE = "they are not made"
    SHOW = "they are printed as a diff, before what is found without them"
    MAKE = "they are made in the files"


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How ``check`` tells what it finds, and what becomes of it. ``jobs`` is how many processes may work on it.

    ``errors_only``: warnings aren't told. ``baseline`` names a file of findings that are known, ``write_baseline`` one
    that gets all that there are. ``exit_zero``: errors in templates don't show in the exit code.
    """

    form: Format = Format.TEXT
    strict: bool = False
    fix: Fix = Fix.LEAVE
    reports: tuple[ReportFile, ...] = ()
    errors_only: bool = False
    baseline: str | None = None
    write_baseline: str | None = None
    exit_zero: bool = False
    jobs: int = 1


def check(console: Console, paths: Sequence[str], options: Options, wanted: CheckOptions) -> ExitCode:
    """Report what is wrong with the templates that the paths name, after what can be fixed has been.

    Raises :class:`Usage` where two options don't go together.
    """
    from compiler.shell.tools import TIMEOUT, AskedOnce, Tools

    if wanted.fix is Fix.SHOW and wanted.form is not Format.TEXT:
        raise Usage(f"--diff prints what would change, and --format {wanted.form} the diagnostics, to the same stream")
    templates = find_templates(console.disk, paths)
    # Of several templates each file is named as it is seen from here.
    folders = [f"{item.folder.as_posix()}/" if len(templates) > 1 else "" for item in templates]
    if wanted.fix is Fix.SHOW:
        for template, folder in zip(templates, folders, strict=True):
            _show(console, template, options, folder)
    if wanted.fix is Fix.MAKE:
        for template, folder in zip(templates, folders, strict=True):
            _fix(console, template, options, folder)
    known = None
    if wanted.baseline is not None:
        from compiler.commands.shared.baseline import read_baseline

        known = read_baseline(console.disk, wanted.baseline)
    tools = Tools.found(console.disk)
    checked = each(console, templates, partial(_checked, replace(options, tools=AskedOnce(tools)), tools), wanted.jobs)
    # An address counts where one of the templates has it.
    hold_addresses(frozenset(options.attributes).intersection(*(item.unknown for item in checked)))
    results: Results = [(item.given, strictly(item.diagnostics, strict=wanted.strict)) for item in checked]
    if wanted.errors_only:
        results = [(given, tuple(filter(_is_error, found))) for given, found in results]
    if wanted.write_baseline is not None:
        from compiler.commands.shared.baseline import write_baseline

        number = write_baseline(console.disk, wanted.write_baseline, results)
        console.note(f"wrote {wanted.write_baseline} ({counted(number, 'finding')})")
        return ExitCode.OK
    if known is not None and wanted.baseline is not None:
        from compiler.commands.shared.baseline import without_known

        results, gone = without_known(known, wanted.baseline, results)
        if gone:
            console.note(f"{gone} of the findings in {wanted.baseline} are gone; write it again with --write-baseline")
    code = console.report(results, wanted.form, wanted.reports)
    if any(item.misconfigured for item in checked):
        return ExitCode.USAGE
    if wanted.form is Format.TEXT:
        for item in checked:
            if item.needs_copy:
                console.note(f"{item.given}: compiling it takes --out-dir DIR: {item.needs_copy}")
        if tools.shellcheck is None:
            console.note("ShellCheck is not installed, so it checked no script: pip install 'unitc-coder[shellcheck]'")
        for shell in sorted({shell for item in checked for shell in item.missing}):
            console.note(f"{shell} is not installed, so the syntax of scripts for it was not checked")
        for program in sorted({program for item in checked for program in item.unheard}):
            console.note(f"{program} gave no full answer within {TIMEOUT} s, so not every script was checked with it")
    if wanted.form is Format.TEXT and code is ExitCode.OK:
        console.note(f"{counted(len(results), 'template')} checked, no errors.")
    return ExitCode.OK if wanted.exit_zero else code


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


def _checked(options: Options, tools: Tools, template: TemplatePath) -> _Checked:
    try:
        analysis = read_template(template, options)
    except Misconfigured as exc:
        return _Checked(template.given, exc.diagnostics, frozenset(), misconfigured=True)
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


def _show(console: Console, template: TemplatePath, options: Options, folder: str) -> None:
    from compiler.output.fix import fix_diff

    for source, text in _changes(template, options):
        console.out(fix_diff(source, text, folder))


def _fix(console: Console, template: TemplatePath, options: Options, folder: str) -> None:
    from compiler.output.fix import replace_file

    for source, text in _changes(template, options):
        with telling(f"{folder}{source.name}", always=True):
            replace_file(console.disk, template.folder / source.name, text)
        console.note(f"fixed {folder}{source.name}")
