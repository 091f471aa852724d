"""Functions of points in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from compiler.patterns import regex
from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.formats.timestamps import (
    MONTHS,
    Timestamp,
    TimestampError,
    parse_duration,
    parse_rfc3339,
)
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.types import NUMBER, STRING
from compiler.terraform.values.values import Value, integer, string


@function("timeadd", Parameter("timestamp", STRING), Parameter("duration", STRING), returns=STRING)
def _timeadd(call: Call) -> Value:
    try:
        return string(parse_rfc3339(call.text(0)).plus(parse_duration(call.text(1))).rfc3339())
    except TimestampError as exc:
        raise CallError(str(exc)) from None


@function("timecmp", Parameter("timestamp_a", STRING), Parameter("timestamp_b", STRING), returns=NUMBER)
def _timecmp(call: Call) -> Value:
    first, second = (_moment(call, index, lenient=True).nanoseconds for index in (0, 1))
    return integer((first > second) - (first < second))


def _moment(call: Call, index: int, *, lenient: bool = False) -> Timestamp:
    try:
        return parse_rfc3339(call.text(index), lenient=lenient)
    except TimestampError as exc:
        raise ArgumentError(index, str(exc)) from None


@function("formatdate", Parameter("format", STRING), Parameter("time", STRING), returns=STRING)
def _formatdate(call: Call) -> Value:
    moment = _moment(call, 1)
    call.budget.spend(len(call.text(0)))
    return string("".join(_written(part, moment) for part in _parts(call.text(0))))


# Letters that repeat, a quoted text in which two quotes stand for one, or anything else. At the end, the second of two
# quotes also closes the text.
_PART = regex(r"([A-Za-z])\1*|''|'(?:[^']|'')*'(?!')|'(?:[^']|'')*''\Z|'|[^A-Za-z']+")


def _parts(format_: str) -> Iterator[str]:
    for match in _PART.finditer(format_):
        if match[0] == "'":
            raise ArgumentError(0, "unterminated literal '")
        yield match[0]


def _written(part: str, moment: Timestamp) -> str:
    """Return what a part of a format stands for at that moment."""
    if part == "''":
        return "'"
    if part.startswith("'"):
        return part[1:-1].replace("''", "'")
    if not (part[0].isascii() and part[0].isalpha()):
        return part
    forms, hint = _VERBS.get(part[0], ({}, ""))
    write = forms.get(len(part))
    if write is None:
        raise ArgumentError(0, f"invalid date format verb {go_quote(part)}{hint}")
    return write(moment)


_Forms = dict[int, Callable[[Timestamp], str]]


def _number(value: Callable[[Timestamp], int]) -> _Forms:
    return {1: lambda moment: str(value(moment)), 2: lambda moment: f"{value(moment):02d}"}


def _hour12(moment: Timestamp) -> int:
    return (moment.clock[0] + 11) % 12 + 1


def _half(moment: Timestamp) -> str:
    return "AM" if moment.clock[0] < 12 else "PM"


_VERBS: dict[str, tuple[_Forms, str]] = {
    "Y": (
        {2: lambda moment: f"{moment.calendar[0] % 100:02d}", 4: lambda moment: f"{moment.calendar[0]:04d}"},
        ': year must either be "YY" or "YYYY"',
    ),
    "M": (
        {
            **_number(lambda moment: moment.calendar[1]),
            3: lambda moment: MONTHS[moment.calendar[1] - 1][:3],
            4: lambda moment: MONTHS[moment.calendar[1] - 1],
        },
        ': month must be "M", "MM", "MMM", or "MMMM"',
    ),
    "D": (_number(lambda moment: moment.calendar[2]), ': day of month must either be "D" or "DD"'),
    "E": (
        {3: lambda moment: moment.weekday[:3], 4: lambda moment: moment.weekday},
        ': day of week must either be "EEE" or "EEEE"',
    ),
    "h": (_number(lambda moment: moment.clock[0]), ': 24-hour must either be "h" or "hh"'),
    "H": (_number(_hour12), ': 12-hour must either be "H" or "HH"'),
    "A": ({2: _half}, ': must be "AA"'),
    "a": ({2: lambda moment: _half(moment).lower()}, ': must be "aa"'),
    "m": (_number(lambda moment: moment.clock[1]), ': minute must either be "m" or "mm"'),
    "s": (_number(lambda moment: moment.clock[2]), ': second must either be "s" or "ss"'),
    "Z": (
        {
            1: lambda moment: moment.zone(":") if moment.offset else "Z",
            3: lambda moment: moment.zone("") if moment.offset else "UTC",
            4: lambda moment: moment.zone(""),
            5: lambda moment: moment.zone(":"),
        },
        ": timezone must be Z, ZZZZ, or ZZZZZ",
    ),
}
"""What a letter means by how often it is repeated, and what to say about other counts."""
