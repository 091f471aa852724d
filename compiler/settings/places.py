"""Where keys stand in a TOML text, which Python's reader doesn't tell.

Only keys that the reader found are looked for, so a look at the lines is enough. What stands inside of a value, such as
in an inline table, has the place of the key before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from compiler.patterns import regex
from compiler.source.span import Source, Span

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_LINE = regex(rf"^[ \t]*(?:\[[ \t]*(?P<table>{_DOTTED})[ \t]*\]|(?P<key>{_DOTTED})[ \t]*=)", re.MULTILINE)
_PART = regex(_KEY)


def place_of(source: Source, path: Sequence[str]) -> Span:
    """Return the place of the key at a path, or of the nearest one around it; the text's first character otherwise."""
    wanted = tuple(path)
    best, depth = source.span(0, min(1, len(source.text))), 0
    for keys, span in _keys(source):
        if len(keys) > depth and wanted[: len(keys)] == keys:
            best, depth = span, len(keys)
    return best


def _keys(source: Source) -> Iterator[tuple[tuple[str, ...], Span]]:
    table: tuple[str, ...] = ()
    for match in _LINE.finditer(source.text):
        group = "table" if match["table"] is not None else "key"
        parts = tuple(part.strip("\"'") for part in _PART.findall(match[group]))
        if group == "table":
            table = parts
        yield parts if group == "table" else table + parts, source.span(match.start(group), match.end(group))
