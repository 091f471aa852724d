"""A layered drawing: where boxes stand and how arrows run, in running order from left to right.

Sugiyama's method (https://doi.org/10.1109/TSMC.1981.4308636): cycles are broken, each box stands in the column after
the last of those before it, arrows over several columns get a bend in each, the order in the columns is improved by
medians as long as that removes crossings, and heights are balanced towards the neighbours. Boxes that no arrow
touches stand apart, below. All sizes are in pixels. Boxes are numbers, arrows pairs (from, to); nothing is recursive,
since graphs may be deep.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from itertools import pairwise

from compiler.order.graph import running_order
from compiler.records import dataclass

_COLUMN_GAP = 72.0
_ROW_GAP = 18.0
_BEND = 10.0
_SWEEPS = 16


@dataclass(frozen=True, slots=True)
class Size:
    """How large a box is."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Placed:
    """The left upper corner of each box, the points of each arrow's way, and how large it all is.

    An arrow has its points in running order; two for each column that it passes, with the ends at the boxes' sides.
    """

    corners: tuple[tuple[float, float], ...]
    ways: tuple[tuple[tuple[float, float], ...], ...]
    width: float
    height: float


def place(sizes: Sequence[Size], arrows: Sequence[tuple[int, int]]) -> Placed:
    """Return where boxes of some sizes stand; ``arrows`` are (from, to), positions in ``sizes``, each pair once."""
    count = len(sizes)
    touched = {end for arrow in arrows for end in arrow}
    pairs = sorted(set(break_cycles(count, arrows)))
    column_of = [0] * count
    for number, wave in enumerate(waves(count, pairs)):
        for box in wave:
            column_of[box] = number
    columns: list[list[int]] = [[] for _ in range(max((column_of[box] for box in touched), default=-1) + 1)]
    heights = [size.height for size in sizes]
    for box in sorted(touched):
        columns[column_of[box]].append(box)
    chains: dict[tuple[int, int], list[int]] = {}
    links: list[tuple[int, int]] = []
    for source, target in pairs:
        chain = [source]
        for column in range(column_of[source] + 1, column_of[target]):
            columns[column].append(len(heights))
            chain.append(len(heights))
            heights.append(_BEND)
        chain.append(target)
        chains[source, target] = chain
        links += pairwise(chain)
    before: list[list[int]] = [[] for _ in heights]
    after: list[list[int]] = [[] for _ in heights]
    for source, target in links:
        after[source].append(target)
        before[target].append(source)
    columns = _ordered(columns, before, after)
    middles = _balanced(columns, heights, before, after)
    return _drawn(sizes, arrows, touched, columns, heights, middles, chains)


def crossings(columns: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> int:
    """Return how many pairs of arrows between neighbouring columns cross."""
    total = 0
    for column, following in pairwise(columns):
        at = {box: position for position, box in enumerate(following)}
        seen: list[int] = []
        for box in column:
            ends = sorted(at[each] for each in after[box])
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _ordered(columns: list[list[int]], before: list[list[int]], after: list[list[int]]) -> list[list[int]]:
    best, fewest = [list(column) for column in columns], crossings(columns, after)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        forward = sweep % 2 == 0
        beside = before if forward else after
        numbers = range(1, len(columns)) if forward else range(len(columns) - 2, -1, -1)
        for number in numbers:
            fixed = {box: at for at, box in enumerate(columns[number - 1 if forward else number + 1])}
            own = {box: at for at, box in enumerate(columns[number])}
            weight = {
                box: sum(fixed[each] for each in beside[box]) / len(beside[box]) if beside[box] else float(own[box])
                for box in columns[number]
            }
            columns[number].sort(key=lambda box: (weight[box], own[box]))
        now = crossings(columns, after)
        if now < fewest:
            best, fewest = [list(column) for column in columns], now
    return best


def _balanced(
    columns: list[list[int]], heights: list[float], before: list[list[int]], after: list[list[int]]
) -> list[float]:
    """Return the middle of each box: as near to those of its neighbours as the order in its column lets it be."""
    middles = [0.0] * len(heights)
    for column in columns:
        top = 0.0
        for box in column:
            middles[box] = top + heights[box] / 2
            top += heights[box] + _ROW_GAP
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            sides = (before, after, None)[min(sweep % 2, 1)] if sweep < _SWEEPS - 4 else None
            wanted = []
            for box in column:
                beside = sides[box] if sides is not None else before[box] + after[box]
                wanted.append(sum(middles[each] for each in beside) / len(beside) if beside else middles[box])
            for box, middle in zip(column, _apart(wanted, [heights[box] for box in column]), strict=True):
                middles[box] = middle
    return middles


def _apart(wanted: list[float], heights: list[float]) -> list[float]:
    """Return the places nearest to those wanted that keep order and distance: isotonic regression by merged blocks."""
    offsets = [0.0]
    for one, other in pairwise(heights):
        offsets.append(offsets[-1] + (one + other) / 2 + _ROW_GAP)
    blocks: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        total, count = want - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            earlier = blocks.pop()
            total, count = total + earlier[0], count + earlier[1]
        blocks.append((total, count))
    levels = [total / count for total, count in blocks for _ in range(count)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


def _drawn(
    sizes: Sequence[Size],
    arrows: Sequence[tuple[int, int]],
    touched: set[int],
    columns: list[list[int]],
    heights: list[float],
    middles: list[float],
    chains: dict[tuple[int, int], list[int]],
) -> Placed:
    top = min((middles[box] - heights[box] / 2 for column in columns for box in column), default=0.0)
    left: dict[int, float] = {}
    right: dict[int, float] = {}
    corners: dict[int, tuple[float, float]] = {}
    x = bottom = 0.0
    for column in columns:
        width = max((sizes[box].width for box in column if box < len(sizes)), default=0.0)
        for box in column:
            left[box], right[box] = x, x + (sizes[box].width if box < len(sizes) else width)
            middles[box] -= top
            bottom = max(bottom, middles[box] + heights[box] / 2)
            if box < len(sizes):
                corners[box] = (x, middles[box] - heights[box] / 2)
        x += width + _COLUMN_GAP
    width = max(x - _COLUMN_GAP, 0.0)
    ways: list[tuple[tuple[float, float], ...]] = []
    for source, target in arrows:
        chain = chains.get((source, target))
        turned = chain is None
        if source == target:
            edge, middle = right[source], middles[source]
            ways.append(((edge, middle - 8), (edge + 24, middle - 8), (edge + 24, middle + 8), (edge, middle + 8)))
            continue
        chain = chain or chains[target, source]
        points = [(right[chain[0]], middles[chain[0]])]
        for bend in chain[1:-1]:
            points += [(left[bend], middles[bend]), (right[bend], middles[bend])]
        points.append((left[chain[-1]], middles[chain[-1]]))
        ways.append(tuple(reversed(points) if turned else points))
    # Boxes without arrows fill rows as wide as the rest.
    row_width = max(width, 900.0)
    x, y, tallest = 0.0, bottom + (2 * _ROW_GAP if columns else 0.0), 0.0
    for box in range(len(sizes)):
        if box in touched:
            continue
        if x and x + sizes[box].width > row_width:
            x, y, tallest = 0.0, y + tallest + _ROW_GAP, 0.0
        corners[box] = (x, y)
        x, tallest = x + sizes[box].width + _ROW_GAP, max(tallest, sizes[box].height)
        width, bottom = max(width, x - _ROW_GAP), max(bottom, y + tallest)
    return Placed(tuple(corners[box] for box in range(len(sizes))), tuple(ways), width, bottom)


def break_cycles(count: int, edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the edges with those turned around that would close a cycle, and without loops.

    Cycles are entered at their first vertex by number, and the edge back to a vertex on the way is turned.
    """
    followers: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for source, target in edges:
        if source != target:
            followers[source].append(target)
            waiting[target] += 1
    kept: list[tuple[int, int]] = []
    state = [0] * count
    # Where nothing waits first, so that an edge is turned only where there is a cycle.
    for root in sorted(range(count), key=lambda vertex: (waiting[vertex] > 0, vertex)):
        if state[root]:
            continue
        state[root] = 1
        work = [(root, iter(followers[root]))]
        while work:
            vertex, rest = work[-1]
            for follower in rest:
                kept.append((follower, vertex) if state[follower] == 1 else (vertex, follower))
                if not state[follower]:
                    state[follower] = 1
                    work.append((follower, iter(followers[follower])))
                    break
            else:
                state[vertex] = 2
                work.pop()
    return kept


def waves(count: int, edges: Iterable[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """Return the vertices of a graph without cycles in waves: wave n has those with n edges on the longest way."""
    return running_order(range(count), ((target, source) for source, target in edges))[1]
