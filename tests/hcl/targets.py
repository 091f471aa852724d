"""Terraform's ``-target``, which reads its argument with ``hclsyntax.ParseTraversalAbs``: the judge of selectors."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.terraform.binary import terraform

# ``Error: Invalid target "…"`` in Go's quoting, then the reason.
_ERROR = re.compile(r'Error: Invalid target ("(?:[^"\\]|\\.)*")\n\n(.*?)(?=\n\n|\Z)', re.DOTALL)
# The reasons that come from reading; others say that it is no address of a resource.
_SYNTAX: Final = (
    *("Index brackets must", "Dot must be followed", "Index key must be", "Expected an attribute access"),
    *("Must begin with a variable", "Failed to recognize", "Splat expressions", "is not valid", "are not valid"),
    *(
        "This character",
        "Quoted strings may not",
        "Unable to find the closing",
        "escape sequence",
        "Template sequences",
    ),
    *("Bitwise operators", "Cannot encode"),
)
_GO_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def refused_as_traversals(texts: Sequence[str]) -> list[bool]:
    """Return for each text whether Terraform can't read it as a traversal; all must be printable, none empty."""
    refused: list[bool] = []
    for start in range(0, len(texts), 300):
        part = texts[start : start + 300]
        reasons = _reasons(part)
        refused.extend(any(word in reasons.get(_quote(text), "") for word in _SYNTAX) for text in part)
    return refused


def _quote(text: str) -> str:
    return '"' + "".join(_GO_ESCAPES.get(character, character) for character in text) + '"'


def _reasons(texts: Sequence[str]) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        done = terraform(Path(folder), "plan", "-no-color", *(f"-target={text}" for text in texts))
    # Long reasons are wrapped.
    return {target: reason.replace("\n", " ") for target, reason in _ERROR.findall(done.stderr)}
