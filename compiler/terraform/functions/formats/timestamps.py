"""Points in time and durations as Terraform reads and writes them.

Timestamps are those of https://datatracker.ietf.org/doc/html/rfc3339, read strictly; durations are Go's
(https://pkg.go.dev/time#ParseDuration). Python's ``datetime`` ends with the year 9999 and knows no nanoseconds.
"""

from __future__ import annotations

import re
from datetime import date

from compiler.patterns import regex
from compiler.records import dataclass

__all__ = ["MONTHS", "WEEKDAYS", "Timestamp", "TimestampError", "parse_duration", "parse_rfc3339", "timestamp"]

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_NANOSECONDS = 1_000_000_000
_DAY = 86_400

# The calendar repeats after 400 years, which is how years beyond those of ``datetime`` are reached.
_CYCLE_YEARS = 400
_CYCLE_DAYS = 146_097


class TimestampError(ValueError):
    """A text is no timestamp or duration; the message is a clause that says why."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A point in time: nanoseconds since the first of January of the year 1, and the offset from UTC in seconds."""

    nanoseconds: int
    offset: int = 0

    def plus(self, nanoseconds: int) -> Timestamp:
        """Return a later point in time, or an earlier one."""
        return Timestamp(self.nanoseconds + nanoseconds, self.offset)

    @property
    def calendar(self) -> tuple[int, int, int]:
        """Year, month and day, at the offset."""
        cycles, days = divmod(self._local_seconds // _DAY, _CYCLE_DAYS)
        # The year 1 is counted from day 1; a day of the cycle is one of the years 1 to 400.
        day = date.fromordinal(days + 1)
        return day.year + cycles * _CYCLE_YEARS, day.month, day.day

    @property
    def clock(self) -> tuple[int, int, int]:
        """Hour, minute and second, at the offset."""
        minutes, second = divmod(self._local_seconds % _DAY, 60)
        return minutes // 60, minutes % 60, second

    @property
    def weekday(self) -> str:
        """The day of the week, at the offset."""
        # The first of January of the year 1 was a Monday.
        return WEEKDAYS[self._local_seconds // _DAY % 7]

    @property
    def _local_seconds(self) -> int:
        return self.nanoseconds // _NANOSECONDS + self.offset

    def zone(self, colon: str) -> str:
        """Return the offset as ``+hh:mm``, with ``colon`` between hours and minutes."""
        minutes = abs(self.offset) // 60
        return f"{'-' if self.offset < 0 else '+'}{minutes // 60:02d}{colon}{minutes % 60:02d}"

    def rfc3339(self) -> str:
        """Return the timestamp without fractions of a second."""
        year, month, day = self.calendar
        hour, minute, second = self.clock
        sign = "-" if year < 0 else ""
        zone = self.zone(":") if self.offset else "Z"
        return f"{sign}{abs(year):04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}{zone}"


def timestamp(
    calendar: tuple[int, int, int], clock: tuple[int, int, int], nanosecond: int = 0, offset: int = 0
) -> Timestamp:
    """Return the point in time with this date and time of day at an offset from UTC in seconds.

    Raises :class:`TimestampError` where there is no such day or time.
    """
    year, month, day = calendar
    hour, minute, second = clock
    for what, value, least, most in (
        ("month", month, 1, 12),
        ("day of month", day, 1, _days_in(year, month) if 1 <= month <= 12 else 31),
        ("hour", hour, 0, 23),
        ("minute", minute, 0, 59),
        ("second", second, 0, 59),
    ):
        if not least <= value <= most:
            raise TimestampError(f"{what} must be between {least} and {most} inclusive")
    cycles, cycle_year = divmod(year - 1, _CYCLE_YEARS)
    days = date(cycle_year + 1, month, day).toordinal() - 1 + cycles * _CYCLE_DAYS
    seconds = days * _DAY + hour * 3600 + minute * 60 + second - offset
    return Timestamp(seconds * _NANOSECONDS + nanosecond, offset)


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


_RFC3339 = regex(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))\Z", re.ASCII)

# What Go's time.Parse, which timecmp asks, takes besides.
_LENIENT = regex(r"(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))\Z", re.ASCII)

# What a timestamp is made of, for telling where a text stops being one.
_PARTS = (
    ("year", r"\d{4}"),
    ("-", "-"),
    ("month", r"\d\d"),
    ("-", "-"),
    ("day of month", r"\d\d"),
    ("T", "T"),
    ("hour", r"\d\d"),
    (":", ":"),
    ("minute", r"\d\d"),
    (":", ":"),
    ("second", r"\d\d(?:\.\d+)?"),
    ("UTC offset", r"(?:Z|[+-]\d\d:\d\d)"),
)


def parse_rfc3339(text: str, *, lenient: bool = False) -> Timestamp:
    """Return the timestamp that a text such as ``2025-01-31T08:00:00Z`` writes, or raise :class:`TimestampError`.

    ``lenient``: an hour of one digit, a comma before the fraction, and an offset up to 24:60 will do as well.
    """
    match = (_LENIENT if lenient else _RFC3339).match(text)
    if match is None:
        raise TimestampError(f"not a valid RFC3339 timestamp: {_what_is_wrong(text)}")
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    sign, zone_hour, zone_minute = match[8], int(match[9] or 0), int(match[10] or 0)
    if zone_hour > 23 + lenient or zone_minute > 59 + lenient:
        raise TimestampError(f'not a valid RFC3339 timestamp: cannot use "{text[-6:]}" as UTC offset')
    offset = (zone_hour * 60 + zone_minute) * (-60 if sign == "-" else 60)
    try:
        return timestamp((year, month, day), (hour, minute, second), _nanosecond(match[7] or ""), offset)
    except TimestampError as exc:
        raise TimestampError(f"not a valid RFC3339 timestamp: {exc}") from None


def _nanosecond(digits: str) -> int:
    """Return the nanoseconds that the digits after a second's point write; further digits are cut."""
    return int(digits[:9].ljust(9, "0"))


def _what_is_wrong(text: str) -> str:
    rest = text
    for what, pattern in _PARTS:
        match = re.compile(pattern, re.ASCII).match(rest)
        if match is None:
            if what == "T":
                return "missing required time introducer 'T'"
            if not rest:
                return f'end of string where "{what}" is expected' if len(what) == 1 else f"end of string before {what}"
            return f'found "{rest}" where "{what}" is expected' if len(what) == 1 else f'cannot use "{rest}" as {what}'
        rest = rest[match.end() :]
    return f'extra text: "{rest}"'


_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": _NANOSECONDS,
    "m": 60 * _NANOSECONDS,
    "h": 3600 * _NANOSECONDS,
}
_DURATION_PART = regex(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]*)")
_LONGEST = 2**63
_MOST_DIGITS = 19


def parse_duration(text: str) -> int:
    """Return the nanoseconds of a duration such as ``-1h30m`` or ``1.5s``, or raise :class:`TimestampError`."""
    quoted = f'"{text}"'
    invalid = TimestampError(f"time: invalid duration {quoted}")
    rest = text[1:] if text[:1] in ("+", "-") else text
    negative = text.startswith("-")
    if rest == "0":
        return 0
    if not rest:
        raise invalid
    total = 0
    while rest:
        match = _DURATION_PART.match(rest)
        if match is None or not (match[1] or match[2]):
            raise invalid
        if not match[3]:
            raise TimestampError(f"time: missing unit in duration {quoted}")
        unit = _UNITS.get(match[3])
        if unit is None:
            raise TimestampError(f'time: unknown unit "{match[3]}" in duration {quoted}')
        if len(match[1].lstrip("0")) > _MOST_DIGITS:
            raise invalid
        total += int(match[1] or "0") * unit + _share(match[2] or "", unit)
        # The least duration has no positive counterpart.
        if total > _LONGEST:
            raise invalid
        rest = rest[match.end() :]
    if not negative and total == _LONGEST:
        raise invalid
    return -total if negative else total


def _share(fraction: str, unit: int) -> int:
    """Return the digits after a point as a part of the unit, computed in floating point as Go does."""
    value, scale = 0, 1.0
    for digit in fraction:
        # Digits that 63 bits can't hold don't count.
        if value > (_LONGEST - 1) // 10 or value * 10 + int(digit) > _LONGEST:
            break
        value = value * 10 + int(digit)
        scale *= 10
    return int(value * (unit / scale)) if value else 0
