"""The pages that explain diagnostics, as they are shipped."""

from __future__ import annotations

import re
from pathlib import Path

from compiler.patterns import regex
from compiler.source.codes import CODES

_FOLDER = Path(__file__).with_name("explain")

DATA = (_FOLDER,)

PAGES = {code: _FOLDER / f"{code}.md" for code in CODES}
"""For each code the file of its page."""

_EXAMPLE = regex(r"^```([a-z]+) ([a-z]+)$", re.MULTILINE)


def as_markdown(page: str) -> str:
    """Return a page as readers of Markdown show it: what an example shows stands above it as a word."""
    return _EXAMPLE.sub(lambda match: f"{match[2].capitalize()}:\n\n```{match[1]}", page)
