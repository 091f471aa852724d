"""Order that is said where nothing reads it is told, and ordinary comments are left alone."""

from __future__ import annotations

import pytest

from tests.ordering.harness import analysis_of, at_marks, codes, edges, ordering
from tests.ordering.templates import AGENT, order, rule, script

A = AGENT + script("a")
SAID = "depends_on_success = [coder_script.a]"

NEAR = [
    f"# unitc {SAID}",
    f"#unitc {SAID}",
    f"#unitc: {SAID}",
    f"# unitc : {SAID}",
    f"# Unitc: {SAID}",
    f"# UNITC {SAID}",
    f"# unit: {SAID}",
    f"# units: {SAID}",
    f"# unitc; {SAID}",
    f"# unitc - {SAID}",
    f"# @unitc {SAID}",
    f"## unitc: {SAID}",
    f"//unitc {SAID}",
    f"/* unitc: {SAID} */",
    f"/* unitc {SAID} */",
    f"/*\n * unitc: {SAID}\n */",
    f"/*\nunitc: {SAID}\n*/",
    f"#! unitc: {SAID}",
    f"# [unitc] {SAID}",
    f"# unitc({SAID})",
    f"# {SAID}",
    f"// {SAID}",
]


@pytest.mark.parametrize("comment", NEAR)
def test_what_is_nearly_a_directive_is_told_with_the_right_spelling(comment: str) -> None:
    analysis = at_marks("uc213", A + script("b", f"«{comment}»"))
    assert ordering(analysis)[0].help == (f"write # unitc: {SAID}",)
    assert edges(analysis) == []


WORDS = ["# unitc after = [coder_script.a]", '# unitc mutex = "apt"', "# unit before = all", "# unitc ignore[UC310] x"]


@pytest.mark.parametrize("comment", WORDS)
def test_every_word_of_order_counts(comment: str) -> None:
    assert codes(analysis_of(A + script("b", comment))) == ["uc213"]


ORDINARY = [
    "# About unitc: it compiles.",
    "# This unitc thing",
    "# units: none",
    "# unitc orders these scripts",
    "# unitc is run before apply, after = later",
    "# The unit before = the clone",
    "# unit tests: see below",
    "# units of work = 3",
    "# unit = seconds",
    "# unit: timeout = 5 seconds",
    "# depends_on = [coder_script.a]",
    "# # unitc: depends_on_success = [coder_script.a]",
    "# before_success = whatever comes first",
    "# depends_on_success is what unitc reads",
    "# community: before = x",
    "/* unitc reads depends_on */",
]


@pytest.mark.parametrize("comment", ORDINARY)
def test_an_ordinary_comment_is_left_alone(comment: str) -> None:
    assert codes(analysis_of(A + script("b", comment))) == []


def test_a_directive_over_several_lines_is_told_that_its_comment_ends() -> None:
    lines = ("«# unitc: depends_on_success = [»", "#   coder_script.a,", "# ]")
    analysis = at_marks("UC213", A + script("b", *lines))
    assert ordering(analysis)[0].help == (f"write it on one line: # unitc: {SAID}",)


@pytest.mark.parametrize(
    ("comment", "help_"),
    [
        ("depends_on_success: [coder_script.a]", f"write # unitc: {SAID}"),
        ("depends_on_success [coder_script.a]", f"write # unitc: {SAID}"),
        ("depends_on_success => [coder_script.a]", f"write # unitc: {SAID}"),
        ("needs: [coder_script.a]", f"write # unitc: {SAID}"),
        ('mutex: "apt"', 'write # unitc: mutex = "apt"'),
        ("before: all", "write # unitc: before = all"),
        ("hello world", "a directive is a name and its value: # unitc: depends_on_success = [coder_script.NAME]"),
        ("", "a directive is a name and its value: # unitc: depends_on_success = [coder_script.NAME]"),
    ],
)
def test_a_directive_that_is_no_assignment_is_told_as_one(comment: str, help_: str) -> None:
    [item] = ordering(analysis_of(A + script("b", f"# unitc: {comment}")))
    assert (item.code, item.help) == ("UC002", (help_,))


@pytest.mark.parametrize(
    "comment", ["# unitc depends_on_success: [coder_script.a]", "# untic: needs: [coder_script.a]"]
)
def test_a_comment_that_is_nearly_a_directive_is_told_in_the_form_of_one(comment: str) -> None:
    [item] = ordering(analysis_of(A + script("b", comment)))
    assert (item.code, item.help) == ("UC213", (f"write # unitc: {SAID}",))


def test_the_word_all_in_quotes_is_told_without_them() -> None:
    [item] = ordering(analysis_of(A + script("b", '# unitc: before = "all"')))
    assert item.help == ("write before = all",)


BODIES = [
    ("script = <<-EOT\n#!/bin/sh\n«# unitc: {said}»\necho b\nEOT\n", {}),
    ("script = <<-EOT\n# unitc: mutexes\n  «# unitc {said}»\necho ${{data.x.y.z}}\nEOT\n", {}),
    ("script = <<-EOT\n#!/bin/sh\n«# Unitc; {said}»\necho b\nEOT\n", {}),
    ('script = «templatefile("run.sh", {{ t = data.x.y.z }})»\n', {"run.sh": f"# unitc: {SAID}\necho ${{t}}\n"}),
    ('script = «file("run.sh")»\n', {"run.sh": f"#!/bin/sh\n# unitc: {SAID}\necho b\n"}),
]


@pytest.mark.parametrize(("argument", "files"), BODIES)
def test_a_directive_in_a_scripts_text_is_told(argument: str, files: dict[str, str]) -> None:
    block = script("b").replace('script = "echo b"\n', argument.format(said=SAID))
    analysis = at_marks("uc213", A + 'data "x" "y" {\n}\n' + block, {**files})
    assert ordering(analysis)[0].help == (f"move it into the block of coder_script.b: # unitc: {SAID}",)
    assert edges(analysis) == []


def test_rules_that_are_written_as_a_resource_are_told() -> None:
    text = order(rule('"coder_script.b"', '"coder_script.a"')).replace("data ", "resource ", 1)
    analysis = analysis_of(A + script("b") + text)
    assert codes(analysis) == ["UC216"]
    assert ordering(analysis)[0].help == ('write data "coder_script_order" "order"',)


@pytest.mark.parametrize("kind", ['ephemeral "coder_script_order"', 'data "coder_script_orders"', 'data "coder_order"'])
def test_rules_in_a_block_of_another_kind_are_told(kind: str) -> None:
    text = order(rule('"coder_script.b"', '"coder_script.a"')).replace('data "coder_script_order"', kind, 1)
    analysis = analysis_of(A + script("b") + text)
    assert (codes(analysis), edges(analysis)) == (["UC216"], [])
    assert ordering(analysis)[0].help == ('write data "coder_script_order" "order"',)
