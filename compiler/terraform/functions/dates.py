"""Functions of points in time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from compiler.patterns import regex
from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.formats.timestamps import (
    BeyondError,
    TimestampError,
    parse_duration,
    parse_rfc3339,
    plus,
    rfc3339,
)
from compiler.terraform.functions.later import answered_later
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.types import NUMBER, STRING
from compiler.terraform.values.values import Value, integer, string


@function("timeadd", Parameter("timestamp", STRING), Parameter("duration", STRING), returns=STRING)
def _timeadd(call: Call) -> Value:
    try:
        return string(rfc3339(plus(parse_rfc3339(call.text(0)), parse_duration(call.text(1)))))
    except TimestampError as exc:
        raise CallError(str(exc)) from None
    except BeyondError:
        return answered_later("timeadd", STRING)


# What timecmp takes besides: an hour of one digit, a comma before the fraction, and an offset up to 24:60.
_LENIENT = regex(r"\d{4}-\d\d-\d\dT\d\d?:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)


@function("timecmp", Parameter("timestamp_a", STRING), Parameter("timestamp_b", STRING), returns=NUMBER)
def _timecmp(call: Call) -> Value:
    moments = []
    for index in (0, 1):
        text = call.text(index)
        try:
            moments.append(parse_rfc3339(text))
        except TimestampError as exc:
            if not _LENIENT.match(text):
                raise ArgumentError(index, str(exc)) from None
        except BeyondError:
            pass
    if len(moments) < 2:
        return answered_later("timecmp", NUMBER)
    first, second = moments
    return integer((first > second) - (first < second))


@function("formatdate", Parameter("format", STRING), Parameter("time", STRING), returns=STRING)
def _formatdate(call: Call) -> Value:
    call.budget.spend(len(call.text(0)))
    try:
        moment = parse_rfc3339(call.text(1))
    except TimestampError as exc:
        raise ArgumentError(1, str(exc)) from None
    except BeyondError:
        return answered_later("formatdate", STRING)
    return string("".join(_written(part, moment) for part in _parts(call.text(0))))


# Letters that repeat, a quoted text in which two quotes stand for one, or anything else. At the end, the second of two
# quotes also closes the text.
_PART = regex(r"([A-Za-z])\1*|''|'(?:[^']|'')*'(?!')|'(?:[^']|'')*''\Z|'|[^A-Za-z']+")


def _parts(format_: str) -> Iterator[str]:
    for match in _PART.finditer(format_):
        if match[0] == "'":
            raise ArgumentError(0, "unterminated literal '")
        yield match[0]


def _written(part: str, moment: datetime) -> str:
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


# The names that datetime knows depend on the locale.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_Forms = dict[int, Callable[[datetime], str]]


def _number(value: Callable[[datetime], int]) -> _Forms:
    return {1: lambda moment: str(value(moment)), 2: lambda moment: f"{value(moment):02d}"}


def _hour12(moment: datetime) -> int:
    return (moment.hour + 11) % 12 + 1


def _half(moment: datetime) -> str:
    return "AM" if moment.hour < 12 else "PM"


_VERBS: dict[str, tuple[_Forms, str]] = {
    "Y": (
        {2: lambda moment: f"{moment.year % 100:02d}", 4: lambda moment: f"{moment.year:04d}"},
        ': year must either be "YY" or "YYYY"',
    ),
    "M": (
        {
            **_number(lambda moment: moment.month),
            3: lambda moment: _MONTHS[moment.month - 1][:3],
            4: lambda moment: _MONTHS[moment.month - 1],
        },
        ': month must be "M", "MM", "MMM", or "MMMM"',
    ),
    "D": (_number(lambda moment: moment.day), ': day of month must either be "D" or "DD"'),
    "E": (
        {3: lambda moment: _WEEKDAYS[moment.weekday()][:3], 4: lambda moment: _WEEKDAYS[moment.weekday()]},
        ': day of week must either be "EEE" or "EEEE"',
    ),
    "h": (_number(lambda moment: moment.hour), ': 24-hour must either be "h" or "hh"'),
    "H": (_number(_hour12), ': 12-hour must either be "H" or "HH"'),
    "A": ({2: _half}, ': must be "AA"'),
    "a": ({2: lambda moment: _half(moment).lower()}, ': must be "aa"'),
    "m": (_number(lambda moment: moment.minute), ': minute must either be "m" or "mm"'),
    "s": (_number(lambda moment: moment.second), ': second must either be "s" or "ss"'),
    "Z": (
        {
            1: lambda moment: moment.isoformat()[-6:] if moment.utcoffset() else "Z",
            3: lambda moment: f"{moment:%z}" if moment.utcoffset() else "UTC",
            4: lambda moment: f"{moment:%z}",
            5: lambda moment: moment.isoformat()[-6:],
        },
        ": timezone must be Z, ZZZZ, or ZZZZZ",
    ),
}
"""What a letter means by how often it is repeated, and what to say about other counts."""
