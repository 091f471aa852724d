"""The Markdown reporter: a summary with a table, as a job's page on GitHub or a merge request's comment shows it.

Format: https://github.github.com/gfm/.
"""

from __future__ import annotations

from compiler.patterns import regex
from compiler.report.form import DiagnosticForm, Findings, file_path
from compiler.report.text import visible
from compiler.source.prose import counted

# GitHub takes 1 MiB for the summary of a step, and so many rows fit into that.
MAX_ROWS = 500

# What Markdown or the HTML in it would take for more than text.
_SPECIAL = regex(r"([\\`*_{}\[\]<>()#+!|~&@:-])")


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", visible(text))


def _row(diagnostic: DiagnosticForm) -> str:
    primary = diagnostic["labels"][0]
    place = f"{file_path(diagnostic['template'], primary['file'])}:{primary['line']}"
    words = f"**{_text(diagnostic['summary'])}**: {_text(diagnostic['detail'])}"
    return f"| {diagnostic['severity']} | {diagnostic['code']} | {_text(place)} | {words} |\n"


def render(findings: Findings) -> str:
    """Return a heading with the counts, and a table where there is something to tell."""
    report, rows = findings.report, findings.report["diagnostics"]
    counts = f"{counted(report['error_count'], 'error')}, {counted(report['warning_count'], 'warning')}"
    text = f"### unitc: {counts} in {counted(len(findings.templates), 'template')}\n"
    if rows:
        text += "\n| severity | code | place | what |\n|---|---|---|---|\n"
        text += "".join(map(_row, rows[:MAX_ROWS]))
    if len(rows) > MAX_ROWS:
        text += f"\nand {len(rows) - MAX_ROWS} more\n"
    return text
