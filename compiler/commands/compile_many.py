"""``unitc compile`` with any number of templates: each for itself, and one summary."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from compiler.commands.compile import compile_template, copy_template
from compiler.commands.many import each
from compiler.commands.shared.compile_options import CompileOptions
from compiler.commands.shared.console import Color, Console, ExitCode, Format, Misconfigured, Usage
from compiler.commands.shared.templates_on_disk import TemplatePath, find_templates
from compiler.disk import Unreadable
from compiler.records import dataclass, replace
from compiler.source.diagnostics import Diagnostic

if TYPE_CHECKING:
    from compiler.pipeline import Options


def compile_templates(
    console: Console, paths: Sequence[str], options: Options, wanted: CompileOptions, jobs: int
) -> ExitCode:
    """Compile the templates that the paths name, in as many processes as may be used."""
    wanted.hold_together()
    templates = find_templates(console.disk, paths, modules=False)
    if len(templates) == 1 and len(paths) == 1 and _is_named(paths[0], templates[0]):
        command = compile_template if wanted.out_dir is None else copy_template
        return command(console, templates[0], options, wanted)
    if wanted.output is not None:
        raise Usage(f"-o names one file, and there are {len(templates)} templates")
    folders = _folders(templates) if wanted.out_dir is not None else {}
    work = partial(_compiled, options, wanted, folders, console.colored(console.stderr), console.quiet)
    done = each(console, templates, work, jobs)
    console.disk.repeatable = False
    console.report([result for item in done for result in item.results], wanted.form, wanted.reports)
    for item in done:
        console.out(item.stdout)
        console.stderr.write(item.stderr)
    failed = sum(item.code is not ExitCode.OK for item in done)
    if wanted.form is Format.TEXT and not wanted.diff:
        verb = "up to date" if wanted.check else "compiled"
        console.note(f"{len(done) - failed} of {len(done)} templates {verb}.")
    # What keeps a run from its work is graver than what is wrong with a template.
    return max((item.code for item in done), default=ExitCode.OK)


def _is_named(path: str, template: TemplatePath) -> bool:
    """Return whether a path names a template itself, not a folder that holds some."""
    return template.given == path


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
        if wanted.out_dir is None:
            code = compile_template(console, template, options, own)
        else:
            out_dir = os.path.join(wanted.out_dir, folders[template.given])
            code = copy_template(console, template, options, replace(own, out_dir=out_dir))
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
