"""Modules: local and installed ones, loops, nesting, and those that are not there."""

from __future__ import annotations

import json

import pytest

from compiler.pipeline import Options
from compiler.source.diagnostics import Severity
from compiler.terraform.configuration.load import MAX_MODULE_DEPTH, MAX_MODULES
from tests.ordering.harness import analysis_of, at_marks, codes, edges, edges_of, found, marked, ordering, units
from tests.ordering.templates import AGENT, VARIABLE, agent, child, module, order, rule, script

GIVEN = "agent_id = coder_agent.main.id"
MODULES_JSON = ".terraform/modules/modules.json"


def manifest(source: str = "registry.terraform.io/example/tools/coder", version: str = "1.4.0") -> str:
    folder = ".terraform/modules/tools"
    tools = {"Key": "tools", "Source": source, "Dir": folder} | ({"Version": version} if version else {})
    inner = {"Key": "tools.inner", "Source": "example/inner/coder//sub", "Dir": f"{folder}.inner/sub"}
    return json.dumps({"Modules": [{"Key": "", "Source": "", "Dir": "."}, tools, inner]})


INSTALLED = {
    "main.tf": AGENT + module("tools", "example/tools/coder", GIVEN) + script("x", "depends_on = [module.tools]"),
    MODULES_JSON: manifest(),
    ".terraform/modules/tools/main.tf": child("a")
    + module("inner", "example/inner/coder//sub", "agent_id = var.agent_id"),
    ".terraform/modules/tools.inner/sub/main.tf": child("b"),
}


def test_installed_modules_are_found_through_the_manifest() -> None:
    assert edges_of(INSTALLED) == [
        "coder_script.x < module.tools.coder_script.a",
        "coder_script.x < module.tools.module.inner.coder_script.b",
    ]


def installed(call: str, manifest_text: str) -> dict[str, str]:
    """Return a template whose call of an installed module, without an order, is written like this."""
    text = AGENT + f'module "tools" {{\n{call}\n{GIVEN}\n}}\n'
    return {**INSTALLED, "main.tf": text, MODULES_JSON: manifest_text}


REGISTRY = 'source = "example/tools/coder"'
GITHUB = "git::https://github.com/a/b.git?ref=v1"
FITTING = [
    (REGISTRY, manifest()),
    (REGISTRY + '\nversion = "1.4.0"', manifest()),
    (REGISTRY + '\nversion = "~> 1.2, != 1.3.0"', manifest()),
    (REGISTRY + '\nversion = "2.0.0-rc.1"', manifest(version="2.0.0-rc.1")),
    ('source = "github.com/a/b?ref=v1"', manifest(GITHUB, "")),
]
CHANGED = [
    (REGISTRY + '\nversion = "1.4.1"', manifest(), "Module version requirements have changed"),
    (REGISTRY + '\nversion = "~> 1.3.0"', manifest(), "Module version requirements have changed"),
    (REGISTRY + '\nversion = ">= 1.0"', manifest(version="2.0.0-rc.1"), "Module version requirements have changed"),
    (REGISTRY + '\nversion = ">= 1.0"', manifest(version=""), "Module version requirements have changed"),
    ('source = "example/other/coder"', manifest(), "Module source has changed"),
    ('source = "registry.coder.com/example/tools/coder"', manifest(), "Module source has changed"),
    ('source = "github.com/a/b?ref=v2"', manifest(GITHUB, ""), "Module source has changed"),
]


@pytest.mark.parametrize(("call", "rows"), FITTING)
def test_an_installed_module_that_fits_its_call_is_read(call: str, rows: str) -> None:
    analysis = analysis_of(installed(call, rows))
    assert codes(analysis) == []
    assert units(analysis) != []


@pytest.mark.parametrize(("call", "rows", "summary"), CHANGED)
def test_an_installed_module_that_is_not_the_one_called_is_an_error_and_not_read(
    call: str, rows: str, summary: str
) -> None:
    analysis = analysis_of(installed(call, rows))
    assert [(item.code, item.severity, item.summary) for item in analysis.diagnostics] == [
        ("UC019", Severity.ERROR, summary)
    ]
    assert analysis.diagnostics[0].help[0] == "run: terraform get"
    assert units(analysis) == []


def test_a_module_that_has_changed_is_a_warning_where_modules_may_be_missing() -> None:
    call, rows, _ = CHANGED[0]
    diagnostics = analysis_of(installed(call, rows), Options(allow_missing_modules=True)).diagnostics
    assert [(item.code, item.severity) for item in diagnostics] == [("UC019", Severity.WARNING)]


@pytest.mark.parametrize("version", ['"x"', '"^1.0"', '""', '"1.0 2.0"', "var.version"])
def test_a_version_that_is_no_constraint_is_an_error(version: str) -> None:
    assert codes(analysis_of(installed(f"{REGISTRY}\nversion = {version}", manifest()))) == ["UC012"]


def test_a_version_of_a_module_outside_of_a_registry_is_an_error() -> None:
    text = AGENT + f'module "m" {{\n  source  = "./m"\n  version = "1.0.0"\n{GIVEN}\n}}\n'
    assert codes(analysis_of({"main.tf": text, "m/main.tf": child("a")})) == ["UC012"]


def test_the_source_of_a_file_in_an_installed_module_names_its_folder() -> None:
    files = {
        **INSTALLED,
        ".terraform/modules/tools.inner/sub/main.tf": child("b").replace("b", "b", 1)
        + order(rule('"coder_script.nope"', '"coder_script.b"')),
    }
    assert [place.split(":")[0] for _, place, _ in found(analysis_of(files))] == [
        ".terraform/modules/tools.inner/sub/main.tf"
    ]


def test_a_local_module_outside_of_the_template_s_folder_is_read() -> None:
    files = {"main.tf": AGENT + module("m", "../shared/m", GIVEN), "../shared/m/main.tf": child("a")}
    assert units(analysis_of(files)) == ["module.m.coder_script.a on start of coder_agent.main"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"Modules": 5}', '{"Modules": [{"Key": "a"}]}', "null"])
def test_a_manifest_that_can_not_be_read_is_reported(text: str) -> None:
    analysis = analysis_of({"main.tf": AGENT, MODULES_JSON: text})
    assert [(code, place.split(":")[0]) for code, place, _ in found(analysis)] == [("UC018", MODULES_JSON)]


# Modules that are not installed

ABSENT = (
    AGENT
    + module("m", "example/m/coder", GIVEN).replace('"example', '«"example').replace('coder"', 'coder"»')
    + script("a")
)

INVOLVING = [
    script("x", "depends_on = [module.m]"),
    script("x", "# unitc: depends_on_start = [module.m]"),
    script("x", "# unitc: before = [module.m]"),
    script("x", "# unitc: before = all"),
    order(rule('"coder_script.a"', '"module.m"')),
    order(rule('"module.m"', '"coder_script.a"')),
    script("x", agent_id="module.m.agent_id")
    + script("y", "depends_on = [coder_script.x]", agent_id="module.m.agent_id"),
]


@pytest.mark.parametrize("declaration", INVOLVING)
@pytest.mark.parametrize("allowed", [False, True])
def test_an_order_that_involves_a_missing_module_is_an_error_unless_that_is_allowed(
    declaration: str, allowed: bool
) -> None:
    text = marked(ABSENT + declaration)
    analysis = analysis_of(text.text, Options(allow_missing_modules=allowed))
    assert found(analysis) == [("uc011" if allowed else "UC011", *place) for place in text.places]
    [diagnostic] = ordering(analysis)
    assert "module.m" in diagnostic.detail
    assert diagnostic.help[0] == "run: terraform get"
    assert len(diagnostic.labels) == 2


@pytest.mark.parametrize(
    "lines",
    [
        ("depends_on = [coder_script.a]",),
        ("# unitc: depends_on_start = [coder_script.a]",),
        ("# unitc: before = [coder_script.a]",),
    ],
)
def test_an_order_in_the_call_of_a_missing_module_involves_it(lines: tuple[str, ...]) -> None:
    main = AGENT + module("m", "example/m/coder", GIVEN, *lines) + script("a")
    assert codes(analysis_of(main)) == ["UC011"]


@pytest.mark.parametrize(
    "line", ["depends_on = [coder_agent.main]", "depends_on = [docker_container.c]", "depends_on = []"]
)
def test_depends_on_that_names_no_script_does_not_involve_a_missing_module(line: str) -> None:
    main = AGENT + module("m", "example/m/coder", GIVEN, line) + 'resource "docker_container" "c" {\n}\n'
    assert codes(analysis_of(main)) == ["uc011"]


def test_a_missing_module_that_no_order_involves_is_a_warning() -> None:
    analysis = at_marks("uc011", ABSENT + script("b", "depends_on = [coder_script.a]"))
    assert edges(analysis) == ["coder_script.b < coder_script.a"]


def test_every_gate_that_is_known_is_kept_beside_a_missing_module() -> None:
    main = (
        ABSENT.replace("«", "").replace("»", "")
        + script("b", "depends_on = [coder_script.a, module.m]")
        + script("c")
        + order(rule('"coder_script.c"', '"module.m", "coder_script.b"'))
    )
    analysis = analysis_of(main, Options(allow_missing_modules=True))
    assert codes(analysis) == ["uc011"]
    assert edges(analysis) == ["coder_script.b < coder_script.a", "coder_script.c < coder_script.b"]


def test_scripts_on_an_agent_of_a_missing_module_are_ordered_among_themselves() -> None:
    main = ABSENT.replace("«", "").replace("»", "") + INVOLVING[-1]
    analysis = analysis_of(main, Options(allow_missing_modules=True))
    assert edges(analysis) == ["coder_script.y < coder_script.x of module.m.agent_id"]


@pytest.mark.parametrize(
    "declaration", [script("x", "depends_on = [module.outer]"), order(rule('"coder_script.a"', '"module.outer"'))]
)
def test_an_order_that_names_a_module_that_holds_a_missing_one_involves_it(declaration: str) -> None:
    files = {
        "main.tf": AGENT + module("outer", "./outer", GIVEN) + script("a") + declaration,
        "outer/main.tf": child("b") + module("inner", "example/inner/coder", "agent_id = var.agent_id"),
    }
    analysis = analysis_of(files)
    assert codes(analysis) == ["UC011"]
    assert "module.outer.module.inner is not installed" in ordering(analysis)[0].detail


def test_a_missing_module_is_named_once_though_its_caller_is_called_often() -> None:
    files = {
        "main.tf": AGENT + "".join(module(name, "./outer", GIVEN) for name in ("one", "two")),
        "outer/main.tf": VARIABLE + module("inner", "example/inner/coder", "agent_id = var.agent_id"),
    }
    analysis = analysis_of(files)
    assert codes(analysis) == ["uc011"]
    assert "module.one.module.inner, module.two.module.inner are not installed" in ordering(analysis)[0].detail


def test_a_folder_that_the_manifest_names_and_that_is_gone_is_a_missing_module() -> None:
    files = {**INSTALLED}
    del files[".terraform/modules/tools.inner/sub/main.tf"]
    assert codes(analysis_of(files)) == ["UC011"]


# Modules that can't be read


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('«"./nothing"»', "nothing is not a folder with .tf files"),
        ('«"./empty"»', "empty is not a folder with .tf files"),
        ("«var.source»", "not a plain string"),
        ('«"./${var.source}"»', "not a plain string"),
    ],
)
def test_a_source_that_leads_nowhere_is_an_error(source: str, words: str) -> None:
    analysis = at_marks(
        "UC012", AGENT + f'module "m" {{\nsource = {source}\n}}\nvariable "source" {{\n}}\n', {"empty/readme.md": ""}
    )
    assert words in ordering(analysis)[0].detail


def test_a_module_call_without_a_source_is_an_error() -> None:
    at_marks("UC012", AGENT + '«module "m"» {\n}\n' + script("x", "depends_on = [module.m]"))


@pytest.mark.parametrize("source", ["./.", "./../.", "./m/.."])
def test_a_module_that_calls_its_own_folder_is_a_loop(source: str) -> None:
    files = {"main.tf": AGENT + script("a")}
    if source == "./../.":
        files = {"main.tf": AGENT + module("m", "./m"), "m/main.tf": module("up", "./../.")}
    else:
        files["main.tf"] += module("m", source)
        files["m/x.tf"] = ""
    analysis = analysis_of(files)
    assert codes(analysis) == ["UC012"]
    assert "the calls would never end" in ordering(analysis)[0].detail


def test_modules_that_call_each_other_are_a_loop() -> None:
    files = {
        "main.tf": AGENT + module("a", "./a"),
        "a/main.tf": module("b", "../b"),
        "b/main.tf": module("a", "../a"),
    }
    analysis = analysis_of(files)
    assert [(code, place.split(":")[0]) for code, place, _ in found(analysis)] == [("UC012", "b/main.tf")]


def test_modules_nested_a_thousand_deep_end_in_a_diagnostic() -> None:
    files = {f"m{n}/main.tf": module("next", f"../m{n + 1}") + 'variable "x" {}\n' for n in range(1_000)}
    analysis = analysis_of(
        {"main.tf": AGENT + module("m", "./m0") + script("a"), **files, "m1000/main.tf": "locals {\n}\n"}
    )
    assert codes(analysis) == ["UC012"]
    assert f"{MAX_MODULE_DEPTH}" in ordering(analysis)[0].detail
    assert units(analysis) == ["coder_script.a on start of coder_agent.main"]


def test_calls_that_multiply_end_in_a_diagnostic() -> None:
    files = {f"m{n}/main.tf": "".join(module(f"c{k}", f"../m{n + 1}") for k in range(8)) for n in range(8)}
    analysis = analysis_of({"main.tf": AGENT + module("m", "./m0"), **files, "m8/main.tf": "locals {\n}\n"})
    assert set(codes(analysis)) == {"UC012"}
    assert any(f"{MAX_MODULES:,}" in item.detail for item in ordering(analysis))


def test_a_module_nested_forty_deep_is_read() -> None:
    files = {f"m{n}/main.tf": VARIABLE + module("m", f"../m{n + 1}", "agent_id = var.agent_id") for n in range(40)}
    analysis = analysis_of({"main.tf": AGENT + module("m", "./m0", GIVEN), **files, "m40/main.tf": child("a")})
    assert codes(analysis) == []
    assert units(analysis) == ["module.m." * 41 + "coder_script.a on start of coder_agent.main"]


# Values into and out of modules


def test_agent_ids_travel_through_inputs_outputs_and_locals() -> None:
    files = {
        "main.tf": module("agents", "./agents")
        + "locals {\nids = { for name, id in module.agents.ids : name => id }\n}\n"
        + module("tools", "./tools", 'agent_id = local.ids["dev"]')
        + script("x", "depends_on = [module.tools]", agent_id="module.tools.agent_id"),
        "agents/main.tf": agent("dev")
        + agent("ops")
        + 'output "ids" {\nvalue = { dev = coder_agent.dev.id, ops = coder_agent.ops.id }\n}\n',
        "tools/main.tf": child("a")
        + module("deep", "../deep", "config = { agent = { id = var.agent_id } }")
        + 'output "agent_id" {\nvalue = module.deep.id\n}\n',
        "deep/main.tf": 'variable "config" {\n'
        + "type = object({ agent = object({ id = string }), port = optional(number, 80) })\n}\n"
        + script("b", agent_id="var.config.agent.id")
        + 'output "id" {\nvalue = var.config.agent.id\n}\n',
    }
    assert edges_of(files) == [
        f"coder_script.x < module.tools.{name} of module.agents.coder_agent.dev"
        for name in ("coder_script.a", "module.deep.coder_script.b")
    ]


def test_each_instance_of_a_module_gets_its_own_agent() -> None:
    files = {
        "main.tf": agent("each", 'for_each = toset(["a", "b"])')
        + module("m", "./m", "for_each = coder_agent.each", "agent_id = each.value.id"),
        "m/main.tf": child("x") + script("y", "depends_on = [coder_script.x]", agent_id="var.agent_id"),
    }
    assert edges_of(files) == [
        f'module.m["{key}"].coder_script.y < module.m["{key}"].coder_script.x of coder_agent.each["{key}"]'
        for key in "ab"
    ]


def test_values_that_are_computed_from_themselves_are_reported_where_they_stand() -> None:
    at_marks("UC102", AGENT + script("a", agent_id="local.a") + "locals {\na = local.b\nb = «local.a»\n}\n")


def test_a_module_s_input_that_hangs_on_its_own_output_is_no_endless_loop() -> None:
    files = {
        "main.tf": AGENT + module("m", "./m", "agent_id = module.m.id") + script("x", "depends_on = [module.m]"),
        "m/main.tf": child("a") + 'output "id" {\nvalue = var.agent_id\n}\n',
    }
    assert "UC102" in codes(analysis_of(files))
