"""A regular expression as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from compiler.terraform.functions.formats.regexp.classes import Ranges

__all__ = [
    "Alternatives",
    "Assertion",
    "Capture",
    "Chain",
    "Characters",
    "Look",
    "Node",
    "Repetition",
    "children",
    "is_nullable",
]


class Look(Enum):
    """A condition on the place between two characters."""

    TEXT_START = r"\A"
    TEXT_END = r"\z"
    LINE_START = "(?m)^"
    LINE_END = "(?m)$"
    WORD_EDGE = r"\b"
    NO_WORD_EDGE = r"\B"


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of a set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Assertion:
    """No character, but a condition."""

    look: Look


@dataclass(frozen=True, slots=True)
class Capture:
    """A group that is remembered."""

    index: int
    inner: Node


@dataclass(frozen=True, slots=True)
class Repetition:
    """``inner`` from ``least`` to ``most`` times (None: without bound), as often as possible if ``greedy``."""

    inner: Node
    least: int
    most: int | None
    greedy: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """One after the other; nothing at all if there are none."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The first of these that lets the rest match."""

    items: tuple[Node, ...]


Node: TypeAlias = Characters | Assertion | Capture | Repetition | Chain | Alternatives


def children(node: Node) -> Sequence[Node]:
    """Return the nodes right below one."""
    match node:
        case Capture() | Repetition():
            return (node.inner,)
        case Chain() | Alternatives():
            return node.items
        case _:
            return ()


def is_nullable(node: Node) -> bool:
    """Return whether the node can match no character at all."""
    match node:
        case Characters():
            return False
        case Assertion():
            return True
        case Capture():
            return is_nullable(node.inner)
        case Repetition():
            return node.least == 0 or is_nullable(node.inner)
        case Chain():
            return all(map(is_nullable, node.items))
        case Alternatives():
            return any(map(is_nullable, node.items))
