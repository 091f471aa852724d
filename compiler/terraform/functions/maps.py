"""Functions of maps and objects."""

from __future__ import annotations

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.values.budget import LaterError
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.marks import SENSITIVE
from compiler.terraform.values.types import (
    DYNAMIC,
    STRING,
    ListType,
    MapType,
    ObjectType,
    TupleType,
    element_type,
    friendly_name,
)
from compiler.terraform.values.values import Value, list_of, map_of, object_of, string, tuple_of, unknown

_STRINGS = ListType(STRING)


@function("keys", Parameter("inputMap", unknown=True, marked=True))
def _keys(call: Call) -> Value:
    source = call.args[0]
    if not source.is_mapping:
        raise ArgumentError(0, "must have map or object type")
    if isinstance(source.type, ObjectType):
        # The names are known from the type, even where the value isn't.
        return tuple_of(string(name) for name in source.type.attributes).with_marks(source.marks)
    if not source.is_known:
        return unknown(_STRINGS).with_marks(source.marks)
    call.budget.spend_elements(len(source.mapping))
    return list_of(STRING, [string(key) for key in source.mapping]).with_marks(source.marks)


@function("values", Parameter("mapping", marked=True))
def _values(call: Call) -> Value:
    source = call.args[0]
    if not source.is_mapping:
        raise ArgumentError(0, "values() requires a map as the first argument")
    made = list_of(source.type.element, source.items) if isinstance(source.type, MapType) else tuple_of(source.items)
    return made.with_marks(source.marks)


@function(
    "lookup",
    Parameter("inputMap", unknown=True, marked=True),
    Parameter("key", STRING, unknown=True, marked=True),
    variadic=Parameter("default", null=True, unknown=True, dynamic=True, marked=True),
    not_null=False,
)
def _lookup(call: Call) -> Value:
    if len(call.args) > 3:
        raise CallError(f"lookup() takes two or three arguments, got {len(call.args)}")
    source, key, *default = call.args
    if not source.is_mapping:
        raise ArgumentError(0, "lookup() requires a map as the first argument")
    if isinstance(source.type, MapType):
        try:
            default = [convert(value, source.type.element) for value in default]
        except ConversionError:
            raise ArgumentError(2, "the default value must have the same type as the map elements") from None
    marks = (source.marks, key.marks)
    if not (source.is_known and key.is_known):
        type_ = element_type(source.type)
        if isinstance(source.type, ObjectType) and key.is_known:
            type_ = source.type.attributes.get(key.text, DYNAMIC)
        return unknown(type_).with_marks(*marks)
    found = source.mapping.get(key.text)
    if found is None:
        if not default:
            shown = "(sensitive value)" if SENSITIVE in key.marks else go_quote(key.text)
            if isinstance(source.type, ObjectType):
                raise ArgumentError(0, f"the given object has no attribute {shown}")
            raise CallError(f"lookup failed to find key {shown}")
        found = default[0]
    return found.with_marks(*marks)


@function("merge", variadic=Parameter("maps", null=True, dynamic=True, marked=True))
def _merge(call: Call) -> Value:
    for value in call.args:
        if not value.is_mapping and not (value.is_null and value.type == DYNAMIC):
            raise CallError(f"arguments must be maps or objects, got {go_quote(friendly_name(value.type))}")
    present = [value for value in call.args if not value.is_null]
    if call.args and not present:
        raise LaterError("nothing but nulls")
    call.budget.spend_elements(sum(len(value.items) for value in present))
    items = {key: item for value in present for key, item in value.mapping.items()}
    types = {value.type for value in call.args}
    one = types.pop() if len(types) == 1 else DYNAMIC
    merged = map_of(one.element, items) if isinstance(one, MapType) else object_of(items)
    return merged.with_marks(*(value.marks for value in call.args))


@function("zipmap", Parameter("keys", _STRINGS, whole=True, marked=True), Parameter("values", marked=True))
def _zipmap(call: Call) -> Value:
    keys, values = call.args
    if not isinstance(values.type, ListType | TupleType):
        raise ArgumentError(1, "values argument must be a list or tuple value")
    # A key of a map can't carry marks, so the map does.
    marks = (values.marks, keys.deep_marks)
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
