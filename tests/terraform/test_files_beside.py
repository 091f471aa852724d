"""Files that stand beside a template's own: values in tfvars files, native and JSON, and JSON configurations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from compiler.hcl import read_expression
from compiler.pipeline import Options, analyze
from compiler.source.span import Source
from compiler.terraform.configuration.files import MemoryFiles
from compiler.terraform.functions.formats.json_text import encode
from compiler.terraform.values.budget import Budget
from tests.terraform.binary import terraform

NAMES = "abcdef"
VARIABLES = "".join(f'variable "{name}" {{\n}}\n' for name in NAMES)
VALUES: Mapping[str, str] = {
    "terraform.tfvars": 'a = "terraform.tfvars"\nb = "x"\nc = "x"\nd = "x"\n',
    "terraform.tfvars.json": '{"b": "terraform.tfvars.json", "c": "x", "d": "x", "//": "a comment"}',
    "b.auto.tfvars.json": '{"d": "b.auto.tfvars.json", "e": ["x", {"y": 1.50, "z": null}]}',
    "m.auto.tfvars": 'c = "m.auto.tfvars"\nd = "m.auto.tfvars"\n',
    "z.auto.tfvars.json": '{"f": "${upper(\\"x\\")} %{if true}y%{endif} $${z}"}',
}


def values(files: Mapping[str, str], options: Options | None = None) -> list[object]:
    """Return what the root variables are."""
    analysis = analyze(MemoryFiles(files), options or Options())
    found = []
    for name in NAMES:
        expression, _ = read_expression(Source("test", f"var.{name}"))
        assert expression is not None
        found.append(json.loads(encode(analysis.scope.scope.evaluate(expression).unmarked(), Budget())))
    return found


@pytest.mark.terraform
def test_values_come_from_the_files_that_terraform_takes_them_from(tmp_path: Path) -> None:
    files = {"main.tf": VARIABLES, **VALUES}
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    asked = terraform(tmp_path, "console", text=f"jsonencode([{', '.join(f'var.{name}' for name in NAMES)}])")
    assert values(files) == json.loads(json.loads(asked.stdout))


def codes(files: Mapping[str, str], options: Options | None = None) -> list[str]:
    return [item.code for item in analyze(MemoryFiles(files), options or Options()).diagnostics]


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "null", '"a"', '{"a": }'])
def test_values_in_json_that_can_not_be_read_are_reported(text: str) -> None:
    assert codes({"main.tf": VARIABLES, "terraform.tfvars.json": text}) == ["UC017"]


@pytest.mark.parametrize("name", ["terraform.tfvars", "terraform.tfvars.json"])
def test_a_value_for_a_variable_that_is_not_declared_is_a_warning(name: str) -> None:
    text = '{"nobody": 1}' if name.endswith("json") else "nobody = 1\n"
    assert codes({"main.tf": VARIABLES, name: text}) == ["UC017"]
    assert analyze(MemoryFiles({"main.tf": VARIABLES, name: text}), Options()).valid


def test_a_file_of_values_that_is_named_may_be_json() -> None:
    files = {"main.tf": VARIABLES, **VALUES, "more.tfvars.json": '{"a": "named"}'}
    assert values(files, Options(arguments=(("var-file", "more.tfvars.json"),)))[0] == "named"


AGENT = 'resource "coder_agent" "main" {\n  arch = "amd64"\n  os   = "linux"\n}\n'
SCRIPT = (
    'resource "coder_script" "x" {{\n  agent_id     = coder_agent.main.id\n  display_name = "x"\n'
    "  run_on_start = true\n  script       = {}\n}}\n"
)


@pytest.mark.parametrize(
    ("script", "document", "expected"),
    [
        ("docker_image.main.name", {"resource": {"docker_image": {"main": {"name": "x"}}}}, []),
        ("docker_image.main[0].name", {"resource": {"docker_image": {"main": {"count": 1}}}}, []),
        ("data.http.x.body", {"data": {"http": {"x": {"url": "y"}}}}, []),
        ("docker_image.other.name", {"resource": {"docker_image": {"main": {}}}}, ["UC165"]),
        ('"echo"', {"resource": {"coder_script": {"y": {}}}}, ["UC015"]),
        ('"echo"', {"locals": {"y": 1}}, ["UC015"]),
        ('"echo"', {"module": {"y": {}}}, ["UC015"]),
        ('"echo"', {"variable": {"y": {}}}, ["UC015"]),
        ('"echo"', {"terraform": {}, "provider": {}, "output": {"y": {}}}, []),
        ('"echo"', [], []),
    ],
)
def test_what_a_json_configuration_declares_is_there(script: str, document: object, expected: list[str]) -> None:
    assert codes({"main.tf": AGENT + SCRIPT.format(script), "more.tf.json": json.dumps(document)}) == expected


def test_an_output_in_json_is_there_and_not_known() -> None:
    files = {
        "main.tf": AGENT + SCRIPT.format("module.m.text") + 'module "m" {\n  source = "./m"\n}\n',
        "m/main.tf": "locals {\n}\n",
        "m/out.tf.json": '{"output": {"text": {"value": "echo"}}}',
    }
    assert codes(files) == []


def test_an_ephemeral_resource_is_known_only_at_apply() -> None:
    ephemeral = 'ephemeral "random_password" "x" {\n  length = 8\n}\n'
    text = AGENT + ephemeral + "locals {\n  x = ephemeral.random_password.x.result\n}\n" + SCRIPT.format("local.x")
    assert codes({"main.tf": text}) == []
