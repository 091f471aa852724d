"""Sets: which elements are the same, and in which order Terraform iterates them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cmp_to_key
from typing import Any

from compiler.terraform.values.budget import LaterError
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.numbers import Number, number_text
from compiler.terraform.values.types import BOOL, NUMBER, STRING, ObjectType, SetType, TupleType, Type
from compiler.terraform.values.values import Value, conform, deep_marks_of, left_to_terraform


def set_of(element: Type, items: Iterable[Value]) -> Value:
    """Return a set: each item once, in Terraform's order, unknown where that isn't computed here.

    The items' marks go to the set.
    """
    raw = tuple(items)
    marks = deep_marks_of(raw)
    elements, element = conform(element, tuple(item.unmarked_deep() for item in raw))
    try:
        return Value(SetType(element), _distinct_in_order(element, elements), marks)
    except LaterError as exc:
        return left_to_terraform("toset()", SetType(element), exc).with_marks(marks)


def _distinct_in_order(element: Type, items: Iterable[Value]) -> tuple[Value, ...]:
    """Return the items, which have the element type, each once and as Terraform iterates a set of them.

    Strings, numbers and bools are ordered by value; everything else by a text that is made from it, which Terraform
    doesn't promise, but which people see. Null comes after all other known elements. Unknown elements come last and
    are all kept, since none is known to equal another.
    """
    distinct: dict[str, Value] = {}
    unknowns: list[Value] = []
    for item in items:
        if item.is_wholly_known:
            distinct.setdefault(identity(item), item)
        else:
            unknowns.append(item)
    present = [item for item in distinct.values() if not item.is_null]
    nulls = [item for item in distinct.values() if item.is_null]
    return (*sorted(present, key=_ORDERS.get(element, _text_key)), *nulls, *unknowns)


def identity(value: Value) -> str:
    """Return a text that two wholly known values of one type share where ``==`` holds between them."""
    return _write(value, _number_identity)


def _number_identity(number: Number) -> str:
    # As in ``==``, whole numbers count as they are and others by their text.
    return f"{number.mantissa}:{number.exponent}" if number.is_integer else number_text(number)


def _write(value: Value, write_number: Callable[[Number], str]) -> str:
    data = value.data
    match data:
        case None:
            return "~"
        case bool():
            return "T" if data else "F"
        case Number():
            return write_number(data)
        case str():
            return go_quote(data)
        case tuple():
            inner = "".join(f"{_write(item, write_number)};" for item in data)
            return f"<{inner}>" if isinstance(value.type, TupleType) else f"[{inner}]"
        case Mapping() if isinstance(value.type, ObjectType):
            return "<" + "".join(f"{_write(item, write_number)};" for item in data.values()) + ">"
        case Mapping():
            inner = "".join(f"{go_quote(key)}:{_write(item, write_number)};" for key, item in data.items())
            return "{" + inner + "}"
        case _:
            return "?"


def _text_key(value: Value) -> str:
    return _write(value, _short_text)


def _short_text(number: Number) -> str:
    # Terraform writes ten digits, and an exponent where those aren't enough.
    if not number.is_integer or abs(number.to_int()) >= 10**10:
        raise LaterError("the order of a set that isn't of plain values")
    return number_text(number)


_number_key = cmp_to_key(Number.compare)

_ORDERS: dict[Type, Callable[[Value], Any]] = {
    STRING: lambda value: value.text,
    BOOL: lambda value: value.is_true,
    NUMBER: lambda value: _number_key(value.numeric),
}
