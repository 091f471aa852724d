from __future__ import annotations

import pytest

from compiler.source.diagnostics import Severity
from tests.checks.harness import AGENT, block, codes, diagnose, script

CLONE = (
    block('variable "agent_id"')
    + block('variable "base"', 'default = "/home/coder"')
    + block("locals", 'path = "${var.base}/project"', 'url = "https://example.com/project"')
    + script("clone", script='"git clone ${local.url} ${local.path}"', agent_id="var.agent_id")
    + block('output "path"', "value = local.path")
    + block('output "url"', "value = local.url")
    + block('output "greeting"', 'value = "/hello"')
)
CALL = block('module "clone"', 'source = "./clone"', "agent_id = coder_agent.main.id")
USE = '"cd ${module.clone.path} && make"'


def template(use: str, *lines: str, call: str = CALL) -> dict[str, str]:
    """Return a template with the module ``clone`` and a script ``build`` with this text and more lines."""
    return {"main.tf": AGENT + call + script("build", *lines, script=use), "clone/main.tf": CLONE}


def test_a_path_that_another_modules_script_works_with_is_told() -> None:
    (item,) = diagnose(template(USE))
    assert (item.code, item.severity, item.primary.span.text) == ("UC311", Severity.WARNING, "module.clone.path")
    assert item.detail == (
        "coder_script.build uses module.clone.path, the path /home/coder/project that module.clone.coder_script.clone "
        "works with, but doesn't wait for it."
    )
    assert item.help == ("write in coder_script.build: # unitc: depends_on_success = [module.clone]",)


@pytest.mark.parametrize(
    "line",
    [
        "depends_on = [module.clone]",
        "# unitc: depends_on_start = [module.clone]",
        "# unitc: before = [module.clone]",
    ],
)
def test_any_order_between_the_two_is_taken_for_thought_through(line: str) -> None:
    assert codes(template(USE, line)) == []


@pytest.mark.parametrize(
    ("use", "arguments"),
    [
        ('"open ${module.clone.url}"', {}),
        ('"echo ${module.clone.greeting}"', {}),
        ('"true"', {"display_name": "module.clone.path"}),
        (USE, {"run_on_start": None, "run_on_stop": "true"}),
        (USE, {"agent_id": "coder_agent.other.id"}),
    ],
)
def test_what_says_nothing_of_a_scripts_work_is_not_told(use: str, arguments: dict[str, str | None]) -> None:
    main = AGENT + AGENT.replace('"main"', '"other"') + CALL + script("build", **{"script": use, **arguments})
    assert codes({"main.tf": main, "clone/main.tf": CLONE}) == []


def test_a_path_that_can_not_be_known_is_not_told() -> None:
    base = "base = data.coder_parameter.p.value"
    call = block('module "clone"', 'source = "./clone"', "agent_id = coder_agent.main.id", base)
    assert codes({**template(USE, call=call), "p.tf": block('data "coder_parameter" "p"', 'name = "p"')}) == []


def test_a_path_is_followed_through_locals_and_inputs_of_modules() -> None:
    editor = (
        block('variable "agent_id"')
        + block('variable "folder"')
        + block("locals", 'open = "code ${var.folder}"')
        + script("editor", script="local.open", agent_id="var.agent_id")
    )
    call = block('module "editor"', 'source = "./editor"', "agent_id = coder_agent.main.id", "folder = local.folder")
    call += block("locals", "folder = module.clone.path")
    items = diagnose({"main.tf": AGENT + CALL + call, "clone/main.tf": CLONE, "editor/main.tf": editor})
    assert [(item.code, item.primary.span.text) for item in items] == [("UC311", "module.clone.path")]
    assert items[0].help == ("write in module.editor: # unitc: depends_on_success = [module.clone]",)


def test_an_instance_of_a_counted_module_is_followed_too() -> None:
    call = block('module "clone"', 'source = "./clone"', "count = 1", "agent_id = coder_agent.main.id")
    assert codes(template('"cd ${module.clone[0].path}"', call=call)) == ["uc311"]


def test_a_script_of_the_module_itself_may_use_what_the_module_tells() -> None:
    outer = block('variable "agent_id"') + CALL.replace("coder_agent.main.id", "var.agent_id")
    outer = outer.replace("./clone", "../clone") + block('output "path"', "value = module.clone.path")
    call = block('module "outer"', 'source = "./outer"', "agent_id = coder_agent.main.id")
    assert codes({"main.tf": AGENT + call, "outer/main.tf": outer, "clone/main.tf": CLONE}) == []
