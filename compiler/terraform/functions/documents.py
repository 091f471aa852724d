"""Functions that read and write values as JSON, YAML and CSV."""

from __future__ import annotations

from compiler.terraform.functions import Call, CallError, Parameter, function
from compiler.terraform.functions.formats import csv_text, json_text
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.types import DYNAMIC, STRING, object_type
from compiler.terraform.values.values import Value, list_of, object_of, string, unknown

_STR = Parameter("str", STRING)


# JSON


@function("jsonencode", Parameter("val", null=True, unknown=True, dynamic=True), returns=STRING)
def _jsonencode(call: Call) -> Value:
    value = call.args[0]
    if not value.is_wholly_known:
        return unknown(STRING)
    return string(json_text.encode(value, call.budget))


@function("jsondecode", _STR, returns=DYNAMIC, not_null=False)
def _jsondecode(call: Call) -> Value:
    return json_text.decode(call.text(0), call.budget)


# YAML. PyYAML takes 30 ms to import, and only these functions need it.


@function("yamlencode", Parameter("value", null=True, dynamic=True), returns=STRING, not_null=False)
def _yamlencode(call: Call) -> Value:
    from compiler.terraform.functions.formats import yaml_write

    if not call.args[0].is_wholly_known:
        return unknown(STRING)
    return string(yaml_write.write(call.args[0], call.budget))


@function("yamldecode", Parameter("src", STRING), returns=DYNAMIC, not_null=False)
def _yamldecode(call: Call) -> Value:
    from compiler.terraform.functions.formats import yaml_read

    return yaml_read.read(call.text(0), call.budget)


# CSV


@function("csvdecode", _STR)
def _csvdecode(call: Call) -> Value:
    call.budget.spend(len(call.text(0)))
    # An attribute's name is in the form in which values keep it.
    records = [[string(field) for field in record] for record in csv_text.records(call.text(0))]
    if not records:
        raise CallError("missing header line")
    names, rows = [name.text for name in records[0]], records[1:]
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise CallError(f"duplicate column name {go_quote(twice)}")
    call.budget.spend(len(rows) * len(names))
    objects = [object_of(dict(zip(names, row, strict=True))) for row in rows]
    return list_of(object_type(dict.fromkeys(names, STRING)), objects)
