"""What is open in the editor, and a template's files with that in their place."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator

from pygls.uris import from_fs_path, to_fs_path, uri_scheme

from compiler.records import dataclass
from compiler.terraform.configuration.files import Files


def path_of(uri: str) -> str | None:
    """Return the absolute path that a URI names, None where it names no file of this machine."""
    if uri_scheme(uri) != "file":
        return None
    path = to_fs_path(uri)
    return None if path is None else os.path.normpath(path)


@dataclass(frozen=True, slots=True)
class _Document:
    uri: str
    text: str
    version: int | None


class Documents:
    """The texts that are open in the editor, by absolute path."""

    def __init__(self) -> None:
        self._open: dict[str, _Document] = {}

    def put(self, uri: str, text: str, version: int | None) -> str | None:
        """Keep a document's text and return its path, None where it is no file."""
        path = path_of(uri)
        if path is not None:
            self._open[path] = _Document(uri, text, version)
        return path

    def drop(self, uri: str) -> str | None:
        """Forget a document, whose file counts again, and return its path, None where it is no file."""
        path = path_of(uri)
        if path is not None:
            self._open.pop(path, None)
        return path

    def text(self, path: str) -> str | None:
        """Return the text of an open document, None where the path isn't open."""
        known = self._open.get(path)
        return None if known is None else known.text

    def version(self, path: str) -> int | None:
        """Return the editor's number for the text of an open document, None where the path isn't open."""
        known = self._open.get(path)
        return None if known is None else known.version

    def uri(self, path: str) -> str:
        """Return a path's URI; for an open document as the editor spells it."""
        known = self._open.get(path)
        return from_fs_path(path) or "" if known is None else known.uri

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._open))


class OpenFiles:
    """A template's files, with open documents in the place of what is on disk.

    ``looked_at`` collects the absolute paths of what was asked for.
    """

    def __init__(self, folder: str, below: Files, documents: Documents) -> None:
        self._folder = folder
        self._below = below
        self._documents = documents
        self.looked_at: set[str] = set()

    def _at(self, path: str) -> str:
        at = posixpath.normpath(posixpath.join(self._folder, path))
        self.looked_at.add(at)
        return at

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises OSError where it isn't open and can't be read."""
        text = self._documents.text(self._at(path))
        # Half of a surrogate pair, which JSON can hold, becomes what the frontend refuses in its own words.
        return self._below.read(path) if text is None else text.encode("utf-8", "surrogatepass")

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder, in code-point order. Raises OSError where it can't be listed."""
        at = self._at(folder)
        opened = {posixpath.basename(path) for path in self._documents if posixpath.dirname(path) == at}
        try:
            return tuple(sorted({*self._below.names(folder), *opened}))
        except FileNotFoundError:
            # An editor makes the folder of a new file when that is saved.
            if not opened:
                raise
            return tuple(sorted(opened))

    def is_file(self, path: str) -> bool:
        """Return whether there is a file at ``path``, on disk or in the editor."""
        return self._documents.text(self._at(path)) is not None or self._below.is_file(path)

    def is_dir(self, path: str) -> bool:
        """Return whether there is a folder at ``path``, or one will be where an open document is saved."""
        at = self._at(path)
        return self._below.is_dir(path) or any(posixpath.dirname(opened) == at for opened in self._documents)

    def is_link(self, path: str) -> bool:
        """Return whether ``path`` itself, or a folder on the way to it, is a symbolic link."""
        self._at(path)
        return self._below.is_link(path)

    def is_executable(self, path: str) -> bool:
        """Return whether the file at ``path`` can be run."""
        self._at(path)
        return self._below.is_executable(path)
