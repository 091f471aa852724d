"""``unitc compile`` and ``unitc clean``: the launcher, the wiring, and nothing that isn't ours."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.commands.analysis import analyze_template
from compiler.console import Console, ExitCode, Format, Unreadable, Usage, strictly
from compiler.diagnostics import has_errors, sort_diagnostics
from compiler.templates_on_disk import TemplatePath, find_template
from compiler.terraform.files import DiskFiles, RecordedFiles
from compiler.writer import Change, Output, State, changes, diff, leftovers, replace_folder, write

if TYPE_CHECKING:
    from compiler.pipeline import Options, OutputFile

__all__ = ["CompileOptions", "clean", "compile_template", "copy_template"]


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """What ``compile`` is to do with what it made. ``output`` is where the launcher goes, ``-`` for stdout.

    ``out_dir`` is the folder for a compiled copy of the whole template.
    """

    output: str | None = None
    out_dir: str | None = None
    wire: bool = True
    check: bool = False
    diff: bool = False
    force: bool = False
    strict: bool = False
    form: Format = Format.TEXT


def _name(path: Path, template: TemplatePath) -> str:
    """Return how a file is called in messages: relative to the template's folder where it lies in it."""
    try:
        return path.relative_to(template.folder).as_posix()
    except ValueError:
        return os.fspath(path)


def _ours(template: TemplatePath) -> tuple[Path, ...]:
    """Return the files that an earlier compile may have left in a template, where they carry our header."""
    from compiler.pipeline import OWN_FILES

    return leftovers(path for pattern in OWN_FILES for path in sorted(template.folder.glob(pattern)) if path.is_file())


def compile_template(console: Console, path: str, options: Options, wanted: CompileOptions) -> ExitCode:
    """Compile a template and write what comes of it, or with ``check`` and ``diff`` say what writing would change."""
    from compiler.pipeline import LAUNCHER, compile_analysis

    template = find_template(path)
    files = RecordedFiles(DiskFiles(template.folder))
    analysis = analyze_template(template, options, files)
    found = analysis.diagnostics
    made: tuple[OutputFile, ...] = ()
    if not has_errors(strictly(found, strict=wanted.strict)):
        alone = not wanted.wire or wanted.output == "-"
        compiled = compile_analysis(analysis, files.digest(options.texts), wire=not alone, template=template.given)
        made, found = compiled.files, sort_diagnostics((*found, *compiled.diagnostics))
    found = strictly(found, strict=wanted.strict)
    code = console.report([(template.given, found)], wanted.form)
    if code is not ExitCode.OK:
        return code
    if wanted.output == "-":
        console.out("".join(item.text for item in made if item.path == LAUNCHER))
        return code
    outputs = [
        Output(
            Path(wanted.output) if wanted.output and item.path == LAUNCHER else template.folder / item.path,
            item.text,
            item.executable,
        )
        for item in made
    ]
    old = _ours(template) if wanted.wire and not wanted.output else ()
    planned = changes(outputs, old)
    if wanted.check or wanted.diff:
        return _compare(console, template, planned, show=wanted.diff)
    return _write(console, template, planned, force=wanted.force)


def copy_template(console: Console, path: str, options: Options, wanted: CompileOptions) -> ExitCode:
    """Write a compiled copy of a template, or with ``check`` and ``diff`` say how the one on disk differs."""
    from compiler.pipeline import compile_copy
    from compiler.vendor import replaceable

    assert wanted.out_dir is not None
    target = Path(wanted.out_dir)
    template = find_template(path)
    if not replaceable(target):
        raise Usage(f"{wanted.out_dir} holds something that unitc did not put there; name an empty or new folder")
    if template.folder.resolve().is_relative_to(target.resolve()):
        raise Usage(f"{wanted.out_dir} holds the template itself; name another folder")
    files = RecordedFiles(DiskFiles(template.folder))
    analysis = analyze_template(template, options, files)
    found = analysis.diagnostics
    made: tuple[OutputFile, ...] = ()
    if not has_errors(strictly(found, strict=wanted.strict)):
        inside = os.path.relpath(target.resolve(), template.folder.resolve()).replace(os.sep, "/")
        try:
            compiled = compile_copy(analysis, files.digest(options.texts), options, (inside,))
        except OSError as exc:
            raise Unreadable(f"{exc.filename or template.given}: {exc.strerror or exc}") from None
        made, found = compiled.files, sort_diagnostics((*found, *compiled.diagnostics))
    code = console.report([(template.given, strictly(found, strict=wanted.strict))], wanted.form)
    if code is not ExitCode.OK:
        return code
    if wanted.check or wanted.diff:
        outputs = [Output(target / item.path, item.text, item.executable) for item in made]
        there = sorted(item for item in target.rglob("*") if item.is_file()) if target.is_dir() else []
        return _compare(console, TemplatePath(template.given, target), changes(outputs, there), show=wanted.diff)
    replace_folder(target, (Output(Path(item.path), item.text, item.executable) for item in made))
    console.note(f"wrote {wanted.out_dir} ({len(made)} files)")
    return code


def _compare(console: Console, template: TemplatePath, planned: tuple[Change, ...], *, show: bool) -> ExitCode:
    code = ExitCode.OK
    for change in planned:
        if change.state is State.CURRENT:
            continue
        code = ExitCode.ERRORS
        name = _name(change.path, template)
        if show:
            console.out(diff(change, name))
        else:
            console.fail(f"{name} {change.state.value}; run: unitc compile {template.given}")
    return code


def _write(console: Console, template: TemplatePath, planned: tuple[Change, ...], *, force: bool) -> ExitCode:
    protected = [change for change in planned if change.state.protected]
    if protected and not force:
        for change in protected:
            console.fail(f"{_name(change.path, template)} {change.state.value}; --force replaces it")
        console.fail("nothing was written")
        return ExitCode.ERRORS
    write(planned)
    for change in planned:
        if change.state is not State.CURRENT:
            verb = "removed" if change.output is None else "wrote"
            console.note(f"{verb} {_name(change.path, template)}")
    if all(change.state is State.CURRENT for change in planned):
        console.note("everything is up to date")
    return ExitCode.OK


def clean(console: Console, path: str, *, force: bool) -> ExitCode:
    """Remove what ``compile`` wrote into a template, nothing else; a file edited by hand only by force."""
    template = find_template(path)
    planned = changes((), _ours(template))
    if not planned:
        console.note("there is nothing to remove")
        return ExitCode.OK
    return _write(console, template, planned, force=force)
