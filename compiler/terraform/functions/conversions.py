"""Functions that convert a value to a type, and those that add or take off marks."""

from __future__ import annotations

from functools import partial

from compiler.terraform.functions import ArgumentError, Call, Parameter, function
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.marks import SENSITIVE
from compiler.terraform.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    SetType,
    Type,
    can_convert,
    constraint_name,
    friendly_name,
)
from compiler.terraform.values.values import Value

_V, _VALUE = (Parameter(name, null=True, unknown=True, dynamic=True, marked=True) for name in ("v", "value"))


def _converted(target: Type, call: Call) -> Value:
    value = call.args[0]
    try:
        converted = convert(value, target)
    except ConversionError as exc:
        raise ArgumentError(0, _why_not(value, target)) from exc
    # Of an unknown Terraform takes the type that the function names, so that its elements fit to anything.
    return converted if converted.is_known else Value(target, converted.data, converted.marks)


_HINTS = {
    BOOL: '; only the strings "true" or "false" are allowed',
    NUMBER: "; given string must be a decimal representation of a number",
}


def _why_not(value: Value, target: Type) -> str:
    """Return what stands in the way of a conversion."""
    name, hint = friendly_name(value.type), ""
    if can_convert(value.type, target) and value.is_sensitive:
        name = f"this sensitive {name}"
    elif isinstance(value.data, str) and target in _HINTS:
        name, hint = go_quote(value.data), _HINTS[target]
    return f"cannot convert {name} to {constraint_name(target)}{hint}"


for _name, _target in (
    ("tobool", BOOL),
    ("tolist", ListType(DYNAMIC)),
    ("tomap", MapType(DYNAMIC)),
    ("tonumber", NUMBER),
    ("toset", SetType(DYNAMIC)),
    ("tostring", STRING),
):
    function(_name, _V, returns=_target, not_null=False)(partial(_converted, _target))


@function("sensitive", _VALUE, not_null=False)
def _sensitive(call: Call) -> Value:
    return call.args[0].with_marks(frozenset({SENSITIVE}))


@function("nonsensitive", _VALUE, not_null=False)
def _nonsensitive(call: Call) -> Value:
    value = call.args[0]
    return value.unmarked().with_marks(value.marks - {SENSITIVE})
