"""Random graphs for the property tests, and slow, plain answers to hold the real ones against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hypothesis import strategies as st

from compiler.order.outcome import Requires

VERTICES = "abcdefg"

pairs = st.tuples(st.sampled_from(VERTICES), st.sampled_from(VERTICES))
requirements = st.sampled_from(list(Requires))

# Any edges at all: self edges, cycles, conflicts and repeats among them.
any_edges = st.lists(st.tuples(st.sampled_from(VERTICES), st.sampled_from(VERTICES), requirements), max_size=30)

# Who names which mutexes; few names, so that many are shared.
mutexes = st.dictionaries(st.sampled_from(VERTICES), st.sets(st.sampled_from(("apt", "dpkg", "net"))))


@st.composite
def acyclic_edges(draw: st.DrawFn) -> list[tuple[str, str, Requires]]:
    """Draw edges (dependent, prerequisite, requires) without a cycle, each pair once, in any order."""
    rank = {vertex: place for place, vertex in enumerate(draw(st.permutations(VERTICES)))}
    chosen = draw(st.lists(pairs, unique_by=frozenset, max_size=20))
    apart = [pair for pair in chosen if pair[0] != pair[1]]
    return [(max(p, key=rank.__getitem__), min(p, key=rank.__getitem__), draw(requirements)) for p in apart]


def simple_paths(edges: Iterable[tuple[str, str]], source: str, target: str) -> Iterator[tuple[str, ...]]:
    """Yield every path of one hop or more in running order that meets no vertex twice, but for a cycle's end."""
    followers: dict[str, list[str]] = {}
    for dependent, prerequisite in edges:
        followers.setdefault(prerequisite, []).append(dependent)
    stack: list[tuple[str, ...]] = [(source,)]
    while stack:
        path = stack.pop()
        for vertex in followers.get(path[-1], []):
            if vertex == target:
                yield (*path, vertex)
            elif vertex not in path:
                stack.append((*path, vertex))


def reaches(edges: Iterable[tuple[str, str]], source: str, target: str) -> bool:
    """Return whether ``target`` comes after ``source`` in running order."""
    return next(simple_paths(edges, source, target), None) is not None
