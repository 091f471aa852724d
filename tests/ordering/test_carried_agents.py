"""Agents that a script names through what carries their id: other resources' arguments, and what they hold."""

from __future__ import annotations

import pytest

from tests.ordering.harness import analysis_of, at_marks, codes, edges, edges_of, ordering, units
from tests.ordering.templates import AGENT, agent, script


def _carrier(type_: str, name: str, *lines: str) -> str:
    return "\n".join((f'resource "{type_}" "{name}" {{', *lines, "}", ""))


_ID = "agent_id = coder_agent.main.id"
_FOLDER = 'workspace_folder = "/w"'
CARRIERS = [
    (_carrier("coder_devcontainer", "d", _ID, _FOLDER), "coder_devcontainer.d.agent_id"),
    (_carrier("coder_devcontainer", "d", "count = 2", _ID, _FOLDER), "coder_devcontainer.d[1].agent_id"),
    (_carrier("coder_devcontainer", "d", "count = 1", _ID, _FOLDER), "one(coder_devcontainer.d[*].agent_id)"),
    (_carrier("coder_devcontainer", "d", "count = data.x.y.z", _ID, _FOLDER), "coder_devcontainer.d[0].agent_id"),
    (script("z"), "coder_script.z.agent_id"),
    (script("z"), "resource.coder_script.z.agent_id"),
    (script("z", "count = 1"), "coder_script.z[0].agent_id"),
    (_carrier("coder_app", "p", _ID, 'slug = "p"'), "coder_app.p.agent_id"),
    (_carrier("coder_app", "p", "count = 2", _ID, 'slug = "p"'), "element(coder_app.p[*].agent_id, 1)"),
    (_carrier("coder_env", "e", _ID, 'name = "E"'), "coder_env.e.agent_id"),
    (_carrier("coder_env", "e", 'for_each = toset(["x"])', _ID), 'coder_env.e["x"].agent_id'),
    (
        _carrier("coder_env", "e", "for_each = { x = coder_agent.main.id }", "agent_id = each.value"),
        'coder_env.e["x"].agent_id',
    ),
    (
        _carrier("coder_env", "e", "for_each = { x = { id = coder_agent.main.id } }", "agent_id = each.value.id"),
        'coder_env.e["x"].agent_id',
    ),
    (_carrier("terraform_data", "t", "input = coder_agent.main.id"), "terraform_data.t.output"),
    (_carrier("terraform_data", "t", "input = coder_agent.main.id"), "terraform_data.t.input"),
    (_carrier("terraform_data", "t", "count = 1", "input = coder_agent.main.id"), "one(terraform_data.t[*].output)"),
    (
        _carrier("terraform_data", "t", "for_each = { k = coder_agent.main.id }", "input = each.value"),
        "values(terraform_data.t)[0].output",
    ),
    (
        _carrier("null_resource", "n", "count = 1", "triggers = { a = coder_agent.main.id }"),
        "one(null_resource.n[*].triggers).a",
    ),
    (_carrier("terraform_data", "t", "input = { a = coder_agent.main.id, b = 1 }"), "terraform_data.t.output.a"),
    (_carrier("terraform_data", "t", "input = { a = coder_agent.main.id, b = 1 }"), 'terraform_data.t.input["a"]'),
    (_carrier("terraform_data", "t", "input = [coder_agent.main.id]"), "terraform_data.t.output[0]"),
    (_carrier("null_resource", "n", "triggers = { a = coder_agent.main.id }"), "null_resource.n.triggers.a"),
    (_carrier("null_resource", "n", "triggers = { a = coder_agent.main.id }"), 'null_resource.n.triggers["a"]'),
    (
        _carrier("terraform_data", "t", "input = { a = coder_agent.main.id, b = 1 }")
        + "locals {\nall = terraform_data.t.output\nm = { x = local.all.a }\n}\n",
        'local.m["x"]',
    ),
    (
        _carrier("coder_env", "e", _ID) + _carrier("terraform_data", "t", "input = coder_env.e.agent_id"),
        "terraform_data.t.output",
    ),
]


@pytest.mark.parametrize(("carrier", "expression"), CARRIERS)
def test_an_agent_is_found_behind_what_carries_its_id(carrier: str, expression: str) -> None:
    more = 'data "x" "y" {\n}\n'
    main = AGENT + carrier + more + script("a") + script("b", "depends_on = [coder_script.a]", agent_id=expression)
    analysis = analysis_of(main)
    assert codes(analysis) == []
    assert "coder_script.b < coder_script.a" in edges(analysis)


def test_an_agent_is_found_behind_a_modules_output_of_an_argument() -> None:
    inner = (
        'variable "agent_id" {}\n'
        + _carrier("coder_env", "e", "agent_id = var.agent_id")
        + 'output "agent" {\nvalue = coder_env.e.agent_id\n}\n'
    )
    call = 'module "m" {\nsource = "./m"\nagent_id = coder_agent.main.id\n}\n'
    main = AGENT + call + script("a") + script("b", "depends_on = [coder_script.a]", agent_id="module.m.agent")
    assert edges_of({"main.tf": main, "m/main.tf": inner}) == ["coder_script.b < coder_script.a"]


@pytest.mark.parametrize("type_", ["coder_devcontainer", "coder_subagent_execution"])
def test_a_sub_agent_is_a_runtime_of_its_own(type_: str) -> None:
    main = AGENT + _carrier(type_, "d", _ID) + script("a", agent_id=f"{type_}.d.subagent_id") + script("b")
    assert units(analysis_of(main)) == [
        "coder_script.b on start of coder_agent.main",
        f"coder_script.a on start of {type_}.d",
    ]


def test_what_carries_one_of_several_agents_is_that_agent() -> None:
    envs = _carrier("coder_env", "e", _ID) + _carrier("coder_env", "f", "agent_id = coder_agent.other.id")
    main = AGENT + agent("other") + envs + script("a", agent_id="coder_env.f.agent_id")
    assert units(analysis_of(main)) == ["coder_script.a on start of coder_agent.other"]


def test_an_argument_of_one_instance_is_that_instances() -> None:
    apps = _carrier("coder_app", "p", 'for_each = toset(["k", "l"])', _ID, "slug = each.key")
    main = AGENT + apps + script("a", 'count = coder_app.p["l"].slug == "l" ? 2 : 1')
    assert [unit.split()[0] for unit in units(analysis_of(main))] == ["coder_script.a[0]", "coder_script.a[1]"]


def test_arguments_that_ask_for_each_other_are_a_cycle_and_end() -> None:
    envs = _carrier("coder_env", "e", "agent_id = coder_env.f.agent_id")
    envs += _carrier("coder_env", "f", "agent_id = coder_env.e.agent_id")
    assert "UC102" in codes(analysis_of(AGENT + envs + script("a", agent_id="coder_env.f.agent_id")))


def test_what_a_provider_computes_is_kept_by_the_words_that_name_it() -> None:
    main = AGENT + _carrier("local", "a") + "locals {\na = { id = coder_agent.main.id }\n}\n"
    main += script("other", agent_id="resource.local.a.id") + script("ours", agent_id="local.a.id")
    assert units(analysis_of(main + script("last", agent_id="coder_agent.main.id"))) == [
        "coder_script.last on start of coder_agent.main",
        "coder_script.ours on start of coder_agent.main",
    ]


def test_a_text_that_the_wiring_writes_anew_stays_unknown() -> None:
    main = AGENT + script("a") + script("b", "count = length(coder_script.a.script)")
    assert "coder_script.b on start of coder_agent.main" in units(analysis_of(main))


WRONG = [
    ("«coder_agent.main.token»", "coder_agent.main.id"),
    ("«coder_agent.main.init_script»", "coder_agent.main.id"),
    ("«resource.coder_agent.main.token»", "resource.coder_agent.main.id"),
    ("«coder_devcontainer.d.id»", "coder_devcontainer.d.subagent_id"),
    ("«coder_agent.main.os»", "coder_agent.main.id"),
    ('«"main"»', "coder_agent.NAME.id"),
    ('«"coder_agent.main.id"»', "coder_agent.main.id without quotes"),
]


@pytest.mark.parametrize(("expression", "right"), WRONG)
def test_what_is_not_the_id_of_an_agent_is_told_with_the_right_one(expression: str, right: str) -> None:
    analysis = at_marks(
        "UC210", AGENT + _carrier("coder_devcontainer", "d", _ID, _FOLDER) + script("a", agent_id=expression)
    )
    assert ordering(analysis)[0].help == (f"write {right}",)


def test_a_whole_agent_in_place_of_its_id_is_told_what_to_write() -> None:
    analysis = analysis_of(AGENT + script("a", agent_id="coder_agent.main"))
    assert [(item.code, item.help) for item in analysis.diagnostics] == [("UC106", ("write coder_agent.main.id",))]
