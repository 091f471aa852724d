"""The types of Terraform's values: string, number, bool, list, set, map, tuple, object, and "not known yet".

They are those of the library that Terraform itself uses (https://github.com/zclconf/go-cty/blob/main/docs/types.md).
Types are compared with ``==``. :data:`DYNAMIC` stands for a type that isn't known before apply, and in a constraint
for ``any``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from compiler.records import dataclass

__all__ = [
    "BOOL",
    "DYNAMIC",
    "NUMBER",
    "STRING",
    "ListType",
    "MapType",
    "ObjectType",
    "Primitive",
    "SetType",
    "TupleType",
    "Type",
    "constraint_name",
    "element_type",
    "friendly_name",
    "has_dynamic",
    "is_collection",
    "object_type",
    "without_optional",
]


@dataclass(frozen=True, slots=True)
class Primitive:
    """``string``, ``number`` or ``bool``; ``dynamic`` is the type that isn't known."""

    name: str


STRING = Primitive("string")
NUMBER = Primitive("number")
BOOL = Primitive("bool")
DYNAMIC = Primitive("dynamic")


@dataclass(frozen=True, slots=True)
class ListType:
    """``list(element)``."""

    element: Type


@dataclass(frozen=True, slots=True)
class SetType:
    """``set(element)``."""

    element: Type


@dataclass(frozen=True, slots=True)
class MapType:
    """``map(element)``."""

    element: Type


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


def object_type(attributes: Mapping[str, Type], optional: Iterable[str] = ()) -> ObjectType:
    """Return the object type with these attributes, in the order of their names."""
    return ObjectType({name: attributes[name] for name in sorted(attributes)}, frozenset(optional))


def is_collection(type_: Type) -> bool:
    """Return whether the type is a list, set or map: elements of one type, as many as there are."""
    return isinstance(type_, ListType | SetType | MapType)


def element_type(type_: Type) -> Type:
    """Return the type of a collection's elements; dynamic for anything else."""
    return type_.element if isinstance(type_, ListType | SetType | MapType) else DYNAMIC


def has_dynamic(type_: Type) -> bool:
    """Return whether some part of the type isn't known."""
    match type_:
        case ListType() | SetType() | MapType():
            return has_dynamic(type_.element)
        case TupleType():
            return any(has_dynamic(element) for element in type_.elements)
        case ObjectType():
            return any(has_dynamic(attribute) for attribute in type_.attributes.values())
        case Primitive():
            return type_ == DYNAMIC


def without_optional(type_: Type) -> Type:
    """Return the type of the values that a constraint describes: no attribute is optional, at any depth."""
    match type_:
        case ListType():
            return ListType(without_optional(type_.element))
        case SetType():
            return SetType(without_optional(type_.element))
        case MapType():
            return MapType(without_optional(type_.element))
        case TupleType():
            return TupleType(tuple(without_optional(element) for element in type_.elements))
        case ObjectType():
            return ObjectType({name: without_optional(attribute) for name, attribute in type_.attributes.items()})
        case Primitive():
            return type_


def friendly_name(type_: Type) -> str:
    """Return the type as Terraform's messages name it, such as ``list of string``."""
    return _name(type_, dynamic="dynamic")


def constraint_name(type_: Type) -> str:
    """Return the type as Terraform's messages name what they ask for: ``any type`` where anything will do."""
    return _name(type_, dynamic="any type")


def _name(type_: Type, dynamic: str) -> str:
    match type_:
        case ListType(element):
            return _collection("list", element, dynamic)
        case SetType(element):
            return _collection("set", element, dynamic)
        case MapType(element):
            return _collection("map", element, dynamic)
        case TupleType():
            return "tuple"
        case ObjectType():
            return "object"
        case Primitive(name):
            return dynamic if name == "dynamic" else name


def _collection(kind: str, element: Type, dynamic: str) -> str:
    if element == DYNAMIC and dynamic == "any type":
        return f"{kind} of any single type"
    return f"{kind} of {_name(element, dynamic)}"
