"""Values and YAML, as ``yamldecode`` reads it and ``yamlencode`` writes it.

PyYAML makes a tree of the text; what that means is what https://pkg.go.dev/github.com/zclconf/go-cty-yaml makes
of them: YAML 1.1 with the numbers of YAML 1.2, where ``yes`` and ``on`` are true, and objects and tuples have the types
of what is in them.

Left to Terraform are tags, dates, and what the scanners of the two libraries read differently: Terraform's takes tabs
between tokens and within plain text, but not as indents; in ``{a:, b: c:}`` it takes the colons that no blank follows
for text; and it refuses directives that it doesn't know.

Everything is written in block style, strings and keys in double quotes, or as literal blocks where they have several
lines. Like PyYAML's emitter, Terraform's goes back to libyaml. What they fold or escape differently is left to
Terraform, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from sys import maxsize
from typing import Any

import yaml

from compiler.patterns import regex
from compiler.terraform.functions.formats import FormatError, json_text
from compiler.terraform.values.budget import Budget, BudgetExceededError, LaterError
from compiler.terraform.values.convert import convert
from compiler.terraform.values.numbers import parse_number
from compiler.terraform.values.types import STRING, ObjectType, friendly_name
from compiler.terraform.values.values import FALSE, TRUE, Value, null, number, object_of, string, tuple_of

_UNSURE = regex(r"\t|^%|[^\s\"']:[,?\[\]{}]", re.MULTILINE)
_MERGE = "<<"


def read(text: str, budget: Budget) -> Value:
    """Return the value that the text's one document describes. Raises :class:`FormatError` and :class:`LaterError`."""
    budget.spend(len(text))
    if _UNSURE.search(text):
        raise LaterError
    try:
        document = yaml.compose(text or "\n", Loader=_Loader)
    except yaml.MarkedYAMLError as exc:
        raise _mistake(exc.problem_mark or exc.context_mark, str(exc.problem or exc.context)) from None
    except yaml.YAMLError as exc:
        raise FormatError(str(exc).split("\n", 1)[0]) from None
    if document is None:
        raise FormatError("missing start of document")
    return _read(document, budget, budget.depth, {})


class _Loader(yaml.BaseLoader):
    """Composes nodes, all of which have the types that they look like, and anchors that mean one thing each."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # The stubs say nothing of it.
        anchor = getattr(event, "anchor", None)
        is_key = index is None and isinstance(parent, yaml.MappingNode)
        again = anchor in self.anchors and not isinstance(event, yaml.AliasEvent)
        if getattr(event, "tag", None) is not None or again or (is_key and anchor is not None):
            raise LaterError("tags, and unusual anchors")
        return super().compose_node(parent, index)


# PyYAML has two classes of places, of which only one has a public name.
def _mistake(mark: Any, why: str) -> FormatError:
    return FormatError(f"on line {mark.line + 1}, column {mark.column + 1}: {why}" if mark else why)


def _read(node: yaml.Node, budget: Budget, depth: int, values: dict[yaml.Node, Value | None]) -> Value:
    """Return a node's value; ``values`` holds those that have been read, and None for those around this one."""
    budget.spend(1)
    if depth < 0:
        raise BudgetExceededError("the YAML text is nested too deep")
    value = values.get(node)
    if value is not None:
        return value
    if node in values:
        raise _mistake(node.start_mark, "cannot refer to an anchor from inside its own definition")
    values[node] = None
    if isinstance(node, yaml.ScalarNode):
        value = _scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = tuple_of([_read(item, budget, depth - 1, values) for item in node.value])
    else:
        value = object_of(_entries(node, budget, depth, values))
    values[node] = value
    return value


def _entries(node: yaml.Node, budget: Budget, depth: int, values: dict[yaml.Node, Value | None]) -> Mapping[str, Value]:
    entries: dict[str, Value] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise _mistake(key_node.start_mark, "only strings are allowed as mapping keys")
        key, value = _scalar(key_node), _read(value_node, budget, depth - 1, values)
        if key.is_null:
            raise _mistake(key_node.start_mark, "mapping key cannot be null")
        if key_node.value != _MERGE:
            entries[convert(key, STRING).text] = value
        elif isinstance(value.type, ObjectType):
            # As in Terraform, and unlike elsewhere, what is merged replaces what stood before it.
            budget.spend(len(value.mapping))
            entries.update(value.mapping)
        else:
            raise _mistake(key_node.start_mark, f"cannot merge {friendly_name(value.type)} into mapping")
    return entries


_WORDS: dict[str, Value] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], TRUE),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], FALSE),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), null()),
}
_NUMBER = regex(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# Dates, numbers in other bases, and what may be no number.
_LEFT = regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]|0o|0x|[-+]?\.[0-9iInN]")


def _scalar(node: yaml.ScalarNode) -> Value:
    text: str = node.value
    if node.style in ("'", '"'):
        return string(text)
    value = _WORDS.get(text)
    if value is None and _NUMBER.fullmatch(text):
        parsed = parse_number(text)
        value = None if parsed is None else number(parsed)
    elif value is None and _LEFT.match(text):
        raise LaterError("dates and other unusual scalars")
    if value is not None and node.style is not None:
        # A block that says 1.0 is the string "1".
        raise LaterError("blocks that look like numbers and words")
    return string(text) if value is None else value


# Writing

# What the libraries treat differently: line breaks other than newlines, characters of more than 16 bits, the byte order
# mark, and empty lines at the end.
_UNSURE_STRING = regex("[\r\x85\u2028\u2029\ufeff\U00010000-\U0010ffff]|\n\n\\Z|\\A\n\\Z")
# A quoted string with a blank where a line is long enough to be folded.
_FOLDED = regex(r'.{80}.* .*"$', re.MULTILINE)
_LONGEST_KEY = 100


def write(value: Value, budget: Budget) -> str:
    """Return the wholly known value without marks as a YAML document. Raises :class:`LaterError`."""
    if not isinstance(value.data, tuple | Mapping):
        raise LaterError("a document of one plain value")
    events = (
        yaml.StreamStartEvent(),
        yaml.DocumentStartEvent(explicit=False),
        *_events(value, budget),
        yaml.DocumentEndEvent(explicit=False),
        yaml.StreamEndEvent(),
    )
    text: str = yaml.emit(events, width=maxsize, allow_unicode=True)
    if _FOLDED.search(text):
        raise LaterError("long lines")
    return text


def _events(value: Value, budget: Budget) -> Iterator[yaml.Event]:
    budget.spend_elements(1)
    data = value.data
    if isinstance(data, str):
        budget.spend(len(data))
        yield _string(data)
    elif isinstance(data, tuple):
        yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=False)
        for item in data:
            yield from _events(item, budget)
        yield yaml.SequenceEndEvent()
    elif isinstance(data, Mapping):
        yield yaml.MappingStartEvent(None, None, implicit=True, flow_style=False)
        for key, item in data.items():
            if not 0 < len(key) <= _LONGEST_KEY or "\n" in key:
                raise LaterError("empty and long keys")
            yield _string(key)
            yield from _events(item, budget)
        yield yaml.MappingEndEvent()
    else:
        yield yaml.ScalarEvent(None, None, (True, False), json_text.encode(value, budget))


def _string(text: str) -> yaml.Event:
    if _UNSURE_STRING.search(text):
        raise LaterError("unusual characters and line breaks")
    return yaml.ScalarEvent(None, None, (False, True), text, style="|" if "\n" in text else '"')
