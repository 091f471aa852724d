"""What types convert to one another, and the type that several have in common.

The rules are those of Terraform's type system (https://developer.hashicorp.com/terraform/language/expressions/types)
as its library implements them (https://pkg.go.dev/github.com/zclconf/go-cty/cty/convert). A conversion that every value
of the source type survives is *safe*; others (a string that may not be a number, a map that may lack a key) are not.
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


def can_convert(source: Type, target: Type, *, unsafe: bool = True) -> bool:
    """Return whether values of type ``source`` convert to ``target``, at least some of them if ``unsafe``."""
    match target, source:
        case Primitive("dynamic"), _:
            return True
        case _, Primitive("dynamic"):
            return unsafe
        case Primitive(), Primitive():
            return target in (STRING, source) or (unsafe and source == STRING)
        case ObjectType(), ObjectType():
            return all(
                name in target.optional
                if name not in source.attributes
                else source.attributes[name] == wanted or can_convert(source.attributes[name], wanted, unsafe=unsafe)
                for name, wanted in target.attributes.items()
            )
        case TupleType(), TupleType():
            return len(source.elements) == len(target.elements) and all(
                given == wanted or can_convert(given, wanted, unsafe=unsafe)
                for given, wanted in zip(source.elements, target.elements, strict=True)
            )
        case SetType(), ListType() if not unsafe:
            # The order would be lost, and equal elements would become one.
            return False
        case (ListType(wanted) | SetType(wanted), ListType(given) | SetType(given)) | (MapType(wanted), MapType(given)):
            return given == wanted or can_convert(given, wanted, unsafe=unsafe)
        case ListType() | SetType(), TupleType():
            return _can_gather(source.elements, target.element, unsafe=unsafe)
        case MapType(), ObjectType():
            # Unlike a list, a map may be made of attributes whose common type null leaves open.
            types = tuple(source.attributes.values())
            return unify(types, unsafe=unsafe) == DYNAMIC == target.element or _can_gather(
                types, target.element, unsafe=unsafe
            )
        case ObjectType(), MapType():
            return unsafe and all(
                name in target.optional or source.element == wanted or can_convert(source.element, wanted)
                for name, wanted in target.attributes.items()
            )
        case _:
            return False


def _can_gather(elements: tuple[Type, ...], target: Type, *, unsafe: bool) -> bool:
    """Return whether elements of these types can become elements of one collection."""
    element = gathered_type(elements, target, unsafe=unsafe)
    return element is not None and all(
        given == element or can_convert(given, element, unsafe=unsafe) for given in elements
    )


def gathered_type(elements: tuple[Type, ...], target: Type, *, unsafe: bool) -> Type | None:
    """Return the element type of a collection made of these elements, or None."""
    if target != DYNAMIC or not elements:
        return target
    common = unify(elements, unsafe=unsafe)
    if common == DYNAMIC and any(element != DYNAMIC for element in elements):
        return None
    return common


def unify(types: Iterable[Type], *, unsafe: bool = True) -> Type | None:
    """Return the most general type that values of all these types convert to, or None."""
    types = tuple(dict.fromkeys(types))
    if len(types) < 2:
        return types[0] if types else None
    kinds = {kind_of(type_) for type_ in types}
    open_ = "dynamic" in kinds
    kinds.discard("dynamic")
    match sorted(kinds):
        case ["list" | "map" | "set" | "object" | "tuple"]:
            return DYNAMIC if open_ else _unify_alike(types, unsafe=unsafe)
        case ["map", "object"] | ["list", "tuple"]:
            # Objects are often maps in disguise, and tuples lists.
            common = _unify_as_collections(types, unsafe=unsafe)
            if isinstance(common, CollectionType):
                return common
        case _ if {"object", "tuple"} <= kinds:
            return None
    for wanted in _most_general_first(types):
        if all(type_ == wanted or can_convert(type_, wanted, unsafe=unsafe) for type_ in types):
            return wanted
    return None


def _unify_alike(types: Sequence[Type], *, unsafe: bool) -> Type | None:
    """Unify types of one kind: what is inside one by one, or tuples and objects of several shapes as collections."""
    first = types[0]
    if not all(have_one_shape(type_, first) for type_ in types):
        collection = _collection_of(types, unsafe=unsafe)
        return collection if collection is not None and _all_convert(types, collection, unsafe=unsafe) else None
    inner = [unify(across, unsafe=unsafe) for across in zip(*map(inner_types, types), strict=True)]
    known = [type_ for type_ in inner if type_ is not None]
    return with_inner(first, known) if len(known) == len(inner) else None


def _collection_of(types: Sequence[Type], *, unsafe: bool) -> Type | None:
    """Return the list or map that tuples or objects of these types may all become, or None."""
    element = unify([item for type_ in types for item in inner_types(type_)], unsafe=unsafe)
    if element is None:
        return None
    return MapType(element) if isinstance(types[0], ObjectType) else ListType(element)


def _all_convert(types: Iterable[Type], target: Type, *, unsafe: bool) -> bool:
    return all(can_convert(type_, target, unsafe=unsafe) for type_ in types)


def _unify_as_collections(types: Sequence[Type], *, unsafe: bool) -> Type | None:
    """Unify objects (tuples) to one map (list) first, then that with the maps (lists) beside them."""
    structural = [type_ for type_ in types if isinstance(type_, ObjectType | TupleType)]
    collection = _collection_of(structural, unsafe=unsafe)
    if collection is None or not _all_convert(structural, collection, unsafe=unsafe):
        return None
    return unify([collection if type_ in structural else type_ for type_ in types], unsafe=unsafe)


def _most_general_first(types: Sequence[Type]) -> list[Type]:
    """Return the types so that one comes after all that are more general, otherwise in their order."""
    count = len(types)
    less_general: list[list[int]] = [[] for _ in types]
    waiting = [0] * count
    for i in range(count):
        for j in range(i + 1, count):
            order = _compare(types[i], types[j])
            if order:
                upper, lower = (i, j) if order < 0 else (j, i)
                less_general[upper].append(lower)
                waiting[lower] += 1
    queue = [index for index in range(count) if not waiting[index]]
    for index in queue:
        for lower in less_general[index]:
            waiting[lower] -= 1
            if not waiting[lower]:
                queue.append(lower)
    return [types[index] for index in queue]


_PREFERENCE = {("list", "tuple"): -1, ("map", "object"): -1, ("tuple", "set"): -1, ("list", "set"): -1}


def _compare(left: Type, right: Type) -> int:
    """Return -1 where ``left`` is more general, 1 where ``right`` is, 0 where neither is."""
    if DYNAMIC in (left, right):
        return (left == DYNAMIC) - (right == DYNAMIC)
    if isinstance(left, Primitive) and isinstance(right, Primitive):
        return (right == STRING) - (left == STRING)
    if have_one_shape(left, right):
        orders = {_compare(*pair) for pair in zip(inner_types(left), inner_types(right), strict=True)} - {0}
        return orders.pop() if len(orders) == 1 else 0
    kinds = kind_of(left), kind_of(right)
    return _PREFERENCE.get(kinds, 0) - _PREFERENCE.get((kinds[1], kinds[0]), 0)


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
    for unsafe in (True, False):
        for name, item in wanted.attributes.items():
            have = given.attributes.get(name)
            if have is not None and have != item and not can_convert(have, item, unsafe=unsafe):
                return f"attribute {go_quote(name)}: {mismatch(have, item)}"
    return "incorrect object attributes"


def _gather_mismatch(elements: Iterable[tuple[str, Type]], wanted: Type) -> str:
    for name, element in elements:
        if element != wanted and not can_convert(element, wanted):
            return f"element {name}: {mismatch(element, wanted)}"
    return f"all elements must be {constraint_name(wanted)}"
