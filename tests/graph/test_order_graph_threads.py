"""Several threads at one order graph: each change is one step, each answer one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from compiler.order.graph import Added, ConflictingEdge, CycleClosed, OrderEdge, OrderGraph, cycles
from compiler.order.outcome import Requires
from tests.graph.cases import SUCCESS
from tests.graph.collide import THREADS, Yielding, collide

Graph = OrderGraph[str, Requires]
ROUNDS = range(5)
WRITERS = 5


A, B = Yielding("a"), Yielding("b")

Moment: TypeAlias = tuple[OrderEdge[str, Requires], ...]


def v(number: int) -> Yielding:
    return Yielding(f"v{number:03}")


def chain(length: int) -> Graph:
    return OrderGraph.build([], [(v(n + 1), v(n), SUCCESS) for n in range(length - 1)])


def test_everybody_who_closes_the_same_cycle_is_refused() -> None:
    for _ in ROUNDS:
        graph = chain(8)
        before = (graph.vertices(), graph.edges())
        results = collide([partial(graph.add_edge, v(0), v(7), SUCCESS)] * THREADS)
        assert [type(result) for result in results] == [CycleClosed] * THREADS
        assert {result.path for result in results if isinstance(result, CycleClosed)} == {
            (v(7), *(v(n) for n in range(8)))
        }
        assert (graph.vertices(), graph.edges()) == before


def test_of_all_who_make_a_ring_together_exactly_one_is_refused() -> None:
    for _ in ROUNDS:
        graph: Graph = OrderGraph()
        results = collide([partial(graph.add_edge, v(n), v((n + 1) % THREADS), SUCCESS) for n in range(THREADS)])
        assert Counter(map(type, results)) == {Added: THREADS - 1, CycleClosed: 1}
        assert len(graph.edges()) == THREADS - 1
        assert len(graph.vertices()) == THREADS


def test_of_several_types_for_one_pair_one_wins_and_the_others_hear_of_it() -> None:
    for _ in ROUNDS:
        graph: Graph = OrderGraph()
        types = [list(Requires)[n % 3] for n in range(THREADS)]
        results = collide([partial(graph.add_edge, B, A, requires) for requires in types])
        [(_, _, winner)] = graph.edges()
        for requires, result in zip(types, results, strict=True):
            if requires is winner:
                assert isinstance(result, Added)
            else:
                assert isinstance(result, ConflictingEdge)
                assert (result.existing, result.new) == (winner, requires)
        assert Counter(result for result in results if isinstance(result, Added))[Added.ADDED] == 1


def test_readers_see_whole_moments_while_writers_write() -> None:
    graph: Graph = OrderGraph()
    length = 60

    finished: list[int] = []

    def write(writer: int) -> list[Moment]:
        try:
            # Against the order in which the places come, and knotted to the next chain, so that edges make way.
            for n in range(length, 0, -1):
                graph.add_edge(f"w{writer}-{n:02}", f"w{writer}-{n - 1:02}", SUCCESS)
                graph.add_edge(f"w{writer}-{n:02}", f"w{(writer + 1) % WRITERS}-{n - 1:02}", SUCCESS)
        finally:
            finished.append(writer)
        return []

    def read() -> list[Moment]:
        seen = []
        while len(finished) < WRITERS:
            before = graph.vertices()
            edges = graph.edges()
            vertices = set(graph.vertices())
            assert set(before) <= vertices
            assert {vertex for edge in edges for vertex in (edge.dependent, edge.prerequisite)} <= vertices
            for vertex in before[:5]:
                assert {edge.dependent for edge in graph.dependents(vertex)} <= set(graph.vertices())
            seen.append(edges)
        return seen

    actions: list[Callable[[], list[Moment]]] = [partial(write, n) for n in range(WRITERS)]
    results = collide([*actions, *[read] * (THREADS - WRITERS)])

    assert len(graph.edges()) == 2 * WRITERS * length
    last = set(graph.edges())
    for moments in results:
        assert not isinstance(moments, Exception), moments
        for moment in moments:
            assert set(moment) <= last
            assert cycles((edge.dependent, edge.prerequisite) for edge in moment) == ()
        sizes = [len(moment) for moment in moments]
        assert sizes == sorted(sizes)


def test_a_key_may_ask_the_graph() -> None:
    def by_name(vertex: str) -> str:
        assert graph.prerequisites("a") == ()
        return vertex

    graph: Graph = OrderGraph(key=by_name)
    graph.add_edge("b", "a", SUCCESS)
    assert graph.vertices() == ("a", "b")
