"""Values as YAML, as ``yamlencode`` writes it.

The layout is the one of https://pkg.go.dev/github.com/zclconf/go-cty-yaml: everything in block style, strings and keys
in double quotes, or as literal blocks where they have several lines. PyYAML would choose other quotes and other places
to fold lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compiler.terraform.values.budget import Budget
from compiler.terraform.values.number_text import number_text
from compiler.terraform.values.numbers import Number
from compiler.terraform.values.values import Value

__all__ = ["write"]

_INDENT = 2
_WIDTH = 80
_LONGEST_SIMPLE_KEY = 128
_BREAKS = "\n\r\x85\u2028\u2029"
_BYTE_ORDER_MARK = "\ufeff"

_SPECIAL = f'"\\\\{_BREAKS}'

_ESCAPES = {
    "\0": "0",
    "\a": "a",
    "\b": "b",
    "\t": "t",
    "\n": "n",
    "\v": "v",
    "\f": "f",
    "\r": "r",
    "\x1b": "e",
    '"': '"',
    "\\": "\\",
    "\x85": "N",
    "\u2028": "L",
    "\u2029": "P",
}


def write(value: Value, budget: Budget) -> str:
    """Return the wholly known value without marks as a YAML document."""
    writer = _Writer(budget)
    writer.node(value, -1)
    writer.indent(0)
    if value.data is None or isinstance(value.data, bool | Number):
        # A document that is nothing but a bare word has to be closed.
        writer.mark("...")
        writer.indent(0)
    return "".join(writer.parts)


class _Writer:
    """What has been written, and where the next character would stand. Indents are -1 for the whole document."""

    def __init__(self, budget: Budget) -> None:
        self.parts: list[str] = []
        self._budget = budget
        self._column = 0
        self._after_blank = True
        self._before_text = True
        """Whether the line holds nothing but blanks and the marks ``-``, ``?`` and ``:``."""

    def _put(self, text: str) -> None:
        self._budget.spend(len(text))
        self.parts.append(text)
        self._column += len(text)

    def _break(self, mark: str = "\n") -> None:
        self._put(mark)
        self._column = 0

    def indent(self, indent: int) -> None:
        """Go to a column; on a new line where this one holds something already."""
        if not self._before_text or self._column > indent or (self._column == indent and not self._after_blank):
            self._break()
        self._put(" " * (indent - self._column))
        self._after_blank = self._before_text = True

    def mark(self, mark: str, *, spaced: bool = True, leads: bool = False) -> None:
        """Write a mark, after a blank if ``spaced``; what it ``leads`` may begin on the same line."""
        if spaced and not self._after_blank:
            self._put(" ")
        self._put(mark)
        self._after_blank = False
        self._before_text = self._before_text and leads

    def node(self, value: Value, indent: int, *, in_mapping: bool = False) -> None:
        """Write a node inside one with this indent."""
        data = value.data
        match data:
            case str():
                self._string(data, indent)
            case None | bool() | Number():
                self.mark(_word(data))
            case tuple() if data:
                # The items of a list that follows its key stand right below the key.
                self._items(data, indent if in_mapping and not self._before_text else _inside(indent))
            case tuple():
                self.mark("[]")
            case _ if value.mapping:
                self._entries(value.mapping, _inside(indent))
            case _:
                self.mark("{}")

    def _items(self, items: Sequence[Value], indent: int) -> None:
        for item in items:
            self.indent(indent)
            self.mark("-", leads=True)
            self.node(item, indent)

    def _entries(self, entries: Mapping[str, Value], indent: int) -> None:
        for key, item in entries.items():
            self.indent(indent)
            if _is_simple_key(key):
                self._quoted(key, indent, foldable=False)
                self.mark(":", spaced=False)
            else:
                self.mark("?", leads=True)
                self._string(key, indent)
                self.indent(indent)
                self.mark(":", leads=True)
            self.node(item, indent, in_mapping=True)

    def _string(self, text: str, indent: int) -> None:
        if "\n" in text and _may_be_literal(text):
            self._literal(text, max(indent, 0) + _INDENT)
        else:
            self._quoted(text, max(indent, 0) + _INDENT, foldable=True)

    def _quoted(self, text: str, indent: int, *, foldable: bool) -> None:
        self.mark('"')
        # A byte order mark at the start makes the library escape everything.
        escape_all = text.startswith(_BYTE_ORDER_MARK)
        after_space = False
        for place, char in enumerate(text):
            if escape_all or char in _SPECIAL or not _is_printable(char):
                self._put(_escaped(char))
            elif char == " " and foldable and not after_space and self._column > _WIDTH and 0 < place < len(text) - 1:
                self.indent(indent)
                if text[place + 1] == " ":
                    self._put("\\")
            else:
                self._put(char)
            after_space = char == " "
        self.mark('"', spaced=False)

    def _literal(self, text: str, indent: int) -> None:
        self.mark("|")
        if text[0] in (" ", *_BREAKS):
            self.mark(str(_INDENT), spaced=False)
        if text[-1] not in _BREAKS:
            self.mark("-", spaced=False)
        elif len(text) == 1 or text[-2] in _BREAKS:
            self.mark("+", spaced=False)
        self._break()
        self._after_blank = self._before_text = True
        line_start = True
        for char in text:
            if char in _BREAKS:
                self._break(char)
                self._before_text = True
            else:
                if line_start:
                    self.indent(indent)
                self._put(char)
                self._before_text = False
            line_start = char in _BREAKS


def _inside(indent: int) -> int:
    return 0 if indent < 0 else indent + _INDENT


def _word(data: bool | Number | None) -> str:
    match data:
        case None:
            return "null"
        case bool():
            return "true" if data else "false"
        case Number():
            return number_text(data)


def _is_simple_key(key: str) -> bool:
    return len(key.encode()) <= _LONGEST_SIMPLE_KEY and not any(char in _BREAKS for char in key)


def _may_be_literal(text: str) -> bool:
    """Return whether a literal block can hold the text: no blanks at the end of a line, nothing to escape."""
    return (
        all(char in _BREAKS or _is_printable(char) for char in text)
        and "\r" not in text
        and "\x85" not in text
        and not text.endswith(" ")
        and not any(f" {mark}" in text for mark in _BREAKS)
    )


def _is_printable(char: str) -> bool:
    """Return whether the library writes the character as it is; it escapes all above the first 65,536."""
    return (
        " " <= char <= "~" or "\xa0" <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd"
    ) and char != _BYTE_ORDER_MARK


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return f"\\{_ESCAPES[char]}"
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
