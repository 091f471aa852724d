"""Regular expressions of RE2 written for Python's ``re``, where that gives the same answer in reasonable time.

How the parts of the syntax are translated:

======================= ==========================================================================
RE2                     Python
======================= ==========================================================================
a character, a class    the character escaped, or a class of code points; ``\\d``, ``[[:alpha:]]``,
                        ``\\pL`` and ``(?i)`` are spelled out
``(x)``, ``(?P<n>x)``   ``(x)``; names stay with the caller
``(?:x)``, flags        ``(?:x)``; flags are resolved while parsing
``x{2,5}``, ``x*?``     the same, around ``(?:x)``
``\\A``, ``^``          ``\\A``
``\\z``, ``$``          ``\\Z`` (Python's ``$`` also matches before a last line break)
``(?m)^``, ``(?m)$``    ``(?m:^)``, ``(?m:$)``
``\\b``, ``\\B``        lookarounds for ASCII letters, digits and ``_``
======================= ==========================================================================

Both take the first alternative that matches. They part ways where a repetition's body can be empty, and in what a group
inside a repetition remembers; and Python's search may take time that grows with a power of the text's length, or
doubles with each character, where Terraform's is always linear. :func:`translate` returns None for such patterns.
"""

from __future__ import annotations

import re

from compiler.terraform.functions.formats.regexp.classes import ANY, WORD, Ranges, inverted
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
    is_nullable,
)

__all__ = ["Translation", "translate"]

MAX_WAYS = 10_000_000
"""How many ways Python's search may try from one place."""

_SIZES = tuple(2**power for power in range(25))

# Repetitions of more than this, of something that matches in several ways, are too many in any case.
_MANY = 24


class Translation:
    """A pattern for Python's ``re``, and how its cost grows."""

    def __init__(self, root: Node) -> None:
        self._pattern = re.compile(_write(root))
        self.longest = max((size for size in _SIZES if _ways(root, size) <= MAX_WAYS), default=0)
        """How long a text may be that is searched in reasonable time, whatever it holds."""

    def search(self, text: str, start: int) -> list[int] | None:
        """Return the places where the first match at or after ``start`` and its groups begin and end, or None.

        A group that takes no part has -1 twice.
        """
        match = self._pattern.search(text, start)
        return None if match is None else [place for span in match.regs for place in span]


def translate(root: Node) -> Translation | None:
    """Return the pattern for Python's ``re``, or None where that would answer differently or take too long."""
    return Translation(root) if _is_plain(root, in_loop=False) else None


def _is_plain(node: Node, *, in_loop: bool) -> bool:
    if in_loop and isinstance(node, Capture):
        return False
    if isinstance(node, Repetition) and node.most != 1:
        in_loop = True
        if is_nullable(node.inner):
            return False
    return all(_is_plain(child, in_loop=in_loop) for child in children(node))


def _ways(node: Node, length: int) -> int:
    """Return in how many ways, at most, the node can match a text of this length: that many Python may try."""
    match node:
        case Characters() | Assertion():
            return 1
        case Capture():
            return _ways(node.inner, length)
        case Chain():
            ways = 1
            for item in node.items:
                ways = min(ways * _ways(item, length), MAX_WAYS + 1)
            return ways
        case Alternatives():
            return sum(_ways(item, length) for item in node.items)
        case Repetition():
            return min(_ways_repeated(node, length), MAX_WAYS + 1)


def _ways_repeated(node: Repetition, length: int) -> int:
    inner = _ways(node.inner, length)
    if inner == 1:
        counts = length if node.most is None else min(node.most - node.least, length)
        return counts + 1
    if node.most is None or node.most > _MANY:
        return MAX_WAYS + 1
    return sum(inner**count for count in range(node.least, node.most + 1))


def _write(node: Node) -> str:
    match node:
        case Characters(ranges):
            return _write_class(ranges)
        case Assertion(look):
            return _LOOKS[look]
        case Capture(_, inner):
            return f"({_write(inner)})"
        case Repetition(inner, least, most, greedy):
            bounds = f"{{{least},{'' if most is None else most}}}"
            return f"(?:{_write(inner)}){bounds}{'' if greedy else '?'}"
        case Chain(items):
            return "".join(map(_write, items))
        case Alternatives(items):
            return f"(?:{'|'.join(map(_write, items))})"


def _write_class(ranges: Ranges) -> str:
    if not ranges:
        return r"(?!)"
    if ranges == ANY:
        return r"(?s:.)"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return re.escape(chr(ranges[0][0]))
    outside = inverted(ranges)
    negated = len(outside) < len(ranges)
    items = (f"{_code(first)}-{_code(last)}" for first, last in (outside if negated else ranges))
    return f"[{'^' if negated else ''}{''.join(items)}]"


def _code(code: int) -> str:
    return f"\\U{code:08x}"


_WORD = _write_class(WORD)

_LOOKS = {
    Look.TEXT_START: r"\A",
    Look.TEXT_END: r"\Z",
    Look.LINE_START: "(?m:^)",
    Look.LINE_END: "(?m:$)",
    Look.WORD_EDGE: f"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))",
    Look.NO_WORD_EDGE: f"(?:(?<={_WORD})(?={_WORD})|(?<!{_WORD})(?!{_WORD}))",
}
