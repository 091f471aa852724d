"""The types of Terraform's values: string, number, bool, list, set, map, tuple, object, and "not known yet".

They are those of the library that Terraform itself uses (https://github.com/zclconf/go-cty/blob/main/docs/types.md).
Types are compared with ``==``. :data:`DYNAMIC` stands for a type that isn't known before apply, and in a constraint
for ``any``.

What types convert to one another, and what several have in common, is as in the library, too
(https://pkg.go.dev/github.com/zclconf/go-cty/cty/convert). That types convert doesn't mean that every value does: a
string may be no number, and a map may lack a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from compiler.records import dataclass
from compiler.terraform.values.go_text import go_quote


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


# What converts, and what types have in common


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
        case ObjectType(has), ObjectType(wants, optional):
            missing = sorted(wants.keys() - has.keys() - optional)
            if missing:
                verb = "is" if len(missing) == 1 else "are"
                return f"attribute{'s' * (len(missing) > 1)} {', '.join(map(go_quote, missing))} {verb} required"
            name = next(name for name, item in wants.items() if name in has and not can_convert(has[name], item))
            return f"attribute {go_quote(name)}: {mismatch(has[name], wants[name])}"
        case (TupleType(), ListType(element) | SetType(element)) | (ObjectType(), MapType(element)):
            if element == DYNAMIC:
                return f"all {kind_of(wanted)} elements must have the same type"
            inner = inner_types(given)
            labels: Iterable[str | int] = given.attributes if isinstance(given, ObjectType) else range(len(inner))
            for label, item in zip(labels, inner, strict=True):
                if not can_convert(item, element):
                    shown = go_quote(label) if isinstance(label, str) else label
                    return f"element {shown}: {mismatch(item, element)}"
            return f"all elements must be {constraint_name(element)}"
        case (ListType(have) | SetType(have), ListType(want) | SetType(want)) | (MapType(have), MapType(want)):
            return f"incorrect {kind_of(wanted)} element type: {mismatch(have, want)}"
        case _:
            return f"{constraint_name(wanted)} required"
