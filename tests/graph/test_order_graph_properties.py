"""What holds of every order graph, shown on random ones against slow and plain answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.order.graph import Added, ConflictingEdge, CycleClosed, OrderGraph, SelfEdge, cycles, running_order
from compiler.order.outcome import Requires
from tests.graph.strategies import VERTICES, acyclic_edges, any_edges, pairs, simple_paths

Edges = list[tuple[str, str, Requires]]


def _pairs(edges: Edges) -> list[tuple[str, str]]:
    return [(dependent, prerequisite) for dependent, prerequisite, _ in edges]


@given(acyclic_edges(), any_edges)
def test_an_edge_is_taken_if_and_only_if_nothing_speaks_against_it(built: Edges, edges: Edges) -> None:
    graph = OrderGraph.build([], built)
    kept = {(dependent, prerequisite): requires for dependent, prerequisite, requires in built}
    for dependent, prerequisite, requires in edges:
        pair = (dependent, prerequisite)
        ways_back = list(simple_paths(kept, dependent, prerequisite))
        if dependent == prerequisite:
            with pytest.raises(SelfEdge):
                graph.add_edge(dependent, prerequisite, requires)
        elif ways_back:
            with pytest.raises(CycleClosed) as refusal:
                graph.add_edge(dependent, prerequisite, requires)
            assert refusal.value.path == (prerequisite, *min(ways_back, key=lambda path: (len(path), path)))
        elif kept.get(pair, requires) is not requires:
            with pytest.raises(ConflictingEdge):
                graph.add_edge(dependent, prerequisite, requires)
        else:
            expected = Added.REPEATED if pair in kept else Added.ADDED
            assert graph.add_edge(dependent, prerequisite, requires) is expected
            kept[pair] = requires
        assert {(edge.dependent, edge.prerequisite): edge.requires for edge in graph.edges()} == kept
    assert graph.edges() == OrderGraph.build(graph.vertices(), graph.edges()).edges()


@given(acyclic_edges(), st.sampled_from([1, -1]))
def test_of_all_that_could_come_next_the_first_does(edges: Edges, sign: int) -> None:
    def rank(vertex: str) -> int:
        return sign * VERTICES.index(vertex)

    order, waves = running_order(VERTICES, _pairs(edges), key=rank)
    left = set(VERTICES)
    for vertex in order:
        free = [each for each in left if not any(d == each and p in left for d, p in _pairs(edges))]
        assert vertex == min(free, key=rank)
        left.remove(vertex)
    assert not left
    assert running_order(reversed(VERTICES), reversed(_pairs(edges)), key=rank) == (order, waves)


@given(any_edges)
def test_the_running_order_refuses_the_first_cycle(edges: Edges) -> None:
    found = cycles(_pairs(edges))
    if found:
        with pytest.raises(CycleClosed) as refusal:
            running_order(VERTICES, _pairs(edges))
        assert refusal.value.path == found[0]
    else:
        running_order(VERTICES, _pairs(edges))


@given(acyclic_edges())
def test_a_wave_is_as_far_in_as_the_longest_way_to_it(edges: Edges) -> None:
    _, waves = running_order(VERTICES, _pairs(edges))
    depth = {vertex: number for number, wave in enumerate(waves) for vertex in wave}
    for vertex in VERTICES:
        ways = [len(path) - 1 for other in VERTICES for path in simple_paths(_pairs(edges), other, vertex)]
        assert depth[vertex] == max(ways, default=0)
    assert all(list(wave) == sorted(wave) for wave in waves)


@given(acyclic_edges())
def test_why_agrees_with_all_paths(edges: Edges) -> None:
    graph = OrderGraph.build(VERTICES, edges)
    for source in VERTICES:
        for target in VERTICES:
            paths = simple_paths(_pairs(edges), source, target)
            assert graph.why(target, source) == min(paths, key=lambda path: (len(path), path), default=())


@given(st.data())
def test_the_order_in_which_a_graph_grew_does_not_show(data: st.DataObject) -> None:
    edges = data.draw(acyclic_edges())
    graph = OrderGraph.build(VERTICES, edges)
    other: OrderGraph[str, Requires] = OrderGraph()
    for edge in data.draw(st.permutations(edges)):
        other.add_edge(*edge)
    for vertex in data.draw(st.permutations(VERTICES)):
        other.add_vertex(vertex)
    assert (other.vertices(), other.edges()) == (graph.vertices(), graph.edges())


@given(st.lists(pairs, max_size=20))
def test_a_build_is_refused_if_and_only_if_there_are_cycles(edges: list[tuple[str, str]]) -> None:
    apart = [(dependent, prerequisite) for dependent, prerequisite in edges if dependent != prerequisite]
    typed = [(*pair, Requires.SUCCESS) for pair in apart]
    found = cycles(apart)
    if found:
        with pytest.raises(CycleClosed) as refusal:
            OrderGraph.build([], typed)
        assert refusal.value.path == found[0]
    else:
        assert len(OrderGraph.build([], typed).edges()) == len(set(apart))
