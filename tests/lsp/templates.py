"""Pieces of templates for the language server's tests."""

from __future__ import annotations

__all__ = ["AGENT", "script"]

AGENT = 'resource "coder_agent" "main" {\n  os   = "linux"\n  arch = "amd64"\n}\n'


def script(name: str, *lines: str) -> str:
    """Return a script's block with some more lines in it."""
    return "".join(
        f"{line}\n"
        for line in (
            f'resource "coder_script" "{name}" {{',
            "  agent_id     = coder_agent.main.id",
            f'  display_name = "{name}"',
            "  run_on_start = true",
            '  script       = "true"',
            *(f"  {line}" for line in lines),
            "}",
        )
    )
