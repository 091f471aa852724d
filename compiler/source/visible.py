"""What can be shown of a character on a terminal or in a log."""

from __future__ import annotations

import unicodedata

_MOVING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Return a text with a replacement for each character that would move the cursor or turn the text around."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in _MOVING else character for character in text
    )
