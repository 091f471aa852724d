"""Text for people: numbers and lists in words, what can be shown of it, how wide it is, how it is broken into lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

# Narrower than this, broken lines are harder to read than long ones.
_LEAST = 12

# So many names a sentence can bear.
_LISTED = 5


def counted(number: int, noun: str) -> str:
    """Return a number of things: ``1 error``, ``2 errors``."""
    return f"{number} {noun}{'s' * (number != 1)}"


def tallied(errors: int, warnings: int) -> str:
    """Return how many errors and warnings there are, empty for none: ``2 errors and 1 warning``."""
    return " and ".join(counted(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number)


def listed(names: Sequence[str]) -> str:
    """Return names in a row, the first few of many: ``a, b, c, d, e and 3 more``."""
    return ", ".join(names[:_LISTED]) + f" and {len(names) - _LISTED} more" * (len(names) > _LISTED)


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def clipped(text: str, width: int) -> str:
    """Return a text of at most ``width`` columns, with an ellipsis in the place of what is left out at its end."""
    if columns(text) <= width:
        return text
    taken = 0
    for position, character in enumerate(text):
        taken += columns(character)
        if taken > width - 1:
            return f"{text[:position].rstrip()}…"
    return text


def wrap(text: str, width: int | None, *, first: int = 0, rest: int = 0) -> Iterator[str]:
    """Yield the lines of a text, broken at spaces so that none is wider than ``width``, where no word is.

    None: a terminal of any width. ``first`` columns of the first line are taken already, ``rest`` of each other one
    are indentation, which is not part of what is yielded.
    """
    if width is None:
        yield text
        return
    room = max(width - first, _LEAST)
    line: list[str] = []
    taken = 0
    for word in text.split(" "):
        wide = columns(word)
        if line and taken + len(line) + wide > room:
            yield " ".join(line).rstrip()
            room = max(width - rest, _LEAST)
            line, taken = [], 0
        line.append(word)
        taken += wide
    yield " ".join(line).rstrip()


def behind(text: str, width: int | None, first: str, rest: str) -> Iterator[str]:
    """Yield a text as :func:`wrap` breaks it: its first line behind ``first``, the others behind ``rest``."""
    line, *more = wrap(text, width, first=columns(first), rest=columns(rest))
    yield first + line
    yield from (rest + each for each in more)


_MOVING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Return a text with a replacement for each character that would move the cursor or turn the text around."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in _MOVING else character for character in text
    )
