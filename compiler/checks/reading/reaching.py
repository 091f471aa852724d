"""What leads where in a graph of which much is asked: sets of vertices are numbers, with a bit for each vertex.

A set for each vertex of a long chain would hold half as many entries as the square of its length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence


class Reach:
    """What ``steps`` lead to from each of some vertices, directly or not; a cycle leads to itself."""

    def __init__(self, vertices: Iterable[str], steps: Mapping[str, Sequence[str]]) -> None:
        self._vertices = tuple(vertices)
        self._places = {vertex: place for place, vertex in enumerate(self._vertices)}
        self._steps = steps
        self._found: dict[str, int] = {}

    def bit(self, vertex: str) -> int:
        """Return the set of one vertex."""
        return 1 << self._places[vertex]

    def members(self, found: int) -> Iterator[str]:
        """Yield the vertices of a set, in their order."""
        while found:
            lowest = found & -found
            yield self._vertices[lowest.bit_length() - 1]
            found ^= lowest

    def all_from(self, vertex: str) -> int:
        """Return the set of all that a vertex leads to."""
        if not self._found:
            order, has_cycle = self._ends_first()
            changed = True
            while changed:
                changed = False
                for each in order:
                    found = 0
                    for step in self._steps.get(each, ()):
                        found |= self.bit(step) | self._found.get(step, 0)
                    # Without a cycle all that follows is known before.
                    changed = changed or (has_cycle and self._found.get(each) != found)
                    self._found[each] = found
        return self._found[vertex]

    def leads(self, start: str, end: str) -> bool:
        """Return whether a vertex leads to another one."""
        return bool(self.all_from(start) & self.bit(end))

    def _ends_first(self) -> tuple[list[str], bool]:
        """Return the vertices, each behind what it leads to as far as no cycle is in the way, and whether one is."""
        order: list[str] = []
        # True while what a vertex leads to is being looked at.
        opened: dict[str, bool] = {}
        has_cycle = False
        for start in self._vertices:
            if start in opened:
                continue
            opened[start] = True
            pending = [(start, iter(self._steps.get(start, ())))]
            while pending:
                vertex, steps = pending[-1]
                step = next(steps, None)
                if step is None:
                    pending.pop()
                    opened[vertex] = False
                    order.append(vertex)
                elif step not in opened:
                    opened[step] = True
                    pending.append((step, iter(self._steps.get(step, ()))))
                else:
                    has_cycle = has_cycle or opened[step]
        return order, has_cycle
