"""DEFLATE (https://www.rfc-editor.org/rfc/rfc1951), with the choices that Go makes at its default level.

Many streams decompress to the same data; ``base64gzip`` must give the one that Terraform gives, which Python's
``zlib`` doesn't. Go looks for repeats of at least four bytes, up to 128 places back along a chain of equal hashes,
waits one byte for a longer one, and starts a new block after 16,384 tokens.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from compiler.terraform.functions.formats.huffman import Code, canonical_code, limited_code
from compiler.terraform.values.budget import Budget

__all__ = ["gzip"]


def gzip(data: bytes, budget: Budget) -> bytes:
    """Return the data as Go's ``gzip.Writer`` writes it when it is flushed and closed."""
    bits = _Bits()
    for block in _blocks(data, budget):
        _write_block(bits, block)
    # Flushing leaves an empty stored block, and so does closing, the last one.
    _write_stored(bits, b"", final=False)
    _write_stored(bits, b"", final=True)
    header = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    trailer = zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    return header + bits.bytes() + trailer


# Finding repeats

_Token = tuple[int, int]
"""A byte and 0, or the length of a repeat and how far back it begins."""

_SHORTEST = 4
_LONGEST = 258
_WINDOW = 1 << 15
_BUFFER = 2 * _WINDOW
_LOOKAHEAD = _SHORTEST + _LONGEST
_BLOCK_TOKENS = 1 << 14
_HASH_BITS = 17
_HASH_FACTOR = 0x1E35A7BD

# What Go calls lazy, nice and chain at level 6.
_LAZY = 16
_NICE = 128
_CHAIN = 128
_FAR = 4096


@dataclass(frozen=True, slots=True)
class _Block:
    """The tokens of a block, and the bytes that they stand for where Go still has them."""

    tokens: Sequence[_Token]
    data: bytes | None


@dataclass(slots=True)
class _Window:
    """The data, and where bytes with the same hash were seen before.

    Go keeps 64 KiB in a buffer and drops the first half when it is used up: what begins before ``base`` isn't found.
    """

    data: bytes
    budget: Budget
    base: int = 0
    latest: dict[int, int] = field(default_factory=dict)
    before: dict[int, int] = field(default_factory=dict)

    def insert(self, at: int) -> int:
        """Note the four bytes at a place and return the place before it with the same hash, or -1."""
        if at + _SHORTEST > len(self.data):
            return -1
        word = int.from_bytes(self.data[at : at + _SHORTEST], "big")
        key = (word * _HASH_FACTOR & 0xFFFFFFFF) >> (32 - _HASH_BITS)
        seen = self.latest.get(key, -1)
        self.before[at] = seen
        self.latest[key] = at
        return seen

    def slide(self, at: int) -> None:
        """Drop what Go drops before it looks at a place."""
        end = self.base + _BUFFER
        if end < len(self.data) and end - at < _LOOKAHEAD:
            self.base += _WINDOW

    def longest_repeat(self, at: int, candidate: int) -> _Token | None:
        """Return the length and distance of the repeat that Go finds at a place, or None."""
        data = self.data
        limit = min(_LONGEST, len(data) - at)
        first = max(at - _WINDOW, self.base)
        length, distance = _SHORTEST - 1, 0
        for _ in range(_CHAIN):
            if candidate < first:
                break
            self.budget.spend(1)
            if data[candidate + length] == data[at + length]:
                found = self._common(candidate, at, limit)
                if found > length and (found > _SHORTEST or at - candidate <= _FAR):
                    length, distance = found, at - candidate
                    if found >= min(_NICE, limit):
                        break
            candidate = self.before[candidate]
        return (length, distance) if distance else None

    def _common(self, left: int, right: int, limit: int) -> int:
        data = self.data
        if data[left : left + limit] == data[right : right + limit]:
            return limit
        count = 0
        while data[left + count] == data[right + count]:
            count += 1
        return count


def _blocks(data: bytes, budget: Budget) -> Iterator[_Block]:
    """Yield the blocks that the data is divided into."""
    window = _Window(data, budget)
    tokens: list[_Token] = []
    block_start: int | None = 0
    for token, end in _tokens(window):
        tokens.append(token)
        if window.base > (block_start or 0):
            block_start = None
        if len(tokens) == _BLOCK_TOKENS:
            yield _Block(tokens, None if block_start is None else data[block_start:end])
            tokens, block_start = [], end
    if tokens:
        yield _Block(tokens, None if block_start is None else data[block_start:])


def _tokens(window: _Window) -> Iterator[tuple[_Token, int]]:
    """Yield the tokens, each with the place up to which those so far stand for the data."""
    data = window.data
    at = 0
    waiting: _Token | None = None
    literal_waits = False
    while at < len(data):
        window.budget.spend(1)
        window.slide(at)
        candidate = window.insert(at)
        length = waiting[0] if waiting else _SHORTEST - 1
        found = None
        if candidate >= 0 and length < min(_LAZY, len(data) - at):
            found = window.longest_repeat(at, candidate)
        if waiting and (found is None or found[0] <= length):
            # What was found one byte before is no worse.
            end = at + length - 1
            for place in range(at + 1, end):
                window.insert(place)
            at = end
            yield waiting, at
            waiting, literal_waits = None, False
        else:
            if literal_waits:
                yield (data[at - 1], 0), at
            at += 1
            waiting, literal_waits = found, True
    if literal_waits:
        yield (data[at - 1], 0), at


# Writing blocks

_END = 256
_FIRST_LENGTH = 257
_LENGTH_BITS = (0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0)
_DISTANCE_BITS = (0, 0, 0, 0, *(bits for bits in range(1, 14) for _ in (0, 1)))


def _bases(extra: Sequence[int], first: int) -> list[int]:
    bases = [first]
    for bits in extra[:-1]:
        bases.append(bases[-1] + (1 << bits))
    return bases


# The longest repeat has a code of its own.
_LENGTH_BASES = [*_bases(_LENGTH_BITS, 3)[:-1], _LONGEST]
_DISTANCE_BASES = _bases(_DISTANCE_BITS, 1)

_FIXED_LITERALS = canonical_code([8] * 144 + [9] * 112 + [7] * 24 + [8] * 8)
_FIXED_DISTANCES = canonical_code([5] * 30)
_LITERALS = 286
_DISTANCES = 30
_MOST_STORED = 65535

# The order in which the lengths of the code for lengths are written.
_LENGTH_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
_RUN_BITS = {16: 2, 17: 3, 18: 7}


@dataclass(slots=True)
class _Bits:
    """Bits that are written, the lowest ones of each number first."""

    _parts: bytearray = field(default_factory=bytearray)
    _pending: int = 0
    _count: int = 0

    def write(self, value: int, count: int) -> None:
        """Write the lowest bits of a number."""
        self._pending |= value << self._count
        self._count += count
        if self._count >= 64:
            whole = self._count // 8
            self._parts += (self._pending & ((1 << 8 * whole) - 1)).to_bytes(whole, "little")
            self._pending >>= 8 * whole
            self._count -= 8 * whole

    def align(self) -> None:
        """Go on with a new byte."""
        self._parts += self._pending.to_bytes((self._count + 7) // 8, "little")
        self._pending = self._count = 0

    def append(self, data: bytes) -> None:
        """Write bytes; the bits so far must be whole bytes."""
        self.align()
        self._parts += data

    def bytes(self) -> bytes:
        """Return what has been written."""
        self.align()
        return bytes(self._parts)


def _write_stored(bits: _Bits, data: bytes, *, final: bool) -> None:
    bits.write(int(final), 3)
    bits.align()
    bits.append(len(data).to_bytes(2, "little") + (~len(data) & 0xFFFF).to_bytes(2, "little") + data)


@dataclass(frozen=True, slots=True)
class _Coded:
    """A token as symbols: a literal or length, and a distance (-1 for none), with their extra bits."""

    literal: int
    literal_extra: int
    distance: int = -1
    distance_extra: int = 0


def _coded(token: _Token) -> _Coded:
    value, distance = token
    if not distance:
        return _Coded(value, 0)
    length_code = bisect_right(_LENGTH_BASES, value) - 1
    distance_code = bisect_right(_DISTANCE_BASES, distance) - 1
    return _Coded(
        _FIRST_LENGTH + length_code,
        value - _LENGTH_BASES[length_code],
        distance_code,
        distance - _DISTANCE_BASES[distance_code],
    )


def _write_block(bits: _Bits, block: _Block) -> None:
    """Write a block in the way that takes the fewest bits: with the fixed codes, with codes of its own, or as it is."""
    symbols = [*map(_coded, block.tokens), _Coded(_END, 0)]
    literal_counts, distance_counts = [0] * _LITERALS, [0] * _DISTANCES
    extra = 0
    for symbol in symbols:
        literal_counts[symbol.literal] += 1
        if symbol.distance >= 0:
            distance_counts[symbol.distance] += 1
            extra += _LENGTH_BITS[symbol.literal - _FIRST_LENGTH] + _DISTANCE_BITS[symbol.distance]
    if not any(distance_counts):
        # A code must have a symbol.
        distance_counts[0] = 1
    codes = (limited_code(literal_counts, 15), limited_code(distance_counts, 15))
    header = _header(codes)
    fixed_size = 3 + _FIXED_LITERALS.size(literal_counts) + _FIXED_DISTANCES.size(distance_counts) + extra
    own_size = (
        sum(count for _, count in header) + codes[0].size(literal_counts) + codes[1].size(distance_counts) + extra
    )
    data = block.data
    if data is not None and len(data) <= _MOST_STORED and (len(data) + 5) * 8 < min(fixed_size, own_size):
        _write_stored(bits, data, final=False)
        return
    if own_size < fixed_size:
        for value, count in header:
            bits.write(value, count)
    else:
        bits.write(0b010, 3)
        codes = (_FIXED_LITERALS, _FIXED_DISTANCES)
    _write_symbols(bits, symbols, *codes)


def _write_symbols(bits: _Bits, symbols: Sequence[_Coded], literals: Code, distances: Code) -> None:
    for symbol in symbols:
        bits.write(literals.bits[symbol.literal], literals.lengths[symbol.literal])
        if symbol.distance >= 0:
            bits.write(symbol.literal_extra, _LENGTH_BITS[symbol.literal - _FIRST_LENGTH])
            bits.write(distances.bits[symbol.distance], distances.lengths[symbol.distance])
            bits.write(symbol.distance_extra, _DISTANCE_BITS[symbol.distance])


def _header(codes: tuple[Code, Code]) -> list[tuple[int, int]]:
    """Return the bits that say which codes a block uses, as numbers and how many bits each takes."""
    literals, distances = (_without_end(code.lengths) for code in codes)
    runs = list(_runs([*literals, *distances]))
    counts = [0] * len(_LENGTH_ORDER)
    for symbol, _ in runs:
        counts[symbol] += 1
    code = limited_code(counts, 7)
    written = max((place for place, symbol in enumerate(_LENGTH_ORDER) if counts[symbol]), default=0) + 1
    written = max(written, 4)
    header = [(0b100, 3), (len(literals) - _FIRST_LENGTH, 5), (len(distances) - 1, 5), (written - 4, 4)]
    header += [(code.lengths[symbol], 3) for symbol in _LENGTH_ORDER[:written]]
    for symbol, repeats in runs:
        header.append((code.bits[symbol], code.lengths[symbol]))
        header.append((repeats, _RUN_BITS.get(symbol, 0)))
    return header


def _without_end(lengths: Sequence[int]) -> Sequence[int]:
    end = len(lengths)
    while not lengths[end - 1]:
        end -= 1
    return lengths[:end]


def _runs(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the symbols that write the lengths, each with the value of its extra bits."""
    at = 0
    while at < len(lengths):
        length = lengths[at]
        end = at
        while end < len(lengths) and lengths[end] == length:
            end += 1
        count = end - at
        at = end
        if length:
            yield length, 0
            count -= 1
        # A run of zeros has two symbols for its count, one of another length repeats what stands before it.
        for symbol, least, most in ((16, 3, 6),) if length else ((18, 11, 138), (17, 3, 10)):
            while count >= least:
                taken = min(count, most)
                yield symbol, taken - least
                count -= taken
        for _ in range(count):
            yield length, 0
