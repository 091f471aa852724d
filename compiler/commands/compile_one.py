"""One template compiled: the launcher and the wiring in place, or a compiled copy, and nothing that isn't ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.commands.clean import (
    UNDONE,
    UP_TO_DATE,
    copied_files,
    listed_files,
    name_in,
    ours,
    write_in_place,
)
from compiler.commands.shared.analysis import analyze_template, settings_of
from compiler.commands.shared.console import Console, ExitCode, Format, ReportFile, Usage, strictly
from compiler.commands.shared.templates_on_disk import TemplatePath
from compiler.disk import Unreadable, telling
from compiler.output.changes import FileChange, Output, State, changes, diff
from compiler.output.journal import DONE, JOURNAL, cut_off, recover
from compiler.output.marker import MARKER
from compiler.output.target import Target
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, has_errors, sort_diagnostics
from compiler.source.prose import counted

if TYPE_CHECKING:
    from compiler.disk import Disk
    from compiler.pipeline import Analysis, Compiled, Options, OutputFile
    from compiler.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """What ``compile`` is to do with what it made. ``output`` is where the launcher goes, ``-`` for stdout.

    ``out_dir`` is the folder for a compiled copy of the whole template. ``target`` and ``launcher`` (whether
    ``launcher.sh`` is written) are None where the command line doesn't say them. ``arguments`` are those of the
    command line that say what is made, without those that say what is done with it. ``within`` stands before the
    names of a template's files in messages.
    """

    arguments: tuple[str, ...]
    output: str | None = None
    out_dir: str | None = None
    wire: bool = True
    target: Target | None = None
    launcher: bool | None = None
    check: bool = False
    diff: bool = False
    force: bool = False
    strict: bool = False
    form: Format = Format.TEXT
    reports: tuple[ReportFile, ...] = ()
    within: str = ""

    def command(self, *, force: bool) -> str:
        """Return the command that writes what is only compared now."""
        import shlex

        return shlex.join(["unitc", "compile", *(["--force"] if force else []), *self.arguments])

    @property
    def _launcher_only(self) -> str:
        return f"-o {self.output}" if self.output is not None else "--no-wire"

    def has_launcher(self, settings: Settings, *, usual: bool) -> bool:
        """Return whether the launcher is written; what isn't said is in a configuration, or else ``usual``."""
        if self.launcher is not None or self.output is not None or not self.wire:
            return self.launcher is not False
        return usual if settings.launcher is None else settings.launcher

    def hold_together(self) -> None:
        """Raise :class:`Usage` where two options don't go together."""
        if self.out_dir is not None and (self.output is not None or not self.wire):
            raise Usage("--out-dir makes a whole template; it can't be combined with -o or --no-wire")
        if self.launcher is False and (self.output is not None or not self.wire):
            raise Usage(f"--no-launcher leaves the launcher out; it can't be combined with {self._launcher_only}")
        if self.target not in (None, Target.LAUNCHER) and (self.output == "-" or not self.wire):
            raise Usage(
                f"{self._launcher_only} is about the launcher alone; it can't be combined with --target {self.target}"
            )
        if self.output == "-" and (self.check or self.diff):
            raise Usage("-o - prints the launcher; there is nothing on disk to compare it with")
        if self.form is not Format.TEXT and (self.output == "-" or self.diff):
            printed = "-o - prints the launcher" if self.output == "-" else "--diff prints what would change"
            raise Usage(f"{printed}, and --format {self.form} the diagnostics, to the same stream")


def compile_template(console: Console, template: TemplatePath, options: Options, wanted: CompileOptions) -> ExitCode:
    """Compile a template and write what comes of it, or with ``check`` and ``diff`` say what writing would change."""
    from compiler.pipeline import LAUNCHER, Compiled, compile_analysis, compile_copy

    copies = wanted.out_dir is not None
    target = template.folder if wanted.out_dir is None else Path(wanted.out_dir)
    unsettled = _settle(console, template, target, wanted)
    if unsettled:
        return _report(console, template, unsettled, wanted)
    written = _written(console.disk, target) if copies else {}
    inside = _place_inside(template, wanted.out_dir) if wanted.out_dir is not None else ""
    analysis = analyze_template(template, options)
    found, compiled = analysis.diagnostics, Compiled((), ())
    if not has_errors(strictly(found, strict=wanted.strict)):
        # In a copy nothing reads it.
        launcher = wanted.has_launcher(settings_of(template), usual=not copies and _usual_launcher(template))
        if copies:
            with telling(template.given):
                compiled = compile_copy(analysis, (inside,), launcher=launcher)
        else:
            alone = not wanted.wire or wanted.output == "-"
            compiled = compile_analysis(analysis, wire=not alone, template=template.given, launcher=launcher)
    found = strictly(sort_diagnostics((*found, *compiled.diagnostics)), strict=wanted.strict)
    if has_errors(found):
        return _report(console, template, found, wanted)
    if wanted.output == "-":
        _report(console, template, found, wanted)
        console.out("".join(item.text for item in compiled.files if item.path == LAUNCHER))
        return ExitCode.OK

    def plan() -> tuple[FileChange, ...]:
        outputs = _outputs(template, target, compiled.files, wanted)
        if copies:
            old = tuple(sorted(copied_files(console.disk, target, written))) if written else ()
        else:
            old = ours(template, launcher=wanted.output is None) if wanted.wire else ()
        return changes(console.disk, outputs, old, written=written)

    planned, code = _held(console, template, plan, found, wanted, target)
    if planned is None:
        return code
    if copies:
        _write_copy(console, target, planned, wanted)
    else:
        write_in_place(console, template, planned, within=wanted.within)
    console.note(_summary(template.given, analysis, compiled, wired=wanted.wire))
    return code


def _write_copy(console: Console, target: Path, planned: tuple[FileChange, ...], wanted: CompileOptions) -> None:
    from compiler.output.writer import write

    write(console.disk, planned, target, root=target)
    if any(change.state is not State.CURRENT for change in planned):
        console.note(f"wrote {wanted.out_dir} ({sum(change.output is not None for change in planned)} files)")
    elif not wanted.within:
        console.note(UP_TO_DATE)


def _place_inside(template: TemplatePath, out_dir: str) -> str:
    """Return a copy's path from its template. Raises :class:`Usage` where the template itself is inside the copy."""
    here, there = template.disk.real(os.fspath(template.folder)), template.disk.real(out_dir)
    if Path(here).is_relative_to(there):
        raise Usage(f"{out_dir} holds the template itself; name another folder")
    return os.path.relpath(there, here).replace(os.sep, "/")


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
            change: diff(change, wanted.within + name_in(change.path, folder)) for change in differing if wanted.diff
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

        name = wanted.within + name_in(change.path, template.folder)
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


def _settle(console: Console, template: TemplatePath, target: Path, wanted: CompileOptions) -> tuple[Diagnostic, ...]:
    """Put right a write into a folder that was cut off; with ``check`` and ``diff`` only return what is said of it."""
    if wanted.output == "-" or not console.disk.is_dir(os.fspath(target)):
        return ()
    journals = (target / name for name in (DONE, JOURNAL))
    journal = next((path for path in journals if console.disk.exists(os.fspath(path))), None)
    if journal is None:
        return ()
    if not (wanted.check or wanted.diff):
        if recover(console.disk, target):
            console.note(UNDONE)
        return ()
    if not cut_off(console.disk, target):
        return ()
    from compiler.commands.staleness import interrupted

    return (interrupted(journal, target, template.folder, wanted.command(force=False)),)


def _outputs(
    template: TemplatePath, target: Path, made: tuple[OutputFile, ...], wanted: CompileOptions
) -> list[Output]:
    """Return what goes where. Raises :class:`Usage` and :class:`Unreadable` where it can't go there."""
    from compiler.pipeline import GATE, LAUNCHER

    places = {item.path: target / item.path for item in made}
    if wanted.output is not None:
        places[LAUNCHER] = Path(wanted.output)
        wiring = {template.disk.real(os.fspath(path)) for name, path in places.items() if name != LAUNCHER}
        if template.disk.real(wanted.output) in wiring:
            raise Usage(f"-o {wanted.output} names a file of the wiring")
    if GATE in places and template.disk.is_link(os.fspath(places[GATE].parent)):
        raise Unreadable(
            f"{name_in(places[GATE].parent, target)} is a symbolic link, which Coder's upload leaves out; "
            "nothing was changed"
        )
    return [Output(places[item.path], item.text, item.executable) for item in made]


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
    listed = listed_files(disk, target)
    if listed:
        return listed
    with telling(target):
        names = disk.names(at)
    if names:
        raise Usage(f"{target} holds something that unitc did not put there; name an empty or new folder")
    return {}
