"""Values of variables, module inputs and outputs: what Terraform makes of the same folder, to the byte."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from compiler.hcl import read_expression
from compiler.pipeline import Options, analyze
from compiler.source.span import Source
from compiler.terraform.configuration.files import DiskFiles, MemoryFiles
from compiler.terraform.functions.formats.json_text import encode
from compiler.terraform.values.budget import Budget
from compiler.terraform.values.marks import Provenance
from compiler.terraform.values.values import Value
from tests.terraform.binary import terraform

VARIABLES = """\
variable "plain" {}

variable "text" {
  type    = string
  default = "default"
}

variable "number" {
  type    = number
  default = 1
}

variable "flag" {
  type    = bool
  default = false
}

variable "list" {
  type    = list(string)
  default = ["a", 1, true]
}

variable "numbers" {
  type    = set(number)
  default = [3, "1", 2, 1]
}

variable "any_map" {
  type    = map(any)
  default = { a = 1, b = "x" }
}

variable "server" {
  type = object({
    name  = string
    port  = optional(number, 80)
    tags  = optional(map(string), { env = "dev" })
    extra = optional(object({ on = optional(bool, true), note = optional(string) }), {})
  })
  default = { name = "one" }
}

variable "servers" {
  type = list(object({
    name = string
    port = optional(number, 80)
  }))
  default = [{ name = "a" }, { name = "b", port = "81" }, { name = "c", port = null }]
}

variable "pair" {
  type    = tuple([string, number])
  default = [1, "2"]
}

variable "not_null" {
  type     = string
  default  = "kept"
  nullable = false
}

variable "nullish" {
  type    = string
  default = null
}

module "child" {
  source   = "./child"
  names    = var.list
  not_null = null
  count    = 2
  index    = count.index
}

module "each" {
  source   = "./child"
  for_each = { x = "1", "y z" = "2" }
  names    = [each.key, each.value]
}

locals {
  above = local.below + 1
  below = 41
}
"""

CHILD = """\
variable "names" {
  type = set(string)
}

variable "not_null" {
  type     = string
  default  = "child"
  nullable = false
}

variable "index" {
  type    = string
  default = null
}

output "said" {
  value = "${join(",", var.names)}/${var.not_null}/${jsonencode(var.index)}"
}

output "path" {
  value = [path.module, path.root]
}
"""

NAMES = (
    "var.plain",
    "var.text",
    "var.number",
    "var.flag",
    "var.list",
    "var.numbers",
    "var.any_map",
    "var.server",
    "var.servers",
    "var.pair",
    "var.not_null",
    "var.nullish",
    "module.child",
    "module.child[1].said",
    "module.each",
    'module.each["y z"].said',
    "local.above",
    "path.module",
    "terraform.workspace",
)

SCENARIOS: Mapping[str, tuple[Mapping[str, str], Mapping[str, str], Sequence[str]]] = {
    "defaults": ({}, {}, ("--var=plain=1",)),
    "files win over the environment": (
        {"TF_VAR_plain": "environment", "TF_VAR_text": "environment", "TF_VAR_number": "7"},
        {"terraform.tfvars": 'text = "file"\n', "b.auto.tfvars": "number = 8\n", "a.auto.tfvars": "number = 9\n"},
        (),
    ),
    "the command line wins over files, the last over the first": (
        {"TF_VAR_plain": "environment"},
        {"terraform.tfvars": 'text = "file"\nnumber = 1\n', "given.tfvars": 'text = "given"\nflag = "true"\n'},
        ("--var=text=first", "--var-file=given.tfvars", "--var=number=5"),
    ),
    "a file after the argument wins": (
        {"TF_VAR_plain": "environment"},
        {"given.tfvars": 'text = "given"\n'},
        ("--var-file=given.tfvars", "--var=text=last"),
    ),
    "text for complex types is an expression": (
        {"TF_VAR_plain": '["not", "read"]', "TF_VAR_list": '["x", "y"]', "TF_VAR_any_map": "{ k = [1] }"},
        {},
        ('--var=server={ name = "two", extra = { note = "n" } }', "--var=pair=[null, 3]", "--var=flag=true"),
    ),
    "null and empty values": (
        {"TF_VAR_plain": ""},
        {"terraform.tfvars": "not_null = null\ntext = null\nnumbers = []\nservers = []\n"},
        (),
    ),
}


def _folder(tmp_path: Path, files: Mapping[str, str]) -> Path:
    (tmp_path / "child").mkdir()
    (tmp_path / "child" / "main.tf").write_text(CHILD)
    (tmp_path / "main.tf").write_text(VARIABLES)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def _terraform(folder: Path, environment: Mapping[str, str], arguments: Sequence[str]) -> list[str]:
    assert terraform(folder, "get").returncode == 0
    flags = [argument.replace("--", "-", 1) for argument in arguments]
    asked = f"jsonencode([{', '.join(f'jsonencode({name})' for name in NAMES)}])"
    ran = terraform(folder, "console", *flags, text=asked, variables=environment)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    answer: list[str] = json.loads(json.loads(ran.stdout))
    return answer


@pytest.mark.terraform
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_given_values_are_what_terraform_makes_of_them(tmp_path: Path, scenario: str) -> None:
    environment, files, arguments = SCENARIOS[scenario]
    folder = _folder(tmp_path, files)
    assignments = []
    for argument in arguments:
        kind, value = argument.removeprefix("--").split("=", 1)
        assignments.append((kind, value))
    analysis = analyze(DiskFiles(folder), Options(arguments=tuple(assignments), environment=environment))
    assert analysis.diagnostics == ()
    ours = [encode(_value(analysis.scope.scope.evaluate, name).unmarked_deep(), Budget()) for name in NAMES]
    assert dict(zip(NAMES, ours, strict=True)) == dict(
        zip(NAMES, _terraform(folder, environment, arguments), strict=True)
    )


def _value(evaluate: object, text: str) -> Value:
    assert callable(evaluate)
    expression, problems = read_expression(Source("expression", text))
    assert expression is not None
    assert problems == ()
    value = evaluate(expression)
    assert isinstance(value, Value)
    return value


@pytest.mark.parametrize(
    ("expression", "provenance"),
    [
        ("local.plain", Provenance.FIXED),
        ("var.given", Provenance.GIVEN),
        ("var.default", Provenance.DEFAULT),
        ("local.mixed", Provenance.DEFAULT),
        ("module.child.own_default", Provenance.FIXED),
        ("module.child.handed_down", Provenance.GIVEN),
        ("data.coder_workspace.me.start_count", Provenance.FIXED),
    ],
)
def test_a_value_says_what_it_hangs_on(expression: str, provenance: Provenance) -> None:
    files = MemoryFiles(
        {
            "main.tf": (
                'variable "given" {}\nvariable "default" {\n  default = 1\n}\n'
                'locals {\n  plain = 1\n  mixed = var.given == "x" ? var.default : 0\n}\n'
                'module "child" {\n  source = "./child"\n  handed = var.given\n}\n'
                'data "coder_workspace" "me" {}\n'
            ),
            "child/main.tf": (
                'variable "handed" {}\nvariable "own" {\n  default = 2\n}\n'
                'output "own_default" {\n  value = var.own\n}\noutput "handed_down" {\n  value = var.handed\n}\n'
            ),
        }
    )
    analysis = analyze(files, Options(arguments=(("var", "given=x"),)))
    assert analysis.diagnostics == ()
    assert _value(analysis.scope.scope.evaluate, expression).provenance is provenance
