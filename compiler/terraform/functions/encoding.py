"""Functions that encode and decode text: base 64, URLs."""

from __future__ import annotations

from urllib.parse import quote_plus

from compiler.terraform.functions import Call, CallError, Parameter, function
from compiler.terraform.functions.formats import FormatError, base64_text
from compiler.terraform.values.types import STRING
from compiler.terraform.values.values import Value, string

_STR = Parameter("str", STRING)


@function("base64encode", _STR, returns=STRING)
def _base64encode(call: Call) -> Value:
    return string(base64_text.encode(call.text(0).encode()))


@function("base64decode", _STR, returns=STRING)
def _base64decode(call: Call) -> Value:
    try:
        return string(base64_text.decode(call.text(0)).decode())
    except FormatError:
        raise CallError("failed to decode base64 data") from None
    except UnicodeDecodeError:
        raise CallError("the result of decoding the provided string is not valid UTF-8") from None


@function("urlencode", _STR, returns=STRING)
def _urlencode(call: Call) -> Value:
    return string(quote_plus(call.text(0)))
