"""Tables of expressions that call functions, and what Terraform makes of them.

A table is a text file in ``functions/``, a family each. After a line ``# name`` stand the cases of a function: an
expression, ``=>``, and what ``jsonencode`` prints for it, or ``error``. Behind ``error:`` stand words of the message.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["FAMILIES", "Case", "cases"]

_FOLDER = Path(__file__).parent / "functions"

FAMILIES = tuple(sorted(path.stem for path in _FOLDER.glob("*.txt")))
"""The names of the tables."""

_ERROR = "error"


@dataclass(frozen=True, slots=True)
class Case:
    """An expression about ``function``. ``answer`` is None where it is an error, which says ``message``."""

    function: str
    expression: str
    answer: str | None
    message: str = ""


@cache
def cases(family: str) -> tuple[Case, ...]:
    """Return the cases of a family, in their order."""
    found: list[Case] = []
    function = ""
    for line in (_FOLDER / f"{family}.txt").read_text(encoding="utf-8").split("\n"):
        if line.startswith("# "):
            function = line.removeprefix("# ")
        elif line:
            expression, _, answer = line.rpartition(" => ")
            kind, _, message = answer.partition(": ") if answer.startswith(_ERROR) else ("", "", "")
            found.append(Case(function, expression, None if kind == _ERROR else answer, message))
    return tuple(found)
