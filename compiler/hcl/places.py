"""Where the characters of a template's literal text stand in its source.

What :class:`~compiler.hcl.syntax.Text` holds went through escapes, ``~`` and the indentation of ``<<-``. All of these
only remove characters, or put one in the place of an escape, so the two texts can be laid side by side again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from compiler.hcl.scan import WHITE_SPACE
from compiler.hcl.syntax import Template, TemplateKind, Text
from compiler.hcl.templates import unescape
from compiler.patterns import regex
from compiler.records import dataclass

_ESCAPES = regex(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^\r\n])|\$\$\{|%%\{")
_TEMPLATE_ESCAPES = regex(r"\$\$\{|%%\{")


@dataclass(frozen=True, slots=True)
class TextRun:
    """A stretch of literal text, and where it begins and ends in the source; ``exact``: letter by letter."""

    text: str
    start: int
    end: int
    exact: bool


def runs(template: Template, text: Text) -> Iterator[TextRun]:
    """Yield the stretches that make up one literal text of a template, in order."""
    raw, start = text.span.text, text.span.start
    if raw == text.value:
        yield TextRun(raw, start, text.span.end, True)
        return
    lines, values = raw.splitlines(keepends=True), text.value.splitlines(keepends=True)
    escapes = _ESCAPES if template.kind is TemplateKind.QUOTED else _TEMPLATE_ESCAPES
    if len(lines) != len(values) or template.kind is TemplateKind.QUOTED:
        yield from _aligned(text, raw, text.value, start, escapes)
        return
    for line, value in zip(lines, values, strict=True):
        if line.endswith(value):
            yield TextRun(value, start + len(line) - len(value), start + len(line), True)
        else:
            yield from _aligned(text, line, value, start, escapes)
        start += len(line)


def _aligned(text: Text, raw: str, value: str, start: int, escapes: re.Pattern[str]) -> Iterator[TextRun]:
    """Lay a text beside its source, letter by letter; where that fails it is one stretch without inner places."""
    found: list[TextRun] = []
    at = done = 0
    while done < len(value):
        escape = escapes.match(raw, at)
        if escape is not None:
            meant, _ = unescape(text.span.source, start + at, start + escape.end())
            if not value.startswith(meant, done):
                break
            found.append(TextRun(meant, start + at, start + escape.end(), False))
            at, done = escape.end(), done + len(meant)
            continue
        stop = at
        while stop < len(raw) and done + stop - at < len(value) and raw[stop] == value[done + stop - at]:
            if stop > at and escapes.match(raw, stop):
                break
            stop += 1
        if stop > at:
            found.append(TextRun(raw[at:stop], start + at, start + stop, True))
            done += stop - at
            at = stop
        elif at < len(raw) and raw[at] in WHITE_SPACE:
            at += 1
        else:
            break
    if done == len(value):
        yield from found
    else:
        yield TextRun(value, start, start + len(raw), False)
