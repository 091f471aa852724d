"""Kept answers: what a command said, given again as long as nothing that it looked at has changed.

The folder is private to the user, bounded in size, and shared by any number of runs at once: an entry is written
beside its place and renamed. An entry that is broken, of another version or of another user is no entry, and where no
folder can be had everything works without one. It is read before anything else of unitc is imported.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
import time

from compiler import __version__
from compiler.disk import Fact, digest_of, recheck

# The module that has this constant takes longer to import than a kept answer to give.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MAGIC = b"unitc kept answer 1\n"
_DIGEST_BYTES = 20
# An answer that is larger than this many bytes costs more to keep than to find again.
_MOST_BYTES = 8 << 20
_MOST_ENTRIES = 256
_MOST_BYTES_IN_ALL = 64 << 20


class Answer:
    """What a run said: pieces of output in their order, each with its stream (1 or 2), and the exit code."""

    __slots__ = ("code", "output")

    def __init__(self, output: tuple[tuple[int, bytes], ...], code: int) -> None:
        self.output = output
        self.code = code


class Memo:
    """The kept answer of one command line; ``key`` holds everything but the disk that the answer depends on.

    ``began`` is the time in nanoseconds since the epoch at which the run began.
    """

    def __init__(self, key: Sequence[str], environment: Mapping[str, str]) -> None:
        parts = [__version__, sys.version, sys.executable, *key]
        self._name = digest_of("\0".join(parts).encode("utf-8", "surrogateescape")).hex()
        self._folder = _folder(environment)
        self.began = time.time_ns()

    def recall(self) -> Answer | None:
        """Return the answer if it is kept and still holds, else None."""
        entry = self._load()
        if entry is None:
            return None
        facts, answer = entry
        fresh: dict[str, Fact] = {}
        for path, fact in facts.items():
            now = recheck(path, fact)
            if now is None:
                return None
            if now is not fact:
                fresh[path] = now
        if fresh:
            # What had to be read again is kept with its new times, so that the next run needn't.
            self.keep({**facts, **fresh}, answer)
        return answer

    def keep(self, facts: Mapping[str, Fact], answer: Answer) -> None:
        """Keep an answer with everything that it depends on; where that can't be done nothing happens."""
        payload = marshal.dumps(({path: fact.parts() for path, fact in facts.items()}, answer.output, answer.code))
        if self._folder is None or len(payload) > _MOST_BYTES:
            return
        # The process id keeps two runs apart, and the name of a run that was killed is taken over by a later one.
        beside = os.path.join(self._folder, f"{self._name}.{os.getpid()}.new")
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            if not _is_private(self._folder):
                return
            _make_room(self._folder)
            with open(beside, "wb", opener=_private) as stream:
                stream.write(self._head(payload) + payload)
            os.replace(beside, os.path.join(self._folder, self._name))
        except OSError:
            _remove(beside)

    def _load(self) -> tuple[dict[str, Fact], Answer] | None:
        if self._folder is None:
            return None
        try:
            if not _is_private(self._folder):
                return None
            with open(os.path.join(self._folder, self._name), "rb", opener=_no_link) as stream:
                data = stream.read(_MOST_BYTES * 2)
        except OSError:
            return None
        size = len(_MAGIC) + _DIGEST_BYTES
        payload = data[size:]
        # marshal trusts what it reads, so it gets only what has the digest that we gave it.
        if data[:size] != self._head(payload):
            return None
        try:
            facts, output, code = marshal.loads(payload)
            return {path: Fact(*fact) for path, fact in facts.items()}, Answer(output, code)
        except (TypeError, ValueError):
            # A program under development may have had other facts under the same version.
            return None

    def _head(self, payload: bytes) -> bytes:
        """Return what stands before an entry; the name is in it, so that no entry stands for another one."""
        return _MAGIC + digest_of(self._name.encode() + payload)


def _folder(environment: Mapping[str, str]) -> str | None:
    """Return the folder for answers, None where there is none.

    A relative path is ignored, as the XDG base directory specification has it.
    """
    own = environment.get("UNITC_CACHE_DIR", "")
    if own:
        return own if os.path.isabs(own) else None
    xdg = environment.get("XDG_CACHE_HOME", "")
    if os.path.isabs(xdg):
        return os.path.join(xdg, "unitc")
    home = environment.get("HOME", "")
    return os.path.join(home, ".cache", "unitc") if os.path.isabs(home) else None


def _is_private(folder: str) -> bool:
    """Return whether the folder is a real one, the caller's own, and closed to all others."""
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode):
        return False
    return status.st_uid == os.getuid() and not status.st_mode & 0o077


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


def _make_room(folder: str) -> None:
    """Remove the entries that were written longest ago, until one more fits."""
    entries = []
    for entry in os.scandir(folder):
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue  # Another run at the same time has removed it, or given it its name.
        if stat.S_ISREG(status.st_mode):
            entries.append((status.st_mtime_ns, status.st_size, entry.path))
    entries.sort(reverse=True)
    held = 0
    for number, (_, size, path) in enumerate(entries, start=1):
        held += size
        if number >= _MOST_ENTRIES or held > _MOST_BYTES_IN_ALL - _MOST_BYTES:
            _remove(path)
