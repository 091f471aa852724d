"""The machine form of a report: what ``--format json`` prints, and what every other reporter is drawn from."""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, TypeAlias, TypedDict

from compiler.digests import sha256
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, Label, Severity, sort_diagnostics

LineReaders: TypeAlias = Mapping[tuple[str, str], Callable[[int], str]]
"""For a template and a file in it what returns a line's text by its number."""


class LabelForm(TypedDict):
    """A place in a file, with what it has to do with the diagnostic. Lines and columns start at 1."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    primary: bool


class DiagnosticForm(TypedDict):
    """One diagnostic; ``template`` is the path as it was given, files are relative to it."""

    code: str
    severity: Literal["error", "warning"]
    template: str
    summary: str
    detail: str
    help: list[str]
    labels: list[LabelForm]


class Report(TypedDict):
    """Everything that one run has to say."""

    format_version: Literal["1"]
    valid: bool
    error_count: int
    warning_count: int
    diagnostics: list[DiagnosticForm]


def _label(label: Label) -> LabelForm:
    start, end = label.span.start_pos, label.span.end_pos
    return {
        "file": label.span.source.name,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "text": label.text,
        "primary": label.primary,
    }


def _diagnostic(template: str, diagnostic: Diagnostic) -> DiagnosticForm:
    return {
        "code": diagnostic.code,
        "severity": "error" if diagnostic.severity is Severity.ERROR else "warning",
        "template": template,
        "summary": diagnostic.summary,
        "detail": diagnostic.detail,
        "help": list(diagnostic.help),
        "labels": [_label(label) for label in diagnostic.labels],
    }


def report(results: Iterable[tuple[str, Sequence[Diagnostic]]]) -> Report:
    """Return the report of some templates: pairs of the path as given and its diagnostics.

    Diagnostics are sorted by template, file, line, column and code.
    """
    rows = [
        _diagnostic(template, diagnostic)
        for template, diagnostics in sorted(results, key=lambda pair: pair[0])
        for diagnostic in sort_diagnostics(diagnostics)
    ]
    errors = sum(row["severity"] == "error" for row in rows)
    return {
        "format_version": "1",
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": len(rows) - errors,
        "diagnostics": rows,
    }


@dataclass(frozen=True, slots=True)
class Findings:
    """What a reporter gets: the machine form, the templates that it is about, as they were given, and their lines.

    ``fingerprints`` has for each diagnostic of the report what tells it from all others and stays the same where lines
    move: a digest of its code, its file's path from the current folder and its line's text, and how many of the same
    stand before it, counted from 1.
    """

    report: Report
    templates: tuple[str, ...]
    lines: LineReaders
    fingerprints: tuple[str, ...]


def findings(results: Sequence[tuple[str, Sequence[Diagnostic]]]) -> Findings:
    """Return what reporters get of some templates: pairs of the path as given and its diagnostics."""
    lines = {
        (template, label.span.source.name): label.span.source.line
        for template, diagnostics in results
        for diagnostic in diagnostics
        for label in diagnostic.labels
    }
    form = report(results)
    templates = tuple(sorted(template for template, _ in results))
    return Findings(form, templates, lines, tuple(_fingerprints(form, lines)))


def _fingerprints(form: Report, lines: LineReaders) -> Iterable[str]:
    seen: dict[str, int] = {}
    for diagnostic in form["diagnostics"]:
        primary = diagnostic["labels"][0]
        path = file_path(diagnostic["template"], primary["file"])
        digest = line_digest(diagnostic["code"], path, lines[diagnostic["template"], primary["file"]](primary["line"]))
        seen[digest] = seen.get(digest, 0) + 1
        yield f"{digest}:{seen[digest]}"


def line_digest(code: str, path: str, line: str) -> str:
    """Return what stays the same of a finding where lines move and blocks are indented: 16 hexadecimal digits."""
    known = "\0".join((code, path, " ".join(line.split()))).encode("utf-8", "surrogateescape")
    return sha256(known).hexdigest()[:16]


def file_path(template: str, file: str) -> str:
    """Return the path of a template's file from the current folder, with ``/``.

    ``template`` is the path as it was given; a ``.tf`` file stands for its folder.
    """
    path = template.replace(os.sep, "/")
    folder = posixpath.dirname(path) if path.endswith(".tf") else path
    return posixpath.normpath(posixpath.join(folder, file))


def place_of(diagnostic: DiagnosticForm, label: LabelForm) -> str:
    """Return where a label of a diagnostic is: ``file:line:column``, the file as :func:`file_path` has it."""
    return f"{file_path(diagnostic['template'], label['file'])}:{label['line']}:{label['column']}"


def to_json(findings: Findings) -> str:
    """Return the report as JSON text with a final newline."""
    return json.dumps(findings.report, indent=2, ensure_ascii=False) + "\n"
