"""Functions of maps and objects."""

from __future__ import annotations

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.common_types import converted
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.marks import SENSITIVE
from compiler.terraform.values.types import (
    DYNAMIC,
    STRING,
    ListType,
    MapType,
    ObjectType,
    TupleType,
    Type,
    friendly_name,
    object_type,
)
from compiler.terraform.values.values import (
    EMPTY_OBJECT,
    Value,
    list_of,
    map_of,
    object_of,
    string,
    tuple_of,
    unknown,
)

_STRINGS = ListType(STRING)


def _keys_type(call: Call) -> Type:
    match call.args[0].type:
        case MapType():
            return _STRINGS
        case ObjectType(attributes):
            return TupleType((STRING,) * len(attributes))
        case _:
            raise ArgumentError(0, "must have map or object type")


@function("keys", Parameter("inputMap", unknown=True, marked=True), returns=_keys_type)
def _keys(call: Call) -> Value:
    source = call.args[0]
    if isinstance(source.type, ObjectType):
        # The names are known from the type, even where the value isn't.
        return tuple_of(string(name) for name in source.type.attributes).with_marks(source.marks)
    if not source.is_known:
        return unknown(_STRINGS).with_marks(source.marks)
    call.budget.spend_elements(len(source.mapping))
    return list_of(STRING, [string(key) for key in source.mapping]).with_marks(source.marks)


def _values_type(call: Call) -> Type:
    match call.args[0].type:
        case MapType(element):
            return ListType(element)
        case ObjectType(attributes):
            return TupleType(tuple(attributes.values()))
        case _:
            raise ArgumentError(0, "values() requires a map as the first argument")


@function("values", Parameter("mapping", marked=True), returns=_values_type)
def _values(call: Call) -> Value:
    source = call.args[0]
    if isinstance(call.returns, ListType):
        return list_of(call.returns.element, source.items).with_marks(source.marks)
    return tuple_of(source.items).with_marks(source.marks)


def _lookup_type(call: Call) -> Type:
    if len(call.args) > 3:
        raise CallError(f"lookup() takes two or three arguments, got {len(call.args)}")
    source, key, *default = call.args
    match source.type:
        case ObjectType(attributes):
            if not key.is_known:
                return DYNAMIC
            if key.text in attributes:
                return attributes[key.text]
            if not default:
                raise ArgumentError(0, f"the given object has no attribute {_shown(key)}")
            return default[0].type
        case MapType(element):
            if default:
                _default(default[0], element)
            return element
        case _:
            raise ArgumentError(0, "lookup() requires a map as the first argument")


def _default(value: Value, element: Type) -> Value:
    try:
        return converted(2, value, element)
    except ArgumentError as exc:
        raise ArgumentError(2, "the default value must have the same type as the map elements") from exc


def _shown(key: Value) -> str:
    return "(sensitive value)" if SENSITIVE in key.marks else go_quote(key.text)


@function(
    "lookup",
    Parameter("inputMap", unknown=True, marked=True),
    Parameter("key", STRING, unknown=True, marked=True),
    variadic=Parameter("default", null=True, unknown=True, dynamic=True, marked=True),
    returns=_lookup_type,
    not_null=False,
)
def _lookup(call: Call) -> Value:
    source, key, *default = call.args
    marks = (source.marks, key.marks)
    if not (source.is_known and key.is_known):
        return unknown(call.returns).with_marks(*marks)
    found = source.mapping.get(key.text)
    if found is None:
        if not default:
            raise CallError(f"lookup failed to find key {_shown(key)}")
        found = _default(default[0], call.returns)
    return found.with_marks(*marks)


def _merged_type(call: Call) -> Type:
    if not call.args:
        return EMPTY_OBJECT.type
    attributes: dict[str, Type] = {}
    attributes_are_known = True
    for value in call.args:
        match value.type:
            case ObjectType(own):
                attributes.update({} if value.is_null else own)
            case MapType(element):
                if value.is_known:
                    attributes.update({} if value.is_null else dict.fromkeys(value.mapping, element))
                else:
                    attributes_are_known = False
            case type_ if type_ == DYNAMIC:
                return DYNAMIC
            case other:
                raise _not_a_map(other)
    first = call.args[0].type
    if all(value.type == first for value in call.args):
        return first
    return object_type(attributes) if attributes_are_known else DYNAMIC


def _not_a_map(type_: Type) -> CallError:
    return CallError(f"arguments must be maps or objects, got {go_quote(friendly_name(type_))}")


@function("merge", variadic=Parameter("maps", null=True, dynamic=True, marked=True), returns=_merged_type)
def _merge(call: Call) -> Value:
    present = [value for value in call.args if not value.is_null]
    for value in present:
        # Behind a null of no type, the types haven't been looked at.
        if not isinstance(value.type, MapType | ObjectType):
            raise _not_a_map(value.type)
    call.budget.spend_elements(sum(len(value.items) for value in present))
    items = {key: item for value in present for key, item in value.mapping.items()}
    merged = map_of(call.returns.element, items) if isinstance(call.returns, MapType) else object_of(items)
    if isinstance(call.returns, ObjectType) and merged.type != call.returns:
        # Objects of one type that are all null don't have the attributes that their type promises.
        raise CallError("all arguments are null")
    return merged.with_marks(*(value.marks for value in call.args))


@function("zipmap", Parameter("keys", _STRINGS, marked=True), Parameter("values", marked=True))
def _zipmap(call: Call) -> Value:
    keys, values = call.args
    if not isinstance(values.type, ListType | TupleType):
        raise ArgumentError(1, "values argument must be a list or tuple value")
    # A key of a map can't carry marks, so the map does.
    marks = (values.marks, keys.deep_marks)
    if not keys.is_wholly_known:
        return unknown().with_marks(*marks)
    if len(keys.items) != len(values.items):
        counts = f"number of keys ({len(keys.items)}) does not match number of values ({len(values.items)})"
        raise CallError(counts)
    call.budget.spend_elements(len(keys.items))
    items: dict[str, Value] = {}
    for place, (key, item) in enumerate(zip(keys.items, values.items, strict=True)):
        if key.is_null:
            raise ArgumentError(0, f"keys list has null value at index {place}")
        items[key.text] = item
    zipped = map_of(values.type.element, items) if isinstance(values.type, ListType) else object_of(items)
    return zipped.with_marks(*marks)
