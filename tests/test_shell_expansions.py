"""What a shell expands stands in a template as Terraform's own: each gets the help that says how the script sees it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from compiler.pipeline import Options, analyze
from compiler.source.diagnostics import Diagnostic, Severity
from compiler.terraform.configuration.files import MemoryFiles

TEMPLATE = """\
%s
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
resource "coder_script" "a" {
  agent_id     = coder_agent.main.id
  display_name = "a"
  script       = %s
  run_on_start = true
}
resource "coder_script" "b" {
  agent_id     = coder_agent.main.id
  display_name = "b"
  run_on_start = true
  script       = "exit 1"
}
"""
BARE = ("HOME", "_", "CODER_AGENT_TOKEN")
UNKNOWN_NAMES = ("HOME-x", "x+y", "x%y", "x[*]", "x[0]", "BASH_SOURCE[0]", "!x", "x/a/b", "x[i]")
SYNTAX = (
    *("HOME:-x", "x:?oops", "x:=1", "x=1", "x:+y", "x%%y", "x[@]", "x[$i]", "@", "*", "x^^", "x^", "x,,", "x,", "!x@"),
    *("!x[@]", "$", "?", "-", "!", "x@Q", "x:0:3", "x: -3", "x:-$(pwd)", "x%/*", "x%%.*", "1:-x", "@:2", "HOME%/"),
    *("x:-'a b'", "x:?"),
)
COMMENTS = ("#x", "#", "#x[@]", "x//a/b", "x##*/", "x#*/", "x/#a/b", "#1", "#@", "#*")


def found(script: str, before: str = "", **files: str) -> list[Diagnostic]:
    texts = {"main.tf": TEMPLATE % (before, script), **{name.replace("_", "."): text for name, text in files.items()}}
    items = analyze(MemoryFiles(texts), Options()).diagnostics
    return [item for item in items if item.severity is Severity.ERROR]


def places(expansion: str) -> Iterator[list[Diagnostic]]:
    """Yield what is found of an expansion in each place where a script's text may hold it."""
    yield found(f'"echo ${{{expansion}}} y"')
    yield found(f'<<-EOT\n    #!/bin/sh\n    echo "${{{expansion}}}"\n    echo done\n  EOT')
    file = f'#!/bin/sh\necho "${{{expansion}}}"\necho done\n'
    yield found('templatefile("${path.module}/run.sh", {})', run_sh=file)


@pytest.mark.parametrize("expansion", [*BARE, *UNKNOWN_NAMES, *SYNTAX, *COMMENTS])
def test_an_expansion_gives_one_error_that_shows_it_as_it_is_to_be_written(expansion: str) -> None:
    for problems in places(expansion):
        [item] = problems
        assert f"write $${{{expansion}}} if the script is to see ${{{expansion}}}" in item.help
        assert not any("in quotes" in line for line in item.help)


@pytest.mark.parametrize("expansion", COMMENTS)
def test_an_expansion_that_starts_a_comment_is_itself_the_place_of_the_error(expansion: str) -> None:
    for problems in places(expansion):
        [item] = problems
        assert item.primary.span.text == f"${{{expansion}}}"
        assert "starts a comment" in item.detail


def test_each_expansion_of_a_text_is_told_and_the_rest_of_it_is_read() -> None:
    text = "<<-EOT\n    echo ${A:-x} ${B##*/} ${C}\n    echo ${var.nope} ${D[@]}\n  EOT"
    assert [item.primary.span.text for item in found(text)] == [":", "${B##*/}", "C", "var.nope", "@"]


@pytest.mark.parametrize(
    ("declared", "meant"),
    [
        ("", "declare it and write var.name or local.name if it is meant for Terraform"),
        ('variable "name" {}', "did you mean var.name?"),
        ("locals {\n  name = 1\n}", "did you mean local.name?"),
        ("locals {\n  names = 1\n}", "did you mean local.names?"),
    ],
)
def test_a_name_that_may_be_terraforms_gets_both_ways_out(declared: str, meant: str) -> None:
    [item] = found('"echo ${name}"', declared)
    assert item.help == (meant, "write $${name} if the script is to see ${name}")


def test_a_declared_name_in_capitals_gets_both_ways_out() -> None:
    [item] = found('"echo ${HOME}"', 'variable "HOME" {}')
    assert item.help == ("did you mean var.HOME?", "write $${HOME} if the script is to see ${HOME}")


@pytest.mark.parametrize("name", ["path", "count", "data", "module", "each", "self", "local", "terraform"])
def test_a_name_that_is_an_object_of_terraform_gets_the_shells_way_out_too(name: str) -> None:
    [item] = found(f'"echo ${{{name}}}"')
    assert item.help[0] == f"write $${{{name}}} if the script is to see ${{{name}}}"


def test_a_name_outside_of_a_text_is_no_expansion() -> None:
    [item] = found("HOME")
    assert item.help == ('write "HOME" in quotes if it is meant as text',)
    [item] = found('"$${HOME} ${HOME.x}"')
    assert not any("the script" in line for line in item.help)


def test_a_variable_of_a_template_file_may_be_meant_to_be_passed() -> None:
    [item] = found('templatefile("run.sh", {})', run_sh="echo ${PORT}")
    assert item.help == ("pass PORT to the template", "write $${PORT} if the script is to see ${PORT}")


def test_a_format_of_another_program_gets_its_own_way_out() -> None:
    [item] = found("\"curl -w '%{http_code}' localhost\"")
    assert item.help == ("write %%{http_code} if the script is to see %{http_code}",)


def test_an_expansion_that_is_very_long_is_cut() -> None:
    [item] = found(f'"${{x:-{"y" * 5000}}}"')
    assert len(item.help[0]) < 200


@pytest.mark.parametrize("text", ['"echo ${1}"', "<<EOT\necho ${1}\nEOT\n", 'templatefile("run.sh", {})'])
def test_a_parameter_that_terraform_takes_for_a_number_is_told(text: str) -> None:
    texts = {"main.tf": TEMPLATE % ("", text), "run.sh": "echo ${1}\n"}
    items = analyze(MemoryFiles(texts), Options()).diagnostics
    [item] = [item for item in items if item.code == "UC348"]
    assert item.help == ("write $${1} if the script is to see ${1}, or 1 if the number is meant",)


@pytest.mark.parametrize("expansion", ["x##*,", "x//a/b", "#x"])
def test_a_brace_of_the_block_does_not_end_what_a_comment_has_left_open(expansion: str) -> None:
    [item] = found('"exit 1"', f'resource "x" "y" {{\n  metadata {{\n    script = "echo ${{{expansion}}}"\n  }}\n}}\n')
    assert item.primary.span.text == f"${{{expansion}}}"
    assert item.help == (f"write $${{{expansion}}} if the script is to see ${{{expansion}}}",)


@pytest.mark.parametrize("place", ['variable "v" {\n  default = "${HOME}/x"\n}', "tfvars"])
def test_where_terraform_takes_constants_only_the_way_out_is_the_same(place: str) -> None:
    files = {"terraform_tfvars": 'v = "${HOME}/x"\n'} if place == "tfvars" else {}
    [item] = found('"exit 1"', 'variable "v" {}' if files else place, **files)
    assert (item.code, item.help) == ("UC017", ("write $${HOME} if the script is to see ${HOME}",))


def test_names_in_a_command_that_a_unit_says_of_itself_are_looked_up() -> None:
    said = '"exit 1"\n  # unitc: unless = "test -d ${HOME}/x"'
    [item] = found(said)
    assert (item.code, item.help) == ("UC165", ("write $${HOME} if the script is to see ${HOME}",))
    assert found(said.replace("${HOME}", "$${HOME}")) == []
