"""Comma-separated values as Go's ``encoding/csv`` reads them (https://pkg.go.dev/encoding/csv).

Python's reader takes quotes within a field, and what follows a closing quote, for text; Go refuses them.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["CsvError", "records"]


class CsvError(ValueError):
    """A text isn't a table; the message is a clause that says why."""


def records(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the records, without those that are empty lines, or raise :class:`CsvError`."""
    lines = _Lines(text)
    width = 0
    while lines.skip_empty():
        start = lines.number
        record = tuple(_fields(lines))
        width = width or len(record)
        if len(record) != width:
            raise CsvError(f"CSV parse error on line {start}: wrong number of fields")
        yield record


class _Lines:
    """A text's lines, each with its line break, and a place in the current one."""

    def __init__(self, text: str) -> None:
        lines = text.replace("\r\n", "\n").removesuffix("\r").split("\n")
        self._lines = [f"{line}\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]
        self.number = 0
        self.line = ""
        self.at = 0

    def next(self) -> bool:
        """Go to the next line; False where there is none."""
        if self.number == len(self._lines):
            return False
        self.line = self._lines[self.number]
        self.number += 1
        self.at = 0
        return True

    def skip_empty(self) -> bool:
        """Go to the next line that isn't empty; False where there is none."""
        while self.next():
            if self.line != "\n":
                return True
        return False

    def take(self, expected: str) -> bool:
        """Step over a character if it is the expected one, and return whether it is."""
        found = self.line.startswith(expected, self.at)
        self.at += found
        return found

    def take_to(self, mark: str) -> tuple[str, bool]:
        """Step over everything up to a character or the line's end; return that and whether the character is there."""
        end = self.line.find(mark, self.at)
        text = self.line[self.at :] if end < 0 else self.line[self.at : end]
        self.at += len(text)
        return text, end >= 0

    @property
    def is_at_end(self) -> bool:
        """Whether nothing but the line break is left of the line."""
        return self.at >= len(self.line.removesuffix("\n"))


def _fields(lines: _Lines) -> Iterator[str]:
    more = True
    while more:
        yield _quoted(lines) if lines.take('"') else _plain(lines)
        more = lines.take(",")


def _plain(lines: _Lines) -> str:
    field = lines.take_to(",")[0].removesuffix("\n")
    if '"' in field:
        raise CsvError(f'CSV parse error on line {lines.number}: bare " in non-quoted-field')
    return field


def _quoted(lines: _Lines) -> str:
    """Return a quoted field, whose first quote has been taken, and step over it."""
    parts = []
    while True:
        text, ends = lines.take_to('"')
        parts.append(text)
        if not ends:
            if not lines.next():
                break
            continue
        lines.take('"')
        if lines.take('"'):
            parts.append('"')
        elif lines.is_at_end or lines.line.startswith(",", lines.at):
            return "".join(parts)
        else:
            break
    raise CsvError(f'CSV parse error on line {lines.number}: extraneous or missing " in quoted-field')
