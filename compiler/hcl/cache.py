"""A folder of our own for what is slow to make and the same for every run.

What is kept there is data, never code, and it is read only from a folder that belongs to the caller alone: nobody
else can have put it there. Where no such folder can be had, everything works without.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

__all__ = ["load", "store"]


def load(name: str) -> bytes | None:
    """Return what was stored under ``name``, from the first folder that has it, else None."""
    for folder in _folders():
        try:
            if not _is_private(folder):
                continue
            descriptor = os.open(folder / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(descriptor, "rb") as file:
                return file.read()
        except OSError:
            continue
    return None


def store(name: str, data: bytes) -> bool:
    """Store ``data`` under ``name`` in the first folder that takes it; return whether one did."""
    import tempfile

    for folder in _folders():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_private(folder):
                continue
            descriptor, path = tempfile.mkstemp(prefix=name, dir=folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                os.replace(path, folder / name)
            except OSError:
                Path(path).unlink(missing_ok=True)
                continue
            return True
        except OSError:
            continue
    return False


def _folders() -> Iterator[Path]:
    """Yield the folders to try, best first: the one that the environment names, else the home folder's, the temporary.

    The XDG base directory specification has relative paths ignored; so it is with ours.
    """
    own = os.environ.get("UNITC_CACHE_DIR", "")
    if own:
        if os.path.isabs(own):
            yield Path(own)
        return
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(xdg):
        yield Path(xdg, "unitc")
    home = os.path.expanduser("~")
    if os.path.isabs(home):
        yield Path(home, ".cache", "unitc")
    # Imported here because nobody needs it whose home folder can be written to.
    import tempfile

    yield Path(tempfile.gettempdir(), f"unitc-{_user()}")


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _is_private(folder: Path) -> bool:
    """Return whether the folder is a real one, the caller's own, and closed to everybody else."""
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode):
        return False
    return os.name == "nt" or (status.st_uid == _user() and not status.st_mode & 0o077)
