"""The JSON reporter."""

from __future__ import annotations

import json

from compiler.report.form import Findings


def render(findings: Findings) -> str:
    """Return the report as JSON text with a final newline."""
    return json.dumps(findings.report, indent=2, ensure_ascii=False) + "\n"
