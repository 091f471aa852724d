"""A template's configuration, as commands hold to it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.cli.harness import run

WAITS = (
    'resource "coder_agent" "main" {\n  os   = "linux"\n  arch = "amd64"\n}\n'
    'resource "coder_script" "x" {\n  agent_id     = coder_agent.main.id\n  display_name = "X"\n'
    '  run_on_start = true\n  script       = "sleep 10; make"\n}\n'
)
MISSING = 'module "m" {\n  source = "registry.example.com/a/b/c"\n}\n'


def test_a_severity_makes_a_warning_an_error_or_nothing(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "main.tf").write_text(MISSING)
    assert run("check", "t", cwd=tmp_path).code == 0
    (tmp_path / "unitc.toml").write_text('severity = { UC011 = "error" }\n')
    assert "error[UC011]" in run("check", "t", cwd=tmp_path).stderr
    (tmp_path / "unitc.toml").write_text('severity = { UC011 = "off" }\n')
    assert run("check", "t", cwd=tmp_path).stderr == "1 template checked, no errors.\n"


def test_an_error_stays_one_and_says_so(templates: Path) -> None:
    (templates / "unitc.toml").write_text('severity = { UC203 = "off" }\n')
    ran = run("check", "faulty-cycle", cwd=templates)
    assert ran.code == 1
    assert "UC203 is an error here, which the configuration can't lower" in ran.stderr


def test_what_is_pedantic_is_told_where_the_configuration_says_so(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(WAITS)
    for text in ("pedantic = true", 'pedantic = ["UC323"]', 'severity = { UC323 = "warning" }'):
        (tmp_path / "unitc.toml").write_text(text)
        assert "warning[UC323]" in run("check", cwd=tmp_path).stderr, text
    (tmp_path / "unitc.toml").write_text("pedantic = true")
    assert "UC323" not in run("check", "--no-pedantic", cwd=tmp_path).stderr


def test_values_come_from_the_configuration_and_the_command_line_goes_before_it(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'variable "a" {}\ndata "coder_parameter" "p" {\n  name    = "p"\n  default = "d"\n}\n'
    )
    (tmp_path / "dev.tfvars").write_text('a = "from file"\n')
    (tmp_path / "unitc.toml").write_text('var-file = ["dev.tfvars"]\n[set]\n"data.coder_parameter.p.value" = "set"\n')
    assert run("eval", "[var.a, data.coder_parameter.p.value]", cwd=tmp_path).stdout == '["from file","set"]\n'
    given = ("--var", "a=1", "--set", "data.coder_parameter.p.value=2")
    assert run("eval", "[var.a, data.coder_parameter.p.value]", *given, cwd=tmp_path).stdout == '["1","2"]\n'
    (tmp_path / "unitc.toml").write_text("assume-defaults = true\n")
    assert run("eval", "data.coder_parameter.p.value", cwd=tmp_path).stdout == '"d"\n'
    assert run("eval", "data.coder_parameter.p.value", "--no-assume-defaults", cwd=tmp_path).code == 1


def test_a_value_for_what_a_template_does_not_have_is_fine_in_a_configuration(templates: Path) -> None:
    (templates / "unitc.toml").write_text('[set]\n"data.coder_parameter.other.value" = 1\n')
    assert run("check", "chain", cwd=templates).code == 0


def test_excluded_folders_are_passed_over_by_a_search_and_checked_where_they_are_named(templates: Path) -> None:
    (templates / "unitc.toml").write_text('exclude = ["faulty-*"]\n')
    assert "error" not in run("check", ".", "-q", cwd=templates).stderr
    assert run("check", "faulty-cycle", cwd=templates).code == 1


def test_a_wrong_configuration_ends_every_command_with_2_and_shows_its_place(templates: Path) -> None:
    (templates / "unitc.toml").write_text("pedantick = true\n")
    for command in ("check", "compile", "graph"):
        ran = run(command, "chain", cwd=templates)
        assert ran.code == 2, command
        assert "error[UC805]: Unknown key\n --> unitc.toml:1:1\n" in ran.stderr
        assert "did you mean pedantic?" in ran.stderr
    told = json.loads(run("check", "chain", "--format", "json", cwd=templates).stdout)
    assert [item["code"] for item in told["diagnostics"]] == ["UC805"]


@pytest.mark.parametrize("what", ["config", "report"])
def test_schemas_are_printed_and_are_schemas(tmp_path: Path, what: str) -> None:
    ran = run("config", "schema", what, cwd=tmp_path)
    assert (ran.code, ran.stderr) == (0, "")
    jsonschema.Draft202012Validator.check_schema(json.loads(ran.stdout))
    if what == "config":
        assert run("config", "schema", cwd=tmp_path) == ran


def test_the_pages_are_written_as_a_folder_of_markdown(tmp_path: Path) -> None:
    ran = run("explain", "--write", "site", cwd=tmp_path)
    assert ran.code == 0
    index = (tmp_path / "site" / "index.md").read_text()
    names = {path.name for path in (tmp_path / "site").iterdir()}
    assert ran.stderr == f"wrote site ({len(names) - 1} pages and index.md)\n"
    assert "* [UC203](UC203.md): Scripts wait for each other\n" in index
    assert all(f"({name})" in index for name in names - {"index.md"})
    page = (tmp_path / "site" / "UC203.md").read_text()
    assert "\nWrong:\n\n```hcl\n" in page
    assert "\nRight:\n\n```hcl\n" in page
