"""Functions of strings."""

from __future__ import annotations

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.types import BOOL, STRING, ListType
from compiler.terraform.values import Value, boolean, string, unknown

_STR = Parameter("str", STRING)


@function("endswith", _STR, Parameter("suffix", STRING), returns=BOOL)
def _endswith(call: Call) -> Value:
    return boolean(call.text(0).endswith(call.text(1)))


@function("startswith", _STR, Parameter("prefix", STRING), returns=BOOL)
def _startswith(call: Call) -> Value:
    return boolean(call.text(0).startswith(call.text(1)))


@function("lower", _STR, returns=STRING)
def _lower(call: Call) -> Value:
    return string(call.text(0).lower())


@function("upper", _STR, returns=STRING)
def _upper(call: Call) -> Value:
    return string(call.text(0).upper())


@function("join", Parameter("separator", STRING), variadic=Parameter("lists", ListType(STRING)), returns=STRING)
def _join(call: Call) -> Value:
    separator, lists = call.text(0), call.args[1:]
    if not lists:
        raise CallError("at least one list is required")
    if not all(item.is_wholly_known for item in lists):
        return unknown(STRING)
    texts = []
    for index, item in enumerate(lists, start=1):
        for place, element in enumerate(item.items):
            if element.is_null:
                where = (
                    f"element {place} is null" if len(lists) == 1 else f"element {place} of list {index - 1} is null"
                )
                raise ArgumentError(index, f"{where}; cannot concatenate null values")
            texts.append(element.text)
    call.budget.spend(sum(len(text) + len(separator) for text in texts))
    return string(separator.join(texts))
