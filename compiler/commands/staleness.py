"""Generated files that aren't what they should be, as diagnostics: stale, edited, in the middle of a merge."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from compiler import __version__
from compiler.output.changes import FileChange, State, read_own, torn
from compiler.output.header import read_header
from compiler.source.conflicts import conflicts
from compiler.source.diagnostics import Diagnostic, also, error
from compiler.source.span import Source, Span

if TYPE_CHECKING:
    from compiler.disk import Disk
    from compiler.pipeline import Analysis

_CODES = {State.EDITED: "UC419", State.FOREIGN: "UC419", State.TORN: "UC420"}
_DETAILS = {
    State.MISSING: "The template compiles to this file, and it isn't there.",
    State.LEFT_OVER: "The template no longer compiles to this file.",
    State.EDITED: "It was changed after unitc wrote it.",
    State.FOREIGN: "unitc writes a file of this name, and this one isn't from unitc.",
    State.TORN: "Its text is generated, so there is nothing in it to choose from: what the merged template compiles to "
    "takes its place.",
}


def stale(change: FileChange, shown: str, folder: Path, command: str) -> Diagnostic:
    """Return the error for a file that isn't current.

    ``shown`` is how the file is called, ``folder`` the template's, ``command`` what writes the file.
    """
    text = _printable(change.before or "")
    source = Source(_beside(change.path, folder), text)
    if change.state.protected and change.state is not State.TORN:
        then = f"--force {'removes' if change.output is None else 'replaces'} it: {command}"
    else:
        then = f"run: {command}"
    detail = _DETAILS.get(change.state) or _why(change)
    found = next(conflicts(text), None) if change.state is State.TORN else None
    if found is None:
        place = _first_difference(source, change)
        return error(_CODES.get(change.state, "UC418"), place, f"{shown} {change.state.value}", detail, help=then)
    between = also(source.span(found.between, found.between + 7), "the other side starts here")
    place = source.span(found.ours, found.ours + 7)
    return error("UC420", place, f"{shown} {change.state.value}", detail, related=(between,), help=then)


def _why(change: FileChange) -> str:
    """Return why a file of ours is stale, as far as its text tells."""
    if change.output is not None and change.output.text == change.before:
        return "It isn't executable."
    header = read_header(change.before or "")
    if header is not None and header.version not in (None, __version__):
        return f"unitc {header.version} wrote it, and what unitc {__version__} makes of the template differs."
    return "The template has changed since it was written."


def _first_difference(source: Source, change: FileChange) -> Span:
    """Return the first line of a stale file that would change, else the beginning of the file."""
    if change.state is not State.STALE or change.output is None:
        return source.span(0, len(source.line(1)))
    lines = zip_longest(source.text.split("\n")[:-1], change.output.text.split("\n"))
    # The hash in the header differs wherever anything else does.
    different = (at for at, (old, new) in enumerate(lines) if old != new and not (old or "").startswith("# content:"))
    number = min(next(different, 0), len(source.line_starts) - 1)
    start = source.line_starts[number]
    return source.span(start, start + len(source.line(number + 1)))


def interrupted(journal: Path, given: Path, folder: Path, command: str) -> Diagnostic:
    """Return the error for a write into the folder ``given`` that was cut off, and whose journal is still there."""
    detail = "Files of two compilations may stand beside each other until the next run fixes that."
    place = Source(_beside(journal, folder), "").span(0, 0)
    return error("UC421", place, f"a write into {given} was cut off", detail, help=f"run: {command}")


def torn_files(disk: Disk, analysis: Analysis, folder: Path, given: str) -> Iterator[Diagnostic]:
    """Yield an error for each generated file of a template that holds the marks of a merge; ``given`` names it.

    Raises :class:`~compiler.disk.Unreadable` where one can't be read.
    """
    from compiler.pipeline import LAUNCHER, RUNTIME
    from compiler.terraform.configuration.module import walk
    from compiler.wiring.model import OVERRIDE_FILE, PLAIN_FILE

    modules = sorted({config.module.dir for config in walk(analysis.config)})
    own = [at for at in modules if not at.startswith((".terraform/", "../", "/"))]
    for name in (LAUNCHER, *RUNTIME, *(os.path.join(at, file) for at in own for file in (OVERRIDE_FILE, PLAIN_FILE))):
        path = folder / name
        if not disk.is_file(os.fspath(path)):
            continue
        text = read_own(disk, path)
        if text is not None and torn(text):
            import shlex

            command = shlex.join(["unitc", "compile", "--force", *([] if given == "." else [given])])
            yield stale(FileChange(path, State.TORN, text, None), Path(name).as_posix(), folder, command)


def _beside(path: Path, folder: Path) -> str:
    """Return a path as diagnostics name it: relative to the template's folder, with ``/``."""
    return os.path.relpath(path, folder).replace(os.sep, "/")


def _printable(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
