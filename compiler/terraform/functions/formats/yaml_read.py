"""Values out of YAML, as ``yamldecode`` reads it.

PyYAML takes the text apart into events; what they mean is what https://pkg.go.dev/github.com/zclconf/go-cty-yaml makes
of them: YAML 1.1 with the numbers of YAML 1.2, where ``yes`` and ``on`` are true, and objects and tuples have the types
of what is in them.

Left to Terraform are tags, dates, and what the scanners of the two libraries read differently: Terraform's takes tabs
between tokens and within plain text, but not as indents; in ``{a:, b: c:}`` it takes the colons that no blank follows
for text; and it refuses directives that it doesn't know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from compiler.patterns import regex
from compiler.records import dataclass, field
from compiler.terraform.functions.formats import FormatError
from compiler.terraform.values.budget import Budget, BudgetExceededError
from compiler.terraform.values.convert import convert
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.later import LaterError
from compiler.terraform.values.numbers import parse_number
from compiler.terraform.values.types import STRING, ObjectType, friendly_name
from compiler.terraform.values.values import FALSE, TRUE, Value, null, number, object_of, string, tuple_of

_UNSURE = regex(r"\t|^%|[^\s\"']:[,?\[\]{}]", re.MULTILINE)


def read(text: str, budget: Budget) -> Value:
    """Return the value that the text's one document describes. Raises :class:`FormatError` and :class:`LaterError`."""
    budget.spend(len(text))
    if _UNSURE.search(text):
        raise LaterError
    try:
        return _YamlReader(yaml.parse(text or "\n", Loader=yaml.SafeLoader), budget).document()
    except yaml.MarkedYAMLError as exc:
        raise _mistake(exc.problem_mark or exc.context_mark, str(exc.problem or exc.context)) from None
    except yaml.YAMLError as exc:
        raise FormatError(str(exc).split("\n", 1)[0]) from None


# PyYAML has two classes of places, of which only one has a public name.
def _mistake(mark: Any, why: str) -> FormatError:
    return FormatError(f"on line {mark.line + 1}, column {mark.column + 1}: {why}" if mark else why)


_MERGE = "<<"


@dataclass(slots=True)
class _YamlReader:
    """Reads events one after the other."""

    events: Iterator[yaml.Event]
    budget: Budget
    anchors: dict[str, Value | None] = field(default_factory=dict)
    """What each anchor stands for, None while that is read."""

    def document(self) -> Value:
        """Return the value of the only document."""
        next(self.events)
        event = next(self.events)
        if not isinstance(event, yaml.DocumentStartEvent):
            raise _mistake(event.start_mark, "missing start of document")
        value = self._node(next(self.events), self.budget.depth)
        next(self.events)
        event = next(self.events)
        if isinstance(event, yaml.DocumentStartEvent):
            raise _mistake(event.start_mark, "only a single document is allowed")
        return value

    def _node(self, event: yaml.Event, depth: int) -> Value:
        self.budget.spend(1)
        if depth < 0:
            raise BudgetExceededError("the YAML text is nested too deep")
        if isinstance(event, yaml.AliasEvent):
            return self._anchored(event)
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) or event.tag is not None:
            raise LaterError("tags")
        if event.anchor:
            self.anchors[event.anchor] = None
        value = self._value(event, depth)
        if event.anchor:
            self.anchors[event.anchor] = value
        return value

    def _anchored(self, event: yaml.AliasEvent) -> Value:
        name = str(event.anchor)
        if name not in self.anchors:
            raise _mistake(event.start_mark, f"reference to undefined anchor {go_quote(name)}")
        value = self.anchors[name]
        if value is None:
            why = f"cannot refer to anchor {go_quote(name)} from inside its own definition"
            raise _mistake(event.start_mark, why)
        return value

    def _value(self, event: yaml.Event, depth: int) -> Value:
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return tuple_of(self._items(depth))
        return object_of(self._entries(depth))

    def _items(self, depth: int) -> Iterator[Value]:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self._node(event, depth - 1)

    def _entries(self, depth: int) -> dict[str, Value]:
        entries: dict[str, Value] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _mistake(event.start_mark, "only strings are allowed as mapping keys")
            if event.tag is not None or event.anchor:
                raise LaterError("tags and anchors of keys")
            key = _scalar(event)
            value = self._node(next(self.events), depth - 1)
            if key.is_null:
                raise _mistake(event.start_mark, "mapping key cannot be null")
            if event.value != _MERGE:
                entries[convert(key, STRING).text] = value
            elif isinstance(value.type, ObjectType):
                # As in Terraform, and unlike elsewhere, what is merged replaces what stood before it.
                self.budget.spend(len(value.mapping))
                entries.update(value.mapping)
            else:
                raise _mistake(event.start_mark, f"cannot merge {friendly_name(value.type)} into mapping")
        return entries


_WORDS: dict[str, Value] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], TRUE),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], FALSE),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), null()),
}
_NUMBER = regex(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# Dates, numbers in other bases, and what may be no number.
_LEFT = regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]|0o|0x|[-+]?\.[0-9iInN]")


def _scalar(event: yaml.ScalarEvent) -> Value:
    text: str = event.value
    if event.style in ("'", '"'):
        return string(text)
    value = _WORDS.get(text)
    if value is None and _NUMBER.fullmatch(text):
        parsed = parse_number(text)
        value = None if parsed is None else number(parsed)
    elif value is None and _LEFT.match(text):
        raise LaterError("dates and other unusual scalars")
    if value is not None and event.style is not None:
        # A block that says 1.0 is the string "1".
        raise LaterError("blocks that look like numbers and words")
    return string(text) if value is None else value
