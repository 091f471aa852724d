"""Functions that read and write values as JSON, YAML and CSV."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.patterns import regex
from compiler.terraform.functions import Call, CallError, Parameter, function
from compiler.terraform.functions.formats import FormatError, json_text
from compiler.terraform.values.budget import LaterError
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.types import DYNAMIC, STRING, object_type
from compiler.terraform.values.values import Value, list_of, object_of, string

_STR = Parameter("str", STRING)


# JSON


@function("jsonencode", Parameter("val", null=True, whole=True, dynamic=True), returns=STRING)
def _jsonencode(call: Call) -> Value:
    return string(json_text.encode(call.args[0], call.budget))


@function("jsondecode", _STR, returns=DYNAMIC, not_null=False)
def _jsondecode(call: Call) -> Value:
    return json_text.decode(call.text(0), call.budget)


# YAML. PyYAML takes 30 ms to import, and only these functions need it.


@function("yamlencode", Parameter("value", null=True, whole=True, dynamic=True), returns=STRING, not_null=False)
def _yamlencode(call: Call) -> Value:
    from compiler.terraform.functions.formats import yaml_text

    return string(yaml_text.write(call.args[0], call.budget))


@function("yamldecode", Parameter("src", STRING), returns=DYNAMIC, not_null=False)
def _yamldecode(call: Call) -> Value:
    from compiler.terraform.functions.formats import yaml_text

    return yaml_text.read(call.text(0), call.budget)


# CSV: https://pkg.go.dev/encoding/csv

# A field, in quotes or not, and what ends it.
_FIELD = regex(r'(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\n|\Z)')


def _records(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the records of a table, without those that are empty lines, as Go's ``encoding/csv`` reads it.

    Python's reader takes quotes within a field, and what follows a closing quote, for text; Go refuses them. Raises
    :class:`FormatError` where records differ in length, and :class:`LaterError` where a field isn't well-formed.
    """
    text = text.replace("\r\n", "\n")
    record: list[str] = []
    width = at = 0
    # A comma at the end of the text has an empty field behind it.
    while at < len(text) or record:
        if not record and text[at] == "\n":
            at += 1
            continue
        field = _FIELD.match(text, at)
        if field is None:
            raise LaterError("a table with misplaced quotes")
        record.append(field[2] if field[1] is None else field[1].replace('""', '"'))
        at = field.end()
        if field[3] != ",":
            width = width or len(record)
            if len(record) != width:
                raise FormatError("CSV parse error: wrong number of fields")
            yield tuple(record)
            record = []


@function("csvdecode", _STR)
def _csvdecode(call: Call) -> Value:
    call.budget.spend(len(call.text(0)))
    # An attribute's name is in the form in which values keep it.
    records = [[string(field) for field in record] for record in _records(call.text(0))]
    if not records:
        raise CallError("missing header line")
    names, rows = [name.text for name in records[0]], records[1:]
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise CallError(f"duplicate column name {go_quote(twice)}")
    call.budget.spend(len(rows) * len(names))
    objects = [object_of(dict(zip(names, row, strict=True))) for row in rows]
    return list_of(object_type(dict.fromkeys(names, STRING)), objects)
