"""Whether what is claimed of a value that isn't all known holds for the value that it turns out to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.marks import Mark, MarkKind
from compiler.terraform.values.numbers import Number, number_text
from compiler.terraform.values.sets import identity, set_of
from compiler.terraform.values.types import (
    DYNAMIC,
    CollectionType,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
    element_type,
    friendly_name,
)
from compiler.terraform.values.values import (
    Unknown,
    Value,
    boolean,
    list_of,
    map_of,
    number,
    object_of,
    string,
    tuple_of,
    unknown,
)

__all__ = ["PROBE", "broken_promise", "shown", "unmarked_difference", "with_changes", "with_holes"]

PROBE = Mark(MarkKind.GIVEN, "var.probe")
"""The mark of an input that is followed through a function."""


def broken_promise(claimed: Value, actual: Value) -> str:
    """Return what ``claimed`` promises in vain where it turns out to be ``actual``, nothing where it holds."""
    if not _fits(claimed.type, actual.type):
        return f"the type {claimed.type} turns out to be {actual.type}"
    if isinstance(claimed.data, Unknown):
        return _broken_bounds(claimed.data, actual)
    if claimed.is_null or actual.is_null:
        return "" if claimed.is_null and actual.is_null else f"{shown(claimed)} turns out to be {shown(actual)}"
    if isinstance(claimed.data, Mapping):
        if list(claimed.mapping) != list(actual.mapping):
            return f"the keys {list(claimed.mapping)} turn out to be {list(actual.mapping)}"
        return next(filter(None, map(broken_promise, claimed.items, actual.items)), "")
    if isinstance(claimed.type, SetType):
        return _broken_set(claimed, actual)
    if isinstance(claimed.data, tuple):
        if len(claimed.items) != len(actual.items):
            return f"the length {len(claimed.items)} turns out to be {len(actual.items)}"
        return next(filter(None, map(broken_promise, claimed.items, actual.items)), "")
    return "" if identity(claimed) == identity(actual) else f"{shown(claimed)} turns out to be {shown(actual)}"


def _fits(claimed: Type, actual: Type) -> bool:
    match claimed, actual:
        case _ if DYNAMIC in (claimed, actual):
            # A null may have an open type, whatever type was promised.
            return True
        case (ListType(), ListType()) | (SetType(), SetType()) | (MapType(), MapType()):
            return _fits(element_type(claimed), element_type(actual))
        case TupleType(), TupleType():
            return len(claimed.elements) == len(actual.elements) and all(map(_fits, claimed.elements, actual.elements))
        case ObjectType(), ObjectType():
            return claimed.attributes.keys() == actual.attributes.keys() and all(
                _fits(item, actual.attributes[name]) for name, item in claimed.attributes.items()
            )
        case _:
            return claimed == actual


def _broken_bounds(data: Unknown, actual: Value) -> str:
    if actual.is_null:
        return "what can't be null turns out to be null" if data.not_null else ""
    return ""


def _broken_set(claimed: Value, actual: Value) -> str:
    known = {identity(item) for item in claimed.items if item.is_wholly_known}
    found = set(map(identity, actual.items))
    if known <= found and len(found) <= len(claimed.items) and (claimed.is_wholly_known <= (known == found)):
        return ""
    return f"the set {shown(claimed)} turns out to be {shown(actual)}"


def unmarked_difference(marked: Value, other: Value) -> str:
    """Return where ``marked`` differs from ``other`` without carrying :data:`PROBE`, nothing where it nowhere does."""
    if PROBE in marked.marks or not (marked.is_known and other.is_known):
        return ""
    known_parts = isinstance(marked.data, tuple | Mapping) and not isinstance(marked.type, SetType)
    if known_parts and isinstance(other.data, tuple | Mapping) and _shape(marked) == _shape(other):
        return next(filter(None, map(unmarked_difference, marked.items, other.items)), "")
    if marked.is_null and other.is_null:
        return ""
    if marked.type == other.type and marked.is_wholly_known and identity(marked) == identity(other):
        return ""
    return f"{shown(marked)} would be {shown(other)} for another input, and doesn't say so"


def _shape(value: Value) -> Sequence[str]:
    return list(value.mapping) if isinstance(value.data, Mapping) else ["" for _ in value.items]


def with_holes(value: Value, *, open_types: bool = True) -> Iterator[Value]:
    """Yield the value with something in it, or all of it, unknown: of its type, and of an unknown type if possible."""
    yield unknown(value.type).with_marks(value.marks)
    if open_types and value.type != DYNAMIC:
        yield unknown(DYNAMIC).with_marks(value.marks)
    structural = isinstance(value.type, TupleType | ObjectType)
    for place, item in enumerate(_items(value)):
        for hole in with_holes(item, open_types=open_types and structural):
            yield _replaced(value, place, hole)


def with_changes(value: Value) -> Iterator[tuple[Value, Value]]:
    """Yield the value with something in it marked as :data:`PROBE`, and the same with another value in that place."""
    probe = frozenset({PROBE})
    changed = _changed(value)
    if changed is not None:
        yield value.with_marks(probe), changed.with_marks(probe)
    for place, item in enumerate(_items(value)):
        for marked, other in with_changes(item):
            yield _replaced(value, place, marked), _replaced(value, place, other)


def shown(value: Value) -> str:
    """Return the value as people read it, with ``?`` and a type for what isn't known."""
    match value.data:
        case Unknown():
            text = f"?{friendly_name(value.type)}"
        case None:
            text = f"null of {friendly_name(value.type)}"
        case Number() as size:
            text = number_text(size)
        case str() as plain:
            text = go_quote(plain)
        case bool() as truth:
            text = str(truth).lower()
        case tuple() as items:
            text = f"[{', '.join(map(shown, items))}]"
            text = text if isinstance(value.type, TupleType) else f"{_MAKERS[type(value.type)]}({text})"
        case Mapping() as pairs:
            text = "{" + ", ".join(f"{key} = {shown(item)}" for key, item in pairs.items()) + "}"
            text = text if isinstance(value.type, ObjectType) else f"{_MAKERS[MapType]}({text})"
    return "".join((text, *(f"!{mark.address or mark.kind}" for mark in sorted(value.marks))))


_MAKERS: dict[type, str] = {ListType: "tolist", MapType: "tomap", SetType: "toset"}


def _items(value: Value) -> tuple[Value, ...]:
    return value.items if isinstance(value.data, tuple | Mapping) else ()


def _changed(value: Value) -> Value | None:
    """Return another value of the same kind, None where there is none."""
    match value.data:
        case bool() as truth:
            return boolean(not truth)
        case Number() as size:
            return number(size.plus(Number.of(1)))
        case str() as text:
            return string(f"{text}x")
        case tuple() | Mapping() if isinstance(value.type, CollectionType) and value.items:
            return _with_items(value, value.items[1:])
        case tuple() | Mapping():
            # Another number of elements would be another type, which decides what neighbours are converted to.
            changes = ((place, _changed(item)) for place, item in enumerate(value.items))
            return next((_replaced(value, place, item) for place, item in changes if item is not None), None)
        case _:
            return None


def _replaced(value: Value, place: int, item: Value) -> Value:
    items = (*value.items[:place], item, *value.items[place + 1 :])
    return _with_items(value, items).with_marks(value.marks)


def _with_items(value: Value, items: tuple[Value, ...]) -> Value:
    """Return a value like ``value`` with other elements, or without its first."""
    keys = tuple(value.mapping)[-len(items) :] if isinstance(value.data, Mapping) and items else ()
    match value.type:
        case ListType(element):
            return list_of(element, items)
        case SetType(element):
            return set_of(element, items)
        case MapType(element):
            return map_of(element, dict(zip(keys, items, strict=True)))
        case ObjectType():
            return object_of(dict(zip(keys, items, strict=True)))
        case _:
            return tuple_of(items)
