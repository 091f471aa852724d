"""Upper and lower case, and blanks, as Go has them.

Go maps each character to one character (the simple mappings of Unicode's data, https://pkg.go.dev/unicode#ToUpper);
Python's ``str.upper`` makes ``SS`` of ``ß``. Such letters are left to Terraform.
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.terraform.values.later import LaterError

SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""The characters that Unicode calls white space; Python's ``str.strip`` takes some control characters too."""


def upper(text: str) -> str:
    """Return the text in upper case."""
    return text.upper() if text.isascii() else _mapped(str.upper, text)


def lower(text: str) -> str:
    """Return the text in lower case."""
    return text.lower() if text.isascii() else _mapped(str.lower, text)


def _mapped(mapping: Callable[[str], str], text: str) -> str:
    # Each character alone, since Python looks at a sigma's neighbours.
    mapped = [mapping(char) for char in text]
    if any(len(char) != 1 for char in mapped):
        raise LaterError("letters whose case takes several letters")
    return "".join(mapped)
