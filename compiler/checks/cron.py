"""Cron expressions as Coder reads them: six fields, seconds first, the day of the week optional.

The provider parses with robfig/cron v3.0.1 and takes descriptors such as ``@daily``; the agent parses the same text
with ``NewParser(Second | Minute | Hour | Dom | Month | DowOptional)``, which doesn't, and what it can't parse makes it
refuse its whole manifest (https://pkg.go.dev/github.com/robfig/cron/v3).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from compiler.patterns import regex
from compiler.records import dataclass, field
from compiler.source.limits import MAX_INT64
from compiler.source.prose import counted


class CronError(ValueError):
    """A cron expression that Coder refuses; the message says why, without a final full stop."""


class CronDescriptor(CronError):
    """A descriptor, which only the provider takes. ``fields`` says the same in six fields, None where none do."""

    def __init__(self, text: str, fields: str | None) -> None:
        super().__init__(
            f"the provider takes {text}, but the agent takes no descriptors: it would refuse its whole manifest, and "
            "none of its scripts would ever run"
        )
        self.fields = fields


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

# Each with the fields that mean the same.
_DESCRIPTORS: Mapping[str, str] = MappingProxyType(
    {
        "@yearly": "0 0 0 1 1 *",
        "@annually": "0 0 0 1 1 *",
        "@monthly": "0 0 0 1 * *",
        "@weekly": "0 0 0 * * 0",
        "@daily": "0 0 0 * * *",
        "@midnight": "0 0 0 * * *",
        "@hourly": "0 0 * * * *",
    }
)
_EVERY = "@every "

# Go's strings.Fields splits at what unicode.IsSpace takes for a blank.
_WORD = regex("[^\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
# Go's time.ParseDuration.
_DURATION = regex(r"[+-]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_PART = regex(r"([0-9.]+)([^0-9.]+)")
_NANOSECONDS: Mapping[str, int] = MappingProxyType(
    {
        "ns": 1,
        "us": 1_000,
        "µs": 1_000,
        "μs": 1_000,
        "ms": 1_000_000,
        "s": 1_000_000_000,
        "m": 60_000_000_000,
        "h": 3_600_000_000_000,
    }
)
_ZONE = regex(r"(?:CRON_)?TZ=")
# What Go's time.LoadLocation takes without looking it up.
_OWN_ZONES = frozenset({"", "UTC", "Local"})
_INTEGER = regex(r"[+-]?[0-9]{1,18}")


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


def _descriptor(text: str) -> CronError:
    """Return what is wrong with a descriptor: the agent takes none, and the provider not every one."""
    if text in _DESCRIPTORS:
        return CronDescriptor(text, _DESCRIPTORS[text])
    if not text.startswith(_EVERY):
        return CronError(f'"{text}" is none of {", ".join(_DESCRIPTORS)} and @every DURATION')
    duration = text.removeprefix(_EVERY)
    if _DURATION.fullmatch(duration) is None:
        return CronError(f'"{duration}" is not a duration such as 1h30m')
    nanoseconds = sum(Decimal(number) * _NANOSECONDS[unit] for number, unit in _PART.findall(duration))
    # A duration is an int64 of nanoseconds.
    if nanoseconds > MAX_INT64:
        return CronError(f'"{duration}" is longer than the longest duration, 2562047h47m16.854775807s')
    return CronDescriptor(text, _every(int(nanoseconds) // _NANOSECONDS["s"]))


def _every(seconds: int) -> str | None:
    """Return the fields that come round every so many seconds, None where none do."""
    for size, most, form in ((1, 60, "*/{} * * * * *"), (60, 60, "0 */{} * * * *"), (3600, 24, "0 0 */{} * * *")):
        count, rest = divmod(seconds, size)
        if not rest and 0 < count < most and most % count == 0:
            return form.format(count)
    return None


def _check_zone(name: str) -> None:
    """Check a time zone. A machine without a time zone database can't tell, and then any name is taken."""
    from zoneinfo import available_timezones

    known = available_timezones()
    if known and name not in known | _OWN_ZONES:
        raise CronError(f'"{name}" is not the name of a time zone, such as Europe/Berlin')


def check_cron(text: str) -> int:
    """Return how many fields a cron expression has. Raises :class:`CronError` for one that Coder refuses."""
    if not text:
        raise CronError("it is empty")
    if _ZONE.match(text):
        zone, blank, text = text.partition(" ")
        text = text.strip()
        if not blank:
            raise CronError("nothing follows its time zone")
        _check_zone(zone.partition("=")[2])
    if text.startswith("@"):
        raise _descriptor(text)
    words = _WORD.findall(text)
    if len(words) not in (5, 6):
        raise CronError(f"it has {counted(len(words), 'field')} instead of 6")
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
