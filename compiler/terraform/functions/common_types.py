"""The common type of a function's arguments, where unknown ones may still change it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from compiler.terraform.functions import ArgumentError, CallError
from compiler.terraform.values.convert import ConversionError, convert, type_is_uncertain
from compiler.terraform.values.types import DYNAMIC, STRING, Type, unify
from compiler.terraform.values.values import Value, one_type


def common_type(values: Iterable[Value]) -> Type | None:
    """Return the type that all the values convert to, or None; an open one where it can't be told yet."""
    values = tuple(values)
    return DYNAMIC if common_type_may_change(values) else unify(value.type for value in values)


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
