"""Edges become the fewest rules that say them, and what no rule says is told with its reason."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from compiler.order.forms.rules import Rule
from compiler.order.forms.script_order import order_claims
from compiler.order.forms.selectors import Selector
from compiler.order.model import UnitGraph
from compiler.order.rule_writing import UnsaidReason, WrittenRules, write_rules
from compiler.pipeline import Analysis
from compiler.source.span import Source
from tests.ordering.harness import analysis_of
from tests.ordering.templates import AGENT, agent, module, order, rule, script

CHILD = 'variable "agent" {\n  type = string\n}\n'


def child(name: str, *lines: str) -> str:
    return module(name, f"./{name}", "agent = coder_agent.main.id", *lines)


def inner(name: str, *lines: str, on: str = "start") -> str:
    return script(name, *lines, on=on, agent_id="var.agent")


def written(files: str | Mapping[str, str]) -> WrittenRules:
    """Return the rules for a template without mistakes, after these have been read back as the data source's are."""
    analysis = analysis_of(files)
    assert analysis.valid, [item.detail for item in analysis.diagnostics]
    found = write_rules(analysis.inventory, analysis.graphs)
    assert read_back(analysis, found) == gates(analysis.graphs) - {
        (item.phase, item.edge.dependent, item.edge.prerequisite, item.edge.requires) for item in found.unsaid
    }
    return found


def gates(graphs: tuple[UnitGraph, ...]) -> set[tuple[str, str, str, str]]:
    return {
        (graph.phase, edge.dependent, edge.prerequisite, edge.requires)
        for graph in graphs
        for edge in graph.edges
        if edge.is_gate
    }


def read_back(analysis: Analysis, found: WrittenRules) -> set[tuple[str, str, str, str]]:
    at = Source("rules", "").span(0, 0)
    claims = order_claims(
        analysis.inventory,
        (
            Rule(
                place,
                tuple(Selector("run", text, at) for text in each.run),
                tuple(Selector("after", text, at) for text in each.after),
                each.requires,
                each.phase,
                at,
            )
            for place in analysis.inventory.places
            for each in found.rules.get(place.config.module.dir, ())
        ),
    )
    assert claims.diagnostics == []
    return {(c.phase, c.dependent.address, c.prerequisite.address, c.requires) for c in claims.claims}


def lines(found: WrittenRules) -> list[str]:
    """Return the rules in a short form, where not said otherwise in the start phase and for success."""
    return [
        f"{folder}: " * (folder != ".")
        + f"{', '.join(each.run)} < {', '.join(each.after)}"
        + (f" ({each.requires})" if each.requires != "success" else "")
        + (f" on {each.phase}" if each.phase != "start" else "")
        for folder, rules in found.rules.items()
        for each in rules
    ]


def unsaid(found: WrittenRules) -> list[tuple[str, str, UnsaidReason]]:
    return [(item.edge.dependent, item.edge.prerequisite, item.reason) for item in found.unsaid]


def test_an_edge_becomes_a_rule() -> None:
    found = written(AGENT + script("a") + script("b", "depends_on = [coder_script.a]"))
    assert lines(found) == ["coder_script.b < coder_script.a"]
    assert unsaid(found) == []


def test_edges_that_make_one_product_become_one_rule() -> None:
    after = "depends_on = [coder_script.a, coder_script.b]"
    found = written(AGENT + script("a") + script("b") + script("c", after) + script("d", after))
    assert lines(found) == ["coder_script.c, coder_script.d < coder_script.a, coder_script.b"]


def test_each_requirement_and_each_phase_has_rules_of_its_own() -> None:
    found = written(
        AGENT
        + script("a")
        + script("b", "depends_on = [coder_script.a]")
        + script("c", "# unitc: depends_on_completion = [coder_script.a]")
        + script("x", on="stop")
        + script("y", "depends_on = [coder_script.x]", on="stop")
    )
    assert lines(found) == [
        "coder_script.b < coder_script.a",
        "coder_script.c < coder_script.a (completion)",
        "coder_script.y < coder_script.x on stop",
    ]


def test_all_instances_of_a_script_are_named_without_an_index() -> None:
    found = written(AGENT + script("a", "count = 3") + script("b", "depends_on = [coder_script.a]"))
    assert lines(found) == ["coder_script.b < coder_script.a"]


def test_single_instances_are_named_by_their_keys() -> None:
    found = written(
        AGENT
        + script("a", "count = 3")
        + script("k", 'for_each = toset(["x\\"y", "$${z}", "é"])')
        + script("b", 'depends_on = [coder_script.a[2], coder_script.k["x\\"y"], coder_script.k["$${z}"]]')
    )
    assert lines(found) == ['coder_script.b < coder_script.a[2], coder_script.k["$${z}"], coder_script.k["x\\"y"]']


def test_instances_of_one_script_wait_for_each_other_by_index() -> None:
    rules = order(rule('"coder_script.a[1]", "coder_script.a[2]"', '"coder_script.a[0]"'))
    assert lines(written(AGENT + script("a", "count = 3") + rules)) == [
        "coder_script.a[1], coder_script.a[2] < coder_script.a[0]"
    ]


def test_an_order_in_a_module_is_said_in_its_folder_for_all_its_calls() -> None:
    files = {
        "main.tf": AGENT
        + module("one", "./m", "agent = coder_agent.main.id")
        + module("two", "./m", "agent = coder_agent.main.id", "count = 2"),
        "m/main.tf": CHILD + inner("a") + inner("b", "depends_on = [coder_script.a]"),
    }
    assert lines(written(files)) == ["m: coder_script.b < coder_script.a"]


def test_whole_modules_are_named_where_all_their_scripts_are_ordered_so() -> None:
    files = {
        "main.tf": AGENT
        + script("a")
        + child("x", "depends_on = [coder_script.a]")
        + child("y", "depends_on = [module.x]"),
        "x/main.tf": CHILD + inner("one", "count = 2") + inner("stop", on="stop"),
        "y/main.tf": CHILD + inner("two") + module("z", "../x", "agent = var.agent"),
    }
    found = written(files)
    assert lines(found) == [
        "module.x < coder_script.a",
        "module.y < module.x",
        "module.y < module.x on stop",
    ]


def test_a_module_with_a_script_that_no_rule_may_select_is_not_named() -> None:
    files = {
        "main.tf": AGENT + script("a") + child("x", "depends_on = [coder_script.a]"),
        "x/main.tf": CHILD + inner("one") + inner("two", on="cron"),
    }
    found = written(files)
    assert lines(found) == []
    assert unsaid(found) == [("module.x.coder_script.one", "coder_script.a", UnsaidReason.OUT_OF_REACH)]
    assert "coder_script.two" in found.unsaid[0].why


def test_one_instance_of_a_call_cant_be_named() -> None:
    files = {
        "main.tf": AGENT
        + child("x", "count = 2")
        + module("y", "./x", "agent = coder_agent.main.id", "depends_on = [module.x[0]]"),
        "x/main.tf": CHILD + inner("one"),
    }
    found = written(files)
    assert lines(found) == []
    assert unsaid(found) == [
        ("module.y.coder_script.one", "module.x[0].coder_script.one", UnsaidReason.OUT_OF_REACH),
    ]


def test_a_module_whose_calls_differ_cant_say_its_order() -> None:
    files = {
        "main.tf": AGENT
        + module("one", "./m", "agent = coder_agent.main.id", 'wanted = ["a"]')
        + module("two", "./m", "agent = coder_agent.main.id", 'wanted = ["c"]'),
        "m/main.tf": CHILD
        + 'variable "wanted" {\n  type = list(string)\n}\n'
        + inner("a")
        + inner("c")
        + inner("b")
        + order(rule('"coder_script.b"', '"coder_script.${var.wanted[0]}"')),
    }
    found = written(files)
    assert lines(found) == []
    assert {item.reason for item in found.unsaid} == {UnsaidReason.OUT_OF_REACH}
    assert all("holds for each of its instances" in item.why for item in found.unsaid)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (
            script("a", "# unitc: ready = notify") + script("b", "# unitc: depends_on_ready = [coder_script.a]"),
            UnsaidReason.REQUIREMENT,
        ),
        (script("a") + script("b", "# unitc: depends_on_start = [coder_script.a]"), UnsaidReason.REQUIREMENT),
        (script("a") + script("b", "# unitc: depends_on_failure = [coder_script.a]"), UnsaidReason.REQUIREMENT),
        (script("a", on="start stop") + script("b", "depends_on = [coder_script.a]"), UnsaidReason.TRIGGERS),
        (
            'variable "n" {\n  type = number\n}\n'
            + script("a", "count = var.n")
            + script("b", "depends_on = [coder_script.a]"),
            UnsaidReason.NOT_FIXED,
        ),
    ],
)
def test_what_no_rule_can_say_is_told_with_its_reason(template: str, reason: UnsaidReason) -> None:
    found = written(AGENT + template)
    assert lines(found) == []
    assert unsaid(found) == [("coder_script.b", "coder_script.a", reason)]


def test_an_agents_own_script_is_in_no_rule() -> None:
    up = agent("main", 'startup_script = "echo"')
    found = written(up + script("b", "# unitc: depends_on_success = [coder_agent.main.startup_script]"))
    assert unsaid(found) == [("coder_script.b", "coder_agent.main.startup_script", UnsaidReason.AGENT_SCRIPT)]


def test_what_scripts_wait_for_by_themselves_needs_no_rule() -> None:
    waits = 'script = "coder exp sync want b a\\ncoder exp sync start b\\ncoder exp sync complete b"'
    starts = 'script = "coder exp sync start a\\ncoder exp sync complete a"'

    def calls(name: str, line: str) -> str:
        return script(name).replace(f'script = "echo {name}"', line)

    found = written(AGENT + calls("a", starts) + calls("b", waits))
    assert (lines(found), unsaid(found)) == ([], [])
