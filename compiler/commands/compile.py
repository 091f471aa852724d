"""``unitc compile``: any number of templates, each for itself, and one summary."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from compiler.command_line.application import command
from compiler.commands.compile_one import CompileOptions, compile_template
from compiler.commands.many import each, processes
from compiler.commands.shared.console import (
    Color,
    Console,
    ExitCode,
    Format,
    Misconfigured,
    TemplateRun,
    Usage,
    read_reports,
)
from compiler.commands.shared.templates_on_disk import TemplatePath, find_templates
from compiler.disk import Unreadable
from compiler.output.target import Target
from compiler.records import dataclass, replace
from compiler.source.diagnostics import Diagnostic

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
    from compiler.pipeline import Options

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


@command("compile")
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
    console, options, given = run.console, replace(run.options, target=target), paths or ["."]
    wanted.hold_together()
    templates = find_templates(console.disk, given, modules=False)
    # A path that is no template itself is a folder that holds some.
    if len(given) == 1 and [template.given for template in templates] == given:
        return compile_template(console, templates[0], options, wanted)
    if output is not None:
        raise Usage(f"-o names one file, and there are {len(templates)} templates")
    folders = _folders(templates) if out_dir is not None else {}
    work = partial(_compiled, options, wanted, folders, console.colored(console.stderr), console.quiet)
    done = each(console, templates, work, jobs or processes())
    console.disk.repeatable = False
    console.report([result for item in done for result in item.results], format, wanted.reports)
    for item in done:
        console.out(item.stdout)
        console.stderr.write(item.stderr)
    failed = sum(item.code is not ExitCode.OK for item in done)
    if format is Format.TEXT and not diff:
        verb = "up to date" if check else "compiled"
        console.note(f"{len(done) - failed} of {len(done)} templates {verb}.")
    # What keeps a run from its work is graver than what is wrong with a template.
    return max((item.code for item in done), default=ExitCode.OK)


@dataclass(frozen=True, slots=True)
class _CompiledTemplate:
    """What came of a template, and what is to be said of it."""

    code: ExitCode
    results: tuple[tuple[str, tuple[Diagnostic, ...]], ...]
    stdout: str
    stderr: str


def _compiled(
    options: Options,
    wanted: CompileOptions,
    folders: dict[str, str],
    colored: bool,
    quiet: bool,
    template: TemplatePath,
) -> _CompiledTemplate:
    stdout, stderr = io.StringIO(), io.StringIO()
    color = Color.ALWAYS if colored else Color.NEVER
    results: list[tuple[str, tuple[Diagnostic, ...]]] = []
    console = Console(stdout, stderr, os.environ, color, quiet, template.disk, results)
    # A file stands for its folder, in messages too.
    own = replace(wanted, within=f"{template.folder.as_posix()}/")
    try:
        if wanted.out_dir is not None:
            own = replace(own, out_dir=os.path.join(wanted.out_dir, folders[template.given]))
        code = compile_template(console, template, options, own)
    except Misconfigured as exc:
        code = ExitCode.USAGE
        results.append((exc.template, exc.diagnostics))
    except (Usage, Unreadable) as exc:
        code = ExitCode.USAGE if isinstance(exc, Usage) else ExitCode.FILES
        console.fail(f"{template.given}: {exc}")
    return _CompiledTemplate(code, tuple(results), stdout.getvalue(), stderr.getvalue())


def _folders(templates: Sequence[TemplatePath]) -> dict[str, str]:
    """Return for each template the name of its folder below ``--out-dir``.

    That is the name of its own folder, or of its whole path where several are called so.
    """
    own = {template.given: os.path.basename(os.path.abspath(template.folder)) for template in templates}
    shared = Counter(own.values())
    names: dict[str, TemplatePath] = {}
    for template in templates:
        name = own[template.given]
        if shared[name] > 1:
            steps = os.path.normpath(template.folder).replace(os.sep, "/").split("/")
            name = "-".join(step for step in steps if step.strip(".")) or name
        if name in names:
            raise Usage(
                f"{names[name].given} and {template.given} would both be {name} in --out-dir; compile one alone"
            )
        names[name] = template
    return {template.given: name for name, template in names.items()}
