"""What writing would change on the disk, and whether it may.

Our own files are known by their header. One whose content hash doesn't fit was edited by hand; one without a header
isn't ours. Both are left alone unless the user forces it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path

from compiler.disk import Disk, Unreadable
from compiler.output.header import is_ours, read_header
from compiler.output.marker import text_digest
from compiler.records import dataclass
from compiler.source.conflicts import conflicts


@dataclass(frozen=True, slots=True)
class Output:
    """A file to write: its path, its text, and whether it can be run."""

    path: Path
    text: str
    executable: bool = False

    @property
    def data(self) -> bytes:
        """The bytes of the file: a lone surrogate in the text stands for a byte that was no UTF-8."""
        return self.text.encode("utf-8", "surrogateescape")


class State(Enum):
    """How what is on disk stands to what would be written."""

    MISSING = "is missing"
    CURRENT = "is up to date"
    STALE = "is stale"
    LEFT_OVER = "is left over"
    EDITED = "was edited by hand"
    TORN = "holds the marks of a merge"
    FOREIGN = "was not made by unitc"

    @property
    def protected(self) -> bool:
        """Whether it may be replaced only by force."""
        return self in (State.EDITED, State.TORN, State.FOREIGN)


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file, its state, and what it holds now (None: nothing). ``output`` is None for one to be removed."""

    path: Path
    state: State
    before: str | None
    output: Output | None


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is at a path. We make no links, so one isn't ours, whatever it leads to."""

    text: str
    executable: bool
    link: bool


def _read(disk: Disk, path: Path) -> _Found | None:
    at = os.fspath(path)
    link = disk.is_link(at)
    try:
        # A device or a named pipe would block, or be lost where a file takes its place.
        if disk.is_special(at):
            raise Unreadable(f"{path} is not a regular file")
        return _Found(disk.read(at).decode("utf-8", "surrogateescape"), disk.is_executable(at), link)
    except FileNotFoundError:
        return _Found("", executable=False, link=True) if link else None
    except OSError as exc:
        raise Unreadable(f"{path}: {exc.strerror or exc}") from None


def read_own(disk: Disk, path: Path) -> str | None:
    """Return the text of a file that we may have written, None where there is none or a link.

    Raises :class:`Unreadable` where it can't be read.
    """
    found = _read(disk, path)
    return None if found is None or found.link else found.text


def _intact(text: str, digest: str | None) -> bool | None:
    """Return whether a file is as we wrote it, None where we didn't; ``digest`` is the SHA-256 of what we wrote."""
    header = read_header(text)
    if header is not None:
        return header.intact
    return None if digest is None else text_digest(text) == digest


def torn(text: str) -> bool:
    """Return whether a text is a file of ours in which a merge has left its marks, in the header or below it."""
    if not any(conflicts(text)) or not is_ours(text):
        return False
    header = read_header(text)
    return header is None or not header.intact


def _state(before: _Found | None, output: Output | None, digest: str | None) -> State:
    if before is None:
        return State.MISSING
    if output is not None and before.text == output.text and not before.link:
        return State.CURRENT if before.executable or not output.executable else State.STALE
    intact = None if before.link else _intact(before.text, digest)
    if not intact and (torn(before.text) or (intact is False and any(conflicts(before.text)))):
        return State.FOREIGN if before.link else State.TORN
    if intact is None:
        return State.FOREIGN
    if not intact:
        return State.EDITED
    return State.LEFT_OVER if output is None else State.STALE


def changes(
    disk: Disk, outputs: Iterable[Output], old: Iterable[Path] = (), *, written: Mapping[Path, str] | None = None
) -> tuple[FileChange, ...]:
    """Return what writing the outputs would do to the disk; ``old`` are files of ours from an earlier run.

    ``written`` are the SHA-256 digests of files without a header, as they were written. Raises :class:`Unreadable`
    where a file can't be read.
    """
    digests = written or {}
    found = []
    wanted = {output.path: output for output in outputs}
    for path in [*wanted, *(path for path in old if path not in wanted)]:
        before = _read(disk, path)
        output = wanted.get(path)
        if output is not None or before is not None:
            state = _state(before, output, digests.get(path))
            found.append(FileChange(path, state, None if before is None else before.text, output))
    return tuple(found)


def leftovers(disk: Disk, candidates: Iterable[Path]) -> tuple[Path, ...]:
    """Return those of the candidates that carry our header, edited, torn by a merge, or not."""
    return tuple(
        path
        for path in candidates
        if disk.is_file(os.fspath(path)) and (text := read_own(disk, path)) is not None and is_ours(text)
    )


def diff_lines(text: str) -> list[str]:
    """Return the lines of a text for a diff. Only a newline ends one, and the last one says where it has none."""
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([f"{last}\n\\ No newline at end of file\n"] if last else [])


def diff(change: FileChange, name: str) -> str:
    """Return a unified diff from what is on disk to what would be there, empty where the texts are the same."""
    from difflib import unified_diff

    old = "/dev/null" if change.before is None else f"a/{name}"
    new = "/dev/null" if change.output is None else f"b/{name}"
    after = "" if change.output is None else change.output.text
    return "".join(unified_diff(diff_lines(change.before or ""), diff_lines(after), old, new))
