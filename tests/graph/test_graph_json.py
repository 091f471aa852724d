"""The machine form of the graph, which every fixture has a golden of: nothing but the graph shows in it."""

from __future__ import annotations

import json
from random import Random

import pytest

from compiler.drawing.graph_json import to_json
from compiler.records import replace
from tests.test_fixtures import analysis_of


def test_no_graphs_are_an_empty_list() -> None:
    assert to_json([]) == '{\n  "format_version": "1",\n  "graphs": []\n}\n'


@pytest.mark.parametrize("case", ["mutex", "start-and-stop", "script-utils"])
def test_the_order_of_the_input_does_not_show(case: str) -> None:
    graphs = analysis_of(case).graphs
    expected = to_json(graphs)
    chance = Random(1)
    for _ in range(20):
        shuffled = [
            replace(
                graph,
                units=tuple(chance.sample(graph.units, len(graph.units))),
                edges=tuple(chance.sample(graph.edges, len(graph.edges))),
            )
            for graph in chance.sample(graphs, len(graphs))
        ]
        assert to_json(shuffled) == expected


def test_a_declaration_that_names_a_prerequisite_twice_is_one_origin_and_all_are_sorted() -> None:
    [graph] = analysis_of("mutex").graphs
    [first, second] = graph.edges[:2]
    origins = (*second.origins, *first.origins, *second.origins)
    changed = replace(graph, edges=(replace(first, origins=origins), *graph.edges[1:]))
    found = [edge for edge in json.loads(to_json([changed]))["graphs"][0]["edges"] if len(edge["origins"]) > 1]
    assert [len(edge["origins"]) for edge in found] == [2]
    assert found[0]["origins"] == sorted(found[0]["origins"], key=lambda origin: (origin["file"], origin["line"]))
