"""Words, from the nodes of the grammar to what the shell makes of them, and the text in its two ways of counting."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from compiler.patterns import regex
from compiler.shell.syntax import Elements, StatementList, UnknownPart, VariablePart, Word, WordPart

if TYPE_CHECKING:
    from tree_sitter import Node as Tree


_IN_DOUBLE_QUOTES = regex(r'\\([$`"\\])|\\\r?\n')
_IN_WORD = regex(r"\\\r?\n|\\(.)", re.DOTALL)
_PATTERN = regex(r"[*?]|\[.+\]|\{.*(?:,|\.\.).*\}", re.DOTALL)
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[?$!#@*-]")
_ELEMENTS = regex(r"([A-Za-z_][A-Za-z0-9_]*)\[@\]")
_EXPANSIONS = frozenset({"expansion", "simple_expansion"})
_SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
_BARE = frozenset({"word", "number", "variable_name", "test_operator", "regex", "extglob_pattern"})


class EncodedText:
    """A text as bytes, as the grammar counts, and as code points, as all else here does."""

    __slots__ = ("_starts", "data", "holes", "stand_in", "text")

    def __init__(self, text: str, holes: Sequence[tuple[int, int]], stand_in: str) -> None:
        self.text = text
        self.data = text.encode("utf-8", "replace")
        self.holes = holes
        self.stand_in = stand_in
        self._starts = (
            None if text.isascii() else list(accumulate((len(c.encode("utf-8", "replace")) for c in text), initial=0))
        )

    def at(self, offset: int) -> int:
        """Return the code point at a byte."""
        return offset if self._starts is None else bisect_right(self._starts, offset) - 1

    def raw(self, start: int, end: int) -> bytes:
        """Return the bytes between two of them."""
        return self.data[start:end]

    def of(self, tree: Tree) -> str:
        """Return a node's text."""
        return self.data[tree.start_byte : tree.end_byte].decode("utf-8", "replace")

    def unknown(self, start: int, end: int) -> bool:
        """Return whether something between two code points only stands in for what isn't known."""
        return any(low < end and start < high for low, high in self.holes)


def merged(parts: Iterator[WordPart]) -> tuple[WordPart, ...]:
    """Return parts with neighbouring texts made one."""
    found: list[WordPart] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return tuple(found)


class WordReader(ABC):
    """Reads the words of a text."""

    def __init__(self, text: EncodedText) -> None:
        self.text = text

    @abstractmethod
    def inner(self, tree: Tree) -> StatementList:
        """Return the statements inside of a node's brackets."""

    def place(self, tree: Tree) -> tuple[int, int]:
        """Return where a node begins and ends in the text."""
        return self.text.at(tree.start_byte), self.text.at(tree.end_byte)

    def word(self, tree: Tree) -> Word:
        """Return the word that a node is."""
        substitutions: list[StatementList] = []
        start, stop = self.place(tree)
        parts = merged(self._parts(tree, substitutions, start))
        if self.text.unknown(start, stop):
            parts = _with_unknown(self.text, parts)
        quoted = any(quote in self.text.text[start:stop] for quote in "'\"\\")
        return Word(parts, start, stop, quoted, tuple(substitutions))

    def _parts(self, tree: Tree, substitutions: list[StatementList], word_start: int) -> Iterator[WordPart]:
        """Yield what a node is made of, and put the commands that run to make it with the ``substitutions``."""
        kind, raw = tree.type, self.text.of(tree)
        if kind in _BARE or not tree.is_named:
            # A number such as 0x$x has parts.
            bare = _bare(raw, first=self.text.at(tree.start_byte) == word_start)
            yield from (UnknownPart(),) if tree.child_count else bare
        elif kind == "raw_string":
            yield raw[1:-1]
        elif kind in ("string", "translated_string"):
            yield from self._double_quoted(tree, substitutions)
        elif kind in ("concatenation", "command_name"):
            children = tree.children
            plain = "".join(
                self.text.of(each) for each in children if each.type in ("word", "number") or not each.is_named
            )
            if len(children) > 1 and _PATTERN.search(plain):
                # The words that a pattern or a brace expansion makes can't be told.
                yield UnknownPart()
                return
            for child in children:
                yield from self._parts(child, substitutions, word_start)
        elif kind in _EXPANSIONS:
            yield _variable(raw)
        else:
            # What is nested here, as in ${x:-$(cmd)}, runs all the same.
            substitutions.extend(self._nested([tree]))
            yield UnknownPart()

    def _double_quoted(self, tree: Tree, substitutions: list[StatementList]) -> Iterator[WordPart]:
        at = tree.start_byte + (2 if tree.type == "translated_string" else 1)
        for child in tree.named_children:
            if child.type == "string_content":
                continue
            # The blanks before an expansion belong to its first token.
            raw = self.text.raw(child.start_byte, child.end_byte)
            begin = child.start_byte + len(raw) - len(raw.lstrip())
            yield _unquoted(self.text.raw(at, begin))
            yield from self._parts(child, substitutions, -1)
            at = child.end_byte
        yield _unquoted(self.text.raw(at, tree.end_byte).removesuffix(b'"'))

    def _nested(self, trees: Sequence[Tree]) -> Iterator[StatementList]:
        """Yield the commands that run to make what nodes are, the outer ones only."""
        pending = list(reversed(trees))
        while pending:
            tree = pending.pop()
            if tree.type in _SUBSTITUTIONS:
                yield self.inner(tree)
            else:
                pending.extend(reversed(tree.named_children))


def _with_unknown(text: EncodedText, parts: tuple[WordPart, ...]) -> tuple[WordPart, ...]:
    """Return a word's parts with what isn't known of the text itself as unknown parts."""
    found: list[WordPart] = []
    for part in parts:
        if isinstance(part, str):
            for index, piece in enumerate(part.split(text.stand_in)):
                found += [UnknownPart()] * (index > 0) + [piece]
        elif isinstance(part, VariablePart) and text.stand_in in part.name:
            found.append(UnknownPart())
        else:
            found.append(part)
    if not any(isinstance(part, UnknownPart) for part in found):
        found.append(UnknownPart())
    return merged(iter(found))


def _bare(raw: str, *, first: bool) -> Iterator[WordPart]:
    if raw in ("[", "[[", "]", "]]", "{", "}", "!"):
        yield raw
        return
    if _PATTERN.search(_IN_WORD.sub("", raw)):
        yield UnknownPart()
        return
    if first and raw.startswith("~"):
        name, slash, rest = raw[1:].partition("/")
        yield UnknownPart() if name else VariablePart("HOME")
        raw = slash + rest
    yield _IN_WORD.sub(lambda found: found[1] or "", raw)


def _variable(raw: str) -> WordPart:
    inner = raw.lstrip()[1:]
    if inner.startswith("{"):
        inner = inner[1:-1]
    if array := _ELEMENTS.fullmatch(inner):
        return Elements(array[1])
    return VariablePart(inner) if _NAME.fullmatch(inner) else UnknownPart()


def _unquoted(raw: bytes) -> str:
    return _IN_DOUBLE_QUOTES.sub(lambda found: found[1] or "", raw.decode())
