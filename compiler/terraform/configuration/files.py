"""Where a template's files come from: the disk, or memory.

Paths are relative to the template's folder, with ``/``; they may lead outside it (``../shared``), as a module's
source may. Reading is the only thing that stages above the command line do with files.
"""

from __future__ import annotations

import errno
import os
import posixpath
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from compiler.disk import Disk
from compiler.records import dataclass
from compiler.terraform.values.go_text import go_quote

# Far above what any stage takes, so that each says in its own words what it does with a file that is only a little too
# large, and far below what reading would exhaust.
MAX_FILE_BYTES = 64 * 1024 * 1024


class FileTooLarge(OSError):
    """A file isn't read because of its size, which was asked first; ``strerror`` is a clause without a subject."""

    def __init__(self, path: str, size: int) -> None:
        super().__init__(errno.EFBIG, f"has {size:,} bytes, and none above {MAX_FILE_BYTES:,} is read", path)
        self.size = size


def normalize(path: str) -> str:
    """Return ``path`` without ``.`` and inner ``..`` steps; the template's own folder is ``.``."""
    return posixpath.normpath(path)


def join(folder: str, path: str) -> str:
    """Return ``path`` as seen from the template's folder, where ``folder`` is the one that it is relative to."""
    return posixpath.normpath(posixpath.join(folder, path))


class Files(Protocol):
    """Read access to a template's folder and what its modules reach from it."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises OSError where there is no such file or it can't be read."""
        ...

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder, in code-point order. Raises OSError where it can't be listed."""
        ...

    def is_file(self, path: str) -> bool:
        """Return whether there is a regular file (or a link to one) at ``path``."""
        ...

    def is_dir(self, path: str) -> bool:
        """Return whether there is a folder (or a link to one) at ``path``."""
        ...

    def is_link(self, path: str) -> bool:
        """Return whether ``path`` itself, or a folder on the way to it inside the template, is a symbolic link."""
        return False

    def is_executable(self, path: str) -> bool:
        """Return whether the file at ``path`` can be run by its owner."""
        return False


class DiskFiles(Files):
    """The files below, and beside, one folder of the disk."""

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        self._root = os.fspath(root)
        self._disk = disk or Disk()

    def _at(self, path: str) -> str:
        # An absolute path, as --var-file has it, stays what it is.
        return os.path.join(self._root, path)

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises OSError where it can't be read; only regular files can.

        Raises :class:`FileTooLarge` above :data:`MAX_FILE_BYTES`.
        """
        at = self._at(path)
        # A named pipe or a device would block or never end.
        if self._disk.is_special(at):
            raise OSError(f"{path} is not a regular file")
        size = self._disk.size(at)
        if size > MAX_FILE_BYTES:
            raise FileTooLarge(path, size)
        return self._disk.read(at)

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder, in code-point order. Raises OSError where it can't be listed."""
        return tuple(self._disk.names(self._at(folder)))

    def is_file(self, path: str) -> bool:
        """Return whether there is a regular file (or a link to one) at ``path``."""
        return self._disk.is_file(self._at(path))

    def is_dir(self, path: str) -> bool:
        """Return whether there is a folder (or a link to one) at ``path``."""
        return self._disk.is_dir(self._at(path))

    def is_link(self, path: str) -> bool:
        """Return whether ``path`` itself, or a folder on the way to it inside the template, is a symbolic link."""
        steps = normalize(path).split("/")
        return any(self._disk.is_link(self._at("/".join(steps[: end + 1]))) for end in range(len(steps)))

    def is_executable(self, path: str) -> bool:
        """Return whether the file at ``path`` can be run by its owner."""
        return self._disk.is_executable(self._at(path))


class MemoryFiles(Files):
    """A template held in memory, as the Python API and the tests use it."""

    def __init__(self, contents: Mapping[str, str | bytes]) -> None:
        self._contents = {
            normalize(path): data.encode() if isinstance(data, str) else data for path, data in contents.items()
        }

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises FileNotFoundError where there is none."""
        data = self._contents.get(normalize(path))
        if data is None:
            raise FileNotFoundError(path)
        return data

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder, in code-point order. Raises FileNotFoundError where there is none."""
        if not self.is_dir(folder):
            raise FileNotFoundError(folder)
        prefix = "" if normalize(folder) == "." else normalize(folder) + "/"
        return tuple(
            sorted({path[len(prefix) :].split("/")[0] for path in self._contents if path.startswith(prefix)} - {".."})
        )

    def is_file(self, path: str) -> bool:
        """Return whether there is a file at ``path``."""
        return normalize(path) in self._contents

    def is_dir(self, path: str) -> bool:
        """Return whether a file stands below ``path``."""
        folder = normalize(path)
        return folder == "." or any(name.startswith(folder + "/") for name in self._contents)


class ChosenFiles(Files):
    """Files that are those of another place, which is chosen by path."""

    @abstractmethod
    def place(self, path: str) -> Files:
        """Return the files among which ``path`` is looked up."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises OSError where it can't be read."""
        return self.place(path).read(path)

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder, in code-point order. Raises OSError where it can't be listed."""
        return self.place(folder).names(folder)

    def is_file(self, path: str) -> bool:
        """Return whether there is a regular file (or a link to one) at ``path``."""
        return self.place(path).is_file(path)

    def is_dir(self, path: str) -> bool:
        """Return whether there is a folder (or a link to one) at ``path``."""
        return self.place(path).is_dir(path)

    def is_link(self, path: str) -> bool:
        """Return whether ``path`` itself, or a folder on the way to it inside the template, is a symbolic link."""
        return self.place(path).is_link(path)

    def is_executable(self, path: str) -> bool:
        """Return whether the file at ``path`` can be run by its owner."""
        return self.place(path).is_executable(path)


class EditedFiles(ChosenFiles):
    """The files of a template, some of them with other texts: ``texts``, by path."""

    def __init__(self, files: Files, texts: Mapping[str, bytes]) -> None:
        self._files = files
        self._texts = texts

    def place(self, path: str) -> Files:
        """Return the files themselves: an edited one is where it was."""
        return self._files

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises OSError where it can't be read."""
        return self._texts[path] if path in self._texts else self._files.read(path)


# What functions see


class FileError(Exception):
    """A file can't be read; the message is a clause such as ``no file exists at "a.sh"``.

    ``outside`` says that the path leads out of what the template may read.
    """

    def __init__(self, message: str, *, outside: bool = False) -> None:
        super().__init__(message)
        self.outside = outside


@dataclass(frozen=True, slots=True)
class FileAccess:
    """What functions such as ``file`` may read, by path relative to the template's folder; ``folders`` hold modules.

    What lies outside of all of them is refused, since it isn't there when Coder applies the uploaded template, unless
    ``allow_outside`` is set.
    """

    files: Files
    folders: frozenset[str]
    allow_outside: bool = False

    def _checked(self, path: str) -> str:
        if "\0" in path:
            raise FileError(f"no file can exist at {go_quote(path)}: the path holds a NUL character")
        at = normalize(path)
        outside = at.startswith(("/", "~", "../")) or at == ".."
        inside_module = any(at == folder or at.startswith(f"{folder}/") for folder in self.folders if folder != ".")
        if outside and not inside_module and not self.allow_outside:
            raise FileError(
                f'"{path}" lies outside of the template and its modules, so it isn\'t there when Coder applies it '
                "(--allow-outside reads it all the same)",
                outside=True,
            )
        return at

    def read(self, path: str) -> bytes:
        """Return the file's bytes, or raise :class:`FileError`."""
        at = self._checked(path)
        try:
            return self.files.read(at)
        except FileTooLarge as exc:
            raise FileError(f'"{path}" is too large: it {exc.strerror}') from None
        except OSError:
            raise FileError(f'no file exists at "{path}"') from None

    def exists(self, path: str) -> bool:
        """Return whether there is a regular file; a folder raises :class:`FileError`."""
        at = self._checked(path)
        if self.files.is_dir(at):
            raise FileError(f'"{path}" is a directory, not a file')
        return self.files.is_file(at)

    def list(self, folder: str) -> Sequence[str]:
        """Return the paths of all regular files below the folder, relative to it, with ``/``, sorted."""
        return tuple(sorted(self._below(self._checked(folder), "")))

    def _below(self, folder: str, prefix: str) -> Iterator[str]:
        try:
            names = self.files.names(folder)
        except OSError:
            return
        for name in names:
            at = join(folder, name)
            if self.files.is_file(at):
                yield posixpath.join(prefix, name)
            elif self.files.is_dir(at) and not self.files.is_link(at):
                yield from self._below(at, posixpath.join(prefix, name))
