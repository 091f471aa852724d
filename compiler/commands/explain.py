"""``unitc explain``: what a diagnostic means, offline."""

from __future__ import annotations

import os
from pathlib import Path

from compiler.commands.console import Console, ExitCode, Usage
from compiler.source.codes import CODES

__all__ = ["explain"]

_PAGES = Path(__file__).parent.parent / "source" / "explain"


def explain(console: Console, code: str | None) -> ExitCode:
    """Print the page of a code, or the list of all codes."""
    if code is None:
        console.out("".join(f"{name}  {title}\n" for name, title in sorted(CODES.items())))
        return ExitCode.OK
    name = code.upper()
    if name not in CODES:
        raise Usage(f"there is no diagnostic {code}; unitc explain lists all")
    console.out(console.disk.read(os.fspath(_PAGES / f"{name}.md")).decode())
    return ExitCode.OK
