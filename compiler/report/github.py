"""The GitHub reporter: workflow commands that GitHub Actions shows beside the lines of a pull request.

Format: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions.
"""

from __future__ import annotations

from compiler.report.form import DiagnosticForm, Findings, file_path
from compiler.source.prose import visible


def _quoted(character: str) -> str:
    """Return a character as GitHub takes it; control characters other than line ends are shown as what they are."""
    if character in "%\r\n":
        return f"%{ord(character):02X}"
    return character if character == "\t" else visible(character)


def _data(text: str) -> str:
    """Quote the message of a workflow command."""
    return "".join(map(_quoted, text))


def _property(text: str) -> str:
    """Quote the value of a property of a workflow command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _command(diagnostic: DiagnosticForm) -> str:
    primary = diagnostic["labels"][0]
    properties: dict[str, str | int] = {
        "title": f"{diagnostic['code']}: {diagnostic['summary']}",
        "file": file_path(diagnostic["template"], primary["file"]),
        "line": primary["line"],
        "endLine": primary["end_line"],
    }
    if primary["line"] == primary["end_line"]:
        # GitHub takes columns only for a place within one line.
        properties |= {"col": primary["column"], "endColumn": primary["end_column"]}
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    message = "\n".join([diagnostic["detail"], *diagnostic["help"]])
    return f"::{diagnostic['severity']} {written}::{_data(message)}\n"


def render(findings: Findings) -> str:
    """Return one workflow command a line."""
    return "".join(map(_command, findings.report["diagnostics"]))
