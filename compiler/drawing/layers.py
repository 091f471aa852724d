"""Directed graphs in layers: how cycles are broken for drawing, and waves. All of it in linear time.

Vertices are numbers, edges pairs (from, to) in running order. Nothing here is recursive: graphs may be deep.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from compiler.order.graph import running_order


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
