"""Matching in time that is linear in the text, whatever the pattern: all ways to match go forward together.

The method is the one of https://swtch.com/~rsc/regexp/regexp2.html (a "Pike machine"), which Terraform's matcher gives
the same answers as: threads are kept in order of preference, each with the places of its groups, and at most one thread
stands at each instruction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from compiler.terraform.functions.formats.regexp.classes import WORD, Ranges
from compiler.terraform.functions.formats.regexp.tree import (
    Alternatives,
    Assertion,
    Capture,
    Chain,
    Characters,
    Look,
    Node,
    Repetition,
    is_nullable,
)

__all__ = ["Machine"]

Spend: TypeAlias = Callable[[int], None]
"""Pays for a number of steps before they are done."""

_Places: TypeAlias = tuple[int, ...]
"""Where groups begin and end, -1 where that isn't known yet; first of all the whole match."""


@dataclass(slots=True)
class _Read:
    """Reads a character out of a set."""

    ranges: Ranges
    next: int = -1

    def holds(self, code: int) -> bool:
        """Return whether the set has the character with this code point."""
        return any(first <= code <= last for first, last in self.ranges)


@dataclass(slots=True)
class _Split:
    """Goes on in several ways, the first of which is preferred."""

    ways: list[int]


@dataclass(slots=True)
class _Save:
    """Remembers where a group begins or ends."""

    slot: int
    next: int = -1


@dataclass(slots=True)
class _Check:
    """Goes on where a condition holds."""

    look: Look
    next: int = -1


@dataclass(slots=True)
class _Accept:
    """Has matched."""


_Instruction: TypeAlias = _Read | _Split | _Save | _Check | _Accept

_Thread: TypeAlias = tuple[_Read | _Accept, _Places]


class Machine:
    """The program for one pattern with a number of groups, that of the whole match among them."""

    def __init__(self, root: Node, groups: int, spend: Spend) -> None:
        self._program: list[_Instruction] = []
        self._unset = (-1,) * (2 * groups - 1)
        self._spend = spend
        accept = self._add(_Accept())
        self._start = self._compile(root, accept)

    # From the tree to the program, from the end to the start

    def _add(self, instruction: _Instruction) -> int:
        self._spend(1)
        self._program.append(instruction)
        return len(self._program) - 1

    def _compile(self, node: Node, after: int) -> int:
        """Add the instructions for a node that goes on at ``after`` and return where it begins."""
        match node:
            case Characters(ranges):
                return self._add(_Read(ranges, after))
            case Assertion(look):
                return self._add(_Check(look, after))
            case Capture(index, inner):
                end = self._add(_Save(2 * index + 1, after))
                return self._add(_Save(2 * index, self._compile(inner, end)))
            case Chain(items):
                for item in reversed(items):
                    after = self._compile(item, after)
                return after
            case Alternatives(items):
                return self._add(_Split([self._compile(item, after) for item in items]))
            case Repetition(inner, least, most, greedy):
                return self._compile_repetition(inner, least, most, greedy, after)

    def _compile_repetition(self, inner: Node, least: int, most: int | None, greedy: bool, after: int) -> int:
        if most is None:
            # ``x{2,}`` is ``xx+``, and ``x*`` is ``x+`` or nothing where x may be empty: then a round that reads
            # nothing still counts as one.
            if least or is_nullable(inner):
                start = self._compile_loop(inner, greedy, after)
                if not least:
                    start = self._choice(start, after, greedy)
            else:
                start = self._compile_star(inner, greedy, after)
            copies = max(least - 1, 0)
        else:
            start = after
            for _ in range(most - least):
                start = self._choice(self._compile(inner, start), after, greedy)
            copies = least
        for _ in range(copies):
            start = self._compile(inner, start)
        return start

    def _choice(self, way: int, other: int, greedy: bool) -> int:
        return self._add(_Split([way, other] if greedy else [other, way]))

    def _compile_loop(self, inner: Node, greedy: bool, after: int) -> int:
        """Add ``x+`` and return where it begins."""
        split = _Split([])
        again = self._add(split)
        start = self._compile(inner, again)
        split.ways = [start, after] if greedy else [after, start]
        return start

    def _compile_star(self, inner: Node, greedy: bool, after: int) -> int:
        """Add ``x*`` and return where it begins."""
        split = _Split([])
        again = self._add(split)
        start = self._compile(inner, again)
        split.ways = [start, after] if greedy else [after, start]
        return again

    # Running it

    def search(self, text: str, start: int) -> list[int] | None:
        """Return the places where the first match at or after ``start`` and its groups begin and end, or None.

        A group that takes no part has -1 twice.
        """
        found: _Places | None = None
        threads: list[_Thread] = []
        reached: set[int] = set()
        for at in range(start, len(text) + 1):
            if found is None:
                self._follow(self._start, (at, *self._unset), text, at, threads, reached)
            self._spend(1 + len(threads))
            code = ord(text[at]) if at < len(text) else -1
            current, threads, reached = threads, [], set()
            for instruction, places in current:
                if isinstance(instruction, _Accept):
                    # Threads that come after this one are less preferred.
                    found = (places[0], at, *places[2:])
                    break
                if instruction.holds(code):
                    self._follow(instruction.next, places, text, at + 1, threads, reached)
            if found is not None and not threads:
                break
        return None if found is None else list(found)

    def _follow(
        self, first: int, places: _Places, text: str, at: int, threads: list[_Thread], reached: set[int]
    ) -> None:
        """Add the threads that an instruction leads to without reading anything, most preferred first."""
        pending = [(first, places)]
        while pending:
            number, places = pending.pop()
            if number in reached:
                continue
            reached.add(number)
            instruction = self._program[number]
            match instruction:
                case _Read() | _Accept():
                    threads.append((instruction, places))
                case _Split(ways):
                    pending.extend((way, places) for way in reversed(ways))
                case _Save(slot, after):
                    pending.append((after, (*places[:slot], at, *places[slot + 1 :])))
                case _Check(look, after):
                    if _HOLDS[look](text, at):
                        pending.append((after, places))


def _is_word(text: str, at: int) -> bool:
    return 0 <= at < len(text) and _WORD_CHARACTERS.holds(ord(text[at]))


def _is_edge(text: str, at: int) -> bool:
    return _is_word(text, at - 1) != _is_word(text, at)


_WORD_CHARACTERS = _Read(WORD)

_HOLDS: dict[Look, Callable[[str, int], bool]] = {
    Look.TEXT_START: lambda _, at: at == 0,
    Look.TEXT_END: lambda text, at: at == len(text),
    Look.LINE_START: lambda text, at: at == 0 or text[at - 1] == "\n",
    Look.LINE_END: lambda text, at: at == len(text) or text[at] == "\n",
    Look.WORD_EDGE: _is_edge,
    Look.NO_WORD_EDGE: lambda text, at: not _is_edge(text, at),
}
