"""The tree for the terminal: no name can leave its line. What it shows is approved by the goldens of fixtures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compiler.drawing.tree import to_tree
from compiler.order.model import Phase, UnitGraph
from tests.graph.cases import unit


@given(st.text() | st.text(st.sampled_from("\n\r\x1b\u202e\u2028a")))
def test_a_name_of_any_characters_stays_on_its_line_and_moves_no_cursor(name: str) -> None:
    graph = UnitGraph(name, Phase.START, (unit(f"coder_script.x[{name}]", mutexes=(name,)),), ())
    text = to_tree([graph])
    head, line = text.splitlines()
    assert text == f"{head}\n{line}\n"
    assert not set(text) & set("\x1b\r\u202e")
    text.encode()
