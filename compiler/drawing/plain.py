"""Names on a terminal."""

from __future__ import annotations

import unicodedata

__all__ = ["show"]

_MOVING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def show(text: str) -> str:
    """Return a text without characters that would move the cursor or turn the text around."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in _MOVING else character for character in text
    )
