"""The JSON form of an order graph."""

from __future__ import annotations

import pytest

from compiler.graph import CycleClosed, OrderGraph
from compiler.order_json import from_json, to_json
from compiler.outcome import Requires
from tests.graph.cases import CASES, START, SUCCESS, Case
from tests.graph.test_order_graph import grown

TEXT = """\
{
  "vertices": [
    "a",
    "ä\\u0000",
    "ä\\n\\"b\\""
  ],
  "edges": [
    {
      "dependent": "ä\\n\\"b\\"",
      "prerequisite": "a",
      "requires": "start"
    }
  ]
}
"""


def test_the_form_is_two_spaces_deep_and_holds_characters_as_themselves() -> None:
    assert to_json(OrderGraph.build(["ä\x00"], [('ä\n"b"', "a", START)])) == TEXT


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_reads_back_to_an_equal_graph(case: Case) -> None:
    graph = grown(case)
    text = to_json(graph)
    again = from_json(text, vertex=str, requires=Requires)
    assert again == graph
    assert to_json(again) == text


def test_vertices_and_types_are_written_as_the_caller_names_them() -> None:
    graph = OrderGraph.build([], [((2, "b"), (1, "a"), 7)])
    text = to_json(graph, vertex=lambda vertex: f"{vertex[0]}:{vertex[1]}", requires=hex)
    assert '"dependent": "2:b"' in text
    assert '"requires": "0x7"' in text

    def read(name: str) -> tuple[int, str]:
        number, _, rest = name.partition(":")
        return int(number), rest

    assert from_json(text, vertex=read, requires=lambda value: int(value, 16)) == graph


def test_two_vertices_of_one_name_are_refused() -> None:
    graph: OrderGraph[tuple[int, str], str] = OrderGraph.build([(1, "a"), (1, "b")], [])
    with pytest.raises(ValueError, match=r"^two vertices have the same name in the JSON form$"):
        to_json(graph, vertex=lambda vertex: str(vertex[0]))


@pytest.mark.parametrize("text", ["", "[]", "7", "{}", '{"vertices": ["a"], "edges": [{}]}', '{"vertices": null}'])
def test_text_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting value|not the JSON form of an order graph"):
        from_json(text, vertex=str, requires=str)


def test_an_unknown_requirement_is_refused() -> None:
    text = to_json(OrderGraph.build([], [("b", "a", SUCCESS)])).replace("success", "luck")
    with pytest.raises(ValueError, match="luck"):
        from_json(text, vertex=str, requires=Requires)


def test_a_cycle_that_was_written_into_the_text_is_refused() -> None:
    chain = to_json(OrderGraph.build([], [("b", "a", SUCCESS), ("c", "b", SUCCESS)]))
    ring = chain.replace('"prerequisite": "a"', '"prerequisite": "c"')
    with pytest.raises(CycleClosed):
        from_json(ring, vertex=str, requires=Requires)
