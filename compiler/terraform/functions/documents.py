"""Functions that read and write values as JSON, YAML and CSV."""

from __future__ import annotations

from compiler.terraform.functions import Call, CallError, Parameter, function
from compiler.terraform.functions.formats import csv_text, json_text, yaml_write
from compiler.terraform.functions.later import answered_later
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.types import (
    DYNAMIC,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
    object_type,
)
from compiler.terraform.values.values import Value, list_of, object_of, string, unknown

_STR = Parameter("str", STRING)


# JSON


@function("jsonencode", Parameter("val", null=True, unknown=True, dynamic=True), returns=STRING)
def _jsonencode(call: Call) -> Value:
    value = call.args[0]
    if not value.is_wholly_known:
        return unknown(STRING, not_null=True, prefix=_opening(value))
    try:
        return string(json_text.encode(value, call.budget))
    except json_text.JsonError as exc:
        raise CallError(str(exc)) from None


def _opening(value: Value) -> str:
    """Return what the JSON of an unknown value certainly begins with; if it may be null, nothing."""
    if not value.is_never_null:
        return ""
    match value.type:
        case ObjectType() | MapType():
            return "{"
        case TupleType() | ListType() | SetType():
            return "["
        case _:
            return '"' if value.type == STRING else ""


@function("jsondecode", _STR, returns=DYNAMIC, not_null=False)
def _jsondecode(call: Call) -> Value:
    try:
        return json_text.decode(call.text(0), call.budget)
    except json_text.JsonError as exc:
        raise CallError(str(exc)) from None


# YAML


@function("yamlencode", Parameter("value", null=True, dynamic=True), returns=STRING, not_null=False)
def _yamlencode(call: Call) -> Value:
    if not call.args[0].is_wholly_known:
        return unknown(STRING)
    return string(yaml_write.write(call.args[0], call.budget))


@function("yamldecode", Parameter("src", STRING), returns=DYNAMIC, not_null=False)
def _yamldecode(call: Call) -> Value:
    # PyYAML takes 30 ms to import, and only this function needs it.
    from compiler.terraform.functions.formats import yaml_read

    try:
        return yaml_read.read(call.text(0), call.budget)
    except yaml_read.YamlError as exc:
        raise CallError(str(exc)) from None
    except yaml_read.LaterError:
        return answered_later("yamldecode", DYNAMIC)


# CSV


def _table_type(call: Call) -> Type:
    """Return the type of a table: a list of objects with an attribute for each name in the header."""
    return ListType(_row_type(call)) if call.args[0].is_known else DYNAMIC


def _row_type(call: Call) -> ObjectType:
    try:
        header = next(csv_text.records(call.text(0)), None)
    except csv_text.CsvError as exc:
        raise CallError(str(exc)) from None
    if header is None:
        raise CallError("missing header line")
    twice = next((name for place, name in enumerate(header) if name in header[:place]), None)
    if twice is not None:
        raise CallError(f"duplicate column name {go_quote(twice)}")
    return object_type(dict.fromkeys(map(_normal, header), STRING))


def _normal(name: str) -> str:
    """Return an attribute's name as values keep it."""
    return string(name).text


@function("csvdecode", _STR, returns=_table_type)
def _csvdecode(call: Call) -> Value:
    call.budget.spend(len(call.text(0)))
    try:
        header, *rows = csv_text.records(call.text(0))
    except csv_text.CsvError as exc:
        raise CallError(str(exc)) from None
    call.budget.spend(len(rows) * len(header))
    objects = [object_of(dict(zip(header, map(string, row), strict=True))) for row in rows]
    return list_of(_row_type(call), objects)
