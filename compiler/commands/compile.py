"""``unitc compile`` and ``unitc clean``: the launcher, the wiring, and nothing that isn't ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.commands.shared.analysis import analyze_template, settings_of
from compiler.commands.shared.compile_options import CompileOptions
from compiler.commands.shared.console import Console, ExitCode, Usage, strictly
from compiler.commands.shared.templates_on_disk import TemplatePath, find_template
from compiler.disk import Unreadable, telling
from compiler.output.changes import FileChange, Output, State, changes, diff, leftovers, read_own
from compiler.output.journal import DONE, JOURNAL
from compiler.output.marker import MARKER, read_marker, text_digest
from compiler.output.target import Target
from compiler.source.conflicts import conflicts
from compiler.source.diagnostics import Diagnostic, has_errors, sort_diagnostics

if TYPE_CHECKING:
    from compiler.disk import Disk
    from compiler.pipeline import Analysis, Compiled, Options, OutputFile

from compiler.source.prose import counted


def _name(path: Path, folder: Path) -> str:
    """Return how a file is called: relative to a folder where it lies in it."""
    try:
        return path.relative_to(folder).as_posix()
    except ValueError:
        return os.fspath(path)


# Folders that are large and hold no modules.
_PASSED_OVER = frozenset({"node_modules"})


def _module_folders(disk: Disk, folder: Path) -> Iterator[Path]:
    """Yield the folders that may be modules of a template, its own first, by name."""
    yield folder
    try:
        names = disk.names(os.fspath(folder))
    except OSError:
        # Terraform reads no module from a folder that can't be read either.
        return
    for name in names:
        child = folder / name
        at = os.fspath(child)
        # What stands behind a link isn't in the template, and hidden folders are Terraform's and git's.
        if name.startswith(".") or name in _PASSED_OVER or disk.is_link(at) or not disk.is_dir(at):
            continue
        if not _is_template_of_its_own(disk, child):
            yield from _module_folders(disk, child)


def _is_template_of_its_own(disk: Disk, folder: Path) -> bool:
    """Return whether a folder was compiled by itself, so that what is generated in it belongs there."""
    from compiler.pipeline import RUNTIME
    from compiler.wiring.model import NATIVE_REMARK, PLAIN_FILE

    if disk.exists(os.fspath(folder / MARKER)) or leftovers(disk, [folder / name for name in RUNTIME]):
        return True
    rules = read_own(disk, folder / PLAIN_FILE)
    return rules is not None and f"# {NATIVE_REMARK}\n" in rules


def _ours(template: TemplatePath, *, launcher: bool = True) -> tuple[Path, ...]:
    """Return the files that an earlier compile may have left in a template: those that carry our header."""
    from compiler.pipeline import LAUNCHER, RUNTIME
    from compiler.wiring.model import OVERRIDE_FILE, PLAIN_FILE

    disk = template.disk
    places = [template.folder / LAUNCHER] if launcher else []
    places += [
        template.folder / name for name in RUNTIME if not disk.is_link(os.fspath((template.folder / name).parent))
    ]
    for folder in _module_folders(disk, template.folder):
        places += [folder / PLAIN_FILE, folder / OVERRIDE_FILE]
    return leftovers(disk, places)


def compile_template(console: Console, template: TemplatePath, options: Options, wanted: CompileOptions) -> ExitCode:
    """Compile a template and write what comes of it, or with ``check`` and ``diff`` say what writing would change."""
    from compiler.pipeline import LAUNCHER, Compiled, compile_analysis

    unsettled = _settle(console, template, template.folder, wanted)
    if unsettled:
        return _report(console, template, unsettled, wanted)
    analysis = analyze_template(template, options)
    found, compiled = analysis.diagnostics, Compiled((), ())
    if not has_errors(strictly(found, strict=wanted.strict)):
        alone = not wanted.wire or wanted.output == "-"
        launcher = wanted.has_launcher(settings_of(template), usual=_usual_launcher(template))
        compiled = compile_analysis(analysis, wire=not alone, template=template.given, launcher=launcher)
    found = strictly(sort_diagnostics((*found, *compiled.diagnostics)), strict=wanted.strict)
    if has_errors(found):
        return _report(console, template, found, wanted)
    if wanted.output == "-":
        _report(console, template, found, wanted)
        console.out("".join(item.text for item in compiled.files if item.path == LAUNCHER))
        return ExitCode.OK

    def plan() -> tuple[FileChange, ...]:
        old = _ours(template, launcher=wanted.output is None) if wanted.wire else ()
        return changes(console.disk, _outputs(template, compiled.files, wanted), old)

    planned, code = _held(console, template, plan, found, wanted, template.folder)
    if planned is None:
        return code
    _write(console, template, planned, within=wanted.within)
    console.note(_summary(template.given, analysis, compiled, wired=wanted.wire))
    return ExitCode.OK


def _report(console: Console, template: TemplatePath, found: Iterable[Diagnostic], wanted: CompileOptions) -> ExitCode:
    return console.report([(template.given, tuple(found))], wanted.form, wanted.reports)


def _held(
    console: Console,
    template: TemplatePath,
    plan: Callable[[], tuple[FileChange, ...]],
    found: tuple[Diagnostic, ...],
    wanted: CompileOptions,
    folder: Path,
) -> tuple[tuple[FileChange, ...] | None, ExitCode]:
    """Report what is found of a template and of what is on disk.

    Return what is to be written, None where nothing is to be, and the exit code. Diffs name files as seen from
    ``folder``. What ``plan`` raises is raised after the report.
    """
    try:
        planned = plan()
    except (Usage, Unreadable):
        _report(console, template, found, wanted)
        raise
    if wanted.check or wanted.diff:
        differing = [change for change in planned if change.state is not State.CURRENT]
        # A difference that no diff shows is in the mode of a file, or it is a link.
        shown = {
            change: diff(change, wanted.within + _name(change.path, folder)) for change in differing if wanted.diff
        }
        told = [change for change in differing if not shown.get(change)]
        _report(console, template, (*found, *_stale(template, told, wanted)), wanted)
        for text in shown.values():
            console.out(text)
        return None, ExitCode.ERRORS if differing else ExitCode.OK
    protected = [change for change in planned if change.state.protected and not wanted.force]
    code = _report(console, template, (*found, *_stale(template, protected, wanted)), wanted)
    if protected:
        console.fail("nothing was written" + (f" into {template.given}" if wanted.within else ""))
        return None, code
    return planned, code


def _stale(template: TemplatePath, told: Iterable[FileChange], wanted: CompileOptions) -> Iterator[Diagnostic]:
    for change in told:
        from compiler.commands.staleness import stale

        name = wanted.within + _name(change.path, template.folder)
        yield stale(change, name, template.folder, wanted.command(force=change.state.protected))


def _usual_launcher(template: TemplatePath) -> bool:
    """Return whether the launcher is written where nothing says it: into a copy only if it has one."""
    from compiler.pipeline import LAUNCHER

    exists = template.disk.exists
    return not exists(os.fspath(template.folder / MARKER)) or exists(os.fspath(template.folder / LAUNCHER))


def _summary(template: str, analysis: Analysis, compiled: Compiled, *, wired: bool = True) -> str:
    """Return in one line what was compiled: how many scripts there are, how many of them an order concerns, to what."""
    scripts = {unit.address for graph in analysis.graphs for unit in graph.units}
    ordered = {
        address for graph in analysis.graphs for edge in graph.gates for address in (edge.dependent, edge.prerequisite)
    }
    ordered |= {unit.address for graph in analysis.graphs for unit in graph.units if unit.mutexes}
    said = [counted(len(scripts), "script"), f"{len(ordered)} ordered" if ordered else _UNORDERED[wired]]
    if compiled.vendored:
        said.append(counted(compiled.vendored, "vendored module"))
    if compiled.why or compiled.target is not Target.LAUNCHER:
        said.append(f"target {compiled.target}" + f" ({compiled.why})" * bool(compiled.why))
    return f"{template}: {', '.join(said)}"


_UNORDERED = {True: "none ordered, so there is nothing to wire", False: "none ordered"}


_UP_TO_DATE = "everything is up to date"
_UNDONE = "an earlier write was cut off; its changes were undone first"


def _settle(console: Console, template: TemplatePath, target: Path, wanted: CompileOptions) -> tuple[Diagnostic, ...]:
    """Put right a write into a folder that was cut off; with ``check`` and ``diff`` only return what is said of it."""
    if wanted.output == "-" or not console.disk.is_dir(os.fspath(target)):
        return ()
    journals = (target / name for name in (DONE, JOURNAL))
    journal = next((path for path in journals if console.disk.exists(os.fspath(path))), None)
    if journal is None:
        return ()
    from compiler.commands.staleness import cut_off
    from compiler.output.writer import recover, was_cut_off

    if not (wanted.check or wanted.diff):
        if recover(console.disk, target):
            console.note(_UNDONE)
        return ()
    if not was_cut_off(console.disk, target):
        return ()
    return (cut_off(journal, target, template.folder, wanted.command(force=False)),)


def _outputs(template: TemplatePath, made: tuple[OutputFile, ...], wanted: CompileOptions) -> list[Output]:
    """Return what goes where. Raises :class:`Usage` and :class:`Unreadable` where it can't go there."""
    from compiler.pipeline import GATE, LAUNCHER

    places = {item.path: template.folder / item.path for item in made}
    if wanted.output is not None:
        places[LAUNCHER] = Path(wanted.output)
        wiring = {template.disk.real(os.fspath(path)) for name, path in places.items() if name != LAUNCHER}
        if template.disk.real(wanted.output) in wiring:
            raise Usage(f"-o {wanted.output} names a file of the wiring")
    if GATE in places and template.disk.is_link(os.fspath(places[GATE].parent)):
        raise Unreadable(
            f"{_name(places[GATE].parent, template.folder)} is a symbolic link, which Coder's upload leaves out; "
            "nothing was changed"
        )
    return [Output(places[item.path], item.text, item.executable) for item in made]


def copy_template(console: Console, template: TemplatePath, options: Options, wanted: CompileOptions) -> ExitCode:
    """Write a compiled copy of a template, or with ``check`` and ``diff`` say how the one on disk differs."""
    from compiler.pipeline import Compiled, compile_copy

    assert wanted.out_dir is not None
    target = Path(wanted.out_dir)
    unsettled = _settle(console, template, target, wanted)
    if unsettled:
        return _report(console, template, unsettled, wanted)
    written = _written(console.disk, target)
    here, there = console.disk.real(os.fspath(template.folder)), console.disk.real(os.fspath(target))
    if Path(here).is_relative_to(there):
        raise Usage(f"{wanted.out_dir} holds the template itself; name another folder")
    analysis = analyze_template(template, options)
    found = analysis.diagnostics
    compiled = Compiled((), ())
    if not has_errors(strictly(found, strict=wanted.strict)):
        inside = os.path.relpath(there, here).replace(os.sep, "/")
        # In a copy nothing reads it.
        launcher = wanted.has_launcher(settings_of(template), usual=False)
        with telling(template.given):
            compiled = compile_copy(analysis, (inside,), launcher=launcher)
    found = strictly(sort_diagnostics((*found, *compiled.diagnostics)), strict=wanted.strict)
    if has_errors(found):
        return _report(console, template, found, wanted)

    def plan() -> tuple[FileChange, ...]:
        outputs = [Output(target / item.path, item.text, item.executable) for item in compiled.files]
        old = sorted(_copied_files(console.disk, target, written)) if written else ()
        return changes(console.disk, outputs, old, written=written)

    planned, code = _held(console, template, plan, found, wanted, target)
    if planned is None:
        return code
    from compiler.output.writer import write

    write(console.disk, planned, target, root=target)
    if any(change.state is not State.CURRENT for change in planned):
        console.note(f"wrote {wanted.out_dir} ({len(compiled.files)} files)")
    elif not wanted.within:
        console.note(_UP_TO_DATE)
    console.note(_summary(template.given, analysis, compiled))
    return code


def _written(disk: Disk, target: Path) -> Mapping[Path, str]:
    """Return the files of a copy that is on disk, with their digests as they were written.

    Raises :class:`Usage` where there is something that isn't a copy of ours, :class:`Unreadable` where it can't be
    read.
    """
    at = os.fspath(target)
    if not disk.exists(at):
        return {}
    if disk.is_link(at) or not disk.is_dir(at):
        raise Usage(f"{target} is not a folder; name an empty or new one")
    listed = _listed(disk, target)
    if listed:
        return listed
    with telling(target):
        names = disk.names(at)
    if names:
        raise Usage(f"{target} holds something that unitc did not put there; name an empty or new folder")
    return {}


def _copied_files(disk: Disk, folder: Path, written: Mapping[Path, str]) -> Iterator[Path]:
    """Yield what a copy on disk holds, without what working with it has put there.

    Raises :class:`Unreadable` where a folder can't be read.
    """
    from compiler.output.vendor import is_private

    with telling(folder):
        names = disk.names(os.fspath(folder))
    for name in names:
        path = folder / name
        at = os.fspath(path)
        if disk.is_link(at) or not disk.is_dir(at):
            if path in written or not is_private(name):
                yield path
        elif not is_private(name):
            yield from _copied_files(disk, path, written)


def _write(console: Console, template: TemplatePath, planned: tuple[FileChange, ...], *, within: str = "") -> None:
    from compiler.output.writer import write

    write(console.disk, planned, root=template.folder)
    for change in planned:
        if change.state is not State.CURRENT:
            verb = "removed" if change.output is None else "wrote"
            console.note(f"{verb} {within}{_name(change.path, template.folder)}")
    if not within and all(change.state is State.CURRENT for change in planned):
        console.note(_UP_TO_DATE)


def clean(console: Console, path: str, *, force: bool) -> ExitCode:
    """Remove what ``compile`` wrote into a template, nothing else; a file edited by hand only by force."""
    from compiler.output.writer import recover, write

    template = find_template(console.disk, path)
    if recover(console.disk, template.folder):
        console.note(_UNDONE)
    # A copy is removed as a whole, but for what people and Terraform have put there.
    copied = _copied(console.disk, template.folder)
    # A marker may come with a template and name anything, so only what is found in the folder counts.
    held = [path for path in _copied_files(console.disk, template.folder, copied) if path in copied] if copied else ()
    planned = changes(console.disk, (), held or _ours(template), written=copied)
    if not planned:
        console.note("there is nothing to remove")
        return ExitCode.OK
    protected = [change for change in planned if change.state.protected and not force]
    for change in protected:
        console.fail(f"{_name(change.path, template.folder)} {change.state.value}; --force removes it")
    if protected:
        console.fail("nothing was removed")
        return ExitCode.ERRORS
    if not copied:
        _write(console, template, planned)
        return ExitCode.OK
    write(console.disk, planned, template.folder, root=template.folder)
    kept = "; everything else there was kept" if console.disk.exists(os.fspath(template.folder)) else ""
    console.note(f"removed the copy in {template.given} ({counted(len(planned), 'file')}){kept}")
    return ExitCode.OK


def _copied(disk: Disk, folder: Path) -> Mapping[Path, str]:
    """Return the files of a compiled copy with their digests as they were written; none where a folder is no copy."""
    listed = {} if disk.is_link(os.fspath(folder)) else _listed(disk, folder)
    # A marker that lists nothing makes no copy of a folder.
    return listed if len(listed) > 1 else {}


def _listed(disk: Disk, folder: Path) -> Mapping[Path, str]:
    """Return the marker in a folder and what it lists, with digests; none where there is no marker."""
    marker = folder / MARKER
    text = read_own(disk, marker)
    if text is None:
        return {}
    # The marker is of use to unitc alone, so it counts as it is, unless a merge has left its marks in it.
    digest = "" if any(conflicts(text)) else text_digest(text)
    return {marker: digest} | {folder / path: digest for path, digest in read_marker(text).items()}
