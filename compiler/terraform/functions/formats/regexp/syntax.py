"""Regular expressions as Terraform reads them: RE2's syntax, parsed into a tree.

The syntax is https://github.com/google/re2/wiki/Syntax as Go's ``regexp/syntax`` accepts it with its Perl flags
(https://pkg.go.dev/regexp/syntax): there are no back references and no looking around, repetitions of more than 1,000
are refused, ``^`` and ``$`` are the text's ends unless ``(?m)`` is set, and ``\\d``, ``\\s``, ``\\w`` and ``\\b`` know
ASCII only. What a tree means: alternatives are tried in order, and of all matches that begin earliest the first counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from compiler.terraform.functions.formats.regexp.classes import (
    ANY,
    DIGIT,
    POSIX,
    SPACE,
    WORD,
    Ranges,
    fold,
    inverted,
    merged,
    unicode_class,
)
from compiler.terraform.functions.formats.regexp.tree import (
    Alternatives,
    Assertion,
    Capture,
    Chain,
    Characters,
    Look,
    Node,
    Repetition,
    children,
)

__all__ = ["Parsed", "SyntaxMistake", "parse"]

MAX_REPEAT = 1000
MAX_HEIGHT = 1000


class SyntaxMistake(Exception):
    """A pattern can't be read: ``problem`` in Go's words, and the ``part`` of the pattern that it is about."""

    def __init__(self, problem: str, part: str) -> None:
        super().__init__(problem, part)
        self.problem = problem
        self.part = part


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed pattern and the names of its groups, "" for those without; the first is that of the whole match."""

    root: Node
    names: tuple[str, ...]


def parse(pattern: str) -> Parsed:
    """Return the pattern's tree, or raise :class:`SyntaxMistake`."""
    parser = _Parser(pattern)
    root = parser.run()
    return Parsed(root, tuple(parser.names))


@dataclass(frozen=True, slots=True)
class _Flags:
    fold: bool = False
    multiline: bool = False
    dot_all: bool = False
    lazy: bool = False


_FLAG_LETTERS = {"i": "fold", "m": "multiline", "s": "dot_all", "U": "lazy"}

_NAMED = re.compile(r"\(\?P?<([^>]*)>")
_NAME = re.compile(r"[0-9A-Za-z_]+\Z")
_COUNTS = re.compile(r"\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}")
_FLAG_GROUP = re.compile(r"\(\?([imsU]*)(-[imsU]+)?([:)])")
_QUOTED = re.compile(r"\\Q(.*?)(?:\\E|\Z)", re.DOTALL)
_BRACED_CLASS = re.compile(r"\{([^}]*)\}")
_POSIX_CLASS = re.compile(r"\[:(\^?)(.*?):\]", re.DOTALL)

_PERL = {"d": DIGIT, "s": SPACE, "w": WORD}
_LOOKS = {"A": Look.TEXT_START, "z": Look.TEXT_END, "b": Look.WORD_EDGE, "B": Look.NO_WORD_EDGE}
_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_HEX = frozenset("0123456789abcdefABCDEF")


@dataclass(slots=True)
class _Group:
    """A group that is open: the flags to go back to, its number if it captures, and what it holds so far."""

    flags: _Flags
    index: int | None
    finished: list[Node] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    def close_alternative(self) -> None:
        self.finished.append(self.items[0] if len(self.items) == 1 else Chain(tuple(self.items)))
        self.items = []

    def node(self) -> Node:
        self.close_alternative()
        inner = self.finished[0] if len(self.finished) == 1 else Alternatives(tuple(self.finished))
        return inner if self.index is None else Capture(self.index, inner)


class _Parser:
    """One pass over a pattern; ``at`` is the place of the next character."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.flags = _Flags()
        self.names = [""]
        self.groups = [_Group(self.flags, None)]
        self.repeated_from: int | None = None
        """Where the repetition began that stands right before ``at``, if there is one."""

    def run(self) -> Node:
        while self.at < len(self.pattern):
            start = self.at
            repeated = _STEPS.get(self.pattern[start], _Parser._literal)(self)
            self.repeated_from = start if repeated else None
        if len(self.groups) > 1:
            raise SyntaxMistake("missing closing )", self.pattern)
        root = self.groups[0].node()
        _check_size(root)
        return root

    @property
    def rest(self) -> str:
        return self.pattern[self.at :]

    def _push(self, node: Node) -> None:
        self.groups[-1].items.append(node)

    def _push_set(self, ranges: Ranges) -> None:
        self._push(Characters(ranges))

    def _push_char(self, char: str) -> None:
        ranges = ((ord(char), ord(char)),)
        self._push_set(fold(ranges) if self.flags.fold else ranges)

    def _literal(self) -> bool:
        self._push_char(self.pattern[self.at])
        self.at += 1
        return False

    def _dot(self) -> bool:
        self._push_set(ANY if self.flags.dot_all else inverted(((10, 10),)))
        self.at += 1
        return False

    def _caret(self) -> bool:
        self._push(Assertion(Look.LINE_START if self.flags.multiline else Look.TEXT_START))
        self.at += 1
        return False

    def _dollar(self) -> bool:
        self._push(Assertion(Look.LINE_END if self.flags.multiline else Look.TEXT_END))
        self.at += 1
        return False

    def _bar(self) -> bool:
        self.groups[-1].close_alternative()
        self.at += 1
        return False

    # Groups

    def _open(self) -> bool:
        if not self.rest.startswith("(?"):
            self._begin_capture("")
            self.at += 1
            return False
        if re.match(r"\(\?P?<", self.rest) and len(self.rest) > 3:
            self._open_named()
            return False
        match = _FLAG_GROUP.match(self.pattern, self.at)
        if match is None:
            raise SyntaxMistake("invalid or unsupported Perl syntax", self._bad_group())
        on, off, end = match.groups()
        flags = replace(self.flags, **dict.fromkeys((_FLAG_LETTERS[letter] for letter in on), True))
        flags = replace(flags, **dict.fromkeys((_FLAG_LETTERS[letter] for letter in (off or "-")[1:]), False))
        if end == ":":
            self.groups.append(_Group(self.flags, None))
        self.flags = flags
        self.at = match.end()
        return False

    def _open_named(self) -> None:
        match = _NAMED.match(self.pattern, self.at)
        if match is None:
            raise SyntaxMistake("invalid named capture", self.rest)
        if not _NAME.match(match[1]):
            raise SyntaxMistake("invalid named capture", match[0])
        self._begin_capture(match[1])
        self.at = match.end()

    def _begin_capture(self, name: str) -> None:
        self.groups.append(_Group(self.flags, len(self.names)))
        self.names.append(name)

    def _bad_group(self) -> str:
        """Return the part of the pattern up to the first character that can't open a group."""
        match = re.match(r"\(\?[imsU]*(?:-[imsU]*)?.?", self.rest, re.DOTALL)
        return match[0] if match else self.rest

    def _close(self) -> bool:
        if len(self.groups) == 1:
            raise SyntaxMistake("unexpected )", self.pattern)
        group = self.groups.pop()
        self.flags = group.flags
        self._push(group.node())
        self.at += 1
        return False

    # Repetitions

    def _star(self) -> bool:
        return self._repeat(0, None, self.at + 1)

    def _plus(self) -> bool:
        return self._repeat(1, None, self.at + 1)

    def _question(self) -> bool:
        return self._repeat(0, 1, self.at + 1)

    def _counts(self) -> bool:
        match = _COUNTS.match(self.pattern, self.at)
        if match is None:
            return self._literal()
        # Numbers that are too long to be read are too large in any case.
        least = int(match[1]) if len(match[1]) < 9 else MAX_REPEAT + 1
        most = least if match[2] is None else None
        if match[3]:
            most = int(match[3]) if len(match[3]) < 9 else MAX_REPEAT + 1
        if least > MAX_REPEAT or (most is not None and (most > MAX_REPEAT or most < least)):
            raise SyntaxMistake("invalid repeat count", match[0])
        return self._repeat(least, most, match.end())

    def _repeat(self, least: int, most: int | None, end: int) -> bool:
        start = self.at
        greedy = not self.flags.lazy
        if self.pattern[end : end + 1] == "?":
            greedy = not greedy
            end += 1
        if self.repeated_from is not None:
            raise SyntaxMistake("invalid nested repetition operator", self.pattern[self.repeated_from : end])
        items = self.groups[-1].items
        if not items:
            raise SyntaxMistake("missing argument to repetition operator", self.pattern[start:end])
        node = Repetition(items.pop(), least, most, greedy)
        if not _is_countable(node, MAX_REPEAT):
            raise SyntaxMistake("invalid repeat count", self.pattern[start:end])
        items.append(node)
        self.at = end
        return True

    # Escapes

    def _backslash(self) -> bool:
        letter = self.pattern[self.at + 1 : self.at + 2]
        if letter in _LOOKS:
            self._push(Assertion(_LOOKS[letter]))
            self.at += 2
        elif letter == "Q":
            self._quoted()
        else:
            ranges = self._escaped_class()
            if ranges is None:
                self._push_char(self._escaped_char())
            else:
                self._push_set(ranges)
        return False

    def _quoted(self) -> None:
        match = _QUOTED.match(self.pattern, self.at)
        if match is None:
            raise ValueError("a quotation ends with the pattern at the latest")
        for char in match[1]:
            self._push_char(char)
        self.at = match.end()

    def _escaped_class(self) -> Ranges | None:
        """Return the class that an escape such as ``\\d`` or ``\\pL`` stands for and step over it, or None."""
        letter = self.pattern[self.at + 1 : self.at + 2]
        if letter.lower() in _PERL:
            self.at += 2
            return self._class(_PERL[letter.lower()], negated=letter.isupper())
        if letter.lower() == "p":
            return self._unicode_class(negated=letter == "P")
        return None

    def _unicode_class(self, *, negated: bool) -> Ranges:
        start = self.at
        braced = _BRACED_CLASS.match(self.pattern, start + 2)
        name = braced[1] if braced else self.pattern[start + 2 : start + 3]
        if not braced and name in ("", "{"):
            raise SyntaxMistake("invalid character class range", self.pattern[start:])
        self.at = braced.end() if braced else start + 3
        if braced and name.startswith("^"):
            negated, name = not negated, name[1:]
        ranges = unicode_class(name)
        if ranges is None:
            raise SyntaxMistake("invalid character class range", self.pattern[start : self.at])
        return self._class(ranges, negated=negated)

    def _class(self, ranges: Ranges, *, negated: bool) -> Ranges:
        if self.flags.fold:
            ranges = fold(ranges)
        return inverted(ranges) if negated else ranges

    def _escaped_char(self) -> str:
        """Return the character that an escape stands for and step over it."""
        start = self.at
        self.at += 2
        letter = self.pattern[start + 1 : start + 2]
        if not letter:
            raise SyntaxMistake("trailing backslash at end of expression", "")
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if letter in "01234567" and (letter == "0" or self.rest[:1] in tuple("01234567")):
            digits = re.match(r"[0-7]{1,3}", self.pattern[start + 1 :])
            if digits:
                self.at = start + 1 + digits.end()
                return chr(int(digits[0], 8))
        if letter == "x":
            return self._hexadecimal(start)
        if letter.isascii() and not letter.isalnum():
            return letter
        raise SyntaxMistake("invalid escape sequence", self.pattern[start : self.at])

    def _hexadecimal(self, start: int) -> str:
        match = re.compile(r"\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2})").match(self.pattern, self.at)
        if match is None:
            raise SyntaxMistake("invalid escape sequence", self.pattern[start : self._hexadecimal_end()])
        self.at = match.end()
        code = int(match[1] or match[2], 16)
        if code > 0x10FFFF:
            raise SyntaxMistake("invalid escape sequence", self.pattern[start : self.at])
        return chr(code)

    def _hexadecimal_end(self) -> int:
        """Return where an escape that begins like ``\\x`` stops being one."""
        end = self.at + (self.pattern[self.at : self.at + 1] == "{")
        while self.pattern[end : end + 1] in _HEX:
            end += 1
        return end + 1

    # Classes in brackets

    def _bracket(self) -> bool:
        start = self.at
        self.at += 1
        negated = self.pattern[self.at : self.at + 1] == "^"
        self.at += negated
        found: list[tuple[int, int]] = []
        first = True
        while first or self.pattern[self.at : self.at + 1] != "]":
            if self.at >= len(self.pattern):
                raise SyntaxMistake("missing closing ]", self.pattern[start:])
            found.extend(self._class_item(start))
            first = False
        self.at += 1
        ranges = merged(found)
        self._push_set(inverted(ranges) if negated else ranges)
        return False

    def _class_item(self, start: int) -> Ranges:
        """Return one item of a class in brackets and step over it; ``start`` is where the class begins."""
        posix = _POSIX_CLASS.match(self.pattern, self.at)
        if posix:
            ranges = POSIX.get(posix[2])
            if ranges is None:
                raise SyntaxMistake("invalid character class range", posix[0])
            self.at = posix.end()
            return self._class(ranges, negated=bool(posix[1]))
        if self.pattern[self.at] == "\\":
            escaped = self._escaped_class()
            if escaped is not None:
                return escaped
        range_start = self.at
        low = high = self._class_char(start)
        if self.rest.startswith("-") and self.rest[1:2] not in ("", "]"):
            self.at += 1
            high = self._class_char(start)
            if high < low:
                raise SyntaxMistake("invalid character class range", self.pattern[range_start : self.at])
        ranges = ((ord(low), ord(high)),)
        return fold(ranges) if self.flags.fold else ranges

    def _class_char(self, start: int) -> str:
        if self.at >= len(self.pattern):
            raise SyntaxMistake("missing closing ]", self.pattern[start:])
        if self.pattern[self.at] == "\\":
            return self._escaped_char()
        self.at += 1
        return self.pattern[self.at - 1]


_STEPS: dict[str, Callable[[_Parser], bool]] = {
    ".": _Parser._dot,
    "^": _Parser._caret,
    "$": _Parser._dollar,
    "|": _Parser._bar,
    "(": _Parser._open,
    ")": _Parser._close,
    "*": _Parser._star,
    "+": _Parser._plus,
    "?": _Parser._question,
    "{": _Parser._counts,
    "[": _Parser._bracket,
    "\\": _Parser._backslash,
}
"""What begins with a character; each method steps over it and says whether it was a repetition."""


def _is_countable(node: Node, limit: int) -> bool:
    """Return whether counted repetitions inside one another stay below the limit when they are multiplied."""
    if isinstance(node, Repetition) and (node.least, node.most) not in ((0, None), (1, None), (0, 1)):
        count = node.least if node.most is None else node.most
        if node.most == 0:
            return True
        if count > limit:
            return False
        if count > 0:
            limit //= count
    return all(_is_countable(child, limit) for child in children(node))


def _check_size(root: Node) -> None:
    level: list[Node] = [root]
    height = 0
    while level:
        height += 1
        if height > MAX_HEIGHT:
            raise SyntaxMistake("expression nests too deeply", "")
        level = [child for node in level for child in children(node)]
