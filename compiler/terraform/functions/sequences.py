"""Functions of lists, tuples and sets, and the common type of what they are given, which unknowns may still change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from itertools import accumulate, islice, product, repeat
from math import prod

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.values.budget import LaterError
from compiler.terraform.values.convert import ConversionError, convert, type_is_uncertain
from compiler.terraform.values.marks import Marks
from compiler.terraform.values.numbers import ZERO, Number
from compiler.terraform.values.operations import equal
from compiler.terraform.values.sets import identity, set_of
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
    unify,
)
from compiler.terraform.values.values import Value, integer, list_of, number, one_type, string, tuple_of, unknown

_ANY_LIST = ListType(DYNAMIC)
_STRINGS = ListType(STRING)


# What arguments have in common


def common_type_may_change(values: Iterable[Value]) -> bool:
    """Return whether a type that isn't known yet may change what the known values are converted to.

    In ``coalesce(1, jsondecode(x))`` the 1 becomes ``"1"`` where ``x`` turns out to hold a string. Strings beside an
    unknown stay what they are, and so do values that all have the same type. Beside a bare null, nothing needs to have
    a common type.
    """
    values = tuple(values)
    if not any(type_is_uncertain(value) for value in values):
        return False
    types = [value.type for value in values if not (value.is_null and value.type == DYNAMIC)]
    if all(type_ == types[0] for type_ in types):
        return False
    return len(types) < len(values) or not all(type_ in (STRING, DYNAMIC) for type_ in types)


def converted(index: int, value: Value, target: Type) -> Value:
    """Return the argument at ``index`` converted to the common type, or raise :class:`ArgumentError`."""
    try:
        return convert(value, target)
    except ConversionError as exc:
        raise ArgumentError(index, str(exc)) from exc


def common_element(items: Sequence[Value], promised: Type) -> Type:
    """Return the element type of a collection of these items, which is ``promised`` where there are none.

    Raises :class:`CallError` where they have several types.
    """
    common = one_type(items)
    if common is None:
        raise CallError("all elements must have the same type")
    return promised if common == DYNAMIC else common


# Lists and tuples


@function("compact", Parameter("list", _STRINGS, whole=True), returns=_STRINGS)
def _compact(call: Call) -> Value:
    return list_of(STRING, (item for item in call.args[0].items if not item.is_null and item.text))


@function("concat", variadic=Parameter("seqs", marked=True))
def _concat(call: Call) -> Value:
    if not call.args:
        raise CallError("at least one argument is required")
    for index, value in enumerate(call.args):
        if not isinstance(value.type, ListType | TupleType):
            raise ArgumentError(index, f"all arguments must be lists or tuples; got {friendly_name(value.type)}")
    call.budget.spend_elements(sum(len(value.items) for value in call.args))
    marks = [value.marks for value in call.args]
    if all(isinstance(value.type, ListType) for value in call.args):
        if common_type_may_change(call.args):
            return unknown().with_marks(*marks)
        common = unify(value.type for value in call.args)
        if isinstance(common, ListType):
            items = [item for at, value in enumerate(call.args) for item in converted(at, value, common).items]
            return list_of(common_element(items, common.element), items).with_marks(*marks)
    return tuple_of(item for value in call.args for item in value.items).with_marks(*marks)


@function("distinct", Parameter("list", _ANY_LIST, whole=True), returns=lambda call: call.args[0].type)
def _distinct(call: Call) -> Value:
    values = call.args[0]
    call.budget.spend_elements(len(values.items))
    first: dict[str, Value] = {}
    for item in values.items:
        first.setdefault(identity(item), item)
    return list_of(element_type(values.type), first.values())


@function(
    "element",
    Parameter("list", marked=True),
    Parameter("index", NUMBER),
    returns=lambda call: element_type(call.args[0].type),
    not_null=False,
)
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


@function("sort", Parameter("list", _STRINGS, whole=True), returns=_STRINGS)
def _sort(call: Call) -> Value:
    values = call.args[0]
    for place, item in enumerate(values.items):
        if item.is_null:
            raise CallError(f"given list element {place} is null; a null string cannot be sorted")
    call.budget.spend_elements(len(values.items))
    # Code points have the order of their UTF-8 bytes, by which Terraform sorts.
    return list_of(STRING, [string(text) for text in sorted(item.text for item in values.items)])


# Sets


_ANY_SET = SetType(DYNAMIC)
_FIRST, _OTHERS, _A, _B = (Parameter(name, _ANY_SET, whole=True) for name in ("first_set", "other_sets", "a", "b"))


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
    items = [item for elements in _converted_sets(call) for item in elements]
    call.budget.spend_elements(len(items))
    return set_of(DYNAMIC if items else element_type(call.returns), items)


@function("setintersection", _FIRST, variadic=_OTHERS, returns=_common_set)
def _setintersection(call: Call) -> Value:
    return _chosen(call, lambda item, others: all(item in other for other in others))


@function("setsubtract", _A, _B, returns=_common_set)
def _setsubtract(call: Call) -> Value:
    return _chosen(call, lambda item, others: item not in others[0])


def _chosen(call: Call, is_in: Callable[[str, Sequence[Set[str]]], bool]) -> Value:
    """Return those elements of the first set that have their place in the result, given what the others hold."""
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


@function("setproduct", variadic=Parameter("sets", marked=True, unknown=True))
def _setproduct(call: Call) -> Value:
    if len(call.args) < 2:
        raise CallError("at least two arguments are required")
    columns: list[Value] = []
    marks = [value.marks for value in call.args]
    for index, value in enumerate(call.args):
        if not value.is_sequence:
            raise ArgumentError(index, "a set or a list is required")
        try:
            columns.append(converted(index, value, _ANY_LIST) if isinstance(value.type, TupleType) else value)
        except ArgumentError:
            # Where nothing comes of it, some elements that no list can hold are none the worse for that.
            if all(other.count != 0 for other in call.args):
                raise
            return unknown().with_marks(*marks)
    pair = TupleType(tuple(element_type(column.type) for column in columns))
    make = set_of if any(isinstance(value.type, SetType) for value in call.args) else list_of
    if any(value.count == 0 for value in columns):
        return make(pair, ()).with_marks(*marks)
    if any(value.count is None or not value.is_known for value in columns):
        return unknown().with_marks(*marks)
    call.budget.spend_elements(prod(len(column.items) for column in columns) * len(columns))
    rows = [tuple_of(row) for row in product(*(column.items for column in columns))]
    return make(common_element(rows, pair), rows).with_marks(*marks)
