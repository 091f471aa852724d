"""The operators of the expression language, and attributes and elements of values.

Each function takes values as they are (null, unknown, marked) and returns a value, or raises :class:`OperationError`
in Terraform's words. The rules are those of https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md and of the
library behind it (https://pkg.go.dev/github.com/zclconf/go-cty/cty#Value).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from compiler.records import dataclass
from compiler.terraform.values.budget import LaterError
from compiler.terraform.values.convert import ConversionError, convert, type_is_uncertain
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.marks import provenance_marks
from compiler.terraform.values.numbers import Number, same_number
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
    has_dynamic,
    kind_of,
)
from compiler.terraform.values.values import (
    FALSE,
    TRUE,
    Value,
    boolean,
    deep_marks_of,
    integer,
    left_to_terraform,
    number,
    unknown,
)


class OperationError(Exception):
    """An operation fails: a summary of a few words and a sentence."""

    def __init__(self, summary: str, detail: str) -> None:
        super().__init__(detail)
        self.summary = summary
        self.detail = detail


# Equality


def equal(left: Value, right: Value) -> Value:
    """Return what ``left == right`` is: a bool, or unknown where that isn't decided."""
    marks = deep_marks_of((left, right))
    return _equal(left.unmarked_deep(), right.unmarked_deep()).because_of((left, right)).with_marks(marks)


_UNDECIDED = unknown(BOOL, not_null=True)


def _equal(left: Value, right: Value) -> Value:
    if left.is_null or right.is_null:
        if left.is_null and right.is_null:
            return TRUE
        other = right if left.is_null else left
        return FALSE if other.is_never_null else _UNDECIDED
    if not left.is_known or not right.is_known:
        # Null of any type equals null only, so that two unknowns may be equal whatever their types are.
        is_open = left.is_known == right.is_known or has_dynamic(left.type) or has_dynamic(right.type)
        return _UNDECIDED if is_open or left.type == right.type else FALSE
    if type_is_uncertain(left) or type_is_uncertain(right):
        return _UNDECIDED
    if left.type != right.type:
        return FALSE
    # Where sets are known, both are in the same order, each element once.
    if isinstance(left.type, SetType) and not (left.is_wholly_known and right.is_wholly_known):
        return _UNDECIDED
    match left.data, right.data:
        case Number() as a, Number() as b:
            return boolean(same_number(a, b))
        case (tuple() as a, tuple() as b):
            return _all_equal(zip(a, b, strict=True)) if len(a) == len(b) else FALSE
        case (Mapping() as a, Mapping() as b):
            return _all_equal((a[key], b[key]) for key in a) if a.keys() == b.keys() else FALSE
        case a, b:
            return boolean(a == b)


def _all_equal(pairs: Iterable[tuple[Value, Value]]) -> Value:
    result = TRUE
    for left, right in pairs:
        outcome = _equal(left, right)
        if not outcome.is_known:
            result = _UNDECIDED
        elif not outcome.is_true:
            return FALSE
    return result


# Operators


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator: the type of its operands, that of its result, and what computes known operands."""

    operands: Type
    result: Type
    compute: Callable[[Value, Value], Value]


def _arithmetic(compute: Callable[[Number, Number], Number]) -> Operator:
    return Operator(NUMBER, NUMBER, lambda a, b: number(compute(a.numeric, b.numeric)))


def _comparison(sign: int, *, or_equal: bool = False) -> Operator:
    # ``<=`` is ``<`` or ``==``, and ``==`` compares texts.
    def compute(left: Value, right: Value) -> Value:
        a, b = left.numeric, right.numeric
        return boolean(a.compare(b) == sign or (or_equal and same_number(a, b)))

    return Operator(NUMBER, BOOL, compute)


BINARY: Mapping[str, Operator] = {
    "||": Operator(BOOL, BOOL, lambda a, b: boolean(a.is_true or b.is_true)),
    "&&": Operator(BOOL, BOOL, lambda a, b: boolean(a.is_true and b.is_true)),
    "==": Operator(DYNAMIC, BOOL, equal),
    "!=": Operator(DYNAMIC, BOOL, lambda a, b: _negated(equal(a, b))),
    "<": _comparison(-1),
    ">": _comparison(1),
    "<=": _comparison(-1, or_equal=True),
    ">=": _comparison(1, or_equal=True),
    "+": _arithmetic(Number.plus),
    "-": _arithmetic(Number.minus),
    "*": _arithmetic(Number.times),
    "/": _arithmetic(Number.divided_by),
    "%": _arithmetic(Number.modulo),
}

UNARY: Mapping[str, Operator] = {
    "-": Operator(NUMBER, NUMBER, lambda a, _: number(a.numeric.negated())),
    "!": Operator(BOOL, BOOL, lambda a, _: boolean(not a.is_true)),
}


def _negated(truth: Value) -> Value:
    return boolean(not truth.is_true).with_marks(truth.marks) if truth.is_known else truth


def operate(operator: Operator, *operands: Value) -> Value:
    """Return what the operator makes of operands that have been converted to its type.

    Raises :class:`OperationError` for null.
    """
    first, last = operands[0], operands[-1]
    if operator.operands == DYNAMIC:
        return operator.compute(first, last)
    if any(operand.is_null for operand in operands):
        raise OperationError("Operation failed", "Error during operation: argument must not be null.")
    marks = [operand.marks for operand in operands]
    if not all(operand.is_known for operand in operands):
        return unknown(operator.result, not_null=True).because_of(operands).with_marks(*marks)
    try:
        return operator.compute(first, last).with_marks(*marks)
    except LaterError as exc:
        return left_to_terraform("arithmetic", operator.result, exc).with_marks(*marks)


# Elements and attributes


def length(value: Value) -> Value:
    """Return the number of elements of a list, set, map, tuple or object that isn't null."""
    if value.count is not None:
        return integer(value.count).with_marks(value.marks)
    return unknown(NUMBER, not_null=True).because_of((value,)).with_marks(value.marks)


_INVALID_INDEX, _UNSUPPORTED = "Invalid index", "Unsupported attribute"
_NO_ELEMENT = "The given key does not identify an element in this collection value"


def element(collection: Value, key: Value) -> Value:
    """Return what ``collection[key]`` is.

    The key's own marks count as Terraform has them; where its sensitivity doesn't, where it comes from still does.
    """
    if collection.is_null:
        raise OperationError("Attempt to index null value", "This value is null, so it does not have any indices.")
    if key.is_null:
        raise OperationError(_INVALID_INDEX, "Can't use a null value as an indexing key.")
    if DYNAMIC in (collection.type, key.type):
        return _open(DYNAMIC, collection, key)
    match collection.type:
        case ListType() | TupleType():
            return _at_index(collection, _as_key(key, NUMBER))
        case MapType() | ObjectType():
            return _by_name(collection, key)
        case SetType():
            raise OperationError(
                _INVALID_INDEX,
                "Elements of a set are identified only by their value and don't have any separate index or key to "
                "select with, so it's only possible to perform operations across all elements of the set.",
            )
        case _:
            raise OperationError(_INVALID_INDEX, "This value does not have any indices.")


def _as_key(key: Value, wanted: Type) -> Value:
    try:
        return convert(key, wanted)
    except ConversionError as exc:
        raise OperationError(_INVALID_INDEX, f"{_NO_ELEMENT}: {exc}.") from exc


def _open(type_: Type, collection: Value, key: Value) -> Value:
    """Return an element that isn't known because the collection or the key isn't."""
    return unknown(type_).because_of((collection, key)).with_marks(collection.marks, provenance_marks(key.marks))


def _at_index(collection: Value, key: Value) -> Value:
    types = collection.type.elements if isinstance(collection.type, TupleType) else None
    if not key.is_known or (types is None and not collection.is_known):
        return _open(element_type(collection.type), collection, key)
    place = key.numeric
    if not place.is_integer:
        raise OperationError(
            _INVALID_INDEX,
            f"{_NO_ELEMENT}: indexing a sequence requires a whole number, but the given index has a fractional part.",
        )
    if place.sign < 0:
        raise OperationError(_INVALID_INDEX, f"{_NO_ELEMENT}: a negative number is not a valid index for a sequence.")
    count = len(types) if types is not None else len(collection.items)
    index = place.to_int()
    if index >= count:
        # Terraform says more only of the first index that is too large.
        more = "given index is greater than or equal to the length of the collection" if count else ""
        why = f": the {more or 'collection has no elements'}" if index == count else ""
        raise OperationError(_INVALID_INDEX, f"{_NO_ELEMENT}{why}.")
    if not collection.is_known and types is not None:
        return _open(types[index], collection, key).with_marks(key.marks)
    return collection.items[index].with_marks(collection.marks, key.marks)


def _by_name(collection: Value, key: Value) -> Value:
    is_map = isinstance(collection.type, MapType)
    was_number = key.type == NUMBER and not is_map
    key = _as_key(key, STRING)
    if not (collection.is_known and key.is_known):
        return _open(element_type(collection.type), collection, key)
    found = collection.mapping.get(key.text)
    if found is None:
        hint = " An object only supports looking up attributes by name, not by numeric index." if was_number else ""
        raise OperationError(_INVALID_INDEX, f"{_NO_ELEMENT}.{hint}")
    return found.with_marks(collection.marks, key.marks if is_map else provenance_marks(key.marks))


def attribute(source: Value, name: str) -> Value:
    """Return what ``source.name`` is."""
    if source.is_null:
        raise OperationError(
            "Attempt to get attribute from null value", "This value is null, so it does not have any attributes."
        )
    if isinstance(source.type, ObjectType) and name not in source.type.attributes:
        raise OperationError(_UNSUPPORTED, f"This object does not have an attribute named {go_quote(name)}.")
    if not source.is_mapping and source.type != DYNAMIC:
        raise OperationError(_UNSUPPORTED, _no_attributes(source.type, name))
    if not source.is_known:
        wanted = source.type.attributes[name] if isinstance(source.type, ObjectType) else element_type(source.type)
        return unknown(wanted).because_of((source,)).with_marks(source.marks)
    found = source.mapping.get(name)
    if found is None:
        raise OperationError("Missing map element", f"This map does not have an element with the key {go_quote(name)}.")
    return found.with_marks(source.marks)


def _no_attributes(type_: Type, name: str) -> str:
    match type_:
        case ListType(ObjectType(attributes)) | SetType(ObjectType(attributes)):
            kind, is_list = kind_of(type_), isinstance(type_, ListType)
            what = f"attribute {go_quote(name)}" if is_list and name in attributes else "an attribute"
            where = f"{'for a specific element of the list, or ' * is_list}across all elements of the {kind}"
            return f"Can't access attributes on a {kind} of objects. Did you mean to access {what} {where}?"
        case Primitive():
            return f"Can't access attributes on a primitive-typed value ({friendly_name(type_)})."
        case _:
            return "This value does not have any attributes."
