"""Cron expressions as Coder reads them: six fields, seconds first, the day of the week optional, or a descriptor.

The rules are those of robfig/cron v3 with ``Second | Minute | Hour | Dom | Month | DowOptional | Descriptor``, which
is what the provider and the agent parse with (https://pkg.go.dev/github.com/robfig/cron/v3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["CronError", "check_cron", "is_unix_cron"]


class CronError(ValueError):
    """A cron expression that Coder refuses; the message says why, without a final full stop."""


@dataclass(frozen=True, slots=True)
class _Field:
    """One field: what it counts, its bounds, and names for its numbers, in lower case."""

    name: str
    least: int
    most: int
    names: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


def _numbered(names: str, first: int) -> Mapping[str, int]:
    return MappingProxyType({name: number for number, name in enumerate(names.split(), first)})


_FIELDS = (
    _Field("seconds", 0, 59),
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _numbered("jan feb mar apr may jun jul aug sep oct nov dec", 1)),
    _Field("day of the week", 0, 6, _numbered("sun mon tue wed thu fri sat", 0)),
)

_DESCRIPTORS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY = "@every "

# Go's strings.Fields splits at what unicode.IsSpace takes for a blank.
_WORD = re.compile("[^\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
# Go's time.ParseDuration.
_DURATION = re.compile(r"[+-]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_ZONE = re.compile(r"(?:CRON_)?TZ=")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


def _number(text: str, where: _Field, *, named: bool = True) -> int:
    if named and text.lower() in where.names:
        return where.names[text.lower()]
    if _INTEGER.fullmatch(text) is None:
        raise CronError(f'"{text}" in the field {where.name} is not a number')
    number = int(text)
    if number < 0:
        raise CronError(f"{text} in the field {where.name} is negative")
    return number


def _check_range(text: str, where: _Field) -> None:
    """Check one item of a field's list: ``*``, ``N`` or ``N-M``, each with ``/STEP`` or without."""
    bounds, *steps = text.split("/")
    start, *ends = bounds.split("-")
    if start in ("*", "?"):
        least, most = where.least, where.most
    else:
        least = most = _number(start, where)
        if len(ends) > 1:
            raise CronError(f'"{text}" in the field {where.name} has too many hyphens')
        if ends:
            most = _number(ends[0], where)
    if len(steps) > 1:
        raise CronError(f'"{text}" in the field {where.name} has too many slashes')
    step = _number(steps[0], where, named=False) if steps else 1
    if steps and not ends:
        # "N/STEP" goes on from N to the end.
        most = where.most
    if least < where.least or most > where.most:
        wrong = least if least < where.least else most
        raise CronError(f"{wrong} in the field {where.name} is outside of {where.least} to {where.most}")
    if least > most:
        raise CronError(f'"{text}" in the field {where.name} ends before it starts')
    if step == 0:
        raise CronError(f'"{text}" in the field {where.name} has a step of zero')


def _check_fields(texts: list[str], fields: tuple[_Field, ...]) -> None:
    for text, where in zip(texts, fields, strict=False):
        for item in text.split(","):
            if item:
                _check_range(item, where)


def _check_descriptor(text: str) -> None:
    if text in _DESCRIPTORS:
        return
    if not text.startswith(_EVERY):
        raise CronError(f'"{text}" is none of {", ".join(_DESCRIPTORS)} and @every DURATION')
    if _DURATION.fullmatch(text.removeprefix(_EVERY)) is None:
        raise CronError(f'"{text.removeprefix(_EVERY)}" is not a duration such as 1h30m')


def check_cron(text: str) -> int:
    """Return how many fields a cron expression has, 0 for a descriptor. Raises :class:`CronError` for any other."""
    if not text:
        raise CronError("it is empty")
    if _ZONE.match(text):
        _, blank, text = text.partition(" ")
        text = text.strip()
        if not blank:
            raise CronError("nothing follows its time zone")
    if text.startswith("@"):
        _check_descriptor(text)
        return 0
    words = _WORD.findall(text)
    if len(words) not in (5, 6):
        raise CronError(f"it has {len(words)} field{'s' * (len(words) != 1)} instead of 6")
    _check_fields(words, _FIELDS)
    return len(words)


def is_unix_cron(text: str) -> bool:
    """Return whether a text is a cron expression of five fields, minutes first, as crontab has them."""
    words = _WORD.findall(text)
    if len(words) != 5:
        return False
    try:
        _check_fields(words, _FIELDS[1:])
    except CronError:
        return False
    return True
