"""Base 64 as Go's standard encoding has it: line breaks are skipped, padding is required."""

from __future__ import annotations

import base64

from compiler.terraform.functions.formats import FormatError

_BREAKS = str.maketrans("", "", "\r\n")


def encode(data: bytes) -> str:
    """Return the bytes in base 64."""
    return base64.b64encode(data).decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes that a text in base 64 stands for, or raise :class:`FormatError`."""
    try:
        return base64.b64decode(text.translate(_BREAKS), validate=True)
    except ValueError:
        raise FormatError("illegal base64 data") from None
