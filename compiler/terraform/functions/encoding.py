"""Functions that encode and decode text: base 64, code pages, URLs."""

from __future__ import annotations

from urllib.parse import quote_plus

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.formats import base64_text
from compiler.terraform.functions.later import answered_later
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.types import STRING
from compiler.terraform.values.values import Value, string

_STR = Parameter("str", STRING)
_ENCODING = Parameter("encoding", STRING)


@function("base64encode", _STR, returns=STRING)
def _base64encode(call: Call) -> Value:
    return string(base64_text.encode(call.text(0).encode()))


@function("base64decode", Parameter("str", STRING, marked=True), returns=STRING)
def _base64decode(call: Call) -> Value:
    # The message quotes the argument, so what is sensitive must be seen here.
    value = call.args[0].unmarked()
    try:
        data = base64_text.decode(value.text)
    except base64_text.Base64Error:
        shown = "(sensitive value)" if call.args[0].is_sensitive else go_quote(value.text)
        raise CallError(f"failed to decode base64 data {shown}") from None
    return string(_utf8(data)).with_marks(call.args[0].marks)


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise CallError("the result of decoding the provided string is not valid UTF-8") from None


_CODECS = {
    name: (shown, codec)
    for shown, codec, names in (
        ("UTF-8", "utf-8", "utf-8 csutf8"),
        ("UTF-16LE", "utf-16-le", "utf-16le csutf16le"),
        ("UTF-16BE", "utf-16-be", "utf-16be csutf16be"),
        ("US-ASCII", "ascii", "us-ascii ascii us csascii"),
        ("ISO_8859-1:1987", "latin-1", "iso_8859-1:1987 iso_8859-1 iso-8859-1 latin1 l1 csisolatin1"),
        ("windows-1252", "cp1252", "windows-1252 cswindows1252"),
    )
    for name in names.split()
}
"""The encodings that people use, by the names that IANA has registered: how Terraform and Python call them."""


@function("textencodebase64", Parameter("string", STRING), _ENCODING, returns=STRING)
def _textencodebase64(call: Call) -> Value:
    encoding = _CODECS.get(call.text(1).lower())
    if encoding is None:
        return answered_later("textencodebase64", STRING)
    try:
        data = call.text(0).encode(encoding[1])
    except UnicodeEncodeError:
        message = f"the given string contains characters that cannot be represented in {encoding[0]}"
        raise ArgumentError(0, message) from None
    return string(base64_text.encode(data))


@function("textdecodebase64", Parameter("source", STRING), _ENCODING, returns=STRING)
def _textdecodebase64(call: Call) -> Value:
    encoding = _CODECS.get(call.text(1).lower())
    try:
        data = base64_text.decode(call.text(0))
    except base64_text.Base64Error as exc:
        raise ArgumentError(0, f"the given value is has an invalid base64 symbol at offset {exc.offset}") from None
    if encoding is None:
        return answered_later("textdecodebase64", STRING)
    try:
        text = data.decode(encoding[1])
    except UnicodeDecodeError:
        text = "\N{REPLACEMENT CHARACTER}"
    # Terraform can't tell one that was written from one that stands for an error.
    if "\N{REPLACEMENT CHARACTER}" in text:
        raise ArgumentError(0, f"the given string contains symbols that are not defined for {encoding[0]}")
    return string(text)


@function("urlencode", _STR, returns=STRING)
def _urlencode(call: Call) -> Value:
    return string(quote_plus(call.text(0)))
