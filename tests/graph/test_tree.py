"""The tree for the terminal: what stands behind a unit, and that no name can leave its line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compiler.drawing.tree import to_tree
from compiler.order.model import Edge, Phase, UnitGraph
from tests.graph.cases import COMPLETION, ORIGIN, SUCCESS, unit


def test_a_unit_says_what_it_holds_and_how_long_it_waits_at_most() -> None:
    units = (
        unit("coder_script.a", mutexes=("apt",)),
        unit("coder_script.b", gate_timeout=300),
        unit("coder_script.c", mutexes=("apt", "dpkg"), gate_timeout=5),
    )
    edges = (
        Edge("coder_script.c", "coder_script.a", COMPLETION, (ORIGIN,)),
        Edge("coder_script.c", "coder_script.b", SUCCESS, (ORIGIN,)),
    )
    assert (
        to_tree([UnitGraph("coder_agent.main", Phase.START, units, edges)])
        == """\
coder_agent.main, phase start
├─ coder_script.a  holds apt
│  └─ coder_script.c (completion)  also after coder_script.b  holds apt, dpkg  waits at most 5 s
└─ coder_script.b  waits at most 300 s
"""
    )


def test_units_of_a_cycle_say_it_too() -> None:
    edges = (Edge("a", "b", SUCCESS, (ORIGIN,)), Edge("b", "a", SUCCESS, (ORIGIN,)))
    graph = UnitGraph("coder_agent.main", Phase.START, (unit("a", mutexes=("apt",)), unit("b")), edges)
    assert to_tree([graph]).splitlines()[1:] == ["↺  a  after b  holds apt", "↺  b  after a"]


@given(st.text() | st.text(st.sampled_from("\n\r\x1b\u202e\u2028a")))
def test_a_name_of_any_characters_stays_on_its_line_and_moves_no_cursor(name: str) -> None:
    graph = UnitGraph(name, Phase.START, (unit(f"coder_script.x[{name}]", mutexes=(name,)),), ())
    text = to_tree([graph])
    head, line = text.splitlines()
    assert text == f"{head}\n{line}\n"
    assert not set(text) & set("\x1b\r\u202e")
    text.encode()
