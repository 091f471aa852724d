"""The concise reporter: one line a diagnostic, as editors and ``grep`` take it: ``file:line:column: code summary``."""

from __future__ import annotations

from compiler.report.form import DiagnosticForm, Findings, place_of
from compiler.report.text import visible


def _line(diagnostic: DiagnosticForm) -> str:
    place = place_of(diagnostic, diagnostic["labels"][0])
    return visible(f"{place}: {diagnostic['code']} {diagnostic['summary']}") + "\n"


def render(findings: Findings) -> str:
    """Return the report with one line a diagnostic, empty where there is none."""
    return "".join(map(_line, findings.report["diagnostics"]))
