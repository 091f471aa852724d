"""Covers pairs with as few full products as there are: ``products_of({(a, x), (b, x)}) -> [({a, b}, {x})]``.

A rule says that each of its scripts waits for each of some others, so the fewest rules that say a set of pairs are a
least cover of a bipartite graph by complete bipartite subgraphs. That is NP-hard in general (Orlin, Contentment in
graph theory, 1977), and orders are small: what is tangled beyond the bounds below gets a good cover in place of a
least one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

if TYPE_CHECKING:
    from _typeshed import SupportsRichComparison

T = TypeVar("T", bound=Hashable)

# The most pairs of a tangle, the most products that it may be put together from, and how often a pair is looked at.
_MAX_PAIRS: Final = 200
_MAX_CANDIDATES: Final = 400
_MAX_LOOKS: Final = 1_000_000


class Product(NamedTuple):
    """Each of ``left`` with each of ``right``, both sorted."""

    left: tuple[Any, ...]
    right: tuple[Any, ...]


_Rows = Mapping[int, frozenset[int]]
_Rectangle = tuple[frozenset[int], frozenset[int]]


def products_of(pairs: Iterable[tuple[T, T]]) -> tuple[Product, ...]:
    """Return products that together hold exactly the pairs, sorted by their right sides, then their left ones.

    The same pairs give the same products in whatever order they come. No product says more than the others leave to
    it where it could be left out.
    """
    rows: dict[T, set[T]] = {}
    for left, right in pairs:
        rows.setdefault(left, set()).add(right)
    # What stands for the same others is one thing here, on either side.
    lefts = _alike({left: frozenset(rights) for left, rights in rows.items()})
    columns: dict[T, set[int]] = {}
    for number, members in enumerate(lefts):
        for right in rows[members[0]]:
            columns.setdefault(right, set()).add(number)
    rights = _alike({right: frozenset(numbers) for right, numbers in columns.items()})
    of_right = {member: number for number, members in enumerate(rights) for member in members}
    reduced = {number: frozenset(of_right[right] for right in rows[members[0]]) for number, members in enumerate(lefts)}
    found = [rectangle for part in _parts(reduced) for rectangle in _cover(part)]
    products = [
        Product(
            tuple(sorted((member for number in left for member in lefts[number]), key=_rank)),
            tuple(sorted((member for number in right for member in rights[number]), key=_rank)),
        )
        for left, right in found
    ]
    return tuple(sorted(products, key=lambda item: (item.right, item.left)))


def _rank(member: Any) -> SupportsRichComparison:
    found: SupportsRichComparison = member
    return found


def _alike(sets: Mapping[T, frozenset[Any]]) -> list[list[T]]:
    """Return the members that have the same set together; both levels are sorted."""
    groups: dict[frozenset[Any], list[T]] = {}
    for member in sorted(sets, key=_rank):
        groups.setdefault(sets[member], []).append(member)
    return sorted(groups.values(), key=lambda group: _rank(group[0]))


def _parts(rows: _Rows) -> Iterator[dict[int, frozenset[int]]]:
    """Yield the rows that hang together by columns that they share."""
    holding: dict[int, list[int]] = {}
    for row, columns in rows.items():
        for column in columns:
            holding.setdefault(column, []).append(row)
    seen: set[int] = set()
    for first in rows:
        pending, part = [first], set[int]()
        while pending:
            row = pending.pop()
            if row not in seen:
                seen.add(row)
                part.add(row)
                # A column that was gone through once leads to nothing new.
                pending.extend(other for column in rows[row] for other in holding.pop(column, ()))
        if part:
            yield {row: rows[row] for row in sorted(part)}


def _cover(rows: _Rows) -> list[_Rectangle]:
    """Return rectangles, each without what others hold, that cover some rows that hang together."""
    simple = min(_by_row(rows), _by_column(rows), key=len)
    if sum(map(len, rows.values())) > _MAX_PAIRS:
        return simple
    candidates = _largest(rows)
    if candidates is not None:
        search = _Search(rows, candidates, simple)
        search.look(frozenset(search.holding), [])
        simple = search.best
    return _trimmed(simple)


def _by_row(rows: _Rows) -> list[_Rectangle]:
    return [(frozenset((row,)), columns) for row, columns in rows.items()]


def _by_column(rows: _Rows) -> list[_Rectangle]:
    columns = sorted({column for held in rows.values() for column in held})
    return [
        (frozenset(row for row, held in rows.items() if column in held), frozenset((column,))) for column in columns
    ]


def _largest(rows: _Rows) -> list[_Rectangle] | None:
    """Return the rectangles that can't grow, the largest first; None where there are too many.

    Their right sides are the intersections of rows.
    """
    closed: set[frozenset[int]] = set()
    for columns in rows.values():
        closed |= {common for other in closed if (common := other & columns)}
        closed.add(columns)
        if len(closed) > _MAX_CANDIDATES:
            return None
    found = [(frozenset(row for row, held in rows.items() if right <= held), right) for right in closed]
    return sorted(found, key=lambda item: (-len(item[0]) * len(item[1]), sorted(item[0]), sorted(item[1])))


class _Search:
    """Looks for the least cover; ``best`` is the least that is known."""

    def __init__(self, rows: _Rows, candidates: list[_Rectangle], best: list[_Rectangle]) -> None:
        self.best = best
        self.holding: dict[tuple[int, int], list[_Rectangle]] = {}
        self._rows = rows
        self._looks = 0
        for candidate in candidates:
            for cell in product(*candidate):
                self.holding.setdefault(cell, []).append(candidate)

    def look(self, uncovered: frozenset[tuple[int, int]], chosen: list[_Rectangle]) -> None:
        """Try what covers the rest, as long as it may come to less than the best."""
        if not uncovered:
            self.best = list(chosen)
            return
        cells = sorted(uncovered)
        if self._looks > _MAX_LOOKS or len(chosen) + self.apart(cells) >= len(self.best):
            return
        # The cell that leaves the fewest choices.
        for candidate in min((self.holding[cell] for cell in cells), key=len):
            self.look(uncovered - set(product(*candidate)), [*chosen, candidate])

    def apart(self, cells: list[tuple[int, int]]) -> int:
        """Return the number of cells of which no two fit into one rectangle: so many more are needed at least."""
        found: list[tuple[int, int]] = []
        for row, column in cells:
            self._looks += 1 + len(found)
            if all(column not in self._rows[other] or held not in self._rows[row] for other, held in found):
                found.append((row, column))
        return len(found)


def _trimmed(cover: list[_Rectangle]) -> list[_Rectangle]:
    """Return a cover of which no rectangle holds a row or column that the others hold in it already."""
    held = Counter(cell for item in cover for cell in product(*item))
    found = []
    for left, right in cover:
        kept = frozenset(row for row in left if any(held[row, column] == 1 for column in right))
        rest = frozenset(column for column in right if any(held[row, column] == 1 for row in kept))
        held.subtract(product(left, right))
        held.update(product(kept, rest))
        found.append((kept, rest))
    return found
