"""The JSON reporter."""

from __future__ import annotations

import json

from compiler.report.form import Report

__all__ = ["render"]


def render(report: Report) -> str:
    """Return the report as JSON text with a final newline."""
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"
