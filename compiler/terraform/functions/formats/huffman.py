"""Prefix codes of limited length: which symbol gets how many bits, and which ones.

The lengths are the best ones under the limit, found by merging packages (L. Larmore and D. Hirschberg, "A fast
algorithm for optimal length-limited Huffman codes", 1990); of a package and a symbol that weigh the same the package
goes first, as in Go. The codes are those of https://www.rfc-editor.org/rfc/rfc1951#section-3.2.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Code", "canonical_code", "limited_code"]


@dataclass(frozen=True, slots=True)
class Code:
    """For each symbol how many bits it takes, 0 if it has none, and the bits, the first one lowest."""

    lengths: Sequence[int]
    bits: Mapping[int, int]

    def size(self, counts: Sequence[int]) -> int:
        """Return how many bits all symbols together take that occur so often."""
        return sum(count * self.lengths[symbol] for symbol, count in enumerate(counts) if count)


def canonical_code(lengths: Sequence[int]) -> Code:
    """Return the code with these lengths in which shorter codes come first, and lower symbols among equals."""
    bits: dict[int, int] = {}
    next_code = 0
    previous = 0
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(lengths) if length):
        next_code <<= length - previous
        bits[symbol] = _reversed(next_code, length)
        next_code += 1
        previous = length
    return Code(lengths, bits)


def limited_code(counts: Sequence[int], longest: int) -> Code:
    """Return the best code for symbols that occur so often, none of which takes more bits than ``longest``."""
    symbols = sorted((symbol for symbol, count in enumerate(counts) if count), key=lambda symbol: counts[symbol])
    lengths = [0] * len(counts)
    if len(symbols) <= 2:
        for symbol in symbols:
            lengths[symbol] = 1
        return canonical_code(lengths)
    for level in _leaves_by_level([counts[symbol] for symbol in symbols], min(longest, len(symbols) - 1)):
        for symbol in symbols[:level]:
            lengths[symbol] += 1
    return canonical_code(lengths)


def _leaves_by_level(weights: Sequence[int], levels: int) -> list[int]:
    """Return for each level how many of the weights, which rise, belong to its part of the best selection."""
    rows: list[list[tuple[int, bool]]] = []
    packages: list[int] = []
    for _ in range(levels):
        # False sorts before True: a package before a leaf.
        row = sorted([(weight, False) for weight in packages] + [(weight, True) for weight in weights])
        rows.append(row)
        packages = [row[at][0] + row[at + 1][0] for at in range(0, len(row) - 1, 2)]
    found: list[int] = []
    wanted = 2 * len(weights) - 2
    for row in reversed(rows):
        leaves = sum(is_leaf for _, is_leaf in row[:wanted])
        found.append(leaves)
        wanted = 2 * (wanted - leaves)
    return found


def _reversed(code: int, length: int) -> int:
    return int(f"{code:0{length}b}"[::-1], 2)
