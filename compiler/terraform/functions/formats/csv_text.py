"""Comma-separated values as Go's ``encoding/csv`` reads them (https://pkg.go.dev/encoding/csv).

Python's reader takes quotes within a field, and what follows a closing quote, for text; Go refuses them.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.patterns import regex
from compiler.terraform.functions.formats import FormatError
from compiler.terraform.values.later import LaterError

# A field, in quotes or not, and what ends it.
_FIELD = regex(r'(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\n|\Z)')


def records(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the records, without those that are empty lines.

    Raises :class:`FormatError` where they differ in length, and :class:`LaterError` where a field isn't well-formed.
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
