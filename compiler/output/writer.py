"""Writes what was compiled: atomically, all or nothing, and never over what somebody else wrote.

Our own files are known by their header. One whose content hash doesn't fit was edited by hand; one without a header
isn't ours. Both are left alone unless the user forces it.
"""

from __future__ import annotations

import hashlib
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path

from compiler.disk import Disk
from compiler.output import journal
from compiler.output.header import is_ours, read_header
from compiler.output.journal import Busy, Entry, Journal, beside
from compiler.output.marker import text_digest
from compiler.records import dataclass, field
from compiler.source.conflicts import conflicts

__all__ = [
    "Change",
    "Output",
    "State",
    "changes",
    "diff",
    "leftovers",
    "read_own",
    "recover",
    "torn",
    "was_cut_off",
    "write",
]


class Unreadable(Exception):
    """A file can't be read or written; the message names it."""


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
class Change:
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
    header = read_header(text)
    return (header is None or not header.intact) and is_ours(text) and any(conflicts(text))


def _state(before: _Found | None, output: Output | None, digest: str | None) -> State:
    if before is None:
        return State.MISSING
    intact = None if before.link else _intact(before.text, digest)
    if output is not None and before.text == output.text and not before.link:
        return State.CURRENT if before.executable or not output.executable else State.STALE
    if not intact and (torn(before.text) or (intact is False and any(conflicts(before.text)))):
        return State.FOREIGN if before.link else State.TORN
    if intact is None:
        return State.FOREIGN
    if not intact:
        return State.EDITED
    return State.LEFT_OVER if output is None else State.STALE


def changes(
    disk: Disk, outputs: Iterable[Output], old: Iterable[Path] = (), *, written: Mapping[Path, str] | None = None
) -> tuple[Change, ...]:
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
            found.append(Change(path, state, None if before is None else before.text, output))
    return tuple(found)


def leftovers(disk: Disk, candidates: Iterable[Path]) -> tuple[Path, ...]:
    """Return those of the candidates that carry our header, edited, torn by a merge, or not."""
    return tuple(
        path
        for path in candidates
        if disk.is_file(os.fspath(path)) and (text := read_own(disk, path)) is not None and is_ours(text)
    )


def _lines(text: str) -> list[str]:
    """Return the lines of a text for a diff. Only a newline ends one, and the last one says where it has none."""
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([f"{last}\n\\ No newline at end of file\n"] if last else [])


def diff(change: Change, name: str) -> str:
    """Return a unified diff from what is on disk to what would be there, empty where the texts are the same."""
    from difflib import unified_diff

    old = "/dev/null" if change.before is None else f"a/{name}"
    new = "/dev/null" if change.output is None else f"b/{name}"
    after = "" if change.output is None else change.output.text
    return "".join(unified_diff(_lines(change.before or ""), _lines(after), old, new))


def _umask() -> int:
    """Return the umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _mode(output: Output) -> int:
    """Return a file's mode: as readable as the umask lets it be."""
    return (0o777 if output.executable else 0o666) & ~_umask() | (0o500 if output.executable else 0)


def _missing(folder: Path) -> list[Path]:
    """Return a folder and those above it that aren't there, outer ones first."""
    missing = [folder]
    while not missing[-1].exists() and missing[-1] != missing[-1].parent:
        missing.append(missing[-1].parent)
    return missing[-2::-1]


@dataclass(slots=True)
class _Transaction:
    """Changes of the disk that are kept together or taken back together.

    New files are written beside their places, old ones get a second name there; so nothing that comes later needs room
    on the disk.
    """

    token: str = field(default_factory=lambda: os.urandom(8).hex())
    journal: Journal | None = None
    folders: list[Path] = field(default_factory=list)
    staged: list[tuple[Path, Path]] = field(default_factory=list)
    aside: list[tuple[Path, Path]] = field(default_factory=list)
    made: list[Path] = field(default_factory=list)

    def stage(self, output: Output) -> None:
        """Write an output beside its place."""
        self.make_folder(output.path.parent)
        name = beside(output.path, self.token, "new")
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self.staged.append((name, output.path))
        with os.fdopen(handle, "wb") as stream:
            stream.write(output.data)
        os.chmod(name, _mode(output))

    def make_folder(self, folder: Path) -> None:
        """Make a folder and those above it that aren't there."""
        for each in _missing(folder):
            each.mkdir()
            self.folders.append(each)

    def set_aside(self, path: Path) -> None:
        """Give what stands at a path a second name, or where the file system has no such thing another one."""
        name = beside(path, self.token, "old")
        self.aside.append((name, path))
        try:
            os.link(path, name, follow_symlinks=False)
        except (OSError, NotImplementedError):
            path.replace(name)

    def put(self, temporary: Path, path: Path) -> None:
        """Move what was staged to its place."""
        temporary.replace(path)
        self.made.append(path)

    def begin(self, wanted: Sequence[Change], root: Path) -> None:
        """Write down what is going to happen in ``root``, so that a run that is killed can be undone by the next."""
        inside = [change for change in wanted if change.path.is_relative_to(root)]
        if not inside:
            return
        self.make_folder(root)
        entries = [
            Entry(
                change.path.relative_to(root).as_posix(),
                None if change.output is None else hashlib.sha256(change.output.data).hexdigest(),
            )
            for change in inside
        ]
        made = dict.fromkeys(
            folder.relative_to(root).as_posix() for change in inside for folder in _missing(change.path.parent)
        )
        try:
            self.journal = Journal.begin(root, self.token, entries, made)
        except Busy:
            raise Unreadable(f"another unitc is writing into {root}; nothing was changed") from None

    def keep(self) -> None:
        """Forget what was there before."""
        for name, _ in self.aside:
            with suppress(OSError):
                name.unlink()
        if self.journal is not None:
            self.journal.end()

    def take_back(self) -> None:
        """Make everything as it was, as far as the system lets us."""
        for path in self.made:
            with suppress(OSError):
                path.unlink()
        for name, path in self.aside:
            with suppress(OSError):
                name.replace(path)
                # Two names of one file stay as they are when one is to replace the other.
                name.unlink(missing_ok=True)
        for temporary, _ in self.staged:
            with suppress(OSError):
                temporary.unlink()
        if self.journal is not None:
            self.journal.end()
        for folder in reversed(self.folders):
            with suppress(OSError):
                folder.rmdir()


class _Stopped(KeyboardInterrupt):
    """A signal came while files were written."""


@contextmanager
def _signals_held() -> Iterator[Callable[[], None]]:
    """Hold back the signals that end a run; give what raises :class:`_Stopped` once one came. It is sent on later."""
    caught: list[int] = []

    def stop_if_asked() -> None:
        if caught:
            raise _Stopped

    before = {}
    # Only the main thread may set handlers, and what the caller ignores (nohup) stays ignored.
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, lambda number, _: caught.append(number))
    try:
        yield stop_if_asked
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if caught:
            signal.raise_signal(caught[0])


def recover(disk: Disk, root: Path) -> bool:
    """Undo or finish a write into a folder that was cut off; return whether there was one.

    Raises :class:`Unreadable` where that can't be done, or the write is still going on.
    """
    try:
        return journal.recover(disk, root)
    except Busy:
        raise Unreadable(f"another unitc is writing into {root}; nothing was changed") from None
    except OSError as exc:
        raise Unreadable(f"{exc.filename or root}: {exc.strerror or exc}") from None


def was_cut_off(disk: Disk, root: Path) -> bool:
    """Return whether a write into a folder was cut off, without changing anything. Raises like :func:`recover`."""
    try:
        return journal.cut_off(disk, root)
    except Busy:
        raise Unreadable(f"another unitc is writing into {root}") from None
    except OSError as exc:
        raise Unreadable(f"{exc.filename or root}: {exc.strerror or exc}") from None


def write(disk: Disk, planned: Sequence[Change], folder: Path | None = None, *, root: Path | None = None) -> None:
    """Bring the disk to what was planned: all files are written beside their places first, then moved there at once.

    Folders below ``folder`` are ours, and go with their last file. ``root`` is where the journal stands by which a run
    that is killed can be undone (:func:`recover`). Raises :class:`Unreadable` where something fails; then every file is
    as it was, as it is where SIGINT, SIGTERM or SIGHUP comes in between.
    """
    wanted = [change for change in planned if change.state is not State.CURRENT]
    if not wanted:
        return
    disk.wrote()
    with _signals_held() as stop_if_asked:
        _write(wanted, folder, root, stop_if_asked)


def _write(wanted: Sequence[Change], folder: Path | None, root: Path | None, stop_if_asked: Callable[[], None]) -> None:
    work = _Transaction()
    at: Path | None = root
    try:
        if root is not None:
            work.begin(wanted, root)
        for change in wanted:
            stop_if_asked()
            at = change.path
            if change.output is not None:
                work.stage(change.output)
        for change in wanted:
            stop_if_asked()
            at = change.path
            if change.before is not None:
                work.set_aside(change.path)
        for temporary, at in work.staged:
            stop_if_asked()
            work.put(temporary, at)
        for change in wanted:
            stop_if_asked()
            at = change.path
            if change.output is None:
                change.path.unlink(missing_ok=True)
        if work.journal is not None:
            work.journal.done()
    except OSError as exc:
        work.take_back()
        raise Unreadable(f"{at}: {exc.strerror or exc}; nothing was changed") from None
    except BaseException:
        work.take_back()
        raise
    work.keep()
    _remove_empty_folders([change.path for change in wanted if change.output is None], folder)


def _remove_empty_folders(removed: Iterable[Path], ours: Path | None) -> None:
    for path in removed:
        for folder in path.parents:
            # In a template only a folder that we made is named like this; one that holds something else stays.
            if folder.name != "unitc" and ours not in folder.parents:
                break
            with suppress(OSError):
                folder.rmdir()
