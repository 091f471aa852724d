"""YAML taken apart into events by PyYAML, as far as its scanner and that of Terraform's library agree.

Both go back to libyaml. Terraform's takes tabs between tokens and within plain text, but not as indents; in
``{a:, b: c:}`` it takes the colons that no blank follows for text; and it refuses directives that it doesn't know. What
such a text means isn't known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

import yaml

from compiler.patterns import regex
from compiler.records import dataclass

__all__ = ["Event", "Kind", "LaterError", "YamlError", "events"]


class YamlError(ValueError):
    """A text isn't YAML that has a value; the message is a clause that says where and why."""


class LaterError(Exception):
    """Only Terraform knows what a text means."""


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


_UNSURE = regex(r"\t|^%|[^\s\"']:[,?\[\]{}]", re.MULTILINE)


def events(text: str) -> Iterator[Event]:
    """Yield the events of a text. Raises :class:`YamlError` where it isn't YAML, and :class:`LaterError`."""
    if _UNSURE.search(text):
        raise LaterError
    try:
        yield from map(_event, yaml.parse(text, Loader=yaml.SafeLoader))
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
            return Event(Kind.DOCUMENT, line, column)
        case _:
            return Event(Kind.END, line, column)
