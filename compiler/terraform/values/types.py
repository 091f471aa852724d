"""The types of Terraform's values: string, number, bool, list, set, map, tuple, object, and "not known yet".

They are those of the library that Terraform itself uses (https://github.com/zclconf/go-cty/blob/main/docs/types.md).
Types are compared with ``==``. :data:`DYNAMIC` stands for a type that isn't known before apply, and in a constraint
for ``any``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from compiler.records import dataclass


@dataclass(frozen=True, slots=True)
class Primitive:
    """``string``, ``number`` or ``bool``; ``dynamic`` is the type that isn't known."""

    name: str


STRING = Primitive("string")
NUMBER = Primitive("number")
BOOL = Primitive("bool")
DYNAMIC = Primitive("dynamic")


@dataclass(frozen=True, slots=True)
class CollectionType:
    """What a list, a set and a map have in common: elements of one type, as many as there are."""

    element: Type


@dataclass(frozen=True, slots=True)
class ListType(CollectionType):
    """``list(element)``."""


@dataclass(frozen=True, slots=True)
class SetType(CollectionType):
    """``set(element)``."""


@dataclass(frozen=True, slots=True)
class MapType(CollectionType):
    """``map(element)``."""


@dataclass(frozen=True, slots=True)
class TupleType:
    """``tuple([...])``."""

    elements: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class ObjectType:
    """``object({...})``; ``attributes`` is ordered by name. Only constraints have ``optional`` attributes."""

    attributes: Mapping[str, Type]
    optional: frozenset[str] = frozenset()

    def __hash__(self) -> int:
        return hash((tuple(self.attributes), self.optional))


Type: TypeAlias = Primitive | ListType | SetType | MapType | TupleType | ObjectType
"""Any type."""

_KINDS: dict[type, str] = {ListType: "list", SetType: "set", MapType: "map", TupleType: "tuple", ObjectType: "object"}


def object_type(attributes: Mapping[str, Type], optional: Iterable[str] = ()) -> ObjectType:
    """Return the object type with these attributes, in the order of their names."""
    return ObjectType({name: attributes[name] for name in sorted(attributes)}, frozenset(optional))


def kind_of(type_: Type) -> str:
    """Return what kind of type it is: ``list``, ``set``, ``map``, ``tuple``, ``object``, or a primitive's name."""
    return type_.name if isinstance(type_, Primitive) else _KINDS[type(type_)]


def element_type(type_: Type) -> Type:
    """Return the type of a collection's elements; dynamic for anything else."""
    return type_.element if isinstance(type_, CollectionType) else DYNAMIC


def inner_types(type_: Type) -> tuple[Type, ...]:
    """Return the types right inside of a type: of elements or attributes, in their order."""
    match type_:
        case CollectionType(element):
            return (element,)
        case TupleType(elements):
            return elements
        case ObjectType(attributes):
            return tuple(attributes.values())
        case _:
            return ()


def with_inner(type_: Type, inner: Iterable[Type]) -> Type:
    """Return a type like another one with these types inside, without optional attributes."""
    match type_:
        case CollectionType():
            (element,) = inner
            return type(type_)(element)
        case TupleType():
            return TupleType(tuple(inner))
        case ObjectType(attributes):
            return ObjectType(dict(zip(attributes, inner, strict=True)))
        case _:
            return type_


def have_one_shape(left: Type, right: Type) -> bool:
    """Return whether two types differ in nothing but the types inside: collections of a kind, objects of one set of
    names, tuples of one length. Primitive types are shapes of their own.
    """
    match left, right:
        case ObjectType(), ObjectType():
            return left.attributes.keys() == right.attributes.keys()
        case TupleType(), TupleType():
            return len(left.elements) == len(right.elements)
        case _:
            return kind_of(left) == kind_of(right)


def has_dynamic(type_: Type) -> bool:
    """Return whether some part of the type isn't known."""
    return type_ == DYNAMIC or any(map(has_dynamic, inner_types(type_)))


def without_optional(type_: Type) -> Type:
    """Return the type of the values that a constraint describes: no attribute is optional, at any depth."""
    return with_inner(type_, map(without_optional, inner_types(type_)))


def friendly_name(type_: Type) -> str:
    """Return the type as Terraform's messages name it, such as ``list of string``."""
    if isinstance(type_, CollectionType):
        return f"{kind_of(type_)} of {friendly_name(type_.element)}"
    return kind_of(type_)


def constraint_name(type_: Type) -> str:
    """Return the type as Terraform's messages name what they ask for: ``any type`` where anything will do."""
    if not isinstance(type_, CollectionType):
        return "any type" if type_ == DYNAMIC else kind_of(type_)
    element = "any single type" if type_.element == DYNAMIC else constraint_name(type_.element)
    return f"{kind_of(type_)} of {element}"
