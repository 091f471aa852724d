"""Units: which scripts there are, under which address, on which runtime, in which phase."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.order.model import KnownBody, UnknownBody
from compiler.pipeline import Analysis, Options, fixed_order
from compiler.terraform.configuration.address import GROUP
from compiler.terraform.values.values import string
from tests.coder.terraform import TemplateCopy
from tests.ordering.harness import analysis_of, at_marks, codes, edges, edges_of, found, marked, ordering, units
from tests.ordering.templates import AGENT, agent, module, order, rule, script

MAIN = "of coder_agent.main"


# The table of units


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (script("x"), ["coder_script.x on start"]),
        (script("x", on="stop"), ["coder_script.x on stop"]),
        (script("x", on="start stop"), ["coder_script.x on start", "coder_script.x on stop"]),
        (script("x", on="start cron"), ["coder_script.x on start"]),
        (script("x", on="stop cron"), ["coder_script.x on stop"]),
        (script("x", on="cron"), []),
        (script("x", on=""), []),
        (script("x", "run_on_start = false", "run_on_stop = null", on=""), []),
        (script("x", 'run_on_start = "true"', on=""), ["coder_script.x on start"]),
        (script("x", "count = 0"), []),
        (script("x", "count = 2"), ["coder_script.x[0] on start", "coder_script.x[1] on start"]),
        (script("x", 'for_each = toset(["b", "a"])'), ['coder_script.x["a"] on start', 'coder_script.x["b"] on start']),
        (script("x", "for_each = { b = 1, a = 2 }"), ['coder_script.x["a"] on start', 'coder_script.x["b"] on start']),
        (script("x", "for_each = {}"), []),
        (script("x", "count = data.coder_workspace.me.start_count"), ["coder_script.x[0] on start"]),
        (
            script("x", 'count = data.coder_workspace.me.transition == "start" ? 1 : 0', on="stop"),
            ["coder_script.x[0] on stop"],
        ),
    ],
)
def test_a_script_is_a_unit_in_each_phase_in_which_it_runs(block: str, expected: list[str]) -> None:
    analysis = analysis_of(AGENT + 'data "coder_workspace" "me" {\n}\n' + block)
    assert codes(analysis) == []
    assert units(analysis) == [f"{unit} {MAIN}" for unit in expected]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (('startup_script = "x"',), ["coder_agent.main.startup_script on start"]),
        (('shutdown_script = "x"',), ["coder_agent.main.shutdown_script on stop"]),
        (
            ('startup_script = "x"', 'shutdown_script = "y"'),
            ["coder_agent.main.startup_script on start", "coder_agent.main.shutdown_script on stop"],
        ),
        (("startup_script = null",), []),
        (('startup_script = ""',), []),
        (("startup_script = data.coder_workspace.me.name",), ["coder_agent.main.startup_script on start"]),
        (('startup_script = true ? null : "x"',), []),
    ],
)
def test_an_agent_s_own_scripts_are_units(lines: tuple[str, ...], expected: list[str]) -> None:
    analysis = analysis_of(agent("main", *lines) + 'data "coder_workspace" "me" {\n}\n')
    assert codes(analysis) == []
    assert units(analysis) == [f"{unit} {MAIN}" for unit in expected]


@pytest.mark.parametrize(
    ("text", "is_unit"),
    [
        ('"true"', True),
        ("data.coder_workspace.me.name", True),
        ('""', False),
        ('true ? "" : "x"', False),
        ("var.text", False),
    ],
)
def test_a_script_with_an_empty_text_is_no_unit_and_nothing_waits_for_it(text: str, is_unit: bool) -> None:
    y = script("y").replace('"echo y"', text)
    x = script("x", "depends_on = [coder_script.y]")
    given = 'variable "text" {\n  default = ""\n}\n\ndata "coder_workspace" "me" {\n}\n'
    analysis = analysis_of(AGENT + given + y + x)
    assert codes(analysis) == []
    assert units(analysis) == [f"coder_script.{name} on start {MAIN}" for name in ("x", "y")[: 1 + is_unit]]
    assert edges(analysis) == ["coder_script.x < coder_script.y"] * is_unit


def test_a_script_that_is_null_is_no_unit_but_terraform_takes_none() -> None:
    analysis = analysis_of(AGENT + script("y").replace('"echo y"', "null"))
    assert [item.code for item in analysis.diagnostics] == ["UC105"]
    assert units(analysis) == []


def test_of_several_instances_those_with_an_empty_text_are_no_units() -> None:
    y = script("y", "count = 3").replace('"echo y"', 'count.index == 1 ? "" : "echo"')
    assert edges_of(AGENT + y + script("x", "depends_on = [coder_script.y]")) == [
        "coder_script.x < coder_script.y[0]",
        "coder_script.x < coder_script.y[2]",
    ]


def test_scripts_of_modules_are_units_under_their_full_address() -> None:
    inner = 'variable "agent_id" {}\n' + script("x", agent_id="var.agent_id")
    files = {
        "main.tf": AGENT
        + module("m", "./outer", "agent_id = coder_agent.main.id", "count = 2")
        + module("k", "./inner", "agent_id = coder_agent.main.id", 'for_each = toset(["a b"])'),
        "outer/main.tf": inner + module("in", "../inner", "agent_id = var.agent_id"),
        "inner/main.tf": inner,
    }
    analysis = analysis_of(files)
    assert codes(analysis) == []
    assert units(analysis) == [
        f"{address} on start {MAIN}"
        for address in (
            'module.k["a b"].coder_script.x',
            "module.m[0].coder_script.x",
            "module.m[0].module.in.coder_script.x",
            "module.m[1].coder_script.x",
            "module.m[1].module.in.coder_script.x",
        )
    ]


@pytest.mark.parametrize("type_", ["coder_script", "coder_agent"])
def test_a_data_source_is_no_unit(type_: str) -> None:
    data = f'data "{type_}" "x" {{\nagent_id = coder_agent.main.id\nrun_on_start = true\nstartup_script = "x"\n}}\n'
    assert units(analysis_of(AGENT + data)) == []


def test_the_same_display_name_twice_is_two_units() -> None:
    twice = script("a").replace('display_name = "a"', 'display_name = "Same"')
    analysis = analysis_of(AGENT + twice + twice.replace('"a"', '"b"', 1))
    assert units(analysis) == [f"coder_script.a on start {MAIN}", f"coder_script.b on start {MAIN}"]


# Addresses and runtimes, as Terraform has them

ODD_KEYS = r"""[
  "plain", "with space", "quote\"s", "back\\slash", "new\nline", "tab\t", "$${interpolation}", "%%{directive}",
  "$", "$$", "%", "0", "", "é", "e\u0301", "日本", "\U0001F600", "\u200b", "\u00a0", "\u0007", "\u001b",
  "a.b[0]", "#", "<&>",
]"""

REAL_TEMPLATE = f"""
terraform {{
  required_providers {{
    coder = {{ source = "coder/coder" }}
  }}
}}
data "coder_workspace" "me" {{}}
resource "coder_agent" "main" {{
  count          = data.coder_workspace.me.start_count
  os             = "linux"
  arch           = "amd64"
  startup_script = "echo start"
}}
resource "coder_agent" "other" {{
  for_each        = toset(["a", "b"])
  os              = "linux"
  arch            = "amd64"
  shutdown_script = "echo stop"
}}
resource "coder_devcontainer" "dev" {{
  count            = data.coder_workspace.me.start_count
  agent_id         = coder_agent.main[0].id
  workspace_folder = "/w"
}}
locals {{
  agents = {{ first = one(coder_agent.main[*].id), second = coder_agent.other["b"].id }}
}}
resource "coder_script" "odd" {{
  for_each     = toset({ODD_KEYS})
  agent_id     = coder_agent.main[0].id
  display_name = "odd"
  script       = "echo"
  run_on_start = true
}}
resource "coder_script" "local" {{
  for_each     = local.agents
  agent_id     = each.value
  display_name = "local"
  script       = "echo"
  run_on_stop  = true
}}
resource "coder_script" "sub" {{
  count        = 2
  agent_id     = try(coder_devcontainer.dev[0].subagent_id, "")
  display_name = "sub"
  script       = "echo"
  run_on_start = count.index == 0
  run_on_stop  = count.index == 1
}}
module "own" {{
  source   = "./own"
  for_each = {{ "x y" = "a", "z" = "b" }}
  agent_id = coder_agent.other[each.value].id
}}
resource "coder_script" "through" {{
  agent_id     = module.own["z"].agent_id
  display_name = "through"
  script       = "echo"
  run_on_start = true
}}
resource "coder_script" "inner" {{
  agent_id     = module.own["x y"].own_agent.id
  display_name = "inner"
  script       = "echo"
  run_on_start = true
}}
"""

OWN_MODULE = """
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
variable "agent_id" {
  type = string
}
resource "coder_agent" "own" {
  os   = "linux"
  arch = "amd64"
}
resource "coder_script" "x" {
  count        = 2
  agent_id     = var.agent_id
  display_name = "x"
  script       = "echo"
  run_on_start = true
}
output "agent_id" {
  value = var.agent_id
}
output "own_agent" {
  value = coder_agent.own
}
"""


@pytest.mark.terraform
def test_addresses_runtimes_and_triggers_are_those_that_terraform_gives(tmp_path: Path) -> None:
    template = tmp_path / "template"
    (template / "own").mkdir(parents=True)
    (template / "main.tf").write_text(REAL_TEMPLATE, "utf-8")
    (template / "own" / "main.tf").write_text(OWN_MODULE, "utf-8")
    copy = TemplateCopy(template, tmp_path / "copy")
    copy.init()
    real = {
        (each.address, each.agent, each.run_on_start, each.run_on_stop)
        for each in copy.apply(environment={"CODER_WORKSPACE_TRANSITION": "start"}).scripts
    }
    analysis = analysis_of({"main.tf": REAL_TEMPLATE, "own/main.tf": OWN_MODULE})
    ours = {
        (each.address, each.runtime and each.runtime.address, each.triggers.start, each.triggers.stop)
        for each in analysis.inventory.scripts
    }
    assert codes(analysis) == []
    assert ours == real


# Runtimes

DECLARATIONS = (
    AGENT
    + agent("counted", "count = data.coder_workspace.me.start_count")
    + agent("keyed", 'for_each = toset(["a"])')
    + agent("some", "count = var.n")
    + 'resource "coder_devcontainer" "dev" {\nagent_id = coder_agent.main.id\nworkspace_folder = "/w"\n}\n'
    + 'data "coder_workspace" "me" {\n}\ndata "coder_parameter" "p" {\n}\n'
    + 'variable "n" {\ndefault = 1\n}\nvariable "given" {}\nvariable "settings" {\ntype = object({ id = string })\n}\n'
    + 'variable "defaulted" {\ndefault = ""\n}\nvariable "yes" {\ndefault = true\n}\n'
    + "locals {\nid = coder_agent.main.id\nall = { x = coder_agent.main }\n}\n"
    + module("own", "./own")
    + module("owns", "./own", "count = 1")
    + module("group", "./own", "count = var.n")
    + module("absent", "registry.example.com/x/y/z")
)

RUNTIMES: list[tuple[str, str | None]] = [
    ("coder_agent.main.id", "coder_agent.main"),
    ('"${coder_agent.main.id}"', "coder_agent.main"),
    ("local.id", "coder_agent.main"),
    ('local.all["x"].id', "coder_agent.main"),
    ("local.all.x.id", "coder_agent.main"),
    ('var.yes ? coder_agent.main.id : coder_agent.keyed["a"].id', "coder_agent.main"),
    ('coalesce(coder_agent.main.id, "x")', "coder_agent.main"),
    ("coder_agent.counted[0].id", "coder_agent.counted[0]"),
    ("coder_agent.counted.0.id", "coder_agent.counted[0]"),
    ("one(coder_agent.counted[*].id)", "coder_agent.counted[0]"),
    ("coder_agent.counted.*.id[0]", "coder_agent.counted[0]"),
    ('try(coder_agent.counted[0].id, "")', "coder_agent.counted[0]"),
    ('coder_agent.keyed["a"].id', 'coder_agent.keyed["a"]'),
    ("values(coder_agent.keyed)[0].id", 'coder_agent.keyed["a"]'),
    ("coder_agent.some[0].id", "coder_agent.some"),
    ('try(coder_agent.some[0].id, "")', "coder_agent.some"),
    ("one(coder_agent.some[*].id)", "coder_agent.some"),
    ("coder_devcontainer.dev.subagent_id", "coder_devcontainer.dev"),
    ("module.own.agent_id", "module.own.coder_agent.a"),
    ("module.own.agent.id", "module.own.coder_agent.a"),
    ("module.owns[0].agent_id", "module.owns[0].coder_agent.a"),
    ("one(module.owns[*].agent_id)", "module.owns[0].coder_agent.a"),
    ("module.group[0].agent_id", "module.group.coder_agent.a"),
    ('try(module.group[0].agent_id, "")', "module.group.coder_agent.a"),
    ("var.given", "var.given"),
    ("var.defaulted", "var.defaulted"),
    ("module.absent.agent_id", "module.absent.agent_id"),
    # What is no agent's id.
    ("coder_agent.main.token", None),
    ("coder_devcontainer.dev.id", None),
    ("data.coder_parameter.p.value", None),
    ('data.coder_parameter.p.value == "x" ? coder_agent.main.id : coder_agent.keyed["a"].id', None),
    ("null", None),
]


@pytest.mark.parametrize(("agent_id", "runtime"), RUNTIMES)
def test_a_script_s_runtime_is_found_from_its_agent_id(agent_id: str, runtime: str | None) -> None:
    own = agent("a") + 'output "agent_id" {\nvalue = coder_agent.a.id\n}\noutput "agent" {\nvalue = coder_agent.a\n}\n'
    analysis = analysis_of({"main.tf": DECLARATIONS + script("x", agent_id=agent_id), "own/main.tf": own})
    [found_script] = [each for each in analysis.inventory.scripts if each.address == "coder_script.x"]
    assert (found_script.runtime.address if found_script.runtime else None) == runtime
    # An attribute that an agent has, and that isn't its id, is a mistake of its own.
    wrong = agent_id in ("coder_agent.main.token", "coder_devcontainer.dev.id")
    assert codes(analysis) == ["uc011", *(["UC210"] * wrong)]


def test_a_module_on_its_own_runs_on_what_its_variable_names() -> None:
    inner = (
        'variable "agent_id" {}\n'
        + script("a", agent_id="var.agent_id")
        + script("b", "depends_on = [coder_script.a]", agent_id="var.agent_id")
        + module("m", "./m", "agent_id = var.agent_id")
    )
    below = 'variable "agent_id" {}\n' + script("c", agent_id="var.agent_id")
    analysis = analysis_of({"main.tf": inner, "m/main.tf": below})
    assert codes(analysis) == []
    assert units(analysis) == [
        f"{address} on start of var.agent_id"
        for address in ("coder_script.a", "coder_script.b", "module.m.coder_script.c")
    ]


def test_two_scripts_with_the_same_given_agent_id_run_on_one_runtime() -> None:
    main = (
        'variable "agent_id" {}\nlocals {\nid = var.agent_id\n}\n'
        + script("a", agent_id="var.agent_id")
        + script("b", "depends_on = [coder_script.a]", agent_id="local.id")
    )
    assert edges_of(main, Options(arguments=(("var", "agent_id=1234"),))) == [
        "coder_script.b < coder_script.a of var.agent_id"
    ]


# Groups


def group(*lines: str, expression: str = "var.n") -> str:
    variables = 'variable "n" {\ndefault = 2\n}\ndata "coder_parameter" "p" {\ndefault = "2"\n}\n'
    return AGENT + variables + script("x", f"count = {expression}", *lines)


def addresses(analysis: Analysis) -> list[tuple[str, bool]]:
    return [(each.address, each.group) for each in analysis.inventory.scripts]


ONE_GROUP = [("coder_script.x", True)]
TWO = [("coder_script.x[0]", False), ("coder_script.x[1]", False)]


@pytest.mark.parametrize(
    ("expression", "options", "expected"),
    [
        ("2", Options(), TWO),
        ("var.n", Options(), ONE_GROUP),
        ("var.n > 0 ? 1 : 0", Options(), ONE_GROUP),
        ("var.n", Options(arguments=(("var", "n=2"),)), TWO),
        ("var.n", Options(environment={"TF_VAR_n": "2"}), TWO),
        ("data.coder_parameter.p.value", Options(), ONE_GROUP),
        ("tonumber(data.coder_parameter.p.value)", Options(), ONE_GROUP),
        ("data.coder_parameter.p.value", Options(attributes={"data.coder_parameter.p.value": string("2")}), TWO),
        ("data.coder_parameter.p.value", Options(assume_defaults=True), ONE_GROUP),
        ("data.coder_workspace.me.start_count * 2", Options(), TWO),
    ],
)
def test_instances_are_told_apart_for_fixed_and_given_values(
    expression: str, options: Options, expected: list[tuple[str, bool]]
) -> None:
    analysis = analysis_of(group(expression=expression) + 'data "coder_workspace" "me" {\n}\n', options)
    assert codes(analysis) == []
    assert addresses(analysis) == expected


def test_values_from_a_tfvars_file_are_given() -> None:
    analysis = analysis_of({"main.tf": group(), "terraform.tfvars": "n = 2\n"})
    assert addresses(analysis) == TWO


def test_for_each_over_keys_that_hang_on_a_default_is_a_group() -> None:
    keys = 'variable "keys" {\ntype = list(string)\ndefault = ["a"]\n}\n'
    main = AGENT + keys + script("x", "for_each = toset(var.keys)")
    assert addresses(analysis_of(main)) == ONE_GROUP
    given = Options(arguments=(("var", 'keys=["k"]'),))
    assert addresses(analysis_of(main, given)) == [('coder_script.x["k"]', False)]


def test_for_each_over_fixed_keys_with_unknown_values_is_told_apart() -> None:
    main = AGENT + 'data "coder_parameter" "p" {\n}\n' + script("x", "for_each = { a = data.coder_parameter.p.value }")
    assert addresses(analysis_of(main)) == [('coder_script.x["a"]', False)]


def test_everything_in_a_module_whose_number_is_open_is_a_group() -> None:
    inner = (
        'variable "agent_id" {}\n'
        + script("y", agent_id="var.agent_id")
        + script("z", "count = 2", agent_id="var.agent_id")
    )
    main = group() + module("m", "./m", "agent_id = coder_agent.main.id", "count = var.n")
    analysis = analysis_of({"main.tf": main, "m/main.tf": inner})
    assert addresses(analysis) == [
        ("coder_script.x", True),
        ("module.m.coder_script.y", True),
        ("module.m.coder_script.z[0]", True),
        ("module.m.coder_script.z[1]", True),
    ]


def test_a_module_s_own_default_is_fixed_since_only_editing_the_template_changes_it() -> None:
    inner = 'variable "agent_id" {}\nvariable "n" {\ndefault = 2\n}\n' + script(
        "x", "count = var.n", agent_id="var.agent_id"
    )
    analysis = analysis_of(
        {"main.tf": AGENT + module("m", "./m", "agent_id = coder_agent.main.id"), "m/main.tf": inner}
    )
    assert addresses(analysis) == [("module.m.coder_script.x[0]", False), ("module.m.coder_script.x[1]", False)]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("coder_script.x", []),
        ("coder_script.x[0]", ["uc206"]),
        ("coder_script.x[3]", ["uc206"]),
        ('coder_script.x[\\"a\\"]', ["UC206"]),
    ],
)
def test_a_rule_may_name_an_instance_of_a_group_with_a_warning(selector: str, expected: list[str]) -> None:
    analysis = analysis_of(group() + script("last") + order(rule('"coder_script.last"', f'"{selector}"')))
    assert codes(analysis) == expected
    assert edges(analysis) == ([] if "UC206" in expected else ["coder_script.last < coder_script.x"])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("count = -1", "at least 0"),
        ("count = 1.5", "whole number"),
        ("count = null", "null"),
        ('count = "many"', "can't be used"),
        ("count = 100001", "more than 100,000"),
        ('for_each = ["a"]', "map or a set of strings"),
        ("for_each = null", "null"),
        ("for_each = toset([1, 2])", "map or a set of strings"),
        ('for_each = "a"', "map or a set of strings"),
    ],
)
def test_a_count_or_for_each_that_can_not_be_used_is_an_error_and_leaves_a_group(value: str, words: str) -> None:
    name, expression = value.split(" = ")
    analysis = at_marks("UC101", AGENT + script("x", f"{name} = «{expression}»"))
    assert words in ordering(analysis)[0].detail
    assert addresses(analysis) == ONE_GROUP


# Values: fixed, given, default


def test_a_body_is_known_for_defaults_too_and_unknown_with_its_reason() -> None:
    main = (
        'variable "who" {\ndefault = "you"\n}\n'
        + AGENT
        + script("a").replace('"echo a"', '"echo ${var.who}"')
        + script("b").replace('"echo b"', '"echo ${data.coder_parameter.p.value}"')
        + 'data "coder_parameter" "p" {\n}\n'
    )
    bodies = {each.address: each.body for each in analysis_of(main).inventory.scripts}
    assert bodies["coder_script.a"] == KnownBody("echo you")
    assert isinstance(bodies["coder_script.b"], UnknownBody)
    assert "data.coder_parameter.p.value" in bodies["coder_script.b"].reason
    given = {
        each.address: each.body for each in analysis_of(main, Options(arguments=(("var", "who=me"),))).inventory.scripts
    }
    assert given["coder_script.a"] == KnownBody("echo me")


def test_a_sensitive_body_is_not_written_out() -> None:
    main = (
        'variable "key" {\ndefault = "k"\nsensitive = true\n}\n'
        + AGENT
        + script("a").replace('"echo a"', '"echo ${var.key}"')
    )
    [only] = analysis_of(main).inventory.scripts
    assert only.body == UnknownBody("a sensitive value")


def test_display_name_and_timeout_are_read() -> None:
    main = AGENT + script("a", "timeout = 30").replace('display_name = "a"', 'display_name = "Say ${1 + 1}"')
    [only] = analysis_of(main).inventory.scripts
    assert (only.display_name, only.timeout) == ("Say 2", 30)


# Windows


def windows(os: str) -> str:
    variables = 'variable "os" {\ndefault = "linux"\n}\ndata "coder_provisioner" "me" {\n}\n'
    return variables + agent("main", os=os) + script("a") + script("b", "depends_on = [«coder_script.a»]")


@pytest.mark.parametrize(
    ("os", "options", "expected"),
    [
        ('"linux"', Options(), []),
        ('"darwin"', Options(), []),
        ('"windows"', Options(), ["UC219"]),
        ('lower("WINDOWS")', Options(), ["UC219"]),
        ("var.os", Options(), ["uc219"]),
        ("var.os", Options(arguments=(("var", "os=linux"),)), []),
        ("var.os", Options(arguments=(("var", "os=windows"),)), ["UC219"]),
        ("data.coder_provisioner.me.os", Options(), ["uc219"]),
    ],
)
def test_an_order_on_a_windows_agent_is_reported(os: str, options: Options, expected: list[str]) -> None:
    text = marked(windows(os))
    analysis = analysis_of(text.text, options)
    assert found(analysis) == [(code, *text.places[0]) for code in expected]
    assert edges(analysis) == ["coder_script.b < coder_script.a"]


def test_each_order_on_a_windows_agent_is_an_error_in_its_place() -> None:
    main = (
        agent("main", os='"windows"')
        + "".join(script(name) for name in "abc")
        + script("d", "depends_on = [«coder_script.a»]", "# unitc: before_start = [«coder_script.b»]")
        + order(rule('"coder_script.c"', '«"coder_script.a"»'))
    )
    at_marks("UC219", main)


def test_a_windows_agent_without_an_order_is_nothing_to_speak_of() -> None:
    assert codes(analysis_of(agent("main", os='"windows"') + script("a") + script("b"))) == []


def test_a_dev_container_is_no_windows_machine_whatever_its_host_is() -> None:
    main = (
        agent("main", os='"windows"')
        + 'resource "coder_devcontainer" "dev" {\nagent_id = coder_agent.main.id\nworkspace_folder = "/w"\n}\n'
        + script("a", agent_id="coder_devcontainer.dev.subagent_id")
        + script("b", "depends_on = [coder_script.a]", agent_id="coder_devcontainer.dev.subagent_id")
    )
    assert edges_of(main) == ["coder_script.b < coder_script.a of coder_devcontainer.dev"]


# Explicit edges are all kept


def test_an_edge_that_a_longer_path_implies_is_kept() -> None:
    main = (
        AGENT
        + script("a")
        + script("b", "depends_on = [coder_script.a]")
        + script("c", "depends_on = [coder_script.a]", "# unitc: depends_on_completion = [coder_script.b]")
    )
    assert edges(analysis_of(main)) == [
        "coder_script.b < coder_script.a",
        "coder_script.c < coder_script.a",
        "coder_script.c < coder_script.b (completion)",
    ]


def test_an_order_that_no_input_changes_is_worked_out_once() -> None:
    # Terraform's own values, and variables of which nothing is known either way, are no inputs that count.
    text = (
        AGENT
        + 'variable "open" {}\ndata "coder_workspace" "me" {}\n'
        + script("a", "timeout = var.open", "count = data.coder_workspace.me.start_count")
    )
    analysis = analysis_of(text)
    assert fixed_order(analysis) is analysis.order


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("timeout = var.n", Options()),
        ("timeout = var.open", Options(arguments=(("var", "open=5"),))),
        ("timeout = data.coder_parameter.p.value", Options(assume_defaults=True)),
        ("count = data.coder_parameter.p.value", Options(attributes={"data.coder_parameter.p.value": string("3")})),
        ("timeout = length(data.coder_workspace.me.name)", Options(assume_defaults=True)),
    ],
)
def test_what_comes_from_an_input_is_left_open_where_no_input_may_count(line: str, options: Options) -> None:
    variables = 'variable "n" {\ndefault = 2\n}\nvariable "open" {}\ndata "coder_parameter" "p" {\ndefault = "2"\n}\n'
    analysis = analysis_of(AGENT + variables + 'data "coder_workspace" "me" {}\n' + script("a", line), options)
    fixed = fixed_order(analysis)
    assert any(one.timeout is not None or one.key is not None for one in analysis.inventory.scripts)
    assert all(one.timeout is None and one.key in (None, GROUP) for one in fixed.inventory.scripts)
