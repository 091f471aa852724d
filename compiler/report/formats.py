"""The forms in which diagnostics are told, each with its reporter: one row a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compiler.report.form import Findings


class Format(StrEnum):
    """Forms in which diagnostics are told."""

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    GITLAB = "gitlab"
    JUNIT = "junit"
    MARKDOWN = "markdown"


# The modules of the reporters, each of which is called like its form.
_HOMES: Mapping[Format, str] = {
    Format.TEXT: "text",
    Format.CONCISE: "text",
    Format.JSON: "form",
    Format.GITHUB: "forges",
    Format.SARIF: "sarif",
    Format.GITLAB: "forges",
    Format.JUNIT: "forges",
    Format.MARKDOWN: "forges",
}


def render(findings: Findings, form: Format) -> str:
    """Return what there is to tell in one of the forms."""
    # One run needs one or two of the reporters.
    reporter: Callable[[Findings], str] = getattr(import_module(f"compiler.report.{_HOMES[form]}"), f"to_{form}")
    return reporter(findings)
