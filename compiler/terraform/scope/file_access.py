"""The files that functions such as ``file`` and ``templatefile`` may read: the template's own, and its modules'."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from compiler.records import dataclass
from compiler.terraform.configuration.files import Files, FileTooLarge, join, normalize
from compiler.terraform.functions import FileError
from compiler.terraform.values.go_text import go_quote


@dataclass(frozen=True, slots=True)
class FileAccess:
    """Read access by path, relative to the template's folder; ``folders`` are those of its modules.

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
