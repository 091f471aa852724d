"""The parts of the wiring that need no Terraform: what is never empty, what a copy ends with, how many there can be."""

from __future__ import annotations

import pytest

from compiler.hcl import read
from compiler.hcl.syntax import Expression
from compiler.source.span import Source
from compiler.terraform.configuration.address import GROUP, InstanceKey
from compiler.terraform.configuration.files import MemoryFiles
from compiler.terraform.configuration.load import load
from compiler.wiring.bodies import BlockBodies
from compiler.wiring.expressions import copied, greatest_count, may_be_several
from compiler.wiring.model import wired_index, wired_key
from compiler.wiring.sites import Site, wired_address, wired_prefix


def expression(text: str) -> Expression:
    file, diagnostics = read(Source("main.tf", f"x = {text}\n"))
    assert not diagnostics
    return file.body.attributes[0].expression


FILES = {
    "main.tf": 'locals {\n  text = "x"\n  same = local.text\n  loop = local.loop\n  input = var.x\n}\n',
    "run.sh": "echo ${NAME}\n",
    "empty.sh": "",
    "if.sh": "%{ if A }a%{ endif }",
    "both.sh": "%{ if A }a%{ else }b%{ endif }",
    "for.sh": "%{ for x in A }a%{ endfor }",
    "only.sh": "${A}",
    "broken.sh": "${",
}

NEVER_EMPTY = [
    '"x"',
    '" "',
    '"${var.x} "',
    "<<EOT\n${var.x}\nEOT",
    '(("x"))',
    'var.x ? "a" : "b"',
    "local.text",
    "local.same",
    'file("run.sh")',
    'file("${path.module}/run.sh")',
    'templatefile("./run.sh", { NAME = var.x })',
    'templatefile("${path.root}/both.sh", {})',
    'file("only.sh")',
    '"${"x"}"',
]
MAY_BE_EMPTY = [
    "null",
    '""',
    "var.x",
    '"${var.x}"',
    '"${var.x}${var.y}"',
    'var.x ? "a" : null',
    'var.x ? "a" : ""',
    "local.loop",
    "local.input",
    "local.none",
    'file("empty.sh")',
    'file("none.sh")',
    'file("${path.module}/${var.x}.sh")',
    "file(var.x)",
    'templatefile("if.sh", {})',
    'templatefile("for.sh", {})',
    'templatefile("only.sh", {})',
    'templatefile("broken.sh", {})',
    'trimspace("x")',
    "5",
]


@pytest.mark.parametrize(
    ("text", "never"), [*((text, True) for text in NEVER_EMPTY), *((t, False) for t in MAY_BE_EMPTY)]
)
def test_a_body_is_never_empty_only_where_its_expression_settles_it(text: str, never: bool) -> None:
    config, _ = load(MemoryFiles(FILES))
    assert BlockBodies(config.module, FILES.get).form(expression(text)).never_empty is never


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("\"echo 'hi'\"", False),
        ('"${var.x}"', True),
        ('"${var.x} \'"', True),
        ('""', False),
        ('"#!/bin/sh -e"', False),
        ('"#!/bin/sh -e${var.x}"', True),
        ('"#!/bin/sh -e\\n${var.x}"', False),
        ("\" #!/bin/sh '-e'\\n${var.x}\"", True),
        ('"#!/bin/s\\\\h"', True),
        ('"  ${var.x}"', True),
        ('"#${var.x}"', True),
        ('"# ${var.x}"', False),
        ("var.x", True),
        ('var.x ? "a" : "b"', False),
        ('var.x ? "a" : "#!\'"', True),
        ("local.same", False),
        ("local.loop", True),
        ('file("run.sh")', False),
        ('file("none.sh")', True),
        ('templatefile("run.sh", { NAME = var.x })', False),
        ('templatefile("only.sh", {})', True),
    ],
)
def test_the_line_of_an_interpreter_may_be_odd_unless_the_expression_settles_it(text: str, odd: bool) -> None:
    config, _ = load(MemoryFiles(FILES))
    assert BlockBodies(config.module, FILES.get).form(expression(text)).odd_interpreter is odd


@pytest.mark.parametrize(
    ("text", "heredoc"),
    [
        ('"x"', False),
        ("<<EOT\nx\nEOT", True),
        ("var.x ? 1 : <<-EOT\n  x\n  EOT", True),
        ("[<<EOT\nx\nEOT\n]", False),
        ('join("", [<<EOT\nx\nEOT\n])', False),
        ('"${var.x}"', False),
    ],
)
def test_a_copy_knows_whether_it_ends_with_a_heredoc(text: str, heredoc: bool) -> None:
    copy = copied(expression(text))
    assert (copy.text, copy.heredoc) == (text, heredoc)


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("3", 3),
        ("(2)", 2),
        ("var.x ? 1 : 0", 1),
        ("var.x ? data.coder_workspace.me.start_count : 0", 1),
        ("data.coder_workspace.me.start_count * 2", 2),
        ("data.coder_workspace.me.prebuild_count", 1),
        ("data.coder_parameter.n.value", None),
        ("var.x ? var.n : 0", None),
        ("var.n * 2", None),
        ("1 + 1", None),
        ('"1"', None),
        ("1.5", None),
    ],
)
def test_the_greatest_count_is_what_the_form_of_the_expression_tells(text: str, most: int | None) -> None:
    assert greatest_count(expression(text)) == most


@pytest.mark.parametrize(
    ("arguments", "several"),
    [("", False), ("count = 1", False), ("count = 2", True), ("count = var.n", True), ("for_each = {}", True)],
)
def test_a_block_may_be_several_where_its_number_is_not_bounded_by_one(arguments: str, several: bool) -> None:
    file, _ = read(Source("main.tf", f"a {{\n  {arguments}\n}}\n"))
    assert may_be_several(file.body.blocks[0]) is several


@pytest.mark.parametrize(
    ("key", "index"), [(None, ""), (GROUP, ""), (0, "[0]"), (12, "[12]"), ("a&b", '["YSZi"]'), ("é", '["w6k="]')]
)
def test_an_index_of_the_wiring_holds_nothing_that_needs_quoting(key: InstanceKey, index: str) -> None:
    assert wired_index(key) == index


def test_the_key_of_a_count_is_its_number_in_digits() -> None:
    assert wired_key(7) == "7"


def test_an_address_has_the_index_of_each_step_that_has_one() -> None:
    site = Site(("a", "b"), "coder_agent.x", "startup_script")
    assert wired_address(site) == "module.a.module.b.coder_agent.x.startup_script"
    assert wired_address(site, (0, "k", 1)) == 'module.a[0].module.b["aw=="].coder_agent.x[1].startup_script'
    assert wired_address(site, (None, GROUP, 1)) == "module.a.module.b.coder_agent.x[1].startup_script"


def test_a_prefix_ends_before_the_first_step_whose_key_is_unknown() -> None:
    site = Site(("a", "b"), "coder_script.x", "script")
    assert wired_prefix(site, (0, GROUP, None)) == "module.a[0]."
    assert wired_prefix(site, (GROUP, 0, 0)) == ""
    assert wired_prefix(site, (0, None, GROUP)) == "module.a[0].module.b."
    assert wired_prefix(site, (0, None, 2)) == "module.a[0].module.b.coder_script.x[2]"
