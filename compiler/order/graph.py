"""The order graph: who waits for whom, and for what.

An edge says that a *dependent* waits for a *prerequisite*; its type says what it waits for. *Running order* is the
opposite way round, prerequisite first, and every path and cycle that leaves this module is in running order.

The graph never holds a cycle, a self edge, or two types for one pair. Explicit edges are all kept, also where a
longer path says the same: with A -success-> B -completion-> C and A -success-> C, a failure of A must skip C, and only
the direct edge says so. Nothing here reduces a graph.

This is the only module that imports networkx, which stores the graph and gives the algorithms, and it does so where
the first graph is made: importing networkx takes longer than everything that a command without a graph does.
"""

from __future__ import annotations

from _thread import RLock  # What threading gives too, once it is imported.
from collections import deque
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping
from enum import Enum
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar, cast

if TYPE_CHECKING:
    import networkx as nx
    from _typeshed import SupportsRichComparison

V = TypeVar("V", bound=Hashable)
E = TypeVar("E")

# The attribute under which networkx keeps an edge's type.
_REQUIRES = "requires"


class Added(Enum):
    """What an addition did to the graph."""

    ADDED = "added"
    REPEATED = "repeated"


class UnknownVertex(LookupError):
    """A question about a vertex that isn't in the graph."""

    def __init__(self, vertex: Hashable) -> None:
        super().__init__(f"{vertex} is not in the graph")
        self.vertex = vertex


class EdgeRefused(Exception):
    """The base of everything for which an edge is refused. The graph is as it was before."""


class CycleClosed(EdgeRefused):
    """The edge closes a cycle. ``path`` is the cycle in running order; its last vertex is its first one again."""

    def __init__(self, path: tuple[Hashable, ...]) -> None:
        super().__init__("the edge closes the cycle " + " -> ".join(map(str, path)))
        self.path = path


class SelfEdge(CycleClosed):
    """The edge makes a vertex wait for itself: the shortest cycle. ``path`` names the vertex twice."""

    def __init__(self, vertex: Hashable) -> None:
        super().__init__((vertex, vertex))


class ConflictingEdge(EdgeRefused):
    """The pair is in the graph already, with the type ``existing`` rather than ``new``."""

    def __init__(self, dependent: Hashable, prerequisite: Hashable, existing: object, new: object) -> None:
        super().__init__(f"{dependent} waits for {prerequisite} with {existing} already, not with {new}")
        self.dependent = dependent
        self.prerequisite = prerequisite
        self.existing = existing
        self.new = new


class OrderEdge(NamedTuple, Generic[V, E]):
    """``dependent`` waits for ``prerequisite``; ``requires`` says what it waits for."""

    dependent: V
    prerequisite: V
    requires: E


def _identity(vertex: V) -> SupportsRichComparison:
    return cast("SupportsRichComparison", vertex)


def _first_shortest_path(
    store: nx.DiGraph[V], source: V, target: V, key: Callable[[V], SupportsRichComparison], within: Container[V]
) -> tuple[V, ...]:
    """Return a shortest path of one hop or more in running order, both ends included; empty where there is none.

    Among the shortest it is the first by ``key``, vertex by vertex. It stays ``within`` the given vertices.
    """
    # Distances are measured backwards from the target and no farther than the source, so that the way forward below
    # is a choice among vertices that are known to lead to the target in the fewest hops.
    hops = {target: 0}
    queue = deque([target])
    while queue:
        vertex = queue.popleft()
        for earlier in store.predecessors(vertex):
            if earlier == source:
                path = [source]
                for left in range(hops[vertex], -1, -1):
                    path.append(min((v for v in store.successors(path[-1]) if hops.get(v) == left), key=key))
                return tuple(path)
            if earlier not in hops and earlier in within:
                hops[earlier] = hops[vertex] + 1
                queue.append(earlier)
    return ()


def _components(store: nx.DiGraph[V]) -> Iterator[frozenset[V]]:
    """Yield the sets of vertices that wait for each other, or, alone, for themselves."""
    import networkx as nx

    for component in map(frozenset, nx.strongly_connected_components(store)):
        if len(component) > 1 or store.has_edge(*component, *component):
            yield component


def reach(start: Iterable[V], steps: Mapping[V, Iterable[V]]) -> frozenset[V]:
    """Return all that ``steps`` lead to from ``start``, directly or not, without it unless there is a way back."""
    return frozenset(_reached(start, lambda vertex: steps.get(vertex, ())))


def _reached(start: Iterable[V], step: Callable[[V], Iterable[V]]) -> set[V]:
    seen: set[V] = set()
    pending = list(start)
    while pending:
        for vertex in step(pending.pop()):
            if vertex not in seen:
                seen.add(vertex)
                pending.append(vertex)
    return seen


def cycles(
    edges: Iterable[tuple[V, V]], *, key: Callable[[V], SupportsRichComparison] | None = None
) -> tuple[tuple[V, ...], ...]:
    """Return one canonical cycle for each strongly connected component of ``edges``, (dependent, prerequisite) pairs.

    A cycle is in running order, prerequisite first, and closed: its last vertex is its first one again. It is the
    shortest through the component's first vertex by ``key``, among equals the first in that order. Cycles are sorted
    by their first vertex; there is none where the edges can all be kept. A vertex that waits for itself is a cycle
    of one hop. The work is linear in the edges, however many cycles there are.
    """
    pairs = tuple(edges)
    waiting: dict[V, list[V]] = {}
    for dependent, prerequisite in pairs:
        waiting.setdefault(dependent, []).append(prerequisite)
    try:
        TopologicalSorter(waiting).prepare()
    except CycleError:
        pass
    else:
        # Nearly every template ends here, and then need not wait for networkx to be imported.
        return ()
    import networkx as nx

    store: nx.DiGraph[V] = nx.DiGraph()
    store.add_edges_from((prerequisite, dependent) for dependent, prerequisite in pairs)
    rank = key or _identity
    firsts = sorted(
        ((min(component, key=rank), component) for component in _components(store)), key=lambda each: rank(each[0])
    )
    return tuple(_first_shortest_path(store, first, first, rank, component) for first, component in firsts)


def knots(edges: Iterable[tuple[V, V]]) -> tuple[frozenset[V], ...]:
    """Return the sets of vertices of which each waits for each, itself included, in no particular order."""
    import networkx as nx

    store: nx.DiGraph[V] = nx.DiGraph()
    store.add_edges_from(edges)
    return tuple(_components(store))


def running_order(
    vertices: Iterable[V], edges: Iterable[tuple[V, V]], *, key: Callable[[V], SupportsRichComparison] | None = None
) -> tuple[tuple[V, ...], tuple[tuple[V, ...], ...]]:
    """Return the vertices in running order, and in waves, each sorted.

    Of the vertices that could come next, the first by ``key`` does. Wave n holds those with n edges on the longest way
    to them. ``edges`` are (dependent, prerequisite) pairs of the vertices. A template that is compiled asks nothing
    else of its graph, and needn't wait for networkx to be imported.
    Raises :class:`CycleClosed` with the first of the canonical :func:`cycles`.
    """
    ranked = sorted(vertices, key=key or _identity)
    ranks = {vertex: rank for rank, vertex in enumerate(ranked)}
    pairs = tuple(edges)
    dependents: list[list[int]] = [[] for _ in ranked]
    missing = [0] * len(ranked)
    for dependent, prerequisite in pairs:
        dependents[ranks[prerequisite]].append(ranks[dependent])
        missing[ranks[dependent]] += 1
    free = [rank for rank, count in enumerate(missing) if not count]
    depth = [0] * len(ranked)
    order: list[int] = []
    while free:
        rank = heappop(free)
        order.append(rank)
        for later in dependents[rank]:
            depth[later] = max(depth[later], depth[rank] + 1)
            missing[later] -= 1
            if not missing[later]:
                heappush(free, later)
    if len(order) < len(ranked):
        raise CycleClosed(cycles(pairs, key=key)[0])
    waves: list[list[V]] = [[] for _ in range(max(depth, default=-1) + 1)]
    for rank, vertex in enumerate(ranked):
        waves[depth[rank]].append(vertex)
    return tuple(ranked[rank] for rank in order), tuple(map(tuple, waves))


class OrderGraph(Generic[V, E]):
    """A graph of vertices and typed edges without cycles, which several threads may read and change at once.

    Vertices are hashable and are sorted by ``key``, which must tell any two of them apart; the default is the vertex
    itself. Every method is one step as other threads see it, and what it returns is a copy that later changes don't
    touch.
    """

    def __init__(self, *, key: Callable[[V], SupportsRichComparison] | None = None) -> None:
        import networkx as nx

        # networkx's edges point in running order, from the prerequisite to the dependent, so that its topological
        # algorithms, its successors and its descendants mean the same here as there.
        self._store: nx.DiGraph[V] = nx.DiGraph()
        self._key = key or _identity
        self._lock = RLock()
        # Each vertex's place in some topological order, see _make_way. Places are distinct but may have gaps.
        self._place: dict[V, int] = {}
        self._first_place = 0
        self._last_place = 0

    @classmethod
    def build(
        cls,
        vertices: Iterable[V],
        edges: Iterable[tuple[V, V, E]],
        *,
        key: Callable[[V], SupportsRichComparison] | None = None,
    ) -> OrderGraph[V, E]:
        """Return the graph of all ``vertices`` and all ``edges``: (dependent, prerequisite, requires).

        It looks for cycles once, at the end, so the work is linear in the edges. Vertices that only edges name are
        added. Raises :class:`SelfEdge` or :class:`ConflictingEdge` for the first such edge, and :class:`CycleClosed`
        with the first of the canonical :func:`cycles`.
        """
        import networkx as nx

        graph = cls(key=key)
        store = graph._store
        for vertex in vertices:
            store.add_node(vertex)
        for dependent, prerequisite, requires in edges:
            if graph._check_pair(dependent, prerequisite, requires) is Added.ADDED:
                store.add_edge(prerequisite, dependent, **{_REQUIRES: requires})
        try:
            graph._place = {vertex: place for place, vertex in enumerate(nx.topological_sort(store))}
        except nx.NetworkXUnfeasible:
            found = cycles(((dependent, prerequisite) for prerequisite, dependent in store.edges), key=key)
            raise CycleClosed(found[0]) from None
        graph._last_place = len(graph._place)
        return graph

    def add_vertex(self, vertex: V) -> Added:
        """Add a vertex without edges; a vertex that is there already is left alone."""
        with self._lock:
            if vertex in self._place:
                return Added.REPEATED
            self._put(vertex, first=False)
            return Added.ADDED

    def add_edge(self, dependent: V, prerequisite: V, requires: E) -> Added:
        """Make ``dependent`` wait for ``prerequisite``, adding either vertex where it isn't there yet.

        Returns ``REPEATED`` where the pair is there with the same type. Raises :class:`SelfEdge`,
        :class:`ConflictingEdge` where it is there with another type, and :class:`CycleClosed` with the shortest cycle
        that the edge would close, starting with the edge; then the graph is as it was.
        """
        with self._lock:
            if self._check_pair(dependent, prerequisite, requires) is Added.REPEATED:
                return Added.REPEATED
            # A vertex without edges can stand anywhere. Standing at the end that fits, it moves no other.
            if prerequisite not in self._place:
                self._put(prerequisite, first=dependent in self._place)
            if dependent not in self._place:
                self._put(dependent, first=False)
            if self._place[prerequisite] > self._place[dependent]:
                self._make_way(dependent, prerequisite)
            self._store.add_edge(prerequisite, dependent, **{_REQUIRES: requires})
            return Added.ADDED

    def vertices(self) -> tuple[V, ...]:
        """Return all vertices, sorted."""
        with self._lock:
            return tuple(sorted(self._store, key=self._key))

    def edges(self) -> tuple[OrderEdge[V, E], ...]:
        """Return all edges, sorted by dependent, then by prerequisite."""
        with self._lock:
            found = [OrderEdge(d, p, data[_REQUIRES]) for p, d, data in self._store.edges(data=True)]
        key = self._key
        return tuple(sorted(found, key=lambda edge: (key(edge.dependent), key(edge.prerequisite))))

    def prerequisites(self, vertex: V) -> tuple[OrderEdge[V, E], ...]:
        """Return the edges to what ``vertex`` waits for directly, by prerequisite. Raises :class:`UnknownVertex`."""
        with self._lock:
            self._check_known(vertex)
            found = [OrderEdge(vertex, p, data[_REQUIRES]) for p, data in self._store.pred[vertex].items()]
        return tuple(sorted(found, key=lambda edge: self._key(edge.prerequisite)))

    def dependents(self, vertex: V) -> tuple[OrderEdge[V, E], ...]:
        """Return the edges from what waits for ``vertex`` directly, by dependent. Raises :class:`UnknownVertex`."""
        with self._lock:
            self._check_known(vertex)
            found = [OrderEdge(d, vertex, data[_REQUIRES]) for d, data in self._store.succ[vertex].items()]
        return tuple(sorted(found, key=lambda edge: self._key(edge.dependent)))

    def why(self, dependent: V, prerequisite: V) -> tuple[V, ...]:
        """Return the shortest path that makes ``dependent`` wait for ``prerequisite``, both ends included.

        The path is in running order: it starts with the prerequisite. Among equals it is the first in the order of
        the vertices. Empty where the one doesn't wait for the other. Raises :class:`UnknownVertex`.
        """
        with self._lock:
            self._check_known(dependent)
            self._check_known(prerequisite)
            return _first_shortest_path(self._store, prerequisite, dependent, self._key, self._place)

    def _check_known(self, vertex: V) -> None:
        if vertex not in self._place:
            raise UnknownVertex(vertex)

    def _check_pair(self, dependent: V, prerequisite: V, requires: E) -> Added:
        """Return whether the pair would be new. Raises what refuses it by itself, whatever the other edges are."""
        if dependent == prerequisite:
            raise SelfEdge(dependent)
        if not self._store.has_edge(prerequisite, dependent):
            return Added.ADDED
        existing = self._store.edges[prerequisite, dependent][_REQUIRES]
        if existing != requires:
            raise ConflictingEdge(dependent, prerequisite, existing, requires)
        return Added.REPEATED

    def _put(self, vertex: V, *, first: bool) -> None:
        """Add a vertex that isn't there, before or behind all others."""
        self._store.add_node(vertex)
        self._first_place -= first
        self._last_place += not first
        self._place[vertex] = self._first_place if first else self._last_place

    def _make_way(self, dependent: V, prerequisite: V) -> None:
        """Give ``prerequisite`` a place before ``dependent``, or raise :class:`CycleClosed` with nothing moved.

        The places are kept topological while edges come in, after Pearce and Kelly, "A dynamic topological sort
        algorithm for directed acyclic graphs" (2006). An edge that agrees with the places is accepted without a
        look at the rest of the graph, and one that doesn't costs a search between the two places only.
        """
        place = self._place
        low, high = place[dependent], place[prerequisite]
        successors, predecessors = self._store.succ, self._store.pred
        after = {dependent} | _reached([dependent], lambda v: (w for w in successors[v] if place[w] <= high))
        if prerequisite in after:
            way_back = _first_shortest_path(self._store, dependent, prerequisite, self._key, after)
            raise CycleClosed((prerequisite, *way_back))
        before = {prerequisite} | _reached([prerequisite], lambda v: (w for w in predecessors[v] if place[w] >= low))
        moved = sorted(before, key=place.__getitem__) + sorted(after, key=place.__getitem__)
        place.update(zip(moved, sorted(place[vertex] for vertex in moved), strict=True))
