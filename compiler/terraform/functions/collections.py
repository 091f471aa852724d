"""Functions that ask something of a collection, or choose among values."""

from __future__ import annotations

from functools import reduce

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.common_types import common_type, common_type_may_change
from compiler.terraform.functions.formats.graphemes import clusters
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.later import LaterError
from compiler.terraform.values.numbers import Number
from compiler.terraform.values.operations import equal, length
from compiler.terraform.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    Primitive,
    SetType,
    TupleType,
    Type,
    element_type,
    friendly_name,
)
from compiler.terraform.values.values import FALSE, TRUE, Value, boolean, integer, null, number, unknown

_BOOLS = Parameter("list", ListType(BOOL))
_CHOICES = Parameter("vals", null=True, unknown=True, dynamic=True)


@function("alltrue", _BOOLS, returns=BOOL)
def _alltrue(call: Call) -> Value:
    for item in call.args[0].items:
        if not item.is_known:
            return unknown(BOOL)
        if item.is_null or not item.is_true:
            return FALSE
    return TRUE


@function("anytrue", _BOOLS, returns=BOOL)
def _anytrue(call: Call) -> Value:
    items = [item for item in call.args[0].items if not item.is_null]
    if any(item.is_known and item.is_true for item in items):
        return TRUE
    return FALSE if all(item.is_known for item in items) else unknown(BOOL)


def _coalesced_type(call: Call) -> Type:
    common = common_type(call.args)
    if common is None:
        raise CallError("all arguments must have the same type")
    return common


@function("coalesce", variadic=_CHOICES, returns=_coalesced_type)
def _coalesce(call: Call) -> Value:
    if common_type_may_change(call.args):
        return unknown(DYNAMIC)
    for value in call.args:
        try:
            chosen = convert(value, call.returns)
        except ConversionError:
            # Terraform passes over what can't have the common type, such as ["a"] beside a set of numbers.
            continue
        if not chosen.is_known:
            return unknown(call.returns)
        # Beside an object and null, which have no type in common, an empty string is as good as any.
        if not chosen.is_null and not (call.returns == STRING and chosen.data == ""):
            return chosen
    raise CallError("no non-null, non-empty-string arguments")


@function("coalescelist", variadic=_CHOICES)
def _coalescelist(call: Call) -> Value:
    if not call.args:
        raise CallError("at least one argument is required")
    if any(value.is_known and not isinstance(value.type, ListType | TupleType) for value in call.args):
        raise CallError("coalescelist arguments must be lists or tuples")
    for value in call.args:
        if not value.is_known:
            return unknown()
        if not value.is_null and value.items:
            return value
    raise CallError("no non-null arguments")


@function("contains", Parameter("list"), Parameter("value"), returns=BOOL)
def _contains(call: Call) -> Value:
    values, wanted = call.args
    if not isinstance(values.type, ListType | TupleType | SetType):
        raise ArgumentError(0, "argument must be list, tuple, or set")
    call.budget.spend_elements(len(values.items))
    outcomes = [equal(wanted, item) for item in values.items]
    if any(outcome.is_known and outcome.is_true for outcome in outcomes):
        return TRUE
    return boolean(False) if all(outcome.is_known for outcome in outcomes) else unknown(BOOL)


def _length_type(call: Call) -> Type:
    match call.args[0].type:
        case Primitive("number" | "bool"):
            raise ArgumentError(0, "argument must be a string, a collection type, or a structural type")
        case _:
            return NUMBER


@function("length", Parameter("value", unknown=True, dynamic=True, marked=True), returns=_length_type)
def _length(call: Call) -> Value:
    value = call.args[0]
    if value.type not in (STRING, DYNAMIC):
        return length(value)
    if not value.is_known:
        return unknown(NUMBER).with_marks(value.marks)
    call.budget.spend(len(value.text))
    return integer(len(clusters(value.text))).with_marks(value.marks)


_NOT_ONE = "must be a list, set, or tuple value with either zero or one elements"


@function("one", Parameter("list"), not_null=False)
def _one(call: Call) -> Value:
    values = call.args[0]
    if not isinstance(values.type, ListType | SetType | TupleType):
        raise ArgumentError(0, _NOT_ONE)
    count = values.count
    if count is None:
        return unknown()
    if count > 1:
        raise ArgumentError(0, _NOT_ONE)
    return values.items[0] if count else null(element_type(values.type))


_NOT_NUMBERS = "argument must be list, set, or tuple of number values"


@function("sum", Parameter("list"), returns=NUMBER)
def _sum(call: Call) -> Value:
    values = call.args[0]
    if not isinstance(values.type, ListType | SetType | TupleType | MapType | ObjectType):
        raise ArgumentError(0, "cannot sum noniterable")
    if not values.items:
        raise ArgumentError(0, "cannot sum an empty list")
    if isinstance(values.type, MapType | ObjectType):
        raise ArgumentError(0, f"argument must be list, set, or tuple. Received {friendly_name(values.type)}")
    if not values.is_wholly_known:
        return unknown(NUMBER)
    call.budget.spend_elements(len(values.items))
    return number(reduce(Number.plus, [_summand(item) for item in values.items]))


def _summand(value: Value) -> Number:
    try:
        summand = convert(value, NUMBER)
    except ConversionError:
        raise ArgumentError(0, _NOT_NUMBERS) from None
    if summand.is_null:
        raise ArgumentError(0, _NOT_NUMBERS)
    if not summand.is_known:
        raise LaterError
    return summand.numeric
