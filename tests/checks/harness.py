"""Templates written down in a few words, and what is found in them in a form that a test can compare."""

from __future__ import annotations

from collections.abc import Mapping

from compiler.pipeline import Options, analyze
from compiler.source.diagnostics import Diagnostic, Severity
from compiler.terraform.configuration.files import MemoryFiles

__all__ = ["AGENT", "block", "codes", "diagnose", "found", "script"]


def block(header: str, *lines: str) -> str:
    """Return a block with these lines."""
    return "\n".join((f"{header} {{", *lines, "}", ""))


AGENT = block('resource "coder_agent" "main"', 'arch = "amd64"', 'os = "linux"')

_USUAL = {
    "agent_id": "coder_agent.main.id",
    "display_name": '"A script"',
    "script": '"true"',
    "run_on_start": "true",
}


def script(name: str, *lines: str, **arguments: str | None) -> str:
    """Return a ``coder_script`` block that nothing is wrong with, but for these arguments (None: without it)."""
    merged = {**_USUAL, **arguments}
    written = [f"{key} = {value}" for key, value in merged.items() if value is not None]
    return block(f'resource "coder_script" "{name}"', *written, *lines)


def heredoc(text: str) -> str:
    """Return a text as a heredoc."""
    return f"<<-EOT\n{text}\nEOT"


def diagnose(files: str | Mapping[str, str], options: Options | None = None) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a template; a text alone is its ``main.tf``, beside an agent."""
    if isinstance(files, str):
        files = {"main.tf": files, "agent.tf": AGENT}
    return analyze(MemoryFiles(files), options or Options()).diagnostics


def codes(files: str | Mapping[str, str], options: Options | None = None) -> list[str]:
    """Return the codes of what is found, warnings in small letters."""
    return [_code(item) for item in diagnose(files, options)]


def found(files: str | Mapping[str, str], options: Options | None = None) -> list[tuple[str, str, str]]:
    """Return each finding as its code, ``line:column``, and the first line of what is marked."""
    return [
        (_code(item), "{}:{}".format(*item.primary.span.start_pos), item.primary.span.text.split("\n")[0])
        for item in diagnose(files, options)
    ]


def _code(item: Diagnostic) -> str:
    return item.code if item.severity is Severity.ERROR else item.code.lower()
