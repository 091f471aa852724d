"""Functions that ask something of a collection, or choose among values."""

from __future__ import annotations

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.formats.characters import clusters
from compiler.terraform.functions.sequences import common_type_may_change
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.operations import equal, length
from compiler.terraform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, Type, element_type, unify
from compiler.terraform.values.values import FALSE, TRUE, Value, boolean, integer, null, unknown

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
    common = DYNAMIC if common_type_may_change(call.args) else unify(value.type for value in call.args)
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


@function("contains", Parameter("list"), Parameter("value"), returns=BOOL)
def _contains(call: Call) -> Value:
    values, wanted = call.args
    if not values.is_sequence:
        raise ArgumentError(0, "argument must be list, tuple, or set")
    call.budget.spend_elements(len(values.items))
    outcomes = [equal(wanted, item) for item in values.items]
    if any(outcome.is_known and outcome.is_true for outcome in outcomes):
        return TRUE
    return boolean(False) if all(outcome.is_known for outcome in outcomes) else unknown(BOOL)


@function("length", Parameter("value", unknown=True, dynamic=True, marked=True), returns=NUMBER)
def _length(call: Call) -> Value:
    value = call.args[0]
    if value.type in (NUMBER, BOOL):
        raise ArgumentError(0, "argument must be a string, a collection type, or a structural type")
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
    if not values.is_sequence:
        raise ArgumentError(0, _NOT_ONE)
    count = values.count
    if count is None:
        return unknown()
    if count > 1:
        raise ArgumentError(0, _NOT_ONE)
    return values.items[0] if count else null(element_type(values.type))
