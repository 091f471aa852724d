"""One mistake is told once: what only follows from a syntax error isn't told besides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from compiler.disk import Disk
from compiler.hcl import read
from compiler.hcl.syntax import Block
from compiler.pipeline import Options, analyze
from compiler.shell.tools import Tools
from compiler.source.diagnostics import Diagnostic
from compiler.source.span import Source
from compiler.terraform.configuration.files import MemoryFiles
from tests.every import EVERY_CASE

FIXTURES = Path(__file__).parent.parent / "fixtures"
CLEAN = sorted(
    path.name for path in FIXTURES.iterdir() if (path / "main.tf").is_file() and not path.name.startswith("faulty")
)


def files_of(name: str) -> dict[str, str]:
    folder = FIXTURES / name
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in (".golden", ".json", ".dot")
    }


def found(files: dict[str, str]) -> list[Diagnostic]:
    return list(analyze(MemoryFiles(files), Options()).diagnostics)


def said(diagnostics: list[Diagnostic]) -> set[tuple[str, str]]:
    return {(item.code, item.summary) for item in diagnostics}


def blocks(block: Block) -> Iterator[Block]:
    yield block
    for inner in block.body.blocks:
        yield from blocks(inner)


def broken_values(text: str) -> Iterator[str]:
    """Yield a configuration with each of its values broken in turn."""
    file, _ = read(Source("main.tf", text))
    for block in (inner for outer in file.body.blocks for inner in blocks(outer)):
        for attribute in block.body.attributes:
            span = attribute.expression.span
            yield text[: span.start] + "[1,, 2]" + text[span.end :]


def broken_blocks(text: str) -> Iterator[str]:
    """Yield a configuration with each of its top-level blocks broken in turn: in its header, and at its end."""
    file, _ = read(Source("main.tf", text))
    for block in file.body.blocks:
        yield text[: block.header_span.end] + " = = " + text[block.header_span.end :]
        yield text[: block.span.end - 1] + text[block.span.end :]


AGENT = """\
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
"""
SCRIPT = """\
resource "coder_script" "a" {{
  agent_id     = coder_agent.main.id
  display_name = "a"
  run_on_start = true
  script       = {opening}
    echo "it's {{ ${{HOME:-x}}"
  EOT
  timeout      = 5
}}
resource "coder_script" "b" {{
  agent_id     = coder_agent.main.id
  display_name = "b"
  run_on_start = true
  script       = "echo"
  depends_on   = [coder_script.a]
}}
"""


@pytest.mark.parametrize(
    ("opening", "right"),
    [
        ("<<'EOT'", "<<EOT"),
        ('<<"EOT"', "<<EOT"),
        ("<<-'EOT'", "<<-EOT"),
        ("<<\\EOT", "<<EOT"),
        ("<<- EOT", "<<-EOT"),
        ("<< EOT", "<<EOT"),
        ("<< -EOT", "<<-EOT"),
        ("<<~EOT", "<<-EOT"),
        ("<<EOT ", "<<EOT"),
        ("<<-EOT\t", "<<-EOT"),
        ("<<EOT # text", "<<EOT"),
        ("<<-EOT;", "<<-EOT"),
    ],
)
def test_a_heredoc_that_opens_as_in_another_language_gives_one_error_with_the_right_spelling(
    opening: str, right: str
) -> None:
    [item] = found({"main.tf": AGENT + SCRIPT.format(opening=opening)})
    assert (item.code, item.summary) == ("UC002", "Invalid heredoc marker")
    assert re.match(rf"write {re.escape(right)}(,|$)", item.help[0])
    assert item.primary.span.text == opening


def test_a_mistaken_heredoc_without_an_end_takes_nothing_of_the_next_block() -> None:
    text = AGENT + SCRIPT.format(opening="<<'OTHER'")
    assert [item.summary for item in found({"main.tf": text})] == ["Invalid heredoc marker"]


CONFLICT = """\
<<<<<<< HEAD
locals {
  name = "a"
=======
locals {
  name = "b"
>>>>>>> branch
}
"""


def test_the_marks_of_a_merge_give_one_error_that_says_so() -> None:
    script = SCRIPT.format(opening="<<EOT").replace('= "a"', "= local.name").replace("${HOME:-x}", "")
    [item] = found({"main.tf": AGENT + script, "locals.tf": CONFLICT})
    assert (item.code, item.summary) == ("UC006", "Merge conflict")
    assert [label.span.start_pos.line for label in item.labels] == [1, 4, 7]


def test_marks_of_a_merge_in_a_script_are_text() -> None:
    marks = "<<<<<<< HEAD\n=======\n>>>>>>> branch\n"
    files = {"main.tf": f"locals {{\n  a = <<EOT\n{marks}EOT\n  b = 1 2\n}}\n"}
    assert [item.code for item in found(files)] == ["UC002"]


def test_names_of_a_part_that_can_not_be_read_are_unknown_and_others_are_still_missing() -> None:
    text = AGENT + "locals {\n  good = 1\n  bad = = [1, 2]\n  x bad_too = 3\n}\n" + SCRIPT.format(opening="<<EOT")
    text = text.replace("${HOME:-x}", "${%s}")
    assert [item.code for item in found({"main.tf": text % "local.bad + local.bad_too"})] == ["UC002", "UC002"]
    assert [item.code for item in found({"main.tf": text % "local.goood"})] == ["UC002", "UC002", "UC165"]


def test_names_of_a_file_that_can_not_be_read_are_unknown() -> None:
    text = AGENT + SCRIPT.format(opening="<<EOT").replace("${HOME:-x}", "${local.x}")
    files = {"main.tf": text, "locals.tf": "locals {\n  x = \0\n}\n"}
    assert [item.code for item in found(files)] == ["UC001"]


def test_a_module_that_can_not_be_read_makes_no_unit_of_exp_sync_missing() -> None:
    waits = SCRIPT.format(opening="<<EOT").replace('echo "it\'s { ${HOME:-x}"', "coder exp sync want a tools")
    text = AGENT + waits + 'module "tools" {\n  source   = "./tools"\n  agent_id = coder_agent.main.id\n}\n'
    variable = 'variable "agent_id" {}\n'
    assert {item.code for item in found({"main.tf": text, "tools/main.tf": variable + "x =\n"})} == {"UC002"}
    assert "UC217" in {item.code for item in found({"main.tf": text, "tools/main.tf": variable})}


@pytest.mark.parametrize("name", CLEAN)
def test_what_follows_from_a_broken_value_or_block_is_not_told(name: str) -> None:
    files = files_of(name)
    before = said(found(files))
    for path in (path for path in files if path.endswith(".tf")):
        texts = (*broken_values(files[path]), *broken_blocks(files[path]))
        # Of a long file not each.
        for text in texts if EVERY_CASE else texts[:: 1 + len(texts) // 30]:
            after = [item for item in found({**files, path: text}) if (item.code, item.summary) not in before]
            assert [item.code for item in after] == ["UC002"], (path, text, after)


def test_what_a_misspelt_argument_of_lifecycle_holds_is_not_told_besides() -> None:
    text = AGENT + SCRIPT.format(opening="<<EOT").replace("${HOME:-x}", "").replace("  timeout ", "%s  timeout ")
    for said, code in (("ignore_change = [script]", "UC103"), ("replace_triggered_by = [coder_script.nope]", "UC165")):
        [item] = found({"main.tf": text % f"  lifecycle {{\n    {said}\n  }}\n"})
        assert item.code == code


@pytest.mark.parametrize("tools", [False, True])
def test_the_marks_of_a_merge_in_a_scripts_own_text_are_named(tools: bool) -> None:
    script = SCRIPT.format(opening="<<EOT").replace("<<EOT", 'file("run.sh")').split("    echo")[0]
    script += "  timeout = 5\n}\n"
    marks = "#!/bin/bash\nset -e\n<<<<<<< HEAD\nmake one\n=======\nmake two\n>>>>>>> other\n"
    options = Options(tools=Tools.found(Disk()) if tools else None)
    [item] = analyze(MemoryFiles({"main.tf": AGENT + script, "run.sh": marks}), options).diagnostics
    assert (item.code, item.summary, item.primary.span.source.name) == ("UC006", "Merge conflict", "run.sh")
    quoted = marks.replace("set -e\n", "set -e\ncat <<'END'\n") + "END\n"
    assert not analyze(MemoryFiles({"main.tf": AGENT + script, "run.sh": quoted}), options).diagnostics
