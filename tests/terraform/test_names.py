"""Names that stand for nothing: found wherever they stand, each once, as Terraform refuses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.pipeline import Analysis, Options, analyze
from compiler.source.diagnostics import Severity
from compiler.terraform.configuration.files import MemoryFiles
from tests.terraform.binary import terraform

SETUP = """
variable "v" {
  default = 1
}
locals {
  l = [1]
}
resource "terraform_data" "t" {}
resource "terraform_data" "c" {
  count = 2
}
resource "terraform_data" "e" {
  for_each = { a = 1 }
}
data "terraform_remote_state" "s" {
  backend = "local"
}
"""

REFUSED = (
    *('try("x", local.nope)', 'join(",", [for x in [] : local.nope])', '"%{for x in []}${var.nope}%{endfor}"'),
    *('try({ a.b = 1 }, "a")', "can(foo)", "try(path.nope, 1)", "try(terraform.nope, 1)", "try(each.key, 1)"),
    *("try(count.index, 1)", "try(self.id, 1)", "try(var, 1)", 'try(var["v"], 1)', "try(module.nope.x, 1)"),
    *("try(data.terraform_remote_state.nope.x, 1)", "try(data.terraform_remote_state, 1)", "try(terraform_data, 1)"),
    *("try(terraform_data.nope.id, 1)", "try(terraform_data.t[0].id, 1)", "try(terraform_data.c.id, 1)"),
    *("try(terraform_data.e.a.id, 1)", "try(resource.terraform_data.nope, 1)", "try(foo[*].x, 1)", "{ (foo) = 1 }"),
    *("try([for k, v in [] : k2], 1)", "true ? 1 : local.nope", "[for x in local.l : x if local.nope]", "nofunc(1)"),
    *("[nofunc(1)]", "true || nofunc(1)", "ephemeral.x.y", "try(foo_bar.baz, 1)", 'try(terraform_data["t"], 1)'),
)
TAKEN = (
    *(
        "try(local.l.x, 1)",
        "try(terraform_data.c[5].id, 1)",
        "[for foo in [] : foo]",
        "{ foo = 1 }",
        "terraform_data.c",
    ),
    *("try(upper(), 1)", "resource.terraform_data.t", "terraform_data.c[*].id", "terraform_data.c.0.id", "path.module"),
    *("[for k, v in { a = 1 } : [for w in [v] : [k, w]]]", "data.terraform_remote_state.s.backend", "var.v"),
)
"""Expressions that Terraform takes, among them mistakes that ``try`` catches."""
CAUGHT = ("try(nofunc(1), 1)", "can(nofunc(1))", "false ? nofunc(1) : 1", "[for x in [] : nofunc(x)]")
"""Expressions that Terraform takes although they call a function that isn't there."""


def _analysis(text: str) -> Analysis:
    return analyze(MemoryFiles({"main.tf": text.encode()}), Options())


def _errors(expression: str) -> list[str]:
    found = _analysis(f"{SETUP}\nlocals {{\n  it = {expression}\n}}\n").diagnostics
    return [item.code for item in found if item.severity is Severity.ERROR]


@pytest.mark.parametrize("expression", REFUSED)
def test_a_name_that_stands_for_nothing_is_told_once_wherever_it_stands(expression: str) -> None:
    assert len(_errors(expression)) == 1


@pytest.mark.parametrize("expression", [*TAKEN, *CAUGHT])
def test_a_name_that_is_there_is_no_mistake(expression: str) -> None:
    assert _errors(expression) == []


@pytest.mark.parametrize("expression", CAUGHT)
def test_an_unknown_function_that_terraform_does_not_come_to_is_worth_a_warning(expression: str) -> None:
    found = _analysis(f"locals {{\n  it = {expression}\n}}\n").diagnostics
    assert [(item.code, item.severity, item.primary.span.text) for item in found] == [
        ("UC150", Severity.WARNING, "nofunc")
    ]


@pytest.mark.terraform
def test_terraform_refuses_what_we_refuse_and_takes_the_rest(tmp_path: Path) -> None:
    (tmp_path / "setup.tf").write_text(SETUP)
    expressions = (*REFUSED, *TAKEN, *CAUGHT)
    for number, expression in enumerate(expressions):
        (tmp_path / f"e{number}.tf").write_text(f"locals {{\n  e{number} = {expression}\n}}\n")
    terraform(tmp_path, "init")
    found = json.loads(terraform(tmp_path, "validate", "-json").stdout)["diagnostics"]
    # Terraform gives the place of some mistakes without the file.
    refused = {item["range"]["filename"] for item in found}
    assert {f"e{number}.tf" for number in range(len(REFUSED))} >= refused - {""}
    assert len(refused - {""}) >= len(REFUSED) - 1


def test_names_in_blocks_that_nothing_reads_are_looked_up() -> None:
    found = _analysis(
        """
resource "docker_container" "it" {
  name = local.a
  dynamic "ports" {
    for_each = [local.b]
    content {
      internal = ports.value + local.c
    }
  }
  lifecycle {
    ignore_changes = [name]
    precondition {
      condition     = local.d
      error_message = "x"
    }
  }
  provisioner "local-exec" {
    when    = destroy
    command = "echo ${self.name} ${local.e}"
  }
}
provider "docker" {
  host = local.f
}
output "it" {
  value      = local.g
  depends_on = [docker_container.nope]
}
"""
    ).diagnostics
    assert [item.primary.span.text for item in found] == [
        *(f"local.{name}" for name in "abcdefg"),
        "docker_container.nope",
    ]


def test_what_may_be_declared_in_a_file_that_is_broken_is_not_held_against_a_name() -> None:
    files = {"main.tf": b"locals {\n  a = local.b\n}\n", "broken.tf": b"locals {\n  b = \n}\n"}
    assert {item.code for item in analyze(MemoryFiles(files), Options()).diagnostics} == {"UC002"}


@pytest.mark.parametrize("default", ["local.l", 'upper("x")', "foo"])
def test_a_default_is_a_constant(default: str) -> None:
    assert [item.code for item in _analysis(f'variable "x" {{\n  default = {default}\n}}\n').diagnostics] == ["UC017"]


def test_a_name_that_nearly_exists_is_suggested() -> None:
    (found,) = _analysis("locals {\n  it = [for item in [1] : itme]\n}\n").diagnostics
    assert found.help == ("did you mean item?",)


OUTPUTS = [
    ('output "o" {\n  value = module.m.nope\n}', True),
    ("locals {\n  q = module.m.nope\n}", True),
    ('resource "null_resource" "n" {\n  count = 0\n  a     = module.m.nope\n}', True),
    ("locals {\n  q = module.n[0].nope\n}", True),
    ("locals {\n  q = try(module.m.nope, 1)\n}", False),
    ("locals {\n  q = true ? 1 : module.m.nope\n}", False),
    ("locals {\n  q = [for x in [] : module.m.nope]\n}", False),
    ("locals {\n  q = module.m.there\n}", False),
]


@pytest.mark.parametrize(("text", "wrong"), OUTPUTS)
def test_an_output_that_a_module_does_not_have_is_told_wherever_terraform_is_certain_to_come_to_it(
    text: str, wrong: bool
) -> None:
    calls = 'module "m" {\n  source = "./m"\n}\nmodule "n" {\n  source = "./m"\n  count  = 1\n}\n'
    main = calls + text
    found = analyze(MemoryFiles({"main.tf": main, "m/main.tf": 'output "there" {\n  value = 1\n}\n'}), Options())
    told = [(item.code, item.primary.span.text) for item in found.diagnostics]
    assert told == ([("UC154", ".nope")] if wrong else [])
