"""Writes what was planned: atomically, all or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from compiler.digests import sha256
from compiler.disk import Disk, Unreadable
from compiler.output.changes import FileChange, Output, State
from compiler.output.journal import Journal, JournalEntry, beside, settle
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


def _stage(output: Output, name: Path) -> None:
    """Write an output under another name, which must be free."""
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(output.data)
    os.chmod(name, _mode(output))


def _set_aside(path: Path, name: Path) -> None:
    """Give what stands at a path a second name, or where the file system has no such thing another one."""
    try:
        os.link(path, name, follow_symlinks=False)
    except (OSError, NotImplementedError):
        path.replace(name)


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
    token = os.urandom(8).hex()
    entries = [
        JournalEntry(
            change.path,
            None if change.output is None else sha256(change.output.data).hexdigest(),
            is_new=change.before is None,
        )
        for change in wanted
    ]
    above = [] if root is None else _missing(root)
    made = list(dict.fromkeys((*above, *(each for change in wanted for each in _missing(change.path.parent)))))
    journal: Journal | None = None
    at: Path | None = root
    # New files are written beside their places and old ones get a second name there, so that nothing that comes later
    # needs room on the disk.
    try:
        for each in above:
            each.mkdir()
        if root is not None:
            journal = Journal.begin(root, token, entries, [each for each in made if each not in above])
        for each in made[len(above) :]:
            each.mkdir()
        for change in wanted:
            stop_if_asked()
            at = change.path
            if change.output is not None:
                _stage(change.output, beside(at, token, "new"))
        for change in wanted:
            stop_if_asked()
            at = change.path
            if change.before is not None:
                _set_aside(at, beside(at, token, "old"))
        for change in wanted:
            stop_if_asked()
            at = change.path
            if change.output is not None:
                beside(at, token, "new").replace(at)
        for change in wanted:
            stop_if_asked()
            at = change.path
            if change.output is None:
                at.unlink(missing_ok=True)
        if journal is not None:
            journal.done()
    except BaseException as exc:
        _settle(entries, token, journal, undo=True)
        for each in reversed(made):
            with suppress(OSError):
                each.rmdir()
        if isinstance(exc, OSError):
            raise Unreadable(f"{at}: {exc.strerror or exc}; nothing was changed") from None
        raise
    _settle(entries, token, journal, undo=False)
    _remove_empty_folders([change.path for change in wanted if change.output is None], folder)


def _settle(entries: Iterable[JournalEntry], token: str, journal: Journal | None, *, undo: bool) -> None:
    """Make everything as it was, or forget that, as far as the system lets us."""
    for entry in entries:
        with suppress(OSError):
            settle(entry, token, undo=undo)
    if journal is not None:
        journal.end()


def _remove_empty_folders(removed: Iterable[Path], ours: Path | None) -> None:
    for path in removed:
        for folder in path.parents:
            # In a template only a folder that we made is named like this; one that holds something else stays.
            if folder.name != "unitc" and ours not in folder.parents:
                break
            with suppress(OSError):
                folder.rmdir()
