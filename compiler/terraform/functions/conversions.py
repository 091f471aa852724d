"""Functions that convert a value to a type, and those that add or take off marks."""

from __future__ import annotations

from compiler.terraform.functions import ArgumentError, Call, CallError, Implementation, Parameter, function
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.marks import SENSITIVE, provenance_marks
from compiler.terraform.values.type_rules import can_convert
from compiler.terraform.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    SetType,
    Type,
    constraint_name,
    friendly_name,
)
from compiler.terraform.values.values import Value, boolean, unknown


def _anything(name: str) -> Parameter:
    return Parameter(name, null=True, unknown=True, dynamic=True, marked=True)


_VALUE = _anything("value")


def _same_type(call: Call) -> Type:
    return call.args[0].type


def _conversion(target: Type) -> Implementation:
    def convert_to_target(call: Call) -> Value:
        value = call.args[0]
        try:
            converted = convert(value, target)
        except ConversionError as exc:
            raise ArgumentError(0, _why_not(value, target)) from exc
        # Of an unknown Terraform takes the type that the function names, so that its elements fit to anything.
        return converted if converted.is_known else Value(target, converted.data, converted.marks)

    return convert_to_target


def _cannot_convert(source: Type, target: Type) -> str:
    return f"cannot convert {friendly_name(source)} to {constraint_name(target)}"


_HINTS = {
    BOOL: 'only the strings "true" or "false" are allowed',
    NUMBER: "given string must be a decimal representation of a number",
}


def _why_not(value: Value, target: Type) -> str:
    """Return what stands in the way of a conversion."""
    if not can_convert(value.type, target):
        return _cannot_convert(value.type, target)
    if value.is_sensitive:
        return f"cannot convert this sensitive {friendly_name(value.type)} to {constraint_name(target)}"
    if isinstance(value.data, str) and target in _HINTS:
        return f"cannot convert {go_quote(value.data)} to {constraint_name(target)}; {_HINTS[target]}"
    return _cannot_convert(value.type, target)


for _name, _target in (
    ("tobool", BOOL),
    ("tolist", ListType(DYNAMIC)),
    ("tomap", MapType(DYNAMIC)),
    ("tonumber", NUMBER),
    ("toset", SetType(DYNAMIC)),
    ("tostring", STRING),
):
    function(_name, _anything("v"), returns=_target, not_null=False)(_conversion(_target))


@function("sensitive", _VALUE, returns=_same_type, not_null=False)
def _sensitive(call: Call) -> Value:
    return call.args[0].with_marks(frozenset({SENSITIVE}))


@function("nonsensitive", _VALUE, returns=_same_type, not_null=False)
def _nonsensitive(call: Call) -> Value:
    value = call.args[0]
    return value.unmarked().with_marks(value.marks - {SENSITIVE})


@function("issensitive", _VALUE, returns=BOOL)
def _issensitive(call: Call) -> Value:
    value = call.args[0]
    # An unknown may yet turn out to be sensitive, but never the other way round.
    undecided = not value.is_known and SENSITIVE not in value.marks
    answer = unknown(BOOL) if undecided else boolean(SENSITIVE in value.marks)
    return answer.with_marks(provenance_marks(value.marks))


_RETIRED = {
    "list": "tolist([ ... ]) syntax to write a literal list",
    "map": "tomap({ ... }) syntax to write a literal map",
}


def _retired(name: str) -> Implementation:
    def refuse(_: Call) -> Value:
        raise CallError(
            f'the "{name}" function was deprecated in Terraform v0.12 and is no longer available; use {_RETIRED[name]}'
        )

    return refuse


for _name in _RETIRED:
    function(_name, variadic=Parameter("vals", null=True, unknown=True, dynamic=True))(_retired(_name))
