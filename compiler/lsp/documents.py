"""What is open in the editor, and a template's files with that in their place."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Mapping

from lsprotocol.types import PositionEncodingKind
from pygls.uris import from_fs_path, to_fs_path, uri_scheme
from pygls.workspace import TextDocument, Workspace

from compiler.terraform.configuration.files import ChosenFiles, Files


def path_of(uri: str) -> str | None:
    """Return the absolute path that a URI names, None where it names no file of this machine."""
    if uri_scheme(uri) != "file":
        return None
    path = to_fs_path(uri)
    return None if path is None else os.path.normpath(path)


class Documents:
    """The documents that are open in the editor, as pygls keeps them, by absolute path."""

    def __init__(self, workspace: Callable[[], Workspace]) -> None:
        self._workspace = workspace

    @property
    def encoding(self) -> str:
        """What columns are counted in: ``utf-8``, ``utf-16`` or ``utf-32``."""
        return PositionEncodingKind(self._workspace().position_encoding).value

    def all(self) -> dict[str, TextDocument]:
        """Return the documents that are files of this machine."""
        documents: Iterable[TextDocument] = self._workspace().text_documents.values()
        return {path: document for document in documents if (path := path_of(document.uri)) is not None}

    def uri(self, path: str) -> str:
        """Return a path's URI; for an open document as the editor spells it."""
        known = self.all().get(path)
        return from_fs_path(path) or "" if known is None else known.uri


class OpenFiles(ChosenFiles):
    """A template's files, with open documents in the place of what is on disk.

    ``looked_at`` collects the absolute paths of what was asked for.
    """

    def __init__(self, folder: str, below: Files, documents: Mapping[str, TextDocument]) -> None:
        self._folder = folder
        self._below = below
        self._documents = documents
        self.looked_at: set[str] = set()

    def _at(self, path: str) -> str:
        at = posixpath.normpath(posixpath.join(self._folder, path))
        self.looked_at.add(at)
        return at

    def place(self, path: str) -> Files:
        """Return the files on disk, where all is that no document says otherwise."""
        self._at(path)
        return self._below

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises OSError where it isn't open and can't be read."""
        document = self._documents.get(self._at(path))
        # Half of a surrogate pair, which JSON can hold, becomes what the frontend refuses in its own words.
        return self._below.read(path) if document is None else document.source.encode("utf-8", "surrogatepass")

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
        return self._at(path) in self._documents or self._below.is_file(path)

    def is_dir(self, path: str) -> bool:
        """Return whether there is a folder at ``path``, or one will be where an open document is saved."""
        at = self._at(path)
        return self._below.is_dir(path) or any(posixpath.dirname(opened) == at for opened in self._documents)
