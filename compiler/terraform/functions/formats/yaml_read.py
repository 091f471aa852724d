"""Values out of YAML, as ``yamldecode`` reads it.

PyYAML takes the text apart into events; what they mean is what https://pkg.go.dev/github.com/zclconf/go-cty-yaml makes
of them: YAML 1.1 with the numbers of YAML 1.2, where ``yes`` and ``on`` are true, dates are strings in the form of
RFC 3339, and objects and tuples have the types of what is in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

from compiler.patterns import regex
from compiler.records import dataclass, field
from compiler.terraform.functions.formats.base64_text import Base64Error
from compiler.terraform.functions.formats.base64_text import decode as decode_base64
from compiler.terraform.functions.formats.timestamps import rfc3339
from compiler.terraform.functions.formats.yaml_events import Event, Kind, LaterError, YamlError, events
from compiler.terraform.values.budget import Budget, BudgetExceededError
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.numbers import INFINITY, NEGATIVE_INFINITY, parse_number
from compiler.terraform.values.types import STRING, ObjectType, friendly_name
from compiler.terraform.values.values import FALSE, TRUE, Value, integer, null, number, object_of, string, tuple_of

__all__ = ["LaterError", "YamlError", "read"]


def read(text: str, budget: Budget) -> Value:
    """Return the value that the text's one document describes, or raise :class:`YamlError` or :class:`LaterError`."""
    budget.spend(len(text))
    return _Reader(events(text or "\n"), budget).document()


_PREFIX = "tag:yaml.org,2002:"
_STR, _BOOL, _INT, _FLOAT, _NULL, _TIMESTAMP, _BINARY = (
    f"{_PREFIX}{name}" for name in ("str", "bool", "int", "float", "null", "timestamp", "binary")
)
_SCALAR_TAGS = ("", _STR, _BOOL, _INT, _FLOAT, _NULL, _TIMESTAMP, _BINARY)
_MERGE = "<<"


@dataclass(slots=True)
class _Reader:
    """Reads events one after the other."""

    events: Iterator[Event]
    budget: Budget
    anchors: dict[str, Value] = field(default_factory=dict)
    open_anchors: list[str] = field(default_factory=list)

    def document(self) -> Value:
        """Return the value of the only document."""
        next(self.events)
        event = next(self.events)
        if event.kind is not Kind.DOCUMENT:
            raise event.fails("missing start of document")
        value = self._node(next(self.events), self.budget.depth)
        next(self.events)
        event = next(self.events)
        if event.kind is Kind.DOCUMENT:
            raise event.fails("only a single document is allowed")
        return value

    def _node(self, event: Event, depth: int) -> Value:
        self.budget.spend(1)
        if depth < 0:
            raise BudgetExceededError("the YAML text is nested too deep")
        if event.kind is Kind.ALIAS:
            return self._anchored(event)
        if event.anchor:
            self.open_anchors.append(event.anchor)
        value = self._value(event, depth)
        if event.anchor:
            self.open_anchors.pop()
            self.anchors[event.anchor] = value
        return value

    def _anchored(self, event: Event) -> Value:
        if event.text in self.open_anchors:
            raise event.fails(f"cannot refer to anchor {go_quote(event.text)} from inside its own definition")
        if event.text not in self.anchors:
            raise event.fails(f"reference to undefined anchor {go_quote(event.text)}")
        return self.anchors[event.text]

    def _value(self, event: Event, depth: int) -> Value:
        if event.kind is Kind.SCALAR:
            value = _scalar(event)
            return string(_MERGE) if value is None else value
        if event.tag not in ("", _TAGS[event.kind]):
            raise event.fails(f"can't interpret {event.kind.value} as {event.tag}")
        if event.kind is Kind.SEQUENCE:
            return tuple_of(self._items(depth))
        return object_of(self._entries(depth))

    def _items(self, depth: int) -> Iterator[Value]:
        while (event := next(self.events)).kind is not Kind.END:
            yield self._node(event, depth - 1)

    def _entries(self, depth: int) -> dict[str, Value]:
        entries: dict[str, Value] = {}
        while (event := next(self.events)).kind is not Kind.END:
            if event.kind is not Kind.SCALAR:
                raise event.fails("only strings are allowed as mapping keys")
            key = _scalar(event)
            value = self._node(next(self.events), depth - 1)
            if key is None:
                # As in Terraform, and unlike elsewhere, what is merged replaces what stood before it.
                if not isinstance(value.type, ObjectType):
                    raise event.fails(f"cannot merge {friendly_name(value.type)} into mapping")
                self.budget.spend(len(value.mapping))
                entries.update(value.mapping)
            elif key.is_null:
                raise event.fails("mapping key cannot be null")
            else:
                entries[_as_string(key).text] = value
        return entries


_TAGS = {Kind.SEQUENCE: f"{_PREFIX}seq", Kind.MAPPING: f"{_PREFIX}map"}


def _scalar(event: Event) -> Value | None:
    """Return the value of a scalar, or None for the key that merges."""
    if event.tag not in _SCALAR_TAGS:
        raise event.fails(f"unsupported tag {go_quote(event.tag)}")
    try:
        value = _resolved(event.tag, event.text, quoted=event.quoted)
    except YamlError as exc:
        raise event.fails(str(exc)) from None
    # An untagged block is a string, although what it says is looked at: a block that says 1.0 is the string "1".
    is_string = not event.tag and not event.plain
    return value if value is None or not is_string else _as_string(value)


def _as_string(value: Value) -> Value:
    try:
        return convert(value, STRING)
    except ConversionError as exc:
        raise YamlError(str(exc)) from None


_WORDS: dict[str, Value] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], TRUE),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], FALSE),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), null()),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], number(INFINITY)),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], number(NEGATIVE_INFINITY)),
}

# What begins with one of these may be something else than a string.
_HINTS = frozenset("+-0123456789yYnNtTfFoO~.")

_INTEGER = regex(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL = regex(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def _resolved(tag: str, text: str, *, quoted: bool) -> Value | None:
    """Return what a scalar stands for, or None for the key that merges."""
    if (not text or text[0] in _HINTS) and tag not in (_STR, _BINARY):
        if quoted:
            return string(text)
        if text in _WORDS:
            return _WORDS[text]
        value = _number_or_time(tag, text)
        if value is not None:
            return value
    if not tag and text == _MERGE:
        return None
    return _TAGGED[tag](text)


def _number_or_time(tag: str, text: str) -> Value | None:
    """Return the number or time that a text that isn't quoted looks like, or None."""
    if not tag and text in (".nan", ".NaN", ".NAN"):
        raise YamlError("floating point NaN is not supported")
    if text[0] == ".":
        value = parse_number(text)
        return None if value is None else number(value)
    if text[0] in "+-0123456789":
        if tag in ("", _TIMESTAMP):
            moment = _moment(text)
            if moment is not None:
                return string(moment)
        if _INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text):
            return _number(text)
    return None


def _number(text: str) -> Value:
    plain = text.replace("_", "")
    value = parse_number(plain)
    if value is not None:
        return number(value)
    try:
        whole = int(plain, 0)
    except ValueError:
        raise _unparsed(text, _INT) from None
    if not -(2**63) <= whole < 2**64:
        raise _unparsed(text, _INT)
    return integer(whole)


def _unparsed(text: str, tag: str) -> YamlError:
    return YamlError(f"cannot parse {go_quote(text)} as {tag}")


def _bool(text: str) -> Value:
    value = _WORDS.get(text)
    if value not in (TRUE, FALSE) or value is None:
        raise _unparsed(text, _BOOL)
    return value


def _time(text: str) -> Value:
    moment = _moment(text)
    if moment is None:
        raise _unparsed(text, _TIMESTAMP)
    return string(moment)


def _binary(text: str) -> Value:
    try:
        decode_base64(text)
    except Base64Error:
        raise YamlError(f"cannot parse {go_quote(text)} as {_BINARY}: not valid base64") from None
    return string(text)


_TAGGED: dict[str, Callable[[str], Value]] = {
    "": string,
    _STR: string,
    _BINARY: _binary,
    _BOOL: _bool,
    _INT: _number,
    _FLOAT: _number,
    _TIMESTAMP: _time,
    _NULL: lambda _: null(),
}

_CLOCK = r"(\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?"
_MOMENT = regex(rf"(\d{{4}})-(\d\d?)-(\d\d?)(?:[Tt]{_CLOCK}(?:Z|([+-])(\d\d):(\d\d))| +{_CLOCK})?", re.ASCII)


def _moment(text: str) -> str | None:
    """Return the date or time that a text looks like, as RFC 3339 writes it, or None."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    year, month, day, *rest = match.groups()
    hour, minute, second, sign, zone_hour, zone_minute, *other_clock = rest
    if hour is None:
        hour, minute, second = other_clock
    if year == "0000" or int(zone_hour or 0) > 23 or int(zone_minute or 0) > 59:
        raise LaterError
    offset = timedelta(hours=int(zone_hour or 0), minutes=int(zone_minute or 0))
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    try:
        moment = datetime(int(year), int(month), int(day), *clock, tzinfo=timezone(-offset if sign == "-" else offset))
    except ValueError:
        return None
    return rfc3339(moment)
