"""Conversions of values from type to type.

In one way this is stricter than Terraform: where the type of an unknown would decide what its known neighbours are
converted to, as in ``tolist([1, jsondecode(x)])``, the result is unknown as a whole. Terraform shows ``1`` in the plan
and may find ``"1"`` when it applies.
"""

from __future__ import annotations

from compiler.records import replace
from compiler.terraform.values.budget import LaterError
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.marks import ReasonKind
from compiler.terraform.values.numbers import number_text, parse_number
from compiler.terraform.values.sets import set_of
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
    can_convert,
    element_type,
    gathered_type,
    has_dynamic,
    inner_types,
    kind_of,
    mismatch,
    unify,
    without_optional,
)
from compiler.terraform.values.values import (
    Unknown,
    Value,
    boolean,
    deep_marks_of,
    left_to_terraform,
    list_of,
    map_of,
    null,
    number,
    object_of,
    one_type,
    string,
    tuple_of,
    unknown,
)


class ConversionError(Exception):
    """A value can't have the type asked for; the message is a clause such as ``a number is required``."""


def convert(value: Value, target: Type) -> Value:
    """Return the value converted to ``target``, which may have optional attributes.

    Raises :class:`ConversionError`, in Terraform's words, where that isn't possible.
    """
    if value.type is target or value.type == target or value.type == without_optional(target):
        return value
    if _is_undecided(value, target):
        undecided = unknown(without_optional(target), not_null=value.is_never_null)
        return undecided.because_of((value,)).with_marks(deep_marks_of((value,)))
    if not can_convert(value.type, target):
        raise ConversionError(mismatch(value.type, target))
    return _converted(value, target)


def type_is_uncertain(value: Value) -> bool:
    """Return whether the value holds an unknown whose type isn't known either.

    What stands for a mistake doesn't count: the mistake stays, so its type will not become known.
    """
    if value.is_wholly_known:
        return False
    if isinstance(value.data, Unknown):
        reasons = value.data.reasons
        only_mistakes = bool(reasons) and all(reason.kind is ReasonKind.ERROR for reason in reasons)
        return has_dynamic(value.type) and not only_mistakes
    return any(type_is_uncertain(item) for item in value.items)


# Converting a value whose type converts


def _converted(value: Value, target: Type) -> Value:
    if target == DYNAMIC or value.type == target:
        return value
    if value.marks:
        return _converted(value.unmarked(), target).with_marks(value.marks)
    if isinstance(value.data, Unknown | None):
        return replace(value, type=_resolved(value.type, without_optional(target)))
    if value.type == DYNAMIC:
        raise TypeError("only unknown and null values are dynamic")
    match target:
        case Primitive():
            return _converted_primitive(value, target)
        case ListType() | SetType() | MapType():
            return _converted_collection(value, target)
        case TupleType():
            return tuple_of(_element(item, wanted) for item, wanted in zip(value.items, target.elements, strict=True))
        case ObjectType():
            return _converted_object(value, target)


def _element(value: Value, target: Type) -> Value:
    """Convert something in a value; what is dynamic there is checked only now."""
    return convert(value, target) if value.type == DYNAMIC else _converted(value, target)


def _converted_primitive(value: Value, target: Primitive) -> Value:
    match target.name:
        case "string":
            if isinstance(value.data, bool):
                return string("true" if value.data else "false")
            return string(number_text(value.numeric))
        case "number":
            try:
                parsed = parse_number(value.text)
            except LaterError as exc:
                return left_to_terraform("tonumber()", target, exc)
            if parsed is None:
                raise ConversionError("a number is required")
            return number(parsed)
        case _:
            if value.text in _TRUTHS:
                return boolean(_TRUTHS[value.text])
            lower = value.text.lower()
            if lower in ("true", "false"):
                raise ConversionError(f'a bool is required; to convert from string, use lowercase "{lower}"')
            raise ConversionError("a bool is required")


_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def _converted_collection(value: Value, target: ListType | SetType | MapType) -> Value:
    kind, wanted = kind_of(target), target.element
    structural = isinstance(value.type, TupleType | ObjectType)
    if structural:
        gathered = gathered_type(inner_types(value.type), wanted)
        wanted = wanted if gathered is None else gathered
    elif kind == "list" and value.count is None:
        # How many elements a set has is open while one of them is unknown.
        return unknown(ListType(element_type(value.type))).because_of((value,))
    elements = [_element(item, wanted) for item in value.items]
    if structural and (kind == "list" or (kind == "map" and isinstance(wanted, CollectionType | ObjectType))):
        elements = _of_one_type(elements)
    if one_type(elements) is None:
        if not structural:
            return left_to_terraform(f"to{kind}()", _resolved(value.type, without_optional(target)), LaterError())
        what = "attribute" if kind == "map" else "element"
        raise ConversionError(f"{what} types must all match for conversion to {kind}")
    # An empty collection has a concrete element type where there is one.
    empty = without_optional(element_type(value.type) if wanted == DYNAMIC else wanted)
    element = DYNAMIC if elements else empty
    if isinstance(target, MapType):
        return map_of(element, dict(zip(value.mapping, elements, strict=True)))
    return list_of(element, elements) if isinstance(target, ListType) else set_of(element, elements)


def _converted_object(value: Value, target: ObjectType) -> Value:
    attributes: dict[str, Value] = {}
    for name, item in value.mapping.items():
        wanted = target.attributes.get(name)
        if wanted is not None:
            attributes[name] = convert(item, wanted)
    for name, wanted in target.attributes.items():
        if name not in attributes:
            if name not in target.optional:
                raise ConversionError(f"map has no element for required attribute {go_quote(name)}")
            attributes[name] = null(without_optional(wanted))
    return object_of(attributes)


def _is_undecided(value: Value, target: Type) -> bool:
    """Return whether unknown types in a tuple or object may yet change what its elements are converted to."""
    if value.is_wholly_known or not isinstance(value.type, TupleType | ObjectType) or value.data is None:
        return False
    if not isinstance(target, CollectionType) or not has_dynamic(target.element):
        return False
    if not value.is_known or not any(type_is_uncertain(item) for item in value.items):
        return False
    # A string stays what it is whatever its neighbours are; beside any other type, a string may turn up.
    return not all(item.type in (STRING, DYNAMIC) or item.is_null for item in value.items)


def _of_one_type(elements: list[Value]) -> list[Value]:
    """Bring elements that differ in what was left open (``any``) to one type."""
    if not elements or all(item.type == elements[0].type for item in elements):
        return elements
    common = unify([item.type for item in elements])
    if common is None:
        raise ConversionError("cannot find a common base type for all elements")
    return [_element(item, common) for item in elements]


def _resolved(source: Type, target: Type) -> Type:
    """Return ``target`` with what it leaves open filled in from ``source``."""
    if DYNAMIC in (source, target):
        return target if source == DYNAMIC else source
    match target, source:
        case CollectionType(element), CollectionType(given):
            return type(target)(_resolved(given, element))
        case CollectionType(element), TupleType() | ObjectType():
            return type(target)(_resolved(unify(inner_types(source)) or DYNAMIC, element))
        case TupleType(elements), TupleType(givens):
            return TupleType(tuple(map(_resolved, givens, elements)))
        case ObjectType(attributes), MapType() | ObjectType():
            have = source.attributes if isinstance(source, ObjectType) else dict.fromkeys(attributes, source.element)
            return ObjectType({name: _resolved(have.get(name, DYNAMIC), wanted) for name, wanted in attributes.items()})
        case _:
            return target
