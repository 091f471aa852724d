"""Values as YAML, as ``yamlencode`` writes it.

The layout is the one of https://pkg.go.dev/github.com/zclconf/go-cty-yaml: everything in block style, strings and keys
in double quotes, or as literal blocks where they have several lines. Like PyYAML's emitter, that library's goes back to
libyaml. What they fold or escape differently is left to Terraform.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from sys import maxsize

import yaml

from compiler.patterns import regex
from compiler.terraform.functions.formats import json_text
from compiler.terraform.values.budget import Budget
from compiler.terraform.values.later import LaterError
from compiler.terraform.values.values import Value

# What the libraries treat differently: line breaks other than newlines, characters of more than 16 bits, the byte order
# mark, and empty lines at the end.
_UNSURE = regex("[\r\x85\u2028\u2029\ufeff\U00010000-\U0010ffff]|\n\n\\Z|\\A\n\\Z")
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
    if _UNSURE.search(text):
        raise LaterError("unusual characters and line breaks")
    return yaml.ScalarEvent(None, None, (False, True), text, style="|" if "\n" in text else '"')
