"""What types convert to one another, and the type that several have in common.

The rules are those of Terraform's type system (https://developer.hashicorp.com/terraform/language/expressions/types)
as its library implements them (https://pkg.go.dev/github.com/zclconf/go-cty/cty/convert). A conversion that every value
of the source type survives is *safe*; others (a string that may not be a number, a map that may lack a key) are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.types import (
    DYNAMIC,
    STRING,
    ListType,
    MapType,
    ObjectType,
    Primitive,
    SetType,
    TupleType,
    Type,
    constraint_name,
    element_type,
)

__all__ = ["can_convert", "gathered_type", "mismatch", "unify"]


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
    kinds = {_kind(type_) for type_ in types}
    open_ = "dynamic" in kinds
    kinds.discard("dynamic")
    match sorted(kinds):
        case ["list" | "map" | "set" as kind]:
            if open_:
                return DYNAMIC
            element = unify([element_type(type_) for type_ in types], unsafe=unsafe)
            return None if element is None else _COLLECTIONS[kind](element)
        case ["object"]:
            return DYNAMIC if open_ else _unify_objects([t for t in types if isinstance(t, ObjectType)], unsafe=unsafe)
        case ["tuple"]:
            return DYNAMIC if open_ else _unify_tuples([t for t in types if isinstance(t, TupleType)], unsafe=unsafe)
        case ["map", "object"]:
            # Objects are often maps in disguise.
            common = _unify_as(ObjectType, types, unsafe=unsafe)
            if isinstance(common, MapType):
                return common
        case ["list", "tuple"]:
            common = _unify_as(TupleType, types, unsafe=unsafe)
            if isinstance(common, ListType):
                return common
        case _ if {"object", "tuple"} <= kinds:
            return None
    for wanted in _most_general_first(types):
        if all(type_ == wanted or can_convert(type_, wanted, unsafe=unsafe) for type_ in types):
            return wanted
    return None


_COLLECTIONS: dict[str, Callable[[Type], Type]] = {"list": ListType, "map": MapType, "set": SetType}


def _kind(type_: Type) -> str:
    match type_:
        case ListType():
            return "list"
        case SetType():
            return "set"
        case MapType():
            return "map"
        case TupleType():
            return "tuple"
        case ObjectType():
            return "object"
        case Primitive(name):
            return "dynamic" if name == "dynamic" else "primitive"


def _unify_objects(types: Sequence[ObjectType], *, unsafe: bool) -> Type | None:
    names = types[0].attributes.keys()
    if any(type_.attributes.keys() != names for type_ in types):
        element = unify([attribute for type_ in types for attribute in type_.attributes.values()], unsafe=unsafe)
        return None if element is None else _if_all_convert(types, MapType(element), unsafe=unsafe)
    attributes: dict[str, Type] = {}
    for name in names:
        common = unify([type_.attributes[name] for type_ in types], unsafe=unsafe)
        if common is None:
            return None
        attributes[name] = common
    return ObjectType(attributes)


def _unify_tuples(types: Sequence[TupleType], *, unsafe: bool) -> Type | None:
    if any(len(type_.elements) != len(types[0].elements) for type_ in types):
        element = unify([element for type_ in types for element in type_.elements], unsafe=unsafe)
        return None if element is None else _if_all_convert(types, ListType(element), unsafe=unsafe)
    elements: list[Type] = []
    for across in zip(*(type_.elements for type_ in types), strict=True):
        common = unify(across, unsafe=unsafe)
        if common is None:
            return None
        elements.append(common)
    return TupleType(tuple(elements))


def _if_all_convert(types: Sequence[Type], target: Type, *, unsafe: bool) -> Type | None:
    return target if all(can_convert(type_, target, unsafe=unsafe) for type_ in types) else None


def _unify_as(structural: type[ObjectType] | type[TupleType], types: Sequence[Type], *, unsafe: bool) -> Type | None:
    """Unify objects (tuples) to one map (list) first, then that with the maps (lists) beside them."""
    collection: Type | None
    if structural is ObjectType:
        inner = [item for type_ in types if isinstance(type_, ObjectType) for item in type_.attributes.values()]
        element = unify(inner, unsafe=unsafe)
        collection = None if element is None else MapType(element)
    else:
        inner = [item for type_ in types if isinstance(type_, TupleType) for item in type_.elements]
        element = unify(inner, unsafe=unsafe)
        collection = None if element is None else ListType(element)
    if collection is None:
        return None
    if not all(can_convert(type_, collection, unsafe=unsafe) for type_ in types if isinstance(type_, structural)):
        return None
    return unify([collection if isinstance(type_, structural) else type_ for type_ in types], unsafe=unsafe)


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
    if left == DYNAMIC or right == DYNAMIC:
        return (left == DYNAMIC) - (right == DYNAMIC)
    match left, right:
        case Primitive(), Primitive():
            return (right == STRING) - (left == STRING)
        case (ListType(a), ListType(b)) | (SetType(a), SetType(b)) | (MapType(a), MapType(b)):
            return _compare(a, b)
        case ObjectType(), ObjectType():
            if left.attributes.keys() != right.attributes.keys():
                return 0
            return _compare_all((item, right.attributes[name]) for name, item in left.attributes.items())
        case TupleType(), TupleType():
            if len(left.elements) != len(right.elements):
                return 0
            return _compare_all(zip(left.elements, right.elements, strict=True))
    kinds = _kind(left), _kind(right)
    return _PREFERENCE.get(kinds, 0) - _PREFERENCE.get((kinds[1], kinds[0]), 0)


def _compare_all(pairs: Iterable[tuple[Type, Type]]) -> int:
    orders = {_compare(left, right) for left, right in pairs} - {0}
    return orders.pop() if len(orders) == 1 else 0


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
            return f"incorrect {_kind(wanted)} element type: {mismatch(have, want)}"
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
