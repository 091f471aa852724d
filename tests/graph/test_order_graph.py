"""The order graph, case by case: what it takes, what it refuses, what it answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from compiler.drawing.dot import to_dot
from compiler.drawing.picture import make_picture
from compiler.order.graph import (
    Added,
    ConflictingEdge,
    CycleClosed,
    OrderEdge,
    OrderGraph,
    SelfEdge,
    UnknownVertex,
    running_order,
)
from compiler.order.outcome import Requires
from tests.golden import check_golden, check_orphans
from tests.graph.cases import ADDED, CASES, COMPLETION, REPEATED, START, SUCCESS, Case, unit_graph

GOLDENS = Path(__file__).parent / "goldens"

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def grown(case: Case) -> OrderGraph[str, Requires]:
    """Return the case's graph, each step tried, whether it must be taken or refused."""
    graph: OrderGraph[str, Requires] = OrderGraph()
    for vertex in case.alone:
        assert graph.add_vertex(vertex) is ADDED
    for step in case.steps:
        if isinstance(step.result, Added):
            assert graph.add_edge(step.dependent, step.prerequisite, step.requires) is step.result
            continue
        before = (graph.vertices(), graph.edges())
        with pytest.raises(step.result) as refusal:
            graph.add_edge(step.dependent, step.prerequisite, step.requires)
        assert type(refusal.value) is step.result
        if isinstance(refusal.value, CycleClosed):
            assert refusal.value.path == step.path
        assert (graph.vertices(), graph.edges()) == before
    return graph


@each_case
def test_a_case_has_its_drawing_its_order_and_its_waves(case: Case) -> None:
    graph = grown(case)
    check_golden(GOLDENS / f"{case.name}.dot", to_dot([make_picture(unit_graph(graph))]))
    pairs = [(edge.dependent, edge.prerequisite) for edge in graph.edges()]
    assert running_order(graph.vertices(), pairs) == (case.order, case.waves)


def test_every_golden_has_a_case_and_every_case_a_golden() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    check_orphans({path.name for path in GOLDENS.iterdir()}, {f"{case.name}.dot" for case in CASES})


@each_case
def test_neighbours_are_the_edges_seen_from_either_end_however_the_graph_was_made(case: Case) -> None:
    graph = grown(case)
    built = OrderGraph.build(reversed(graph.vertices()), reversed(graph.edges()))
    assert (built.vertices(), built.edges()) == (graph.vertices(), graph.edges())
    assert tuple(edge for vertex in graph.vertices() for edge in graph.prerequisites(vertex)) == graph.edges()
    assert sorted(edge for vertex in graph.vertices() for edge in graph.dependents(vertex)) == sorted(graph.edges())
    taken = {(step.dependent, step.prerequisite, step.requires) for step in case.steps if step.result is ADDED}
    assert set(graph.edges()) == taken


def test_neighbours_come_sorted_with_their_types() -> None:
    graph = OrderGraph.build([], [("d", "c", START), ("d", "a", SUCCESS), ("d", "b", COMPLETION), ("a", "b", START)])
    assert graph.prerequisites("d") == (("d", "a", SUCCESS), ("d", "b", COMPLETION), ("d", "c", START))
    assert graph.dependents("b") == (("a", "b", START), ("d", "b", COMPLETION))


def test_an_empty_graph_answers_every_question_about_all_of_it() -> None:
    graph: OrderGraph[str, Requires] = OrderGraph()
    assert (graph.vertices(), graph.edges()) == ((), ())


QUESTIONS: dict[str, Callable[[OrderGraph[str, Requires], str], object]] = {
    "prerequisites": OrderGraph.prerequisites,
    "dependents": OrderGraph.dependents,
    "why dependent": lambda graph, vertex: graph.why(vertex, "a"),
    "why prerequisite": lambda graph, vertex: graph.why("a", vertex),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_about_an_unknown_vertex_names_it(
    question: Callable[[OrderGraph[str, Requires], str], object],
) -> None:
    graph: OrderGraph[str, Requires] = OrderGraph()
    graph.add_vertex("a")
    with pytest.raises(UnknownVertex, match=r"^ghost is not in the graph$") as refusal:
        question(graph, "ghost")
    assert refusal.value.vertex == "ghost"


def test_a_vertex_added_again_keeps_its_edges() -> None:
    graph = OrderGraph.build([], [("b", "a", SUCCESS)])
    assert graph.add_vertex("b") is REPEATED
    assert graph.edges() == (OrderEdge("b", "a", SUCCESS),)


def test_a_conflict_shows_both_types() -> None:
    graph = OrderGraph.build([], [("b", "a", SUCCESS)])
    with pytest.raises(ConflictingEdge, match=r"^b waits for a with success already, not with start$") as refusal:
        graph.add_edge("b", "a", START)
    fault = refusal.value
    assert (fault.dependent, fault.prerequisite, fault.existing, fault.new) == ("b", "a", SUCCESS, START)


def test_a_refused_cycle_names_its_path_in_running_order() -> None:
    graph = OrderGraph.build([], [("b", "a", SUCCESS), ("c", "b", SUCCESS)])
    with pytest.raises(CycleClosed, match=r"^the edge closes the cycle c -> a -> b -> c$"):
        graph.add_edge("a", "c", SUCCESS)


@pytest.mark.parametrize("backwards", [False, True], ids=["dependents", "prerequisites"])
def test_vertices_that_came_with_edges_to_one_other_can_be_ordered_among_themselves(backwards: bool) -> None:
    def turned(dependent: str, prerequisite: str) -> tuple[str, str]:
        return (prerequisite, dependent) if backwards else (dependent, prerequisite)

    for first, second in (("a", "b"), ("b", "a")):
        graph: OrderGraph[str, Requires] = OrderGraph()
        graph.add_vertex("x")
        for vertex in ("a", "b"):
            graph.add_edge(*turned(vertex, "x"), SUCCESS)
        assert graph.add_edge(*turned(first, second), SUCCESS) is ADDED
        with pytest.raises(CycleClosed):
            graph.add_edge(*turned(second, first), SUCCESS)


@pytest.mark.parametrize(
    ("edges", "refusal"),
    [
        ([("a", "a", SUCCESS)], SelfEdge),
        ([("b", "a", SUCCESS), ("b", "a", START)], ConflictingEdge),
        ([("b", "a", SUCCESS), ("a", "b", SUCCESS)], CycleClosed),
    ],
    ids=["self edge", "conflict", "cycle"],
)
def test_what_one_edge_is_refused_for_refuses_a_build(
    edges: list[tuple[str, str, Requires]], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal) as raised:
        OrderGraph.build([], edges)
    assert type(raised.value) is refusal


def test_a_build_takes_the_same_edge_twice() -> None:
    assert OrderGraph.build([], [("b", "a", START), ("b", "a", START)]).edges() == (OrderEdge("b", "a", START),)


def test_what_was_returned_does_not_change_with_the_graph() -> None:
    graph = OrderGraph.build([], [("b", "a", SUCCESS)])
    before = (graph.vertices(), graph.edges())
    graph.add_edge("c", "b", SUCCESS)
    assert before == (("a", "b"), (("b", "a", SUCCESS),))


def test_vertices_and_types_may_be_anything_that_the_key_sorts() -> None:
    def by_second(vertex: tuple[str, int]) -> int:
        return vertex[1]

    graph: OrderGraph[tuple[str, int], frozenset[str]] = OrderGraph(key=by_second)
    graph.add_edge(("b", 2), ("z", 1), frozenset({"why"}))
    graph.add_edge(("a", 3), ("z", 1), frozenset())
    assert graph.vertices() == (("z", 1), ("b", 2), ("a", 3))
    assert [edge.requires for edge in graph.edges()] == [frozenset({"why"}), frozenset()]
    with pytest.raises(CycleClosed):
        OrderGraph.build([], [*graph.edges(), (("z", 1), ("a", 3), frozenset("x"))], key=by_second)
