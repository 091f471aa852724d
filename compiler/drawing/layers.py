"""Directed graphs in layers: their cycles, how these are broken for drawing, and waves. All of it in linear time.

Vertices are numbers or names, edges pairs (from, to) in running order. Nothing here is recursive: graphs may be deep.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

__all__ = ["break_cycles", "on_cycles", "waves"]

V = TypeVar("V", int, str)


def on_cycles(edges: Iterable[tuple[V, V]]) -> dict[V, int]:
    """Return the vertices that are part of a cycle, each with the number of its strongly connected component.

    Tarjan's algorithm (https://doi.org/10.1137/0201010), with a stack of its own.
    """
    followers: dict[V, list[V]] = {}
    loops = set()
    for source, target in edges:
        followers.setdefault(source, []).append(target)
        if source == target:
            loops.add(source)
    index: dict[V, int] = {}
    low: dict[V, int] = {}
    open_: list[V] = []
    is_open: set[V] = set()
    found: dict[V, int] = {}
    components = 0
    for root in followers:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        open_.append(root)
        is_open.add(root)
        work = [(root, iter(followers[root]))]
        while work:
            vertex, rest = work[-1]
            for follower in rest:
                if follower not in index:
                    index[follower] = low[follower] = len(index)
                    open_.append(follower)
                    is_open.add(follower)
                    work.append((follower, iter(followers.get(follower, ()))))
                    break
                if follower in is_open:
                    low[vertex] = min(low[vertex], index[follower])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[vertex])
                if low[vertex] == index[vertex]:
                    component = [open_.pop()]
                    while component[-1] != vertex:
                        component.append(open_.pop())
                    is_open.difference_update(component)
                    if len(component) > 1 or vertex in loops:
                        found.update(dict.fromkeys(component, components))
                        components += 1
    return found


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
    followers: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for source, target in edges:
        followers[source].append(target)
        waiting[target] += 1
    found: list[tuple[int, ...]] = []
    wave = [vertex for vertex in range(count) if not waiting[vertex]]
    while wave:
        found.append(tuple(wave))
        following = []
        for vertex in wave:
            for follower in followers[vertex]:
                waiting[follower] -= 1
                if not waiting[follower]:
                    following.append(follower)
        wave = sorted(following)
    return tuple(found)
