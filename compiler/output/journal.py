"""The journal of a write: what lets the next run notice that one was cut off, and undo it or finish it.

It stands in the folder that is written into, from before the first change to after the last, and is locked as long as
its writer lives. Under its first name the write is undone, under its second one, which it gets when every file is in
its place, what was there before is forgotten.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from compiler.digests import sha256
from compiler.disk import Disk, Unreadable, telling
from compiler.records import dataclass

# Coder's upload and Terraform pass over names with a dot.
JOURNAL = ".unitc-journal"
DONE = ".unitc-journal-done"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One change: a path, the SHA-256 of what is written there, None where it is removed, and if anything was there."""

    path: Path
    digest: str | None
    is_new: bool


def beside(path: Path, token: str, kind: str) -> Path:
    """Return the name beside a file's place of what comes there (``new``) or what was there (``old``)."""
    return path.with_name(f".{path.name}.{token}.{kind}")


@dataclass(slots=True)
class Journal:
    """The journal of a write that is under way."""

    folder: Path
    handle: int

    @classmethod
    def begin(cls, folder: Path, token: str, entries: Iterable[JournalEntry], made: Iterable[Path]) -> Journal:
        """Write down what is going to happen; ``made`` are the folders that will be made, outer ones first.

        What happens outside of the folder has no place there: a journal may come with a template, and name anything.
        Raises :class:`Unreadable` where there is a journal, OSError where none can be written.
        """
        try:
            handle = os.open(folder / JOURNAL, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise _busy(folder) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            changes = [
                {"path": entry.path.relative_to(folder).as_posix(), "digest": entry.digest, "new": entry.is_new}
                for entry in entries
                if entry.path.is_relative_to(folder)
            ]
            inside = [each.relative_to(folder).as_posix() for each in made if each.is_relative_to(folder)]
            text = json.dumps({"token": token, "entries": changes, "made": inside})
            # The lone final newline says that the journal is whole; before it nothing else was touched.
            with open(handle, "w", encoding="utf-8", closefd=False) as stream:
                stream.write(f"{text}\n")
        except BaseException:
            os.close(handle)
            (folder / JOURNAL).unlink(missing_ok=True)
            raise
        return cls(folder, handle)

    def done(self) -> None:
        """Say that every file is in its place."""
        (self.folder / JOURNAL).replace(self.folder / DONE)

    def end(self) -> None:
        """Remove the journal, after which nothing is left to do."""
        for name in (JOURNAL, DONE):
            with suppress(OSError):
                (self.folder / name).unlink()
        os.close(self.handle)


def cut_off(disk: Disk, folder: Path) -> bool:
    """Return whether a write into the folder was cut off, without changing anything.

    Raises :class:`Unreadable` where it still goes on, or that can't be told.
    """
    found = [name for name in (JOURNAL, DONE) if disk.exists(os.fspath(folder / name))]
    for name in found:
        # Whether its writer lives is no property of the journal's file.
        disk.repeatable = False
        with telling(folder):
            _hold_unlocked(folder, name)
    return bool(found)


def _busy(folder: Path) -> Unreadable:
    return Unreadable(f"another unitc is writing into {folder}; nothing was changed")


def _hold_unlocked(folder: Path, name: str) -> None:
    handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _busy(folder) from None
    finally:
        os.close(handle)


def recover(disk: Disk, folder: Path) -> bool:
    """Undo a write that was cut off, or finish one that had all files in their places; return whether there was one.

    Raises :class:`Unreadable` where it is still going on, or can be neither undone nor finished.
    """
    if not cut_off(disk, folder):
        return False
    disk.wrote()
    with telling(folder):
        for name, undo in ((DONE, False), (JOURNAL, True)):
            if os.path.lexists(folder / name):
                _settle_all(folder, (folder / name).read_text("utf-8"), undo=undo)
                (folder / name).unlink()
    return True


def _settle_all(folder: Path, text: str, *, undo: bool) -> None:
    if not text.endswith("\n"):
        return
    try:
        found = json.loads(text)
        token = str(found["token"])
        entries = [
            JournalEntry(folder / row["path"], row["digest"], is_new=bool(row.get("new"))) for row in found["entries"]
        ]
        made = [folder / name for name in found["made"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return
    if not token.isalnum():
        return
    for entry in entries:
        if _is_inside(entry.path, folder):
            settle(entry, token, undo=undo)
    for each in reversed(made) if undo else ():
        if _is_inside(each, folder):
            with suppress(OSError):
                each.rmdir()


def _is_inside(path: Path, folder: Path) -> bool:
    """Return whether a path leads into the folder; a journal that came with a template may hold anything."""
    return Path(os.path.realpath(path.parent)).is_relative_to(os.path.realpath(folder))


def settle(entry: JournalEntry, token: str, *, undo: bool) -> None:
    """Undo a change, however far it has come, or forget what was there before it. Raises OSError."""
    path = entry.path
    old, new = beside(path, token, "old"), beside(path, token, "new")
    placed = entry.digest is not None and not os.path.lexists(new) and _digest(path) == entry.digest
    if undo and os.path.lexists(old):
        # What has been put there since stays.
        if placed or not os.path.lexists(path):
            os.replace(old, path)
    elif undo and placed and entry.is_new:
        path.unlink()
    # Two names of one file stay as they are when one is to replace the other.
    old.unlink(missing_ok=True)
    new.unlink(missing_ok=True)


def _digest(path: Path) -> str | None:
    if os.path.islink(path) or not path.is_file():
        return None
    return sha256(path.read_bytes()).hexdigest()
