"""The values that Terraform computes with: known, null or unknown, with marks.

A :class:`Value` is immutable: a type (``types``), data, and marks. The model is that of the
library that Terraform uses (https://github.com/zclconf/go-cty/blob/main/docs/concepts.md), with two additions:

* An **unknown** says what it depends on (:class:`Reason`), so that a diagnostic can name it. An operation with an
  unknown operand yields an unknown that depends on everything that its operands depend on.
* A **mark** (``marks``) says where a value comes from: ``DEFAULT`` and ``GIVEN`` name the inputs
  that took part. A value without such marks is fixed: no input changes it. Marks go from operands to results, as
  ``sensitive`` does in Terraform; a collection's own marks count for its length, its keys and whatever is taken out of
  it, while an element's marks stay with the element.

Make values with the functions of this module (:func:`string`, :func:`list_of`, ...) and of ``sets``, which hold the
invariants: strings are in Unicode's normal form C, maps, objects and sets are ordered as Terraform iterates them,
elements have exactly the element type, and a set's elements carry no marks (the set does).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from compiler.records import dataclass, field, replace, settle
from compiler.source.span import Span
from compiler.terraform.values.budget import LaterError
from compiler.terraform.values.marks import NO_MARKS, SENSITIVE, MarkKind, Marks, Provenance, Reason, ReasonKind
from compiler.terraform.values.numbers import Number
from compiler.terraform.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
    inner_types,
)


@dataclass(frozen=True, slots=True)
class Unknown:
    """The data of a value that isn't known: why, sorted and each once, and whether it certainly isn't null."""

    reasons: tuple[Reason, ...] = ()
    not_null: bool = False


Data: TypeAlias = "Unknown | bool | Number | str | tuple[Value, ...] | Mapping[str, Value] | None"
"""``None`` is null; lists, sets and tuples hold a tuple, maps and objects a mapping ordered by key."""

_UNKNOWN_INSIDE = 1
_MARKED_INSIDE = 2
# What is no value's data but its own.
_LEAVES = frozenset({str, bool, Number, type(None)})


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A type, data and marks. Made by the functions of this module; compared by ``operations.equal``."""

    type: Type
    data: Data
    marks: Marks = NO_MARKS
    _inside: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        data = self.data
        if type(data) in _LEAVES and not self.marks:
            return
        inside = _MARKED_INSIDE if self.marks else 0
        if isinstance(data, Unknown):
            inside |= _UNKNOWN_INSIDE
        elif isinstance(data, tuple):
            for element in data:
                inside |= element._inside
        elif isinstance(data, Mapping):
            for element in data.values():
                inside |= element._inside
        settle(self, "_inside", inside)

    # What it is

    @property
    def is_null(self) -> bool:
        """Whether this is null."""
        return self.data is None

    @property
    def is_sequence(self) -> bool:
        """Whether this is of a type whose elements have no names: a list, a set or a tuple."""
        return isinstance(self.type, ListType | SetType | TupleType)

    @property
    def is_mapping(self) -> bool:
        """Whether this is of a type whose elements have names: a map or an object."""
        return isinstance(self.type, MapType | ObjectType)

    @property
    def is_known(self) -> bool:
        """Whether the value itself is known; elements may still be unknown."""
        return not isinstance(self.data, Unknown)

    @property
    def is_wholly_known(self) -> bool:
        """Whether the value and everything in it is known."""
        return not self._inside & _UNKNOWN_INSIDE

    @property
    def is_never_null(self) -> bool:
        """Whether this is certainly not null."""
        return self.data.not_null if isinstance(self.data, Unknown) else self.data is not None

    @property
    def is_poisoned(self) -> bool:
        """Whether this stands for something whose evaluation was reported as an error."""
        if self._inside & _UNKNOWN_INSIDE:
            for reason in self.reasons:
                if reason.kind is ReasonKind.ERROR:
                    return True
        return False

    # What it holds

    @property
    def text(self) -> str:
        """The string; the value must be a known string."""
        if not isinstance(self.data, str):
            raise TypeError(f"not a known string: {self!r}")
        return self.data

    @property
    def numeric(self) -> Number:
        """The number; the value must be a known number."""
        if not isinstance(self.data, Number):
            raise TypeError(f"not a known number: {self!r}")
        return self.data

    @property
    def is_true(self) -> bool:
        """The truth; the value must be a known bool."""
        if not isinstance(self.data, bool):
            raise TypeError(f"not a known bool: {self!r}")
        return self.data

    @property
    def items(self) -> tuple[Value, ...]:
        """The elements of a known list, set or tuple, or the element values of a known map or object, in order."""
        if isinstance(self.data, tuple):
            return self.data
        return tuple(self.mapping.values())

    @property
    def mapping(self) -> Mapping[str, Value]:
        """The elements of a known map or object, ordered by key."""
        if not isinstance(self.data, Mapping):
            raise TypeError(f"not a known map or object: {self!r}")
        return self.data

    def entries(self) -> Iterator[tuple[Value, Value]]:
        """Yield what ``for`` yields: index and element, key and element, or a set's element twice."""
        if isinstance(self.data, Mapping):
            for key, element in self.data.items():
                yield Value(STRING, key), element
        else:
            for index, element in enumerate(self.items):
                yield (element if isinstance(self.type, SetType) else integer(index)), element

    @property
    def count(self) -> int | None:
        """The number of elements of a collection, tuple or object, None where it isn't known."""
        if isinstance(self.type, TupleType | ObjectType):
            return len(inner_types(self.type))
        if not isinstance(self.data, tuple | Mapping):
            return None
        # Unknown elements of a set may turn out to be equal to others.
        if isinstance(self.type, SetType) and len(self.data) > 1 and not self.is_wholly_known:
            return None
        return len(self.data)

    # What it depends on

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What the value, or anything in it, depends on; sorted. Empty where it is wholly known."""
        if self.is_wholly_known:
            return ()
        return self.data.reasons if isinstance(self.data, Unknown) else reasons_of((self,))

    @property
    def deep_marks(self) -> Marks:
        """The marks of the value and of everything in it."""
        return deep_marks_of((self,)) if self._inside & _MARKED_INSIDE else NO_MARKS

    @property
    def is_sensitive(self) -> bool:
        """Whether the value, or something in it, is sensitive."""
        return SENSITIVE in self.deep_marks

    @property
    def assumes(self) -> tuple[str, ...]:
        """Addresses of the variables whose default takes part in the value, sorted."""
        marks = self.deep_marks
        return tuple(sorted(mark.address for mark in marks if mark.kind is MarkKind.DEFAULT)) if marks else ()

    @property
    def provenance(self) -> Provenance:
        """Whether the value is fixed, given, or depends on a default."""
        kinds = {mark.kind for mark in self.deep_marks}
        if MarkKind.DEFAULT in kinds:
            return Provenance.DEFAULT
        return Provenance.GIVEN if MarkKind.GIVEN in kinds else Provenance.FIXED

    # The same value otherwise

    def with_marks(self, *marks: Marks) -> Value:
        """Return the value with these marks added to its own."""
        added = self.marks.union(*marks)
        return self if len(added) == len(self.marks) else Value(self.type, self.data, added)

    def unmarked(self) -> Value:
        """Return the value without its own marks; those of its elements stay."""
        return Value(self.type, self.data) if self.marks else self

    def unmarked_deep(self) -> Value:
        """Return the value without any mark in it."""
        if not self._inside & _MARKED_INSIDE:
            return self
        return self.unmarked().each(Value.unmarked_deep)

    def each(self, change: Callable[[Value], Value]) -> Value:
        """Return the value with each of its elements changed; one without elements as it is."""
        if isinstance(self.data, tuple):
            return Value(self.type, tuple(map(change, self.data)), self.marks)
        if isinstance(self.data, Mapping):
            return Value(self.type, {key: change(element) for key, element in self.data.items()}, self.marks)
        return self

    def because_of(self, sources: Iterable[Value]) -> Value:
        """Return the value, where it is unknown and says not why, with the reasons of ``sources``."""
        if isinstance(self.data, Unknown):
            if self.data.reasons:
                return self
            return Value(self.type, replace(self.data, reasons=reasons_of(sources)), self.marks)
        if self.is_wholly_known:
            return self
        sources = tuple(sources)
        return self.each(lambda element: element.because_of(sources))


# Making values


def string(text: str) -> Value:
    """Return a known string, in normal form C as Terraform keeps all strings."""
    return Value(STRING, text if text.isascii() else unicodedata.normalize("NFC", text))


def number(value: Number) -> Value:
    """Return a known number."""
    return Value(NUMBER, value)


def integer(value: int) -> Value:
    """Return a known number that counts something."""
    return Value(NUMBER, Number.of(value))


TRUE = Value(BOOL, True)
FALSE = Value(BOOL, False)


def boolean(truth: bool) -> Value:
    """Return a known bool."""
    return TRUE if truth else FALSE


def null(type_: Type = DYNAMIC) -> Value:
    """Return null of a type; the literal ``null`` is dynamic."""
    return Value(type_, None)


def unknown(type_: Type = DYNAMIC, reasons: Iterable[Reason] = (), *, not_null: bool = False) -> Value:
    """Return an unknown value of a type and why it is unknown; nothing more can be said of a dynamic one."""
    found = tuple(reasons)
    ordered = found if len(found) < 2 else tuple(sorted(set(found), key=lambda reason: reason.key))
    return Value(type_, Unknown(ordered, not_null=not_null and type_ != DYNAMIC))


def poison(span: Span, type_: Type = DYNAMIC) -> Value:
    """Return the unknown that stands for something wrong that has been reported."""
    return unknown(type_, (Reason("", span, ReasonKind.ERROR),))


def left_to_terraform(what: str, type_: Type, why: LaterError) -> Value:
    """Return the unknown of that type whose reason names what is to be computed, such as ``timestamp()``."""
    address = f"{what} ({why})" if str(why) else what
    return unknown(type_, (Reason(address, kind=ReasonKind.FUNCTION),))


def list_of(element: Type, items: Iterable[Value]) -> Value:
    """Return a known list. The items must have the element type; dynamic ones take it on.

    Where ``element`` is dynamic, the items' own type, which must be one, is the element type.
    """
    elements, element = conform(element, tuple(items))
    return Value(ListType(element), elements)


def map_of(element: Type, items: Mapping[str, Value]) -> Value:
    """Return a known map; for the types see :func:`list_of`."""
    normal = _ordered(items)
    elements, element = conform(element, tuple(normal.values()))
    return Value(MapType(element), dict(zip(normal, elements, strict=True)))


def tuple_of(items: Iterable[Value]) -> Value:
    """Return a known tuple of values of any types."""
    elements = tuple(items)
    return Value(TupleType(tuple(item.type for item in elements)), elements)


def object_of(items: Mapping[str, Value]) -> Value:
    """Return a known object; its attributes are ordered by name."""
    normal = _ordered(items)
    return Value(ObjectType({name: item.type for name, item in normal.items()}), normal)


def _ordered(items: Mapping[str, Value]) -> dict[str, Value]:
    """Return the mapping with its keys in normal form C, in code point order, which is that of their UTF-8 bytes."""
    normal = {key if key.isascii() else unicodedata.normalize("NFC", key): item for key, item in items.items()}
    return {key: normal[key] for key in sorted(normal)}


def one_type(items: Iterable[Value]) -> Type | None:
    """Return the type that all items have but for dynamic ones, dynamic where there is none, None for several."""
    types = [item.type for item in items if item.type != DYNAMIC]
    return (types[0] if all(type_ == types[0] for type_ in types) else None) if types else DYNAMIC


def conform(element: Type, items: tuple[Value, ...]) -> tuple[tuple[Value, ...], Type]:
    """Return the items with one type, and that type."""
    if element == DYNAMIC:
        element = one_type(items) or DYNAMIC
    if all(item.type == element for item in items):
        return items, element
    if any(item.type not in (element, DYNAMIC) for item in items):
        raise TypeError(f"elements of other types in a collection of {element}")
    return tuple(item if item.type == element else Value(element, item.data, item.marks) for item in items), element


EMPTY_TUPLE = tuple_of(())


# Reading several values


def reasons_of(values: Iterable[Value]) -> tuple[Reason, ...]:
    """Return what any of the values, or anything in them, depends on; sorted, each once."""
    open_ = (value.data for value in _holding(values, _UNKNOWN_INSIDE))
    found = {reason for data in open_ if isinstance(data, Unknown) for reason in data.reasons}
    return tuple(sorted(found, key=lambda reason: reason.key))


def deep_marks_of(values: Iterable[Value]) -> Marks:
    """Return the marks of all the values and of everything in them."""
    return NO_MARKS.union(*(value.marks for value in _holding(values, _MARKED_INSIDE)))


def _holding(values: Iterable[Value], inside: int) -> Iterator[Value]:
    """Yield those of the values and of what is in them that hold something unknown, or marked."""
    pending = list(values)
    while pending:
        value = pending.pop()
        if value._inside & inside:
            yield value
            if isinstance(value.data, tuple | Mapping):
                pending.extend(value.items)
