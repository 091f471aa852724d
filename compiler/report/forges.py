"""What forges and build servers show: annotations of GitHub, Code Quality of GitLab, JUnit's results, Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from compiler.patterns import regex
from compiler.report.form import DiagnosticForm, Findings, file_path, place_of
from compiler.report.text import visible
from compiler.source.prose import counted
from compiler.source.prose import visible as unmoved

if TYPE_CHECKING:
    from xml.etree import ElementTree


def _quoted(character: str) -> str:
    """Return a character as GitHub takes it; control characters other than line ends are shown as what they are."""
    if character in "%\r\n":
        return f"%{ord(character):02X}"
    return character if character == "\t" else unmoved(character)


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


def to_github(findings: Findings) -> str:
    """Return one workflow command a line, which GitHub Actions shows beside the lines of a pull request.

    Format: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions.
    """
    return "".join(map(_command, findings.report["diagnostics"]))


_SEVERITIES: Mapping[str, str] = {"error": "major", "warning": "minor"}


def _issue(diagnostic: DiagnosticForm, fingerprint: str) -> dict[str, Any]:
    primary = diagnostic["labels"][0]
    text = " ".join([f"{diagnostic['summary']}. {diagnostic['detail']}", *diagnostic["help"]])
    return {
        "description": text,
        "check_name": diagnostic["code"],
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[diagnostic["severity"]],
        "location": {
            "path": file_path(diagnostic["template"], primary["file"]),
            "lines": {"begin": primary["line"], "end": primary["end_line"]},
        },
    }


def to_gitlab(findings: Findings) -> str:
    """Return a JSON list of issues with a final newline.

    Format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
    """
    pairs = zip(findings.report["diagnostics"], findings.fingerprints, strict=True)
    return json.dumps([_issue(*pair) for pair in pairs], indent=2, ensure_ascii=False) + "\n"


def _case(suite: ElementTree.Element, diagnostic: DiagnosticForm) -> None:
    from xml.etree import ElementTree

    title = visible(f"{diagnostic['code']}: {diagnostic['summary']}")
    place = visible(place_of(diagnostic, diagnostic["labels"][0]))
    case = ElementTree.SubElement(suite, "testcase", name=f"{title} at {place}", classname=diagnostic["code"])
    text = "\n".join(map(visible, [place, diagnostic["detail"], *diagnostic["help"]]))
    if diagnostic["severity"] == "error":
        ElementTree.SubElement(case, "failure", type="error", message=title).text = text
    else:
        ElementTree.SubElement(case, "system-out").text = f"warning: {title}\n{text}"


def _suite(root: ElementTree.Element, template: str, diagnostics: Sequence[DiagnosticForm]) -> None:
    from xml.etree import ElementTree

    failures = sum(diagnostic["severity"] == "error" for diagnostic in diagnostics)
    counts = {"tests": str(max(1, len(diagnostics))), "failures": str(failures), "errors": "0", "skipped": "0"}
    suite = ElementTree.SubElement(root, "testsuite", {"name": visible(template), **counts})
    for diagnostic in diagnostics:
        _case(suite, diagnostic)
    if not diagnostics:
        ElementTree.SubElement(suite, "testcase", name="no diagnostics", classname="unitc")


def to_junit(findings: Findings) -> str:
    """Return an XML document with a final newline.

    Each template is a suite, each diagnostic a case: an error is a failed one, a warning one that passed and says
    something, and a template without either has one case that passed. Format: https://github.com/testmoapp/junitxml.
    """
    from xml.etree import ElementTree

    by_template: dict[str, list[DiagnosticForm]] = {template: [] for template in findings.templates}
    for diagnostic in findings.report["diagnostics"]:
        by_template[diagnostic["template"]].append(diagnostic)
    tests = sum(max(1, len(items)) for items in by_template.values())
    errors = findings.report["error_count"]
    root = ElementTree.Element("testsuites", name="unitc", tests=str(tests), failures=str(errors), errors="0")
    for template, diagnostics in by_template.items():
        _suite(root, template, diagnostics)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


# GitHub takes 1 MiB for the summary of a step, and so many rows fit into that.
MAX_ROWS = 500

# What Markdown or the HTML in it would take for more than text.
_SPECIAL = regex(r"([\\`*_{}\[\]<>()#+!|~&@:-])")


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", visible(text))


def _row(diagnostic: DiagnosticForm) -> str:
    primary = diagnostic["labels"][0]
    place = f"{file_path(diagnostic['template'], primary['file'])}:{primary['line']}"
    words = f"**{_escaped(diagnostic['summary'])}**: {_escaped(diagnostic['detail'])}"
    return f"| {diagnostic['severity']} | {diagnostic['code']} | {_escaped(place)} | {words} |\n"


def to_markdown(findings: Findings) -> str:
    """Return a heading with the counts, and a table where there is something to tell.

    Format: https://github.github.com/gfm/.
    """
    report, rows = findings.report, findings.report["diagnostics"]
    counts = f"{counted(report['error_count'], 'error')}, {counted(report['warning_count'], 'warning')}"
    text = f"### unitc: {counts} in {counted(len(findings.templates), 'template')}\n"
    if rows:
        text += "\n| severity | code | place | what |\n|---|---|---|---|\n"
        text += "".join(map(_row, rows[:MAX_ROWS]))
    if len(rows) > MAX_ROWS:
        text += f"\nand {len(rows) - MAX_ROWS} more\n"
    return text
