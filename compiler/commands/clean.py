"""``unitc clean``, and which files in a template or in a compiled copy are ours."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.command_line.application import command
from compiler.commands.shared.console import Console, ExitCode
from compiler.commands.shared.templates_on_disk import TemplatePath, find_template
from compiler.disk import telling
from compiler.output.changes import FileChange, State, changes, leftovers, read_own
from compiler.output.journal import recover
from compiler.output.marker import MARKER, read_marker, text_digest
from compiler.source.conflicts import conflicts
from compiler.source.prose import counted

if TYPE_CHECKING:
    from compiler.command_line.parameters import Annotated, TemplateArgument, typer
    from compiler.disk import Disk

UP_TO_DATE = "everything is up to date"
UNDONE = "an earlier write was cut off; its changes were undone first"


@command("clean", reads_template=False)
def clean(
    console: Console,
    path: TemplateArgument = ".",
    force: Annotated[bool, typer.Option("--force", help="Remove generated files that were edited, too.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print results only.")] = False,
) -> ExitCode:
    """Remove what compile wrote into a template, and nothing else."""
    from compiler.output.writer import write

    template = find_template(console.disk, path)
    if recover(console.disk, template.folder):
        console.note(UNDONE)
    # A copy is removed as a whole, but for what people and Terraform have put there.
    copied = _copied(console.disk, template.folder)
    # A marker may come with a template and name anything, so only what is found in the folder counts.
    held = [path for path in copied_files(console.disk, template.folder, copied) if path in copied] if copied else ()
    planned = changes(console.disk, (), held or ours(template), written=copied)
    if not planned:
        console.note("there is nothing to remove")
        return ExitCode.OK
    protected = [change for change in planned if change.state.protected and not force]
    for change in protected:
        console.fail(f"{name_in(change.path, template.folder)} {change.state.value}; --force removes it")
    if protected:
        console.fail("nothing was removed")
        return ExitCode.ERRORS
    if not copied:
        write_in_place(console, template, planned)
        return ExitCode.OK
    write(console.disk, planned, template.folder, root=template.folder)
    kept = "; everything else there was kept" if console.disk.exists(os.fspath(template.folder)) else ""
    console.note(f"removed the copy in {template.given} ({counted(len(planned), 'file')}){kept}")
    return ExitCode.OK


def name_in(path: Path, folder: Path) -> str:
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


def ours(template: TemplatePath, *, launcher: bool = True) -> tuple[Path, ...]:
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


def copied_files(disk: Disk, folder: Path, written: Mapping[Path, str]) -> Iterator[Path]:
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
            yield from copied_files(disk, path, written)


def write_in_place(
    console: Console, template: TemplatePath, planned: tuple[FileChange, ...], *, within: str = ""
) -> None:
    """Write what was planned for a template, and say of each file what became of it."""
    from compiler.output.writer import write

    write(console.disk, planned, root=template.folder)
    for change in planned:
        if change.state is not State.CURRENT:
            verb = "removed" if change.output is None else "wrote"
            console.note(f"{verb} {within}{name_in(change.path, template.folder)}")
    if not within and all(change.state is State.CURRENT for change in planned):
        console.note(UP_TO_DATE)


def _copied(disk: Disk, folder: Path) -> Mapping[Path, str]:
    """Return the files of a compiled copy with their digests as they were written; none where a folder is no copy."""
    listed = {} if disk.is_link(os.fspath(folder)) else listed_files(disk, folder)
    # A marker that lists nothing makes no copy of a folder.
    return listed if len(listed) > 1 else {}


def listed_files(disk: Disk, folder: Path) -> Mapping[Path, str]:
    """Return the marker in a folder and what it lists, with digests; none where there is no marker."""
    marker = folder / MARKER
    text = read_own(disk, marker)
    if text is None:
        return {}
    # The marker is of use to unitc alone, so it counts as it is, unless a merge has left its marks in it.
    digest = "" if any(conflicts(text)) else text_digest(text)
    return {marker: digest} | {folder / path: digest for path, digest in read_marker(text).items()}
