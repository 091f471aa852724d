"""The GitLab reporter: what a merge request shows as Code Quality.

Format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from compiler.report.form import DiagnosticForm, Findings, file_path

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


def render(findings: Findings) -> str:
    """Return a JSON list of issues with a final newline."""
    pairs = zip(findings.report["diagnostics"], findings.fingerprints, strict=True)
    return json.dumps([_issue(*pair) for pair in pairs], indent=2, ensure_ascii=False) + "\n"
