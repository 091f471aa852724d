"""Base 64 as Go's standard encoding has it: line breaks are skipped, padding is required."""

from __future__ import annotations

import base64
import binascii

from compiler.patterns import regex

__all__ = ["Base64Error", "decode", "encode"]


class Base64Error(ValueError):
    """A text isn't base 64 from the byte ``offset`` on."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"illegal base64 data at input byte {offset}")
        self.offset = offset


_BREAKS = str.maketrans("", "", "\r\n")
_VALID_START = regex(r"(?:[A-Za-z0-9+/\r\n])*")


def encode(data: bytes) -> str:
    """Return the bytes in base 64."""
    return base64.b64encode(data).decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes that a text in base 64 stands for, or raise :class:`Base64Error`."""
    try:
        return base64.b64decode(text.translate(_BREAKS), validate=True)
    except (binascii.Error, ValueError):
        match = _VALID_START.match(text)
        raise Base64Error(match.end() if match else 0) from None
