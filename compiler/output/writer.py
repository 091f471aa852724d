"""Writes what was planned: atomically, all or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from compiler.digests import sha256
from compiler.disk import Disk, Unreadable, telling
from compiler.output import journal
from compiler.output.changes import FileChange, Output, State
from compiler.output.journal import Journal, JournalEntry, beside
from compiler.records import dataclass, field
from compiler.signals import handled


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

    def begin(self, wanted: Sequence[FileChange], root: Path) -> None:
        """Write down what is going to happen in ``root``, so that a run that is killed can be undone by the next."""
        inside = [change for change in wanted if change.path.is_relative_to(root)]
        if not inside:
            return
        self.make_folder(root)
        entries = [
            JournalEntry(
                change.path.relative_to(root).as_posix(),
                None if change.output is None else sha256(change.output.data).hexdigest(),
            )
            for change in inside
        ]
        made = dict.fromkeys(
            folder.relative_to(root).as_posix() for change in inside for folder in _missing(change.path.parent)
        )
        self.journal = Journal.begin(root, self.token, entries, made)

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

    try:
        with handled(caught.append):
            yield stop_if_asked
    finally:
        if caught:
            import signal

            signal.raise_signal(caught[0])


def recover(disk: Disk, root: Path) -> bool:
    """Undo or finish a write into a folder that was cut off; return whether there was one.

    Raises :class:`Unreadable` where that can't be done, or the write is still going on.
    """
    with telling(root):
        return journal.recover(disk, root)


def was_cut_off(disk: Disk, root: Path) -> bool:
    """Return whether a write into a folder was cut off, without changing anything. Raises like :func:`recover`."""
    with telling(root):
        return journal.cut_off(disk, root)


def write(disk: Disk, planned: Sequence[FileChange], folder: Path | None = None, *, root: Path | None = None) -> None:
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


def _write(
    wanted: Sequence[FileChange], folder: Path | None, root: Path | None, stop_if_asked: Callable[[], None]
) -> None:
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
