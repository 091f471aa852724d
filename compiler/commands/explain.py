"""``unitc explain``: what a diagnostic means, offline."""

from __future__ import annotations

from importlib.resources import files

from compiler.commands.console import Console, ExitCode, Usage
from compiler.source.codes import CODES

__all__ = ["explain"]


def explain(console: Console, code: str | None) -> ExitCode:
    """Print the page of a code, or the list of all codes."""
    if code is None:
        console.out("".join(f"{name}  {title}\n" for name, title in sorted(CODES.items())))
        return ExitCode.OK
    name = code.upper()
    if name not in CODES:
        raise Usage(f"there is no diagnostic {code}; unitc explain lists all")
    console.out(files("compiler").joinpath("source", "explain", f"{name}.md").read_text("utf-8"))
    return ExitCode.OK
