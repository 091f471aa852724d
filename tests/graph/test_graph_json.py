"""The machine form of the graph, as the command line promises it."""

from __future__ import annotations

import json
from itertools import permutations

from compiler.drawing.graph_json import to_json
from compiler.order.model import Edge, KnownBody, Origin, OriginKind, Phase, Unit, UnitGraph
from compiler.records import replace
from compiler.source.span import Source
from tests.graph.cases import COMPLETION, SUCCESS

TEXT = """\
resource "coder_script" "clone" {
}

resource "coder_script" "install" {
  depends_on = [coder_script.clone, coder_script.clone[0]]
}
"""
SOURCE = Source("main.tf", TEXT)
OTHER = Source("modules/ide/main.tf", 'é = "x"; resource "coder_script" "ide" {}\n')


def span_of(text: str, source: Source = SOURCE) -> tuple[int, int]:
    start = source.text.index(text)
    return start, start + len(text)


def unit(address: str, name: str | None, timeout: int | None, header: str, source: Source, group: bool = False) -> Unit:
    span = source.span(*span_of(header, source))
    return Unit(address, "coder_agent.main", Phase.START, name, timeout, KnownBody("true"), span, group)


CLONE = unit("coder_script.clone", "Clone", 60, 'resource "coder_script" "clone"', SOURCE)
INSTALL = unit("coder_script.install", None, None, 'resource "coder_script" "install"', SOURCE, group=True)
IDE = unit("module.ide.coder_script.ide", 'I\u00d6E "x"\n', None, 'resource "coder_script" "ide"', OTHER)
DEPENDS_ON = SOURCE.span(*span_of("depends_on = [coder_script.clone, coder_script.clone[0]]"))
RULE = OTHER.span(9, 20)

# Out of order throughout, and one declaration that names the same prerequisite twice.
GRAPHS = (
    UnitGraph("coder_agent.main", Phase.STOP, (), ()),
    UnitGraph(
        "coder_agent.main",
        Phase.START,
        (IDE, INSTALL, CLONE),
        (
            Edge(IDE.address, CLONE.address, COMPLETION, (Origin(OriginKind.ORDER, RULE, RULE),)),
            Edge(
                INSTALL.address,
                CLONE.address,
                SUCCESS,
                (
                    Origin(OriginKind.EXP_SYNC, RULE, RULE),
                    Origin(OriginKind.DEPENDS_ON, DEPENDS_ON, SOURCE.span(*span_of("coder_script.clone"))),
                    Origin(OriginKind.DEPENDS_ON, DEPENDS_ON, SOURCE.span(*span_of("coder_script.clone[0]"))),
                ),
            ),
        ),
    ),
)

EXPECTED = """\
{
  "format_version": "1",
  "graphs": [
    {
      "runtime": "coder_agent.main",
      "phase": "start",
      "units": [
        {
          "address": "coder_script.clone",
          "display_name": "Clone",
          "timeout": 60,
          "file": "main.tf",
          "line": 1
        },
        {
          "address": "coder_script.install",
          "display_name": null,
          "timeout": null,
          "file": "main.tf",
          "line": 4,
          "instances": null
        },
        {
          "address": "module.ide.coder_script.ide",
          "display_name": "I\u00d6E \\"x\\"\\n",
          "timeout": null,
          "file": "modules/ide/main.tf",
          "line": 1
        }
      ],
      "edges": [
        {
          "dependent": "coder_script.install",
          "prerequisite": "coder_script.clone",
          "requires": "success",
          "origins": [
            {
              "kind": "depends_on",
              "file": "main.tf",
              "line": 5,
              "column": 3
            },
            {
              "kind": "exp-sync",
              "file": "modules/ide/main.tf",
              "line": 1,
              "column": 10
            }
          ]
        },
        {
          "dependent": "module.ide.coder_script.ide",
          "prerequisite": "coder_script.clone",
          "requires": "completion",
          "origins": [
            {
              "kind": "coder_script_order",
              "file": "modules/ide/main.tf",
              "line": 1,
              "column": 10
            }
          ]
        }
      ]
    },
    {
      "runtime": "coder_agent.main",
      "phase": "stop",
      "units": [],
      "edges": []
    }
  ]
}
"""


def test_the_form_is_what_the_command_line_promises() -> None:
    assert to_json(GRAPHS) == EXPECTED


def test_no_graphs_are_an_empty_list() -> None:
    assert to_json([]) == '{\n  "format_version": "1",\n  "graphs": []\n}\n'


LIMITED = """\
        {
          "address": "coder_script.clone",
          "display_name": "Clone",
          "timeout": 60,
          "file": "main.tf",
          "line": 1,
          "mutexes": [
            "\\"apt\\"\\n",
            "dpkg"
          ],
          "gate_timeout": 300
        }
"""


def test_a_unit_has_its_mutexes_and_the_bound_on_its_waiting_only_where_there_are_any() -> None:
    def text(unit: Unit) -> str:
        return to_json([UnitGraph("coder_agent.main", Phase.START, (unit,), ())])

    limited = text(replace(CLONE, mutexes=('"apt"\n', "dpkg"), gate_timeout=300))
    assert LIMITED in limited
    assert list(json.loads(text(replace(INSTALL, gate_timeout=1)))["graphs"][0]["units"][0])[-2:] == [
        "instances",
        "gate_timeout",
    ]


def test_units_of_a_cycle_and_their_edges_are_in_it() -> None:
    origin = Origin(OriginKind.DEPENDS_ON, DEPENDS_ON, DEPENDS_ON)
    edges = (
        Edge(CLONE.address, INSTALL.address, SUCCESS, (origin,)),
        Edge(INSTALL.address, CLONE.address, SUCCESS, (origin,)),
    )
    [graph] = json.loads(to_json([UnitGraph("coder_agent.main", Phase.START, (CLONE, INSTALL), edges)]))["graphs"]
    assert len(graph["units"]) == len(graph["edges"]) == 2


def test_the_order_of_the_input_does_not_show() -> None:
    for graphs in permutations(GRAPHS):
        for units in permutations(GRAPHS[1].units):
            for edges in permutations(GRAPHS[1].edges):
                shuffled = [replace(graph, units=units, edges=edges) if graph.units else graph for graph in graphs]
                assert to_json(shuffled) == EXPECTED
