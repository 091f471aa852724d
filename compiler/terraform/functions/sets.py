"""Functions of sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from itertools import product
from math import prod

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.common_types import common_element, common_type_may_change, converted
from compiler.terraform.values.sets import identity, set_of
from compiler.terraform.values.types import (
    DYNAMIC,
    ListType,
    SetType,
    TupleType,
    Type,
    element_type,
    inner_types,
    unify,
)
from compiler.terraform.values.values import Value, list_of, tuple_of, unknown

_ANY_SET = SetType(DYNAMIC)
_FIRST = Parameter("first_set", _ANY_SET)
_OTHERS = Parameter("other_sets", _ANY_SET)


def _common_set(call: Call) -> Type:
    if common_type_may_change(call.args):
        return _ANY_SET
    # An empty set of anything fits to all others.
    types = [
        element_type(value.type)
        for value in call.args
        if not (value.type == _ANY_SET and value.is_known and not value.items)
    ]
    common = unify(types) if types else DYNAMIC
    if common is None:
        raise CallError("given sets must all have compatible element types")
    return SetType(common)


@function("setunion", _FIRST, variadic=_OTHERS, returns=_common_set)
def _setunion(call: Call) -> Value:
    if call.returns == _ANY_SET and not all(value.is_wholly_known for value in call.args):
        return unknown(_ANY_SET)
    items = [item for elements in _converted_sets(call) for item in elements]
    call.budget.spend_elements(len(items))
    return set_of(DYNAMIC if items else element_type(call.returns), items)


@function("setintersection", _FIRST, variadic=_OTHERS, returns=_common_set)
def _setintersection(call: Call) -> Value:
    return _chosen(call, lambda item, others: all(item in other for other in others))


@function("setsubtract", Parameter("a", _ANY_SET), Parameter("b", _ANY_SET), returns=_common_set)
def _setsubtract(call: Call) -> Value:
    return _chosen(call, lambda item, others: item not in others[0])


def _chosen(call: Call, is_in: Callable[[str, Sequence[Set[str]]], bool]) -> Value:
    """Return those elements of the first set that have their place in the result, given what the others hold."""
    if not all(value.is_wholly_known for value in call.args):
        return unknown(call.returns)
    first, *others = _converted_sets(call)
    call.budget.spend_elements(len(first) + sum(map(len, others)))
    held = [frozenset(map(identity, other)) for other in others]
    items = [item for item in first if is_in(identity(item), held)]
    return set_of(DYNAMIC if items else element_type(call.returns), items)


def _converted_sets(call: Call) -> list[tuple[Value, ...]]:
    """Return the elements of all the sets, which have one type then, or raise :class:`CallError`."""
    sets = [converted(index, value, call.returns) for index, value in enumerate(call.args)]
    if any(value.type != sets[0].type for value in sets):
        # This happens where one holds nothing but null, so that its type is open, and another one objects.
        raise CallError("given sets must all have compatible element types")
    return [value.items for value in sets]


def _product_type(call: Call) -> Type:
    if len(call.args) < 2:
        raise CallError("at least two arguments are required")
    elements: list[Type] = []
    for index, value in enumerate(call.args):
        if not value.is_sequence:
            raise ArgumentError(index, "a set or a list is required")
        if isinstance(value.type, TupleType) and common_type_may_change(value.items if value.is_known else ()):
            return DYNAMIC
        inner = inner_types(value.type)
        common = unify(inner) if inner else DYNAMIC
        if common is None:
            raise ArgumentError(index, "all elements must be of the same type")
        elements.append(common)
    pair = TupleType(tuple(elements))
    return SetType(pair) if any(isinstance(value.type, SetType) for value in call.args) else ListType(pair)


@function("setproduct", variadic=Parameter("sets", marked=True, unknown=True), returns=_product_type)
def _setproduct(call: Call) -> Value:
    marks = [value.marks for value in call.args]
    if call.returns == DYNAMIC:
        return unknown(DYNAMIC).with_marks(*marks)
    make = set_of if isinstance(call.returns, SetType) else list_of
    pair = element_type(call.returns)
    if any(value.count == 0 for value in call.args):
        return make(pair, ()).with_marks(*marks)
    if any(value.count is None or not value.is_known for value in call.args):
        return unknown(call.returns).with_marks(*marks)
    call.budget.spend_elements(prod(len(value.items) for value in call.args) * len(call.args))
    types = pair.elements if isinstance(pair, TupleType) else ()
    columns = [
        [converted(index, item, type_) for item in value.items]
        for index, (value, type_) in enumerate(zip(call.args, types, strict=True))
    ]
    rows = [tuple_of(row) for row in product(*columns)]
    return make(common_element(rows, pair), rows).with_marks(*marks)
