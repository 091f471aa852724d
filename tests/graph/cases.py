"""The table of graphs: what is added to each, what comes of each addition, and what the graph then answers.

Each case also has a golden, ``goldens/<name>.dot``.
"""

from __future__ import annotations

from dataclasses import dataclass

from compiler.order.graph import Added, ConflictingEdge, CycleClosed, EdgeRefused, OrderGraph, SelfEdge
from compiler.order.model import Edge, KnownBody, Origin, OriginKind, Phase, Unit, UnitGraph
from compiler.order.outcome import Requires
from compiler.source.span import Source

START, READY, COMPLETION = Requires.START, Requires.READY, Requires.COMPLETION
SUCCESS, FAILURE = Requires.SUCCESS, Requires.FAILURE
ADDED, REPEATED = Added.ADDED, Added.REPEATED


@dataclass(frozen=True)
class Step:
    """An edge to add and what must come of it: a result or the type of the refusal, and a cycle's path."""

    dependent: str
    prerequisite: str
    requires: Requires = SUCCESS
    result: Added | type[EdgeRefused] = ADDED
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    name: str
    steps: tuple[Step, ...]
    order: tuple[str, ...]
    waves: tuple[tuple[str, ...], ...]
    alone: tuple[str, ...] = ()


CASES = (
    Case("empty", (), order=(), waves=()),
    Case("one_vertex", (), alone=("a",), order=("a",), waves=(("a",),)),
    Case("vertices_without_edges", (), alone=("b", "c", "a"), order=("a", "b", "c"), waves=(("a", "b", "c"),)),
    Case(
        "chain",
        (Step("c", "b"), Step("b", "a")),
        order=("a", "b", "c"),
        waves=(("a",), ("b",), ("c",)),
    ),
    Case(
        "chain_against_the_alphabet",
        (Step("a", "b"), Step("b", "c"), Step("c", "d")),
        order=("d", "c", "b", "a"),
        waves=(("d",), ("c",), ("b",), ("a",)),
    ),
    Case(
        "diamond",
        (Step("right", "top"), Step("left", "top"), Step("bottom", "left"), Step("bottom", "right")),
        order=("top", "left", "right", "bottom"),
        waves=(("top",), ("left", "right"), ("bottom",)),
    ),
    Case(
        "every_requirement",
        (Step("b", "a", START), Step("c", "a", COMPLETION), Step("d", "a", SUCCESS)),
        order=("a", "b", "c", "d"),
        waves=(("a",), ("b", "c", "d")),
    ),
    Case(
        "explicit_edge_beside_a_path",
        (Step("b", "a"), Step("c", "b", COMPLETION), Step("c", "a")),
        order=("a", "b", "c"),
        waves=(("a",), ("b",), ("c",)),
    ),
    Case(
        "two_components",
        (Step("d", "c"), Step("b", "a")),
        order=("a", "b", "c", "d"),
        waves=(("a", "c"), ("b", "d")),
    ),
    Case(
        "late_ties",
        # The vertex that comes free last is the first by name, and goes first from there on.
        (Step("a", "z"), Step("b", "y")),
        alone=("m",),
        order=("m", "y", "b", "z", "a"),
        waves=(("m", "y", "z"), ("a", "b")),
    ),
    Case(
        "product_of_two_by_three",
        tuple(Step(dependent, prerequisite) for dependent in ("x", "y", "z") for prerequisite in ("a", "b")),
        order=("a", "b", "x", "y", "z"),
        waves=(("a", "b"), ("x", "y", "z")),
    ),
    Case(
        "repeated_edge",
        (Step("b", "a", START), Step("b", "a", START, REPEATED)),
        order=("a", "b"),
        waves=(("a",), ("b",)),
    ),
    Case(
        "conflicting_edge",
        (Step("b", "a", SUCCESS), Step("b", "a", COMPLETION, ConflictingEdge)),
        order=("a", "b"),
        waves=(("a",), ("b",)),
    ),
    Case(
        "self_edge_on_an_empty_graph",
        (Step("a", "a", SUCCESS, SelfEdge, ("a", "a")),),
        order=(),
        waves=(),
    ),
    Case(
        "self_edge",
        (Step("b", "a"), Step("a", "a", SUCCESS, SelfEdge, ("a", "a"))),
        order=("a", "b"),
        waves=(("a",), ("b",)),
    ),
    Case(
        "two_way",
        (Step("b", "a"), Step("a", "b", SUCCESS, CycleClosed, ("b", "a", "b"))),
        order=("a", "b"),
        waves=(("a",), ("b",)),
    ),
    Case(
        "cycle_of_four",
        (
            Step("b", "a", START),
            Step("c", "b", COMPLETION),
            Step("d", "c"),
            Step("a", "d", START, CycleClosed, ("d", "a", "b", "c", "d")),
        ),
        order=("a", "b", "c", "d"),
        waves=(("a",), ("b",), ("c",), ("d",)),
    ),
    Case(
        "cycle_with_a_shortcut",
        # Of the ways from a to e, the one over d is shorter than the one over b and c, and c2 comes after c.
        (
            Step("b", "a"),
            Step("c", "b"),
            Step("e", "c"),
            Step("d2", "a"),
            Step("d", "a"),
            Step("e", "d2"),
            Step("e", "d"),
            Step("a", "e", SUCCESS, CycleClosed, ("e", "a", "d", "e")),
        ),
        order=("a", "b", "c", "d", "d2", "e"),
        waves=(("a",), ("b", "d", "d2"), ("c",), ("e",)),
    ),
    Case(
        "hostile_names",
        (
            Step('coder_script.x["\\"quoted\\""]', 'coder_script.x["back\\\\slash"]'),
            Step('coder_script.x["end\\\\"]', 'coder_script.x["\\"quoted\\""]', COMPLETION),
            Step('coder_script.x["<b>&amp;</b>"]', "coder_script.x[0]", START),
            Step('coder_script.x["\u00fc\u4e2d\U0001f680"]', 'coder_script.x["<b>&amp;</b>"]'),
            Step("} -> { evil", 'a"; b [label="c'),
            Step("two\nlines", "\r\t\x00\x1b[31m\u2028"),
        ),
        order=(
            "\r\t\x00\x1b[31m\u2028",
            'a"; b [label="c',
            'coder_script.x["back\\\\slash"]',
            'coder_script.x["\\"quoted\\""]',
            'coder_script.x["end\\\\"]',
            "coder_script.x[0]",
            'coder_script.x["<b>&amp;</b>"]',
            'coder_script.x["\u00fc\u4e2d\U0001f680"]',
            "two\nlines",
            "} -> { evil",
        ),
        waves=(
            (
                "\r\t\x00\x1b[31m\u2028",
                'a"; b [label="c',
                'coder_script.x["back\\\\slash"]',
                "coder_script.x[0]",
            ),
            (
                'coder_script.x["<b>&amp;</b>"]',
                'coder_script.x["\\"quoted\\""]',
                "two\nlines",
                "} -> { evil",
            ),
            ('coder_script.x["end\\\\"]', 'coder_script.x["\u00fc\u4e2d\U0001f680"]'),
        ),
    ),
)

_SOURCE = Source("main.tf", 'resource "coder_script" "x" {\n  depends_on = []\n}\n')
SPAN = _SOURCE.span(0, 27)
ORIGIN = Origin(OriginKind.DEPENDS_ON, _SOURCE.span(32, 47), _SOURCE.span(46, 46))


def unit(
    address: str,
    *,
    runtime: str = "coder_agent.main",
    phase: Phase = Phase.START,
    display_name: str | None = None,
    timeout: int | None = None,
    group: bool = False,
    mutexes: tuple[str, ...] = (),
    gate_timeout: int | None = None,
) -> Unit:
    """Return a unit whose body doesn't matter."""
    body = KnownBody("true")
    return Unit(address, runtime, phase, display_name, timeout, body, SPAN, group, mutexes, gate_timeout)


def unit_graph(graph: OrderGraph[str, Requires]) -> UnitGraph:
    """Return the graph as the emitters take it."""
    units = tuple(unit(address) for address in graph.vertices())
    edges = tuple(Edge(edge.dependent, edge.prerequisite, edge.requires, (ORIGIN,)) for edge in graph.edges())
    return UnitGraph("coder_agent.main", Phase.START, units, edges)
