"""One template while it is being edited: its latest analysis, made anew only when something that it read changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from lsprotocol.types import Location, Range

from compiler.commands.shared.analysis import read_template
from compiler.commands.shared.console import Misconfigured, Usage
from compiler.commands.shared.templates_on_disk import TemplatePath
from compiler.disk import Disk, Unreadable
from compiler.hcl import forget
from compiler.lsp.documents import Documents, OpenFiles
from compiler.lsp.positions import Lines
from compiler.lsp.remarks import KeptRemarks
from compiler.pipeline import Analysis, Options
from compiler.records import replace
from compiler.source.diagnostics import Diagnostic
from compiler.source.span import Source, Span
from compiler.terraform.configuration.load import load
from compiler.terraform.configuration.module import Config, walk


def _sources(config: Config) -> frozenset[Source]:
    return frozenset(file.source for item in walk(config) for file in item.module.files)


class Root:
    """A template's folder, an absolute path. ``failed`` is told what kept the server from an analysis.

    ``folders`` are the absolute paths of its modules' folders, its own included, as far as they are known. ``remarks``
    are those of other programs on its scripts.
    """

    def __init__(self, folder: str, documents: Documents, options: Options, failed: Callable[[Exception], None]):
        self.folder = folder
        self.folders = frozenset({folder})
        self._documents = documents
        self.remarks = KeptRemarks()
        self._options = replace(options, tools=self.remarks)
        self._failed = failed
        self._stale = True
        self._looked_at: frozenset[str] = frozenset()
        self._analysis: Analysis | None = None
        self._diagnostics: tuple[Diagnostic, ...] = ()

    def path(self, source: Source) -> str:
        """Return the absolute path of a source of this template."""
        return os.path.normpath(os.path.join(self.folder, source.name))

    def uri(self, source: Source) -> str:
        """Return the URI of a source of this template."""
        return self._documents.uri(self.path(source))

    def range(self, span: Span) -> Range:
        """Return where a span of this template stands in its file."""
        is_open = self.path(span.source) in self._documents.all()
        return Lines(span.source.text, self._documents.encoding, on_disk=not is_open).range(span)

    def location(self, span: Span) -> Location:
        """Return the file and the range of a span of this template."""
        return Location(self.uri(span.source), self.range(span))

    def reads(self, path: str) -> bool:
        """Return whether the latest analysis looked at a path or listed its folder."""
        return path in self._looked_at or os.path.dirname(path) in self._looked_at

    def changed(self) -> None:
        """Note that the latest analysis may no longer hold."""
        self._stale = True

    def analysis(self) -> Analysis | None:
        """Return the analysis of what is in the editor now, None where there never was one.

        Where it can't be made, the one before is the next best answer to what is asked about a place.
        """
        if self._stale:
            self._stale = False
            self._renew()
        return self._analysis

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what is wrong with the template now."""
        self.analysis()
        return self._diagnostics

    def survey(self) -> None:
        """Find out which folders the template's modules stand in, unless its analysis says so anyway."""
        if not self._stale:
            return
        try:
            config, _ = load(self._files()[1])
        except OSError:
            return
        self._note_folders(config)

    def _files(self) -> tuple[TemplatePath, OpenFiles]:
        template = TemplatePath(self.folder, Path(self.folder), Disk())
        return template, OpenFiles(self.folder, template.files, self._documents.all())

    def _note_folders(self, config: Config) -> None:
        folders = (os.path.normpath(os.path.join(self.folder, item.module.dir)) for item in walk(config))
        self.folders = frozenset({self.folder, *folders})

    def _renew(self) -> None:
        self._diagnostics = ()
        template, files = self._files()
        before = self._analysis
        try:
            self._analysis = read_template(template, self._options, files)
        except Misconfigured as exc:
            self._diagnostics = exc.diagnostics
        except Unreadable as exc:
            # Its folder is gone, or can't be read: it calls no module any more.
            self._analysis = None
            self.folders = frozenset({self.folder})
            self._failed(exc)
        except Usage as exc:
            self._failed(exc)
        except Exception as exc:
            # A bug must not end the server: the next keystroke may well lead out of what it is about.
            self._failed(exc)
        else:
            self._diagnostics = self._analysis.diagnostics
            self._note_folders(self._analysis.config)
            if before is not None:
                # Each keystroke makes another text of a file, and the ones before it would be kept for nothing.
                for source in _sources(before.config) - _sources(self._analysis.config):
                    forget(source)
        self._looked_at = frozenset({*files.looked_at, *template.disk.facts})
