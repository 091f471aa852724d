"""Where reading goes on after an error: behind the item that is wrong, or with the next top-level block."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from compiler.hcl.feed import OPENERS
from compiler.hcl.scan import EOF, IDENT, NEWLINE, Token
from compiler.patterns import regex

_CLOSERS: Final = frozenset(OPENERS.values())

_TOP_LEVEL = regex(
    r"^(?:resource|data|ephemeral|module|variable|output|locals|provider|terraform|moved|import|removed|check)\b"
    r'(?:[ \t]+(?:"[^"\n]*"|[\w-]+))*[ \t]*\{',
    re.MULTILINE,
)


def item_end(tokens: Sequence[Token], item: int, at: int, *, nested: bool) -> int | None:
    """Return the index of the token that ends the item around ``at``, if the brackets tell, else None.

    ``item`` is the index of its first token; ``nested`` says that a block is open around it.
    """
    open_: list[str] = []
    for index in range(item, len(tokens)):
        kind = tokens[index][0]
        if kind in OPENERS:
            open_.append(OPENERS[kind])
        elif kind in _CLOSERS:
            if open_:
                if open_.pop() != kind:
                    return None
            elif kind == "RBRACE" and nested and index >= at:
                return index
        elif not open_ and index >= at and kind in (NEWLINE, EOF):
            return index
    return None


def next_block(text: str, tokens: Sequence[Token], at: int, end: int, *, anywhere: bool) -> int | None:
    """Return where the next top-level block after a token surely starts, or None.

    ``anywhere``: also where no token starts, since the tokens are made up there.
    """
    for found in _TOP_LEVEL.finditer(text, tokens[at][2], end):
        token = tokens[bisect_left(tokens, found.start(), key=lambda token: token[1])]
        if anywhere or token[:2] == (IDENT, found.start()):
            return found.start()
    return None


def before_comments(text: str, start: int) -> int:
    """Return where the comments right above a block start: they are about it, not about what isn't closed before."""
    lines = text[:start].splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith(("#", "//"))):
        start -= len(lines.pop())
    return start
