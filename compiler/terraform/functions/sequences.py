"""Functions of lists and tuples, whose elements have an order."""

from __future__ import annotations

from itertools import accumulate, islice, repeat

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.common_types import common_element, common_type, common_type_may_change, converted
from compiler.terraform.values.later import LaterError
from compiler.terraform.values.marks import Marks
from compiler.terraform.values.numbers import ZERO, Number
from compiler.terraform.values.operations import equal
from compiler.terraform.values.sets import identity
from compiler.terraform.values.types import (
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    SetType,
    TupleType,
    Type,
    element_type,
    friendly_name,
)
from compiler.terraform.values.values import Value, integer, list_of, number, string, tuple_of, unknown

_ANY_LIST = ListType(DYNAMIC)
_STRINGS = ListType(STRING)


@function("compact", Parameter("list", _STRINGS), returns=_STRINGS)
def _compact(call: Call) -> Value:
    values = call.args[0]
    if not values.is_wholly_known:
        return unknown(_STRINGS)
    return list_of(STRING, (item for item in values.items if not item.is_null and item.text))


def _common_list(call: Call) -> Type:
    """Return the type of the lists one after the other; what tuples make is told by what is in them."""
    are_lists = bool(call.args) and all(isinstance(value.type, ListType) for value in call.args)
    return (common_type(call.args) or DYNAMIC) if are_lists else DYNAMIC


@function("concat", variadic=Parameter("seqs", marked=True), returns=_common_list)
def _concat(call: Call) -> Value:
    if not call.args:
        raise CallError("at least one argument is required")
    for index, value in enumerate(call.args):
        if not isinstance(value.type, ListType | TupleType):
            raise ArgumentError(index, f"all arguments must be lists or tuples; got {friendly_name(value.type)}")
    call.budget.spend_elements(sum(len(value.items) for value in call.args))
    marks = [value.marks for value in call.args]
    if not isinstance(call.returns, ListType):
        if all(isinstance(value.type, ListType) for value in call.args) and common_type_may_change(call.args):
            return unknown().with_marks(*marks)
        return tuple_of(item for value in call.args for item in value.items).with_marks(*marks)
    lists = [converted(index, value, call.returns) for index, value in enumerate(call.args)]
    items = [item for value in lists for item in value.items]
    return list_of(common_element(items, call.returns.element), items).with_marks(*marks)


@function("distinct", Parameter("list", _ANY_LIST), returns=lambda call: call.args[0].type)
def _distinct(call: Call) -> Value:
    values = call.args[0]
    if not values.is_wholly_known:
        return unknown(values.type)
    call.budget.spend_elements(len(values.items))
    first: dict[str, Value] = {}
    for item in values.items:
        first.setdefault(identity(item), item)
    return list_of(element_type(values.type), first.values())


def _element_type(call: Call) -> Type:
    return element_type(call.args[0].type)


@function("element", Parameter("list", marked=True), Parameter("index", NUMBER), returns=_element_type, not_null=False)
def _element(call: Call) -> Value:
    values = call.args[0]
    if not isinstance(values.type, ListType | TupleType):
        raise CallError(f"cannot read elements from {friendly_name(values.type)}")
    index = call.whole(1)
    if not values.items:
        raise CallError("cannot use element function with an empty list")
    if index < 0:
        raise LaterError("versions of Terraform count from the end in different ways")
    return values.items[index % len(values.items)].with_marks(values.marks)


@function("flatten", Parameter("list", marked=True))
def _flatten(call: Call) -> Value:
    values = call.args[0]
    if not values.is_sequence:
        raise CallError("can only flatten lists, sets and tuples")
    items: list[Value] = []
    marks: list[Marks] = []
    if not _flatten_into(call, values, items, marks):
        return unknown(DYNAMIC).with_marks(*marks)
    return tuple_of(items).with_marks(*marks)


def _flatten_into(call: Call, values: Value, items: list[Value], marks: list[Marks]) -> bool:
    """Add what is in ``values``, at every depth; return whether it is known how many elements there are."""
    marks.append(values.marks)
    if not values.is_known:
        return False
    is_known = values.count is not None
    call.budget.spend_elements(len(values.items))
    for item in values.items:
        if item.is_null or not (item.is_sequence or item.type == DYNAMIC):
            items.append(item)
        else:
            is_known = _flatten_into(call, item, items, marks) and is_known
    return is_known


@function("index", Parameter("list"), Parameter("value"), returns=NUMBER)
def _index(call: Call) -> Value:
    values, wanted = call.args
    if not isinstance(values.type, ListType | TupleType):
        raise ArgumentError(0, "argument must be a list or tuple")
    if not values.items:
        raise ArgumentError(0, "cannot search an empty list")
    call.budget.spend_elements(len(values.items))
    for place, item in enumerate(values.items):
        same = equal(item, wanted)
        if not same.is_known:
            return unknown(NUMBER)
        if same.is_true:
            return integer(place)
    raise CallError("item not found")


_MAX_RANGE = 1024


@function("range", variadic=Parameter("params", NUMBER), returns=ListType(NUMBER))
def _range(call: Call) -> Value:
    given = [value.numeric for value in call.args]
    if not 1 <= len(given) <= 3:
        raise CallError("must have one, two, or three arguments")
    if not all(value.is_integer for value in given):
        raise LaterError("numbers that aren't whole")
    start, end = (ZERO, given[0]) if len(given) == 1 else given[:2]
    last = end.compare(start)
    step = given[2] if len(given) == 3 else Number.of(-1 if last < 0 else 1)
    down = step.sign < 0
    if (down and last > 0) or (not down and last < 0):
        side, sign = ("less", "negative") if down else ("greater", "positive")
        raise ArgumentError(1, f"end must be {side} than start when step is {sign}")
    distance, width = abs(end.to_int() - start.to_int()), abs(step.to_int())
    if distance > _MAX_RANGE * width:
        raise CallError(
            f"more than {_MAX_RANGE} values were generated; either decrease the difference between start and end "
            "or use a smaller step"
        )
    count = -(-distance // width) if width else 0
    call.budget.spend_elements(count)
    return list_of(NUMBER, map(number, islice(accumulate(repeat(step), Number.plus, initial=start), count)))


@function("reverse", Parameter("list", marked=True))
def _reverse(call: Call) -> Value:
    values = call.args[0]
    if not values.is_sequence:
        raise ArgumentError(0, f"can only reverse list or tuple values, not {friendly_name(values.type)}")
    if values.count is None:
        # Where elements of a set stand, and how many they are, depends on those that aren't known.
        return unknown().with_marks(values.marks)
    return _same_kind(values, values.items[::-1])


def _same_kind(values: Value, items: tuple[Value, ...]) -> Value:
    """Return the items as a tuple where ``values`` is one, else as a list, with its marks."""
    if isinstance(values.type, TupleType):
        return tuple_of(items).with_marks(values.marks)
    return list_of(element_type(values.type), items).with_marks(values.marks)


@function("slice", Parameter("list", marked=True), Parameter("start_index", NUMBER), Parameter("end_index", NUMBER))
def _slice(call: Call) -> Value:
    values = call.args[0]
    if isinstance(values.type, SetType):
        raise ArgumentError(
            0,
            "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the "
            "ordering of the result is not important",
        )
    if not isinstance(values.type, ListType | TupleType):
        raise ArgumentError(0, "must be a list or tuple value")
    start, end = (_bound(call, index, name) for index, name in ((1, "start"), (2, "end")))
    if start > end:
        raise ArgumentError(1, "start index must not be greater than end index")
    return _same_kind(values, values.items[start:end])


def _bound(call: Call, index: int, name: str) -> int:
    bound = call.whole(index)
    if bound < 0:
        raise ArgumentError(index, f"{name} index must not be less than zero")
    if bound > len(call.args[0].items):
        raise ArgumentError(index, f"{name} index must not be greater than the length of the list")
    return bound


@function("sort", Parameter("list", _STRINGS), returns=_STRINGS)
def _sort(call: Call) -> Value:
    values = call.args[0]
    if not values.is_wholly_known:
        return unknown(_STRINGS)
    for place, item in enumerate(values.items):
        if item.is_null:
            raise CallError(f"given list element {place} is null; a null string cannot be sorted")
    call.budget.spend_elements(len(values.items))
    # Code points have the order of their UTF-8 bytes, by which Terraform sorts.
    return list_of(STRING, [string(text) for text in sorted(item.text for item in values.items)])
