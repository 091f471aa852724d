"""Writes what was compiled: atomically, all or nothing, and never over what somebody else wrote.

Our own files are known by their header. One whose content hash doesn't fit was edited by hand; one without a header
isn't ours. Both are left alone unless the user forces it.
"""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from compiler.console import Unreadable
from compiler.emit.header import read_header

__all__ = ["Change", "Output", "State", "changes", "diff", "leftovers", "replace_folder", "write"]


@dataclass(frozen=True, slots=True)
class Output:
    """A file to write: its path, its text, and whether it can be run."""

    path: Path
    text: str
    executable: bool = False


class State(Enum):
    """How what is on disk stands to what would be written."""

    MISSING = "is missing"
    CURRENT = "is up to date"
    STALE = "is stale"
    LEFT_OVER = "is left over"
    EDITED = "was edited by hand"
    FOREIGN = "was not made by unitc"

    @property
    def protected(self) -> bool:
        """Whether it may be replaced only by force."""
        return self in (State.EDITED, State.FOREIGN)


@dataclass(frozen=True, slots=True)
class Change:
    """One file, its state, and what it holds now (None: nothing). ``output`` is None for one to be removed."""

    path: Path
    state: State
    before: str | None
    output: Output | None


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise Unreadable(f"{path}: {exc.strerror or exc}") from None


def _state(before: str | None, output: Output | None) -> State:
    if before is None:
        return State.MISSING
    if output is not None and before == output.text:
        return State.CURRENT
    header = read_header(before)
    if header is None:
        return State.FOREIGN
    if not header.intact:
        return State.EDITED
    return State.LEFT_OVER if output is None else State.STALE


def changes(outputs: Iterable[Output], old: Iterable[Path] = ()) -> tuple[Change, ...]:
    """Return what writing the outputs would do to the disk; ``old`` are files of ours from an earlier run.

    Raises :class:`Unreadable` where a file can't be read.
    """
    found = []
    wanted = {output.path: output for output in outputs}
    for path in [*wanted, *(path for path in old if path not in wanted)]:
        before = _read(path)
        output = wanted.get(path)
        if output is not None or before is not None:
            found.append(Change(path, _state(before, output), before, output))
    return tuple(found)


def leftovers(candidates: Iterable[Path]) -> tuple[Path, ...]:
    """Return those of the candidates that carry our header, edited or not."""
    return tuple(path for path in candidates if (text := _read(path)) is not None and read_header(text) is not None)


def diff(change: Change, name: str) -> str:
    """Return a unified diff from what is on disk to what would be there."""
    before = (change.before or "").splitlines(keepends=True)
    after = ("" if change.output is None else change.output.text).splitlines(keepends=True)
    old = "/dev/null" if change.before is None else f"a/{name}"
    new = "/dev/null" if change.output is None else f"b/{name}"
    return "".join(difflib.unified_diff(before, after, old, new))


def _umask() -> int:
    """Return the umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _stage(output: Output) -> Path:
    """Write an output beside its place and return where."""
    output.path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{output.path.name}.", dir=output.path.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(output.text.encode("utf-8", "surrogateescape"))
    # What mkstemp makes is private; a file in a template is as readable as the umask lets it be.
    Path(name).chmod((0o777 if output.executable else 0o666) & ~_umask() | (0o500 if output.executable else 0))
    return Path(name)


def write(planned: Sequence[Change]) -> None:
    """Bring the disk to what was planned: all files are written beside their places first, then moved there at once.

    Raises :class:`Unreadable` where that fails; then every file is as it was.
    """
    staged: list[tuple[Path, Change]] = []
    moved: list[Change] = []
    try:
        for change in planned:
            if change.output is not None and change.state is not State.CURRENT:
                temporary = _stage(change.output)
                staged.append((temporary, change))
        for temporary, change in staged:
            temporary.replace(change.path)
            moved.append(change)
        for change in planned:
            if change.output is None:
                change.path.unlink()
                moved.append(change)
    except OSError as exc:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)
        for change in moved:
            _restore(change)
        raise Unreadable(f"{exc.filename}: {exc.strerror or exc}; nothing was changed") from None
    _remove_empty_folders(change.path.parent for change in planned if change.output is None)


def _restore(change: Change) -> None:
    with suppress(OSError):
        if change.before is None:
            change.path.unlink()
        else:
            change.path.write_bytes(change.before.encode("utf-8", "surrogateescape"))


def replace_folder(folder: Path, outputs: Iterable[Output]) -> None:
    """Put a new folder with these files in the place of ``folder``, at once; their paths are relative to it.

    Raises :class:`Unreadable` where that fails; then the folder is as it was.
    """
    parent = folder.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=parent))
    except OSError as exc:
        raise Unreadable(f"{folder}: {exc.strerror or exc}") from None
    old = made.with_name(f"{made.name}.old")
    try:
        made.chmod(0o777 & ~_umask())
        for output in outputs:
            place = made / output.path
            _stage(Output(place, output.text, output.executable)).replace(place)
        if folder.exists():
            folder.replace(old)
        made.replace(folder)
    except OSError as exc:
        if old.exists() and not folder.exists():
            old.replace(folder)
        shutil.rmtree(made, ignore_errors=True)
        raise Unreadable(f"{exc.filename}: {exc.strerror or exc}; nothing was changed") from None
    shutil.rmtree(old, ignore_errors=True)


def _remove_empty_folders(folders: Iterable[Path]) -> None:
    for folder in set(folders):
        # Only a folder that we made is named like this; one that holds something else stays.
        if folder.name == "unitc":
            with suppress(OSError):
                folder.rmdir()
