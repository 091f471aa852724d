"""Functions that encode and decode text: base 64, URLs."""

from __future__ import annotations

from urllib.parse import quote_plus

from compiler.terraform.functions import Call, CallError, Parameter, function
from compiler.terraform.functions.formats import FormatError, base64_text
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.types import STRING
from compiler.terraform.values.values import Value, string

_STR = Parameter("str", STRING)


@function("base64encode", _STR, returns=STRING)
def _base64encode(call: Call) -> Value:
    return string(base64_text.encode(call.text(0).encode()))


@function("base64decode", Parameter("str", STRING, marked=True), returns=STRING)
def _base64decode(call: Call) -> Value:
    # The message quotes the argument, so what is sensitive must be seen here.
    value = call.args[0].unmarked()
    try:
        data = base64_text.decode(value.text)
    except FormatError:
        shown = "(sensitive value)" if call.args[0].is_sensitive else go_quote(value.text)
        raise CallError(f"failed to decode base64 data {shown}") from None
    return string(_utf8(data)).with_marks(call.args[0].marks)


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise CallError("the result of decoding the provided string is not valid UTF-8") from None


@function("urlencode", _STR, returns=STRING)
def _urlencode(call: Call) -> Value:
    return string(quote_plus(call.text(0)))
