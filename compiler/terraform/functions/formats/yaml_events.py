"""YAML taken apart into events: PyYAML, mended where its scanner differs from the one of Terraform's library.

Both go back to libyaml. Terraform's takes tabs between tokens and within plain text, but not as indents; in
``{a:, b: c:}`` it takes the colons that no blank follows for text; and it refuses directives that it doesn't know.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

import yaml
from yaml.error import Mark
from yaml.scanner import ScannerError

from compiler.records import dataclass

__all__ = ["Event", "Kind", "YamlError", "events"]


class YamlError(ValueError):
    """A text isn't YAML that has a value; the message is a clause that says where and why."""


class Kind(Enum):
    """What an event is about."""

    DOCUMENT = "document"
    SCALAR = "scalar"
    SEQUENCE = "sequence"
    MAPPING = "mapping"
    ALIAS = "alias"
    END = "end"
    """The end of a sequence, a mapping, a document or everything."""


@dataclass(frozen=True, slots=True)
class Event:
    """The start of a node or of a document, or an end.

    ``tag`` is empty where none is written. ``quoted`` says that a scalar stands in quotes, ``plain`` that it is neither
    quoted nor a block nor tagged.
    """

    kind: Kind
    line: int
    column: int
    anchor: str = ""
    tag: str = ""
    text: str = ""
    quoted: bool = False
    plain: bool = False

    def fails(self, why: str) -> YamlError:
        """Return the error that says what is wrong where this event begins."""
        return YamlError(f"on line {self.line}, column {self.column}: {why}")


def events(text: str) -> Iterator[Event]:
    """Yield the events of a text, or raise :class:`YamlError` where it isn't YAML."""
    try:
        yield from map(_event, yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        where = f"on line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise YamlError(f"{where}{exc.problem or exc.context}") from None
    except yaml.YAMLError as exc:
        raise YamlError(str(exc).split("\n", 1)[0]) from None


def _event(event: yaml.Event) -> Event:
    mark = event.start_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    match event:
        case yaml.AliasEvent():
            return Event(Kind.ALIAS, line, column, text=event.anchor or "")
        case yaml.ScalarEvent():
            quoted = event.style in ("'", '"')
            tag, anchor = event.tag or "", event.anchor or ""
            return Event(Kind.SCALAR, line, column, anchor, tag, event.value, quoted, plain=event.implicit[0])
        case yaml.CollectionStartEvent():
            kind = Kind.SEQUENCE if isinstance(event, yaml.SequenceStartEvent) else Kind.MAPPING
            return Event(kind, line, column, event.anchor or "", event.tag or "")
        case yaml.DocumentStartEvent():
            found = Event(Kind.DOCUMENT, line, column)
            if event.version not in (None, (1, 1)):
                raise found.fails("found incompatible YAML document")
            return found
        case _:
            return Event(Kind.END, line, column)


_LINE_BREAKS = tuple("\r\n\x85\u2028\u2029")
_BLANKS = (" ", "\t")
_ENDS = ("\0", *_BLANKS, *_LINE_BREAKS)
_FLOW_MARKS = tuple(",?[]{}")


class _Loader(yaml.SafeLoader):
    """PyYAML's scanner with other methods in the places where the two differ; see ``yaml.scanner.Scanner``."""

    # PyYAML's methods carry no types.
    scan_line_break: Any
    scan_block_scalar_ignored_line: Any

    def scan_to_next_token(self) -> None:
        """Step over blanks, comments and line breaks."""
        if self.index == 0 and self.peek() == "\ufeff":
            self.forward()
        while True:
            while self.peek() == " " or (self.peek() == "\t" and (self.flow_level or not self.allow_simple_key)):
                self.forward()
            if self.peek() == "#":
                while self.peek() not in ("\0", *_LINE_BREAKS):
                    self.forward()
            if not self.scan_line_break():
                return
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_plain(self) -> yaml.ScalarToken:
        """Return plain text and step over it."""
        start = end = self.get_mark()
        indent = self.indent + 1
        words: list[str] = []
        between: list[str] | None = []
        while between is not None and self.peek() != "#":
            length = self._plain_length()
            if not length:
                break
            self.allow_simple_key = False
            words += [*between, self.prefix(length)]
            self.forward(length)
            end = self.get_mark()
            between = self._between_words(indent, start)
            if not between or (not self.flow_level and self.column < indent):
                break
        return yaml.ScalarToken("".join(words), True, start, end)

    def _plain_length(self) -> int:
        length = 0
        while True:
            char = self.peek(length)
            if char in _ENDS or (char == ":" and self.peek(length + 1) in _ENDS):
                return length
            if self.flow_level and char in _FLOW_MARKS:
                return length
            length += 1

    def _between_words(self, indent: int, start: Mark) -> list[str] | None:
        """Step over what separates words and return what that stands for; None ends the text."""
        length = 0
        while self.peek(length) in _BLANKS:
            length += 1
        blanks = self.prefix(length)
        self.forward(length)
        if self.peek() not in _LINE_BREAKS:
            return [blanks] if blanks else []
        first = self.scan_line_break()
        self.allow_simple_key = True
        breaks: list[str] = []
        while not self._is_at_document_mark():
            if self.peek() == "\t" and self.column < indent:
                raise self._violated("while scanning a plain scalar", start)
            if self.peek() in _BLANKS:
                self.forward()
            elif self.peek() in _LINE_BREAKS:
                breaks.append(self.scan_line_break())
            elif first != "\n":
                return [first, *breaks]
            else:
                return breaks or [" "]
        return None

    def _is_at_document_mark(self) -> bool:
        return self.column == 0 and self.prefix(3) in ("---", "...") and self.peek(3) in _ENDS

    def _violated(self, context: str, start: Mark | None) -> ScannerError:
        return ScannerError(context, start, "found a tab character that violates indentation", self.get_mark())

    def scan_block_scalar_indicators(self, start_mark: Mark) -> tuple[bool | None, int | None]:
        """Return whether line breaks at the end are kept, and the indent, where a block says so; step over that."""
        keeps: bool | None = None
        indent: int | None = None
        while True:
            char = self.peek()
            if char in ("+", "-") and keeps is None:
                keeps = char == "+"
            elif char in tuple("123456789") and indent is None:
                indent = int(char)
            else:
                break
            self.forward()
        while self.peek() in _BLANKS:
            self.forward()
        return keeps, indent

    def scan_block_scalar_indentation(self) -> tuple[list[str], int, Mark]:
        """Return the line breaks before a block's first line, and its indent; step over both."""
        found: tuple[list[str], int, Mark] = super().scan_block_scalar_indentation()
        if self.peek() == "\t":
            raise self._violated("while scanning a block scalar", None)
        return found

    def scan_directive_name(self, start_mark: Mark) -> str:
        """Return the name of a directive and step over it."""
        name: str = super().scan_directive_name(start_mark)  # type: ignore[no-untyped-call]  # PyYAML has no types here.
        if name not in ("YAML", "TAG"):
            context = "while scanning a directive"
            raise ScannerError(context, start_mark, "found unknown directive name", self.get_mark())
        return name
