"""Functions that encode and decode text: base 64, code pages, URLs."""

from __future__ import annotations

from urllib.parse import quote_plus

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.formats import base64_text, text_encodings
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


@function("textencodebase64", Parameter("string", STRING), _ENCODING, returns=STRING)
def _textencodebase64(call: Call) -> Value:
    encoding = _encoding(call)
    try:
        data = encoding.encode(call.text(0))
    except text_encodings.NotRepresentableError:
        raise ArgumentError(
            0, f"the given string contains characters that cannot be represented in {encoding.name}"
        ) from None
    return string(base64_text.encode(data)) if data is not None else answered_later("textencodebase64", STRING)


@function("textdecodebase64", Parameter("source", STRING), _ENCODING, returns=STRING)
def _textdecodebase64(call: Call) -> Value:
    encoding = _encoding(call)
    try:
        data = base64_text.decode(call.text(0))
    except base64_text.Base64Error as exc:
        raise ArgumentError(0, f"the given value is has an invalid base64 symbol at offset {exc.offset}") from None
    try:
        text = encoding.decode(data)
    except text_encodings.NotRepresentableError:
        raise ArgumentError(0, f"the given string contains symbols that are not defined for {encoding.name}") from None
    return string(text) if text is not None else answered_later("textdecodebase64", STRING)


def _encoding(call: Call) -> text_encodings.Encoding:
    found = text_encodings.find(call.text(1))
    if found is None:
        raise ArgumentError(
            1,
            f"{go_quote(call.text(1))} is not a supported IANA encoding name or alias in this Terraform version",
        )
    return found


@function("urlencode", _STR, returns=STRING)
def _urlencode(call: Call) -> Value:
    return string(quote_plus(call.text(0)))
