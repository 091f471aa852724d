"""The SARIF reporter: what code scanning services read.

Format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. Columns count code points.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from compiler import __version__
from compiler.report.form import DiagnosticForm, LabelForm, Report
from compiler.source.codes import CODES

__all__ = ["render"]


def _location(template: str, label: LabelForm, path: Callable[[str, str], str]) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(path(template, label["file"]))},
            "region": {
                "startLine": label["line"],
                "startColumn": label["column"],
                "endLine": label["end_line"],
                "endColumn": label["end_column"],
            },
        }
    }


def _result(diagnostic: DiagnosticForm, path: Callable[[str, str], str], rules: list[str]) -> dict[str, Any]:
    primary, *related = diagnostic["labels"]
    text = "\n".join([f"{diagnostic['summary']}. {diagnostic['detail']}", *diagnostic["help"]])
    result: dict[str, Any] = {
        "ruleId": diagnostic["code"],
        "ruleIndex": rules.index(diagnostic["code"]),
        "level": diagnostic["severity"],
        "message": {"text": text},
        "locations": [_location(diagnostic["template"], primary, path)],
    }
    if related:
        result["relatedLocations"] = [
            {**_location(diagnostic["template"], label, path), "message": {"text": label["text"]}} for label in related
        ]
    return result


def render(report: Report, path: Callable[[str, str], str]) -> str:
    """Return a SARIF log with one run; ``path`` turns a template and a file into a path from the current folder."""
    rules = sorted({diagnostic["code"] for diagnostic in report["diagnostics"]})
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "unitc",
                        "semanticVersion": __version__,
                        "rules": [{"id": code, "shortDescription": {"text": CODES[code]}} for code in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(diagnostic, path, rules) for diagnostic in report["diagnostics"]],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"
