"""Upper and lower case, and blanks, as Go has them.

Go maps each character to one character (the simple mappings of Unicode's data, https://pkg.go.dev/unicode#ToUpper);
Python's ``str.upper`` makes ``SS`` of ``ß`` and looks at a sigma's neighbours.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["SPACES", "capitalized", "lower", "upper"]

SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""The characters that Unicode calls white space; Python's ``str.strip`` takes some control characters too."""


def upper(text: str) -> str:
    """Return the text in upper case."""
    return text.upper() if text.isascii() else "".join(map(_upper, text))


def lower(text: str) -> str:
    """Return the text in lower case."""
    return text.lower() if text.isascii() else "".join(map(_lower, text))


def capitalized(text: str) -> str:
    """Return the text with every letter that begins a word in title case (https://pkg.go.dev/strings#Title)."""
    letters = []
    after_separator = True
    for char in text:
        letters.append(_title(char) if after_separator else char)
        after_separator = _separates(char)
    return "".join(letters)


def _upper(char: str) -> str:
    # A small letter with an iota below has a capital with the iota beside it, which Python gives as its title case.
    return _single(char, str.upper, str.title)


def _lower(char: str) -> str:
    # Only the dotted capital I has a longer form, which begins with the plain letter.
    return char.lower()[0]


def _title(char: str) -> str:
    return _single(char, str.title)


def _single(char: str, *mappings: Callable[[str], str]) -> str:
    """Return the character's first mapping that is one character, or the character itself."""
    return next((mapped for mapping in mappings if len(mapped := mapping(char)) == 1), char)


def _separates(char: str) -> bool:
    if char.isascii():
        return not (char.isalnum() or char == "_")
    return char in SPACES
