"""Small damage to a text, as a hand slips or a file gets broken."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

_TOKENS: Final = (
    *("=", "{", "}", "[", "]", "(", ")", '"', "\n", ",", ".", ":", "?", "*", "-", "!", "+", "$", "%", "\\", " ", "\t"),
    *(
        "${",
        "%{",
        "~}",
        "$${",
        "%%{",
        "<<E\n",
        "<<-E\n",
        "E\n",
        "\r\n",
        "\r",
        "=>",
        "...",
        "::",
        "&&",
        "==",
        "[*]",
        ".*",
    ),
    *("for", "in", "if", "else", "endif", "true", "null", "x", "1", "1.5", "1e9", "%{ if x }", "%{ endif }", "${x}"),
    *("#", "//", "/*", "*/", "'", "`", ";", "&", "|", "~", "é", "“", "\u00a0", "\ufeff", "²", "\\n", "\\u0041", "\\q"),
)


def mutate(chance: random.Random, text: str, donors: Sequence[str]) -> str:
    """Return the text with one to three small changes; pieces of ``donors`` may come in."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.choice((1, 1, 2, 3, 8)))
        to = chance.randrange(len(text) + 1)
        donor = chance.choice(donors)
        start = chance.randrange(len(donor) + 1)
        text = chance.choice(
            (
                text[:at] + text[end:],
                text[:end] + text[at:],
                text[:at] + chance.choice(_TOKENS) + text[at:],
                text[:at] + chance.choice(_TOKENS) + text[end:],
                text[:to] + text[at:end] + text[to:],
                text[:at] + donor[start : start + chance.randrange(12)] + text[at:],
            )
        )
    return text
