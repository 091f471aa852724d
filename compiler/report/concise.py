"""The concise reporter: one line a diagnostic, as editors and ``grep`` take it: ``file:line:column: code summary``."""

from __future__ import annotations

from compiler.report.form import DiagnosticForm, Findings, file_path
from compiler.report.text import visible


def _line(diagnostic: DiagnosticForm) -> str:
    primary = diagnostic["labels"][0]
    place = f"{file_path(diagnostic['template'], primary['file'])}:{primary['line']}:{primary['column']}"
    return visible(f"{place}: {diagnostic['code']} {diagnostic['summary']}") + "\n"


def render(findings: Findings) -> str:
    """Return the report with one line a diagnostic, empty where there is none."""
    return "".join(map(_line, findings.report["diagnostics"]))
