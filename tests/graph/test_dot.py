"""The drawing: names can't break out of it, and it says what the graph says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.drawing import dot
from compiler.drawing.picture import make_picture
from compiler.order.model import Edge, OriginKind, Phase, UnitGraph
from compiler.order.outcome import Requires
from compiler.records import replace
from tests.graph.cases import COMPLETION, ORIGIN, START, SUCCESS, unit
from tests.test_fixtures import CASES, analysis_of

MAIN = "coder_agent.main"

# One DOT string: quotes around anything but quotes, backslashes and newlines by themselves.
STRING = re.compile(r'"(?:[^"\\\n]|\\[\\"n])*"')


def graph(*addresses: str, edges: tuple[Edge, ...] = (), runtime: str = MAIN, phase: Phase = Phase.START) -> UnitGraph:
    return UnitGraph(runtime, phase, tuple(unit(each, runtime=runtime, phase=phase) for each in addresses), edges)


def to_dot(graphs: Iterable[UnitGraph]) -> str:
    return dot.to_dot(map(make_picture, graphs))


def shown(string: str) -> str:
    """Return what Graphviz shows for a DOT string that is a label."""
    once = re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], string[1:-1])
    return once.replace("&amp;", "&")


def test_no_graphs_are_an_empty_drawing() -> None:
    assert to_dot([]).splitlines()[-1] == "}"
    assert "subgraph" not in to_dot([])


def test_each_runtime_and_phase_is_a_cluster_in_order() -> None:
    graphs = [
        graph("coder_script.a", phase=Phase.STOP),
        graph("coder_script.a", runtime="coder_agent.dev"),
        graph("coder_script.a"),
    ]
    labels = re.findall(r"^    label=(.*);$", to_dot(graphs), re.MULTILINE)
    assert labels == ['"coder_agent.dev start"', '"coder_agent.main start"', '"coder_agent.main stop"']
    assert to_dot(graphs) == to_dot(reversed(graphs))


def test_an_address_in_two_phases_is_two_nodes() -> None:
    text = to_dot([graph("coder_script.a"), graph("coder_script.a", phase=Phase.STOP)])
    assert '"0/coder_script.a" [' in text
    assert '"1/coder_script.a" [' in text


def test_arrows_run_from_the_prerequisite_and_show_what_is_required() -> None:
    edges = tuple(
        Edge(dependent, "a", requires, (ORIGIN,))
        for dependent, requires in (("d", SUCCESS), ("c", COMPLETION), ("b", START))
    )
    arrows = [line.strip() for line in to_dot([graph("d", "c", "b", "a", edges=edges)]).splitlines() if "->" in line]
    assert arrows == [
        '"0/a" -> "0/b" [style="dotted", label="start"];',
        '"0/a" -> "0/c" [style="dashed", label="completion"];',
        '"0/a" -> "0/d" [style="solid"];',
    ]


def test_an_edge_that_only_the_body_itself_waits_for_is_gray() -> None:
    by_itself = replace(ORIGIN, kind=OriginKind.EXP_SYNC)
    edges = (Edge("b", "a", COMPLETION, (by_itself,)), Edge("c", "a", COMPLETION, (by_itself, ORIGIN)))
    gray = [line for line in to_dot([graph("a", "b", "c", edges=edges)]).splitlines() if "gray" in line]
    assert [line.strip() for line in gray] == ['"0/a" -> "0/b" [style="dashed", label="completion", color="gray50"];']


def test_a_group_has_two_borders_and_a_display_name_its_own_line() -> None:
    units = (unit("coder_script.a", display_name='The "A"'), unit("coder_script.b", group=True))
    text = to_dot([UnitGraph(MAIN, Phase.START, units, ())])
    assert '[label="coder_script.a\\nThe \\"A\\""];' in text
    assert '[label="coder_script.b", peripheries="2"];' in text


def test_a_unit_shows_what_it_holds_and_how_long_it_waits_at_most() -> None:
    units = (
        unit("coder_script.a", display_name="A", mutexes=("apt", "dpkg"), gate_timeout=300),
        unit("coder_script.b", gate_timeout=1),
        unit("coder_script.c", mutexes=("apt",)),
    )
    text = to_dot([UnitGraph(MAIN, Phase.START, units, ())])
    assert re.findall(r"\[label=(.*)\];", text) == [
        '"coder_script.a\\nA\\nholds apt, dpkg\\nwaits at most 300 s"',
        '"coder_script.b\\nwaits at most 1 s"',
        '"coder_script.c\\nholds apt"',
    ]


def test_what_is_part_of_a_cycle_is_red_and_nothing_else_is() -> None:
    edges = tuple(Edge(pair[0], pair[1], SUCCESS, (ORIGIN,)) for pair in ("ab", "ba", "cc", "da", "ed"))
    red = [
        line.split(" [")[0].strip() for line in to_dot([graph(*"abcde", edges=edges)]).splitlines() if '"red"' in line
    ]
    assert red == ['"0/a"', '"0/b"', '"0/c"', '"0/b" -> "0/a"', '"0/a" -> "0/b"', '"0/c" -> "0/c"']


def test_a_module_is_a_cluster_inside_the_one_of_its_caller() -> None:
    drawn = graph("coder_script.a", 'module.m["x].y"].coder_script.b', 'module.m["x].y"].module.n.coder_script.c')
    labels = re.findall(r"^( *)label=(.*);$", to_dot([drawn]), re.MULTILINE)
    assert [(len(indent), label) for indent, label in labels] == [
        (4, '"coder_agent.main start"'),
        (6, '"module.m[\\"x].y\\"]"'),
        (8, '"module.n"'),
    ]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]) | st.sampled_from('\n"\\&;nlr')), st.text())
def test_a_name_of_any_characters_is_one_string_that_shows_it(display_name: str, runtime: str) -> None:
    address = f'coder_script.x["{display_name}"]'
    edge = Edge(address, address, Requires.SUCCESS, (ORIGIN,))
    drawn = UnitGraph(
        runtime, Phase.START, (unit(address, display_name=display_name, mutexes=(display_name,)),), (edge,)
    )
    text = to_dot([drawn])
    skeleton = STRING.sub("S", text)
    assert skeleton.splitlines()[1:] == [
        "digraph unitc {",
        "  graph [rankdir=LR, fontname=S];",
        "  node [shape=box, fontname=S];",
        "  edge [fontname=S];",
        "  subgraph S {",
        "    label=S;",
        "    S [label=S, color=S, penwidth=S];",
        "    S -> S [style=S, color=S, penwidth=S];",
        "  }",
        "}",
    ]
    label = STRING.findall(text.split(" [label=")[1])[0]
    assert shown(label) == f"{address}\n{display_name}\nholds {display_name}"
    text.encode()


@given(st.lists(st.text(st.sampled_from('a"\\&\n;')), unique=True))
def test_different_addresses_are_different_nodes(addresses: list[str]) -> None:
    nodes = re.findall(r"^    (.*) \[label=", to_dot([graph(*addresses)]), re.MULTILINE)
    assert len(set(nodes)) == len(addresses)


@pytest.mark.graphviz
def test_graphviz_takes_the_drawing_of_every_fixture() -> None:
    drawn = "".join(dot.to_dot(map(make_picture, analysis_of(case).graphs)) for case in CASES)
    ran = subprocess.run(["dot", "-Tdot"], input=drawn, capture_output=True, text=True, timeout=600, check=True)
    assert ran.stderr == ""
    assert ran.stdout.count("digraph unitc {") == len(CASES)
