"""One editor's session: the open documents, the templates that they belong to, and what was told of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from lsprotocol.types import (
    Diagnostic,
    DiagnosticRelatedInformation,
    DiagnosticSeverity,
    DiagnosticTag,
    Position,
    PublishDiagnosticsParams,
)

from compiler.lsp.documents import Documents, path_of
from compiler.lsp.positions import Lines
from compiler.lsp.root import Root
from compiler.pipeline import Analysis, Options
from compiler.records import dataclass, replace
from compiler.source import diagnostics as source
from compiler.source.diagnostics import Severity
from compiler.source.span import Span

_SEVERITIES: Mapping[Severity, DiagnosticSeverity] = {
    Severity.ERROR: DiagnosticSeverity.Error,
    Severity.WARNING: DiagnosticSeverity.Warning,
}
# What does nothing, and is shown faded.
_UNNECESSARY = frozenset({"UC801"})
# The files that make a template of their folder; others belong to the templates that read them.
_CONFIGURATION = (".tf", ".tfvars")


@dataclass(frozen=True, slots=True)
class DocumentPlace:
    """A place in an open document, with a template that the document belongs to and the analysis of that."""

    root: Root
    analysis: Analysis
    path: str
    text: str
    lines: Lines
    offset: int

    def moved(self, offset: int) -> DocumentPlace:
        """Return another place in the same document."""
        return replace(self, offset=offset)

    def holds(self, span: Span) -> bool:
        """Return whether a span of the template covers the place, its end included."""
        return span.start <= self.offset <= span.end and self.root.path(span.source) == self.path


def message(finding: source.Diagnostic) -> str:
    """Return what an editor shows of a diagnostic: what is wrong, and what to do."""
    return "\n".join((f"{finding.summary}. {finding.detail}", *(f"help: {line}" for line in finding.help)))


class Session:
    """What is open, and what is known of it.

    ``publish`` sends diagnostics to the editor, ``failed`` is told what kept the server from an analysis.
    """

    def __init__(
        self,
        options: Options,
        documents: Documents,
        publish: Callable[[PublishDiagnosticsParams], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._documents = documents
        self._options = options
        self._publish = publish
        self._failed = failed
        self._roots: dict[str, Root] = {}
        self._told: dict[str, tuple[int | None, list[Diagnostic]]] = {}

    def root(self, folder: str) -> Root:
        """Return the template in a folder, an absolute path; the same one each time."""
        if folder not in self._roots:
            self._roots[folder] = Root(folder, self._documents, self._options, self._failed)
        return self._roots[folder]

    def roots_of(self, path: str) -> tuple[Root, ...]:
        """Return the templates that a file belongs to, by folder.

        A module belongs to the templates that call it, as far as they are known, and to itself where none does.
        """
        folder = os.path.dirname(path)
        known = [root for _, root in sorted(self._roots.items())]
        if not path.endswith(_CONFIGURATION):
            return tuple(root for root in known if root.reads(path))
        callers = tuple(root for root in known if folder in root.folders and root.folder != folder)
        return callers or (self.root(folder),)

    def changed(self, path: str) -> None:
        """Note that a file changed, in the editor or on disk."""
        for root in self._roots.values():
            if root.reads(path):
                root.changed()

    def place(self, uri: str, position: Position) -> DocumentPlace | None:
        """Return a place in an open document, None where nothing is known of that."""
        path = path_of(uri)
        document = None if path is None else self._documents.all().get(path)
        if path is None or document is None:
            return None
        lines = Lines(document.source, self._documents.encoding)
        for root in self.roots_of(path):
            analysis = root.analysis()
            if analysis is not None:
                return DocumentPlace(root, analysis, path, document.source, lines, lines.offset(position))
        return None

    def refresh(self) -> None:
        """Tell the editor what is wrong with the templates that the open documents belong to, where that changed."""
        documents = self._documents.all()
        active = {root.folder: root for path in documents for root in self.roots_of(path)}
        found: dict[str, list[Diagnostic]] = {path: [] for path in documents}
        for _, root in sorted(active.items()):
            for finding in root.diagnostics():
                told = found.setdefault(root.path(finding.primary.span.source), [])
                diagnostic = _diagnostic(root, finding)
                # Templates that share a module share what is wrong with it.
                if diagnostic not in told:
                    told.append(diagnostic)
        for path in sorted({*found, *self._told}):
            news = (documents[path].version if path in documents else None, found.get(path, []))
            if news == self._told.get(path, (None, [])):
                continue
            self._told[path] = news
            self._publish(PublishDiagnosticsParams(self._documents.uri(path), news[1], news[0]))
            if path not in found:
                del self._told[path]

    def unasked(self) -> Root | None:
        """Return a template with scripts that other programs weren't asked about yet, None where there is none."""
        return next((root for _, root in sorted(self._roots.items()) if root.remarks.wanted), None)


def _diagnostic(root: Root, finding: source.Diagnostic) -> Diagnostic:
    related = [
        DiagnosticRelatedInformation(root.location(label.span), label.text or finding.summary)
        for label in finding.labels[1:]
    ]
    return Diagnostic(
        root.range(finding.primary.span),
        message(finding),
        _SEVERITIES[finding.severity],
        finding.code,
        source="unitc",
        related_information=related or None,
        tags=[DiagnosticTag.Unnecessary] if finding.code in _UNNECESSARY else None,
    )
