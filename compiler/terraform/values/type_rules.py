"""What types convert to one another, and the type that several have in common.

The rules are those of Terraform's type system (https://developer.hashicorp.com/terraform/language/expressions/types)
as its library implements them (https://pkg.go.dev/github.com/zclconf/go-cty/cty/convert). That types convert doesn't
mean that every value does: a string may be no number, and a map may lack a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.types import (
    DYNAMIC,
    STRING,
    CollectionType,
    ListType,
    MapType,
    ObjectType,
    Primitive,
    SetType,
    TupleType,
    Type,
    constraint_name,
    have_one_shape,
    inner_types,
    kind_of,
    with_inner,
)


def can_convert(source: Type, target: Type) -> bool:
    """Return whether some values of type ``source`` convert to ``target``."""
    if source == target or DYNAMIC in (source, target):
        return True
    match target, source:
        case Primitive(), Primitive():
            return STRING in (source, target)
        case ObjectType(), ObjectType():
            return all(
                can_convert(source.attributes[name], wanted) if name in source.attributes else name in target.optional
                for name, wanted in target.attributes.items()
            )
        case TupleType(), TupleType():
            return len(source.elements) == len(target.elements) and all(
                map(can_convert, source.elements, target.elements)
            )
        case (ListType(wanted) | SetType(wanted), ListType(given) | SetType(given)) | (MapType(wanted), MapType(given)):
            return can_convert(given, wanted)
        case ListType() | SetType(), TupleType(elements):
            return _can_gather(elements, target.element)
        case MapType(), ObjectType():
            # Unlike a list, a map may be made of attributes whose common type null leaves open.
            types = tuple(source.attributes.values())
            return unify(types) == DYNAMIC == target.element or _can_gather(types, target.element)
        case ObjectType(), MapType():
            return all(
                name in target.optional or can_convert(source.element, wanted)
                for name, wanted in target.attributes.items()
            )
        case _:
            return False


def _can_gather(elements: tuple[Type, ...], target: Type) -> bool:
    """Return whether elements of these types can become elements of one collection."""
    element = gathered_type(elements, target)
    return element is not None and all(can_convert(given, element) for given in elements)


def gathered_type(elements: tuple[Type, ...], target: Type) -> Type | None:
    """Return the element type of a collection made of these elements, or None."""
    if target != DYNAMIC or not elements:
        return target
    common = unify(elements)
    if common == DYNAMIC and any(element != DYNAMIC for element in elements):
        return None
    return common


def unify(types: Iterable[Type]) -> Type | None:
    """Return the most general type that values of all these types convert to, or None."""
    types = tuple(dict.fromkeys(types))
    if len(types) < 2:
        return types[0] if types else None
    kinds = {kind_of(type_) for type_ in types}
    open_ = "dynamic" in kinds
    kinds.discard("dynamic")
    match sorted(kinds):
        case ["list" | "map" | "set" | "object" | "tuple"]:
            return DYNAMIC if open_ else _unify_alike(types)
        case ["map", "object"] | ["list", "tuple"]:
            # Objects are often maps in disguise, and tuples lists.
            common = _unify_as_collections(types)
            if isinstance(common, CollectionType):
                return common
        case _ if {"object", "tuple"} <= kinds:
            return None
    return next((wanted for wanted in sorted(types, key=_generality) if _all_convert(types, wanted)), None)


def _unify_alike(types: Sequence[Type]) -> Type | None:
    """Unify types of one kind: what is inside one by one, or tuples and objects of several shapes as collections."""
    first = types[0]
    if not all(have_one_shape(type_, first) for type_ in types):
        return _collection_of(types)
    inner = [unify(across) for across in zip(*map(inner_types, types), strict=True)]
    known = [type_ for type_ in inner if type_ is not None]
    return with_inner(first, known) if len(known) == len(inner) else None


def _collection_of(types: Sequence[Type]) -> Type | None:
    """Return the list or map that tuples or objects of these types all become, or None."""
    element = unify([item for type_ in types for item in inner_types(type_)])
    if element is None:
        return None
    collection = MapType(element) if isinstance(types[0], ObjectType) else ListType(element)
    return collection if _all_convert(types, collection) else None


def _all_convert(types: Iterable[Type], target: Type) -> bool:
    return all(can_convert(type_, target) for type_ in types)


def _unify_as_collections(types: Sequence[Type]) -> Type | None:
    """Unify objects (tuples) to one map (list) first, then that with the maps (lists) beside them."""
    structural = [type_ for type_ in types if isinstance(type_, ObjectType | TupleType)]
    collection = _collection_of(structural)
    if collection is None:
        return None
    return unify([collection if type_ in structural else type_ for type_ in types])


# What more values convert to comes first.
_GENERALITY = ("string", "number", "bool", "list", "tuple", "map", "object", "set", "dynamic")


def _generality(type_: Type) -> tuple[int, ...]:
    """Return the key by which the more general of types come first: of their kinds, then of what is in them."""
    inside = [place for inner in inner_types(type_) for place in _generality(inner)]
    return (_GENERALITY.index(kind_of(type_)), *inside)


# What to say


def mismatch(given: Type, wanted: Type) -> str:
    """Return the clause that says why values of type ``given`` can't become ``wanted``."""
    match given, wanted:
        case ObjectType(), ObjectType():
            return _object_mismatch(given, wanted)
        case TupleType(), ListType(element) if element == DYNAMIC:
            return "all list elements must have the same type"
        case TupleType(), SetType(element) if element == DYNAMIC:
            return "all set elements must have the same type"
        case ObjectType(), MapType(element) if element == DYNAMIC:
            return "all map elements must have the same type"
        case TupleType(), ListType(element) | SetType(element):
            return _gather_mismatch(((str(i), item) for i, item in enumerate(given.elements)), element)
        case ObjectType(), MapType(element):
            return _gather_mismatch(((go_quote(name), item) for name, item in given.attributes.items()), element)
        case (ListType(have) | SetType(have), ListType(want) | SetType(want)) | (MapType(have), MapType(want)):
            return f"incorrect {kind_of(wanted)} element type: {mismatch(have, want)}"
        case _:
            return f"{constraint_name(wanted)} required"


def _object_mismatch(given: ObjectType, wanted: ObjectType) -> str:
    missing = [name for name in wanted.attributes if name not in given.attributes and name not in wanted.optional]
    if missing:
        names = [go_quote(name) for name in sorted(missing)]
        if len(names) == 1:
            return f"attribute {names[0]} is required"
        listed = f"{names[0]} and {names[1]}" if len(names) == 2 else f"{', '.join(names[:-1])}, and {names[-1]}"
        return f"attributes {listed} are required"
    for name, item in wanted.attributes.items():
        if name in given.attributes and not can_convert(given.attributes[name], item):
            return f"attribute {go_quote(name)}: {mismatch(given.attributes[name], item)}"
    return "incorrect object attributes"


def _gather_mismatch(elements: Iterable[tuple[str, Type]], wanted: Type) -> str:
    for name, element in elements:
        if not can_convert(element, wanted):
            return f"element {name}: {mismatch(element, wanted)}"
    return f"all elements must be {constraint_name(wanted)}"
