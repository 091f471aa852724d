"""Regular expressions that answer as Terraform's do.

A pattern is parsed (``syntax``) and matched by Python's ``re`` where that gives the same
answer in reasonable time (``translation``), otherwise by a machine whose time is linear
(``machine``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from compiler.terraform.functions.formats.regexp.machine import Machine, Spend
from compiler.terraform.functions.formats.regexp.syntax import Parsed, SyntaxMistake, parse
from compiler.terraform.functions.formats.regexp.translation import Translation, translate

__all__ = ["Pattern", "Spend", "SyntaxMistake"]


@lru_cache(maxsize=256)
def _parsed(pattern: str) -> tuple[Parsed, Translation | None]:
    parsed = parse(pattern)
    return parsed, translate(parsed.root)


class Pattern:
    """A compiled regular expression. ``spend`` pays for steps before they are done.

    Raises :class:`SyntaxMistake` for a pattern that Terraform refuses.
    """

    def __init__(self, pattern: str, spend: Spend) -> None:
        spend(len(pattern))
        parsed, self._translation = _parsed(pattern)
        self.names = parsed.names
        """The groups' names, "" for those without; the first is that of the whole match."""
        self._root = parsed.root
        self._spend = spend
        self._machine: Machine | None = None

    def search(self, text: str, start: int = 0) -> list[int] | None:
        """Return where the first match at or after ``start`` begins and ends, then so for each group, or None.

        A group that takes no part has -1 twice.
        """
        if self._translation is None or len(text) - start > self._translation.longest:
            if self._machine is None:
                self._machine = Machine(self._root, len(self.names), self._spend)
            return self._machine.search(text, start)
        found = self._translation.search(text, start)
        self._spend(1 + (len(text) if found is None else found[1]) - start)
        return found

    def search_all(self, text: str) -> Iterator[list[int]]:
        """Yield all matches that don't overlap; none that is empty right after another one."""
        at = 0
        previous_end = -1
        while at <= len(text):
            found = self.search(text, at)
            if found is None:
                return
            start, end = found[:2]
            if end != at or start != previous_end:
                yield found
            at = end if end > at else at + 1
            previous_end = end

    def replace_all(self, text: str, template: str) -> str:
        """Return the text with all matches replaced; ``$1`` and ``${name}`` in the template stand for groups."""
        parts = _parts(template)
        result: list[str] = []
        at = last_end = 0
        while at <= len(text):
            found = self.search(text, at)
            if found is None:
                break
            start, end = found[:2]
            result.append(text[last_end:start])
            # An empty match right after another one isn't replaced.
            if end > last_end or start == 0:
                result.extend(self._expanded(parts, text, found))
            last_end = end
            at = end if end > at else at + 1
        result.append(text[last_end:])
        return "".join(result)

    def _expanded(self, parts: Sequence[str], text: str, found: Sequence[int]) -> Iterator[str]:
        """Yield the texts for a template's parts: plain text and names by turns."""
        for number, part in enumerate(parts):
            expanded = self._group(part, text, found) if number % 2 else part
            self._spend(len(expanded))
            yield expanded

    def _group(self, name: str, text: str, found: Sequence[int]) -> str:
        """Return what a group holds; nothing if there is none of that name, or if it takes no part."""
        if _NUMBER.fullmatch(name):
            groups = [int(name)] if int(name) < len(self.names) else []
        else:
            groups = [index for index, given in enumerate(self.names) if given == name]
        spans = (found[2 * group : 2 * group + 2] for group in groups)
        return next((text[start:end] for start, end in spans if start >= 0), "")


_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")


def _parts(template: str) -> list[str]:
    """Return a template's plain text and its groups' names by turns, as Go reads it.

    A name is as long as it can be: ``$1x`` is the group ``1x`` (https://pkg.go.dev/regexp#Regexp.Expand).
    """
    parts = [""]
    at = 0
    while at < len(template):
        if template[at] != "$":
            parts[-1] += template[at]
            at += 1
        elif template.startswith("$$", at):
            parts[-1] += "$"
            at += 2
        else:
            braced = template.startswith("${", at)
            start = end = at + 1 + braced
            while end < len(template) and _is_name_part(template[end]):
                end += 1
            if end == start or (braced and template[end : end + 1] != "}"):
                parts[-1] += "$"
                at += 1
            else:
                parts += [template[start:end], ""]
                at = end + braced
    return parts


def _is_name_part(char: str) -> bool:
    return char == "_" or unicodedata.category(char) == "Nd" or unicodedata.category(char).startswith("L")
