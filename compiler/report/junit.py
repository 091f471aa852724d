"""The JUnit reporter: what most build servers show as test results.

Format: https://github.com/testmoapp/junitxml. Each template is a suite, each diagnostic a case: an error is a failed
one, a warning one that passed and says something, and a template without either has one case that passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from compiler.report.form import DiagnosticForm, Findings, place_of
from compiler.report.text import visible


def _case(suite: ElementTree.Element, diagnostic: DiagnosticForm) -> None:
    title = visible(f"{diagnostic['code']}: {diagnostic['summary']}")
    place = visible(place_of(diagnostic, diagnostic["labels"][0]))
    case = ElementTree.SubElement(suite, "testcase", name=f"{title} at {place}", classname=diagnostic["code"])
    text = "\n".join(map(visible, [place, diagnostic["detail"], *diagnostic["help"]]))
    if diagnostic["severity"] == "error":
        ElementTree.SubElement(case, "failure", type="error", message=title).text = text
    else:
        ElementTree.SubElement(case, "system-out").text = f"warning: {title}\n{text}"


def _suite(root: ElementTree.Element, template: str, diagnostics: Sequence[DiagnosticForm]) -> None:
    failures = sum(diagnostic["severity"] == "error" for diagnostic in diagnostics)
    counts = {"tests": str(max(1, len(diagnostics))), "failures": str(failures), "errors": "0", "skipped": "0"}
    suite = ElementTree.SubElement(root, "testsuite", {"name": visible(template), **counts})
    for diagnostic in diagnostics:
        _case(suite, diagnostic)
    if not diagnostics:
        ElementTree.SubElement(suite, "testcase", name="no diagnostics", classname="unitc")


def render(findings: Findings) -> str:
    """Return an XML document with a final newline."""
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
