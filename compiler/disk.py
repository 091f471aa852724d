"""The one door to the disk: it reads, and remembers what a run looked at.

A run is a function of its command line, its environment and what it looked at. :class:`Disk` keeps one :class:`Fact` a
path, taken before anything is read, so that :mod:`compiler.memo` can tell later whether the same run would see the
same. This module stands in front of everything else and imports nothing that takes time.
"""

from __future__ import annotations

import os
import stat
import time
from _blake2 import blake2b

# A file that is changed twice within one tick of the file system's clock keeps its times. So times count only where
# they lay this many nanoseconds back when the fact was taken; FAT has the longest ticks, of two seconds.
_SETTLING = 3_000_000_000

# Stands in a fact for content that wasn't read: any change of the file ends what depends on it.
_UNREAD = b"-"

Signature = tuple[int, ...]


class Fact:
    """What a path was like when a run looked at it.

    ``own`` is what ``lstat`` says of it, ``behind`` what ``stat`` says; both are empty where there is nothing.
    ``taken`` is the time in nanoseconds since the epoch. ``content`` is the digest of a file that was read, ``names``
    that of a folder that was listed, ``real`` the path without links; each is empty where it wasn't asked for.

    A plain class, since what makes shorter ones takes longer to import than a kept answer to give.
    """

    __slots__ = ("behind", "content", "names", "own", "real", "taken")

    def __init__(
        self,
        own: Signature,
        behind: Signature,
        taken: int,
        content: bytes = b"",
        names: bytes = b"",
        real: str = "",
    ) -> None:
        self.own = own
        self.behind = behind
        self.taken = taken
        self.content = content
        self.names = names
        self.real = real

    def parts(self) -> tuple[Signature, Signature, int, bytes, bytes, str]:
        """Return what the fact is made of again, in the order in which it is given."""
        return (self.own, self.behind, self.taken, self.content, self.names, self.real)


def digest_of(data: bytes) -> bytes:
    """Return a digest that no two different contents share by accident or by intent."""
    return blake2b(data, digest_size=20).digest()


def _signature(status: os.stat_result) -> Signature:
    """Return what changes whenever a file does. The time of change can't be set, unlike the one of modification."""
    return (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)


def _stat(path: str, *, follow: bool) -> Signature:
    try:
        return _signature(os.stat(path, follow_symlinks=follow))
    except (OSError, ValueError):
        return ()


def _kind(behind: Signature) -> tuple[int, bool]:
    """Return whether it is a file, a folder, something else or nothing, and whether its owner may run it."""
    return (stat.S_IFMT(behind[0]), bool(behind[0] & 0o100)) if behind else (0, False)


def _look(path: str) -> Fact:
    """Return what is to be known of a path without reading it."""
    taken = time.time_ns()
    own = _stat(path, follow=False)
    link = bool(own) and stat.S_ISLNK(own[0])
    return Fact(own, _stat(path, follow=True) if link else own, taken)


class Unreadable(Exception):
    """A file can't be read or written; the message names it."""


class telling:  # noqa: N801  # Used like a function; what makes one of a generator takes time to import.
    """Within ``with telling(path)`` an OSError becomes :class:`Unreadable`: it tells its own file, else this path.

    ``always``: this path is told in any case, since the file in the error is a temporary one.
    """

    def __init__(self, path: str | os.PathLike[str], *, always: bool = False) -> None:
        self._path = path
        self._always = always

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, exc: BaseException | None, trace: object) -> None:
        if isinstance(exc, OSError):
            path = self._path if self._always or not exc.filename else exc.filename
            raise Unreadable(f"{os.fspath(path)}: {exc.strerror or exc}") from None


class Disk:
    """Read access to the disk that keeps a fact for each path that was looked at.

    ``repeatable`` becomes False where no later run can give this run's answer: something was written, a file changed
    while it was looked at, or what was looked at is no property of a path.
    """

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}
        self.repeatable = True

    def look(self, path: str) -> Fact:
        """Return a path's fact. It is taken once, so that one run sees one state or knows that it didn't."""
        fact = self.facts.get(path)
        if fact is None:
            fact = self.facts[path] = _look(path)
        return fact

    def wrote(self) -> None:
        """Note that this run changed the disk: it has to look anew, and the next run finds something else."""
        self.facts.clear()
        self.repeatable = False

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises OSError where it can't be read; only regular files can."""
        fact = self.look(path)
        # A named pipe or a device would block or never end.
        if self.is_special(path):
            raise OSError(f"{path} is not a regular file")
        try:
            with open(path, "rb") as stream:
                data = stream.read()
        except OSError:
            # What forbids it may change without a trace on the file, unless there is none.
            self.repeatable = self.repeatable and not fact.behind
            raise
        content = digest_of(data)
        if fact.content not in (b"", _UNREAD, content):
            self.repeatable = False
        fact.content = content
        return data

    def rely_on(self, path: str, since: int | None = None) -> None:
        """Let the run depend on a file that it doesn't read here, such as its own code.

        ``since`` is the time in nanoseconds since the epoch from which the file may have been read.
        """
        fact = self.look(path)
        fact.content = fact.content or _UNREAD
        fact.taken = fact.taken if since is None else min(fact.taken, since)

    def size(self, path: str) -> int:
        """Return a file's size in bytes, 0 where there is nothing."""
        self.rely_on(path)
        behind = self.look(path).behind
        return behind[1] if behind else 0

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder, in code-point order. Raises OSError where it can't be listed."""
        fact = self.look(folder)
        try:
            found = sorted(os.listdir(folder))
        except OSError:
            self.repeatable = self.repeatable and not self.is_dir(folder)
            raise
        names = _names_digest(found)
        if fact.names not in (b"", names):
            self.repeatable = False
        fact.names = names
        return found

    def real(self, path: str) -> str:
        """Return a path without links."""
        fact = self.look(path)
        real = os.path.realpath(path)
        if fact.real not in ("", real):
            self.repeatable = False
        fact.real = real
        return real

    def is_file(self, path: str) -> bool:
        """Return whether there is a regular file (or a link to one)."""
        behind = self.look(path).behind
        return bool(behind) and stat.S_ISREG(behind[0])

    def is_dir(self, path: str) -> bool:
        """Return whether there is a folder (or a link to one)."""
        behind = self.look(path).behind
        return bool(behind) and stat.S_ISDIR(behind[0])

    def is_link(self, path: str) -> bool:
        """Return whether the path itself is a symbolic link."""
        own = self.look(path).own
        return bool(own) and stat.S_ISLNK(own[0])

    def is_executable(self, path: str) -> bool:
        """Return whether the file at a path can be run by its owner."""
        return _kind(self.look(path).behind)[1]

    def is_special(self, path: str) -> bool:
        """Return whether there is something that is no regular file."""
        behind = self.look(path).behind
        return bool(behind) and not stat.S_ISREG(behind[0])

    def exists(self, path: str) -> bool:
        """Return whether anything stands at a path, a link that leads nowhere included."""
        return bool(self.look(path).own)


def _names_digest(names: list[str]) -> bytes:
    return digest_of("\0".join(names).encode("utf-8", "surrogateescape"))


def recheck(path: str, fact: Fact) -> Fact | None:
    """Return the fact as it holds now, the same object where nothing that matters changed, None where it doesn't hold.

    What was read is read again only where times and size can't vouch for it.
    """
    now = _look(path)
    if _kind(now.own) != _kind(fact.own) or _kind(now.behind) != _kind(fact.behind):
        return None
    if fact.real and os.path.realpath(path) != fact.real:
        return None
    if not (fact.content or fact.names):
        return fact
    if (now.own, now.behind) == (fact.own, fact.behind) and _settled(fact):
        return fact
    if fact.content == _UNREAD:
        return None
    try:
        if fact.content:
            with open(path, "rb") as stream:
                if digest_of(stream.read()) != fact.content:
                    return None
        if fact.names and _names_digest(sorted(os.listdir(path))) != fact.names:
            return None
    except OSError:
        return None
    return Fact(now.own, now.behind, now.taken, fact.content, fact.names, fact.real)


def _settled(fact: Fact) -> bool:
    """Return whether the times of a fact can vouch for what it says."""
    latest = max((*fact.own[2:4], *fact.behind[2:4]), default=0)
    return latest + _SETTLING < fact.taken
