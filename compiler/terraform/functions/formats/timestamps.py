"""Points in time and durations as Terraform reads and writes them.

Timestamps are those of https://datatracker.ietf.org/doc/html/rfc3339, read strictly; durations are Go's
(https://pkg.go.dev/time#ParseDuration). They are computed by :mod:`datetime`, which has no year 0, none after 9999 and
no nanoseconds: what needs those is :class:`BeyondError`.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from compiler.patterns import regex

__all__ = ["BeyondError", "TimestampError", "parse_duration", "parse_rfc3339", "plus", "rfc3339"]


class TimestampError(ValueError):
    """A text is no timestamp or duration; the message is a clause that says why."""


class BeyondError(Exception):
    """Only Terraform knows the answer."""


_RFC3339 = regex(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))\Z", re.ASCII
)


def parse_rfc3339(text: str) -> datetime:
    """Return the point in time that a text such as ``2025-01-31T08:00:00Z`` writes, with its offset.

    Raises :class:`TimestampError`, or :class:`BeyondError`.
    """
    match = _RFC3339.match(text)
    if match is None:
        raise TimestampError("not a valid RFC3339 timestamp, such as 2025-01-31T08:00:00Z")
    fraction = match[7] or ""
    if match[1] == "0000" or fraction[6:].strip("0"):
        raise BeyondError
    offset = timedelta(hours=int(match[9] or 0), minutes=int(match[10] or 0))
    zone = timezone(-offset if match[8] == "-" else offset)
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    try:
        return datetime(year, month, day, hour, minute, second, int(fraction[:6].ljust(6, "0")), zone)
    except ValueError as exc:
        raise TimestampError(f"not a valid RFC3339 timestamp: {exc}") from None


def plus(moment: datetime, nanoseconds: int) -> datetime:
    """Return a later point in time, or an earlier one. Raises :class:`BeyondError`."""
    microseconds, rest = divmod(nanoseconds, 1000)
    if rest:
        raise BeyondError
    try:
        return moment + timedelta(microseconds=microseconds)
    except OverflowError:
        raise BeyondError from None


def rfc3339(moment: datetime) -> str:
    """Return a point in time without fractions of a second."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60 * 1_000_000_000,
    "h": 3600 * 1_000_000_000,
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
