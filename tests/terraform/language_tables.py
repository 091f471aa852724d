"""Tables of expressions of the language, and what Terraform makes of them.

A table is a text file in ``language/``, one case a line: an expression (``⏎`` stands for a line break), ``=>``, and
what ``jsonencode`` prints for it, or ``error``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["TABLES", "cases"]

_FOLDER = Path(__file__).parent / "language"

TABLES = tuple(sorted(path.stem for path in _FOLDER.glob("*.txt")))
"""The names of the tables."""


@cache
def cases(table: str) -> tuple[tuple[str, str | None], ...]:
    """Return the expressions of a table and their answers, None for an error."""
    found: list[tuple[str, str | None]] = []
    for line in (_FOLDER / f"{table}.txt").read_text(encoding="utf-8").splitlines():
        expression, separator, answer = line.rpartition(" => ")
        if not separator:
            raise ValueError(f"{table}.txt has a line without an answer: {line}")
        found.append((expression.replace("⏎", "\n"), None if answer == "error" else answer))
    return tuple(found)
