"""Our answers held against Terraform's: none may be another one, and only so many may be left to Terraform."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tests.terraform.scopes import UNKNOWN, NamedScope, answer

__all__ = ["Held", "hold"]


class Held(NamedTuple):
    """``wrong`` says how many answers differ, and the shortest expression among those; it is empty where none does.

    ``unknown`` is how many aren't known here while Terraform has an answer, or an error. That is right for any of them,
    and so a test holds the number, too: one that falls is a gain, one that grows a loss.
    """

    wrong: str
    unknown: int


def hold(expressions: Sequence[str], theirs: Sequence[str | None], scope: NamedScope | None = None) -> Held:
    """Return how our answers differ from Terraform's, which are None where an expression is wrong."""
    ours = [answer(text, scope) for text in expressions]
    differing = [each for each in zip(expressions, ours, theirs, strict=True) if each[1] != each[2]]
    wrong = [each for each in differing if each[1] != UNKNOWN]
    said = ""
    if wrong:
        text, given, wanted = min(wrong, key=lambda each: len(each[0]))
        said = f"{len(wrong)} differ; the shortest is\n{text}\n  ours        {given}\n  Terraform's {wanted}"
    return Held(said, len(differing) - len(wrong))
