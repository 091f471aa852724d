"""The drawing: names can't break out of it. What it shows is approved by the goldens of fixtures and cases."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.drawing import dot
from compiler.drawing.picture import make_picture
from compiler.order.model import Edge, Phase, UnitGraph
from compiler.order.outcome import Requires
from tests.graph.cases import ORIGIN, unit
from tests.test_fixtures import DRAWN, analysis_of

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
def test_graphviz_takes_the_drawings_of_fixtures() -> None:
    drawn = "".join(dot.to_dot(map(make_picture, analysis_of(case).graphs)) for case in DRAWN)
    ran = subprocess.run(["dot", "-Tdot"], input=drawn, capture_output=True, text=True, timeout=600, check=True)
    assert ran.stderr == ""
    assert ran.stdout.count("digraph unitc {") == len(DRAWN)
