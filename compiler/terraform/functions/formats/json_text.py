"""Values as JSON, as ``jsonencode`` writes and ``jsondecode`` reads it.

Go's encoder (https://pkg.go.dev/encoding/json#Marshal) escapes ``<``, ``>`` and ``&`` so that the text can stand in
HTML, and two line separators that JavaScript doesn't take. Which types texts are read as is that of
https://pkg.go.dev/github.com/zclconf/go-cty/cty/json#ImpliedType.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from compiler.patterns import regex
from compiler.terraform.functions.formats import FormatError
from compiler.terraform.values.budget import Budget, BudgetExceededError, LaterError
from compiler.terraform.values.numbers import Number, number_text, parse_number
from compiler.terraform.values.values import Value, boolean, null, number, object_of, string, tuple_of

_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"},
)


def quote(text: str) -> str:
    """Return the text as a JSON string."""
    return json.dumps(text, ensure_ascii=False).translate(_ESCAPES)


# What a value costs besides its text; many small ones take longer than one long string.
_VALUE_COST = 8


def encode(value: Value, budget: Budget) -> str:
    """Return the wholly known value without marks as JSON."""
    data = value.data
    budget.spend(_VALUE_COST)
    match data:
        case tuple():
            return f"[{','.join(encode(item, budget) for item in data)}]"
        case Mapping():
            return (
                "{"
                + ",".join(f"{_paid(quote(key), budget)}:{encode(item, budget)}" for key, item in data.items())
                + "}"
            )
        case None:
            return "null"
        case bool():
            return "true" if data else "false"
        case str():
            return _paid(quote(data), budget)
        case Number():
            return _paid(number_text(data), budget)
        case _:
            raise TypeError(f"not a known value: {data!r}")


def _paid(text: str, budget: Budget) -> str:
    budget.spend(len(text))
    return text


class _NumberText(str):
    """The text of a number, to be told from a string."""

    __slots__ = ()


class _Pairs(tuple[tuple[str, Any], ...]):
    """The keys and values of an object, in their order."""

    __slots__ = ()


def _no_constant(text: str) -> None:
    raise FormatError(f'"{text}" is no JSON value')


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_float=_NumberText, parse_int=_NumberText, parse_constant=_no_constant
)
_BLANKS = regex(r"[ \t\r\n]*")
_LONE_SURROGATE = regex("[\ud800-\udfff]")


def decode(text: str, budget: Budget) -> Value:
    """Return the value that a JSON text describes, or raise :class:`FormatError` or :class:`LaterError`.

    Raises :class:`BudgetExceededError` where values are nested too deep.
    """
    budget.spend(len(text))
    try:
        data, end = _DECODER.raw_decode(text, _after_blanks(text, 0))
    except json.JSONDecodeError as exc:
        raise FormatError(f"{exc.msg[:1].lower()}{exc.msg[1:]} (line {exc.lineno}, column {exc.colno})") from None
    rest = text[_after_blanks(text, end) :]
    # What follows a closing bracket too many isn't looked at, in Terraform neither.
    if rest and rest[0] not in "]}":
        raise FormatError("extraneous data after JSON object")
    return _value(data, budget.depth)


def _after_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _value(data: object, depth: int) -> Value:
    if depth < 0:
        raise BudgetExceededError("the JSON text is nested too deep")
    match data:
        case None:
            return null()
        case bool():
            return boolean(data)
        case _NumberText():
            parsed = parse_number(data)
            if parsed is None:
                raise FormatError(f'"{data}" is no number')
            return number(parsed)
        case str():
            return string(_text(data))
        case _Pairs():
            return _object(data, depth)
        case list():
            return tuple_of([_value(item, depth - 1) for item in data])
        case _:
            raise TypeError(f"not JSON data: {data!r}")


def _text(text: str) -> str:
    """Return the text with halves of characters, which JSON can write, replaced as Go does."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def _object(pairs: _Pairs, depth: int) -> Value:
    attributes = {_text(key): _value(data, depth - 1) for key, data in pairs}
    # Of values with one key the last counts, but all have to fit to its type. And Terraform looks for a name in the
    # form that it was written in, but keeps it in another one.
    if len(attributes) < len(pairs) or any(unicodedata.normalize("NFC", name) != name for name in attributes):
        raise LaterError("unusual keys")
    return object_of(attributes)
