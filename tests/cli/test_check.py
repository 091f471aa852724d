"""``unitc check``: what it prints, where, and how it ends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.harness import run


def test_a_clean_template_is_said_to_be_clean(templates: Path) -> None:
    ran = run("check", "chain", cwd=templates)
    assert (ran.code, ran.stdout, ran.stderr) == (0, "", "1 template checked, no errors.\n")


def test_quiet_leaves_the_good_news_out(templates: Path) -> None:
    ran = run("check", "-q", "chain", cwd=templates)
    assert (ran.code, ran.stdout, ran.stderr) == (0, "", "")


def test_a_file_stands_for_its_folder(templates: Path) -> None:
    assert run("check", "chain/main.tf", cwd=templates) == run("check", "chain", cwd=templates)


def test_colour_changes_nothing_but_colour(templates: Path) -> None:
    import re

    plain = run("check", "faulty-cycle", cwd=templates)
    vivid = run("check", "--color", "always", "faulty-cycle", cwd=templates)
    assert "\x1b[" in vivid.stderr
    assert re.sub(r"\x1b\[[0-9;]*m", "", vivid.stderr) == plain.stderr


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_the_environment_decides_about_colour(templates: Path, environment: dict[str, str], coloured: bool) -> None:
    ran = run("check", "faulty-cycle", cwd=templates, environment=environment)
    assert ("\x1b[" in ran.stderr) is coloured


def test_a_folder_without_templates_is_searched_for_them(templates: Path) -> None:
    ran = run("check", ".", cwd=templates)
    assert ran.code == 1
    assert ran.stderr.endswith("3 errors.\nunitc explain CODE says more: UC201, UC203.\n")


def test_strict_turns_warnings_into_errors(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "registry.example.com/a/b/c"\n}\n')
    assert run("check", cwd=tmp_path).code == 0
    ran = run("check", "--strict", cwd=tmp_path)
    assert (ran.code, ran.stderr.splitlines()[0]) == (1, "error[UC011]: Module is not installed")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["check", "--bogus"], 2, "No such option: --bogus"),
        (["check", "nowhere"], 3, "nowhere: no such file or folder"),
        (["check", "empty"], 3, "empty: there is no .tf file in this folder or below it"),
        (["graph", "chain/notes.txt"], 2, "chain/notes.txt is neither a folder nor a .tf file"),
        (["check", "chain", "--var", "x"], 2, "--var x: write it as NAME=VALUE"),
        (["check", "chain", "--var", "x=1"], 2, "--var x=1: the template declares no variable x"),
        (["check", "chain", "--set", "x"], 2, "--set x: write it as ADDRESS=VALUE"),
        (["check", "chain", "--var-file", "no.tfvars"], 3, "no.tfvars: No such file or directory"),
        (["show", "coder_script.clon", "-C", "chain"], 2, "did you mean coder_script.clone?"),
        (["explain", "nothing"], 2, "there is no diagnostic nothing; unitc explain lists all"),
        (["explain", "203"], 2, "there is no diagnostic 203; did you mean UC203?"),
        (["explain", "UC2O3"], 2, "there is no diagnostic UC2O3; did you mean UC203?"),
    ],
)
def test_what_keeps_a_run_from_its_work_has_a_code_and_a_sentence(
    templates: Path, arguments: list[str], code: int, words: str
) -> None:
    (templates / "empty").mkdir()
    (templates / "chain" / "notes.txt").touch()
    ran = run(*arguments, cwd=templates)
    assert ran.code == code
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_bug_is_told_apart_from_a_mistake(templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise AssertionError("the plan has a unit twice")

    monkeypatch.setattr("compiler.pipeline.analyze", broken)
    ran = run("check", "chain", cwd=templates)
    assert ran.code == 70
    assert ran.stderr.startswith("unitc: this is a bug in unitc ")
    assert "AssertionError: the plan has a unit twice" in ran.stderr


def test_pedantic_tells_the_less_certain_too(tmp_path: Path) -> None:
    body = 'resource "coder_script" "x" {\n  agent_id     = coder_agent.main.id\n  display_name = "X"\n'
    body += '  run_on_start = true\n  script       = "sleep 10; make"\n}\n'
    (tmp_path / "main.tf").write_text('resource "coder_agent" "main" {\n  os   = "linux"\n  arch = "amd64"\n}\n' + body)
    assert "UC323" not in run("check", ".", cwd=tmp_path).stderr
    told = run("check", ".", "--pedantic", cwd=tmp_path)
    assert (told.code, "warning[UC323]: Wait by hand" in told.stderr) == (0, True)


def test_carets_have_the_colour_of_their_severity(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "registry.example.com/a/b/c"\n}\n')
    assert "\x1b[1;33m^^^" in run("check", "--color", "always", cwd=tmp_path).stderr
    assert "\x1b[1;31m^^^" in run("check", "--color", "always", "--strict", cwd=tmp_path).stderr


def test_what_only_a_copy_can_be_compiled_to_is_told_before(template: Path) -> None:
    ran = run("check", "template", cwd=template.parent)
    assert ran.code == 0
    assert "template: compiling it takes --out-dir DIR: module.clone has a version, which no override can remove\n" in (
        ran.stderr
    )
    assert "--out-dir" not in run("check", "template", "-q", cwd=template.parent).stderr
    main = template / "main.tf"
    main.write_text(main.read_text().replace("module.clone,", ""))
    assert "--out-dir" not in run("check", "template", cwd=template.parent).stderr


def test_what_was_not_checked_for_lack_of_a_program_is_told(templates: Path) -> None:
    text = (templates / "faulty-itself" / "main.tf").read_text()
    (templates / "faulty-itself" / "main.tf").write_text(text.replace('"true"', '"#!/bin/zsh\\nmake"', 1))
    (templates / "bin").mkdir()
    programs = {"PATH": str(templates / "bin")}
    ran = run("check", "faulty-itself", cwd=templates, environment=programs)
    assert ran.code == 1
    assert "zsh is not installed, so the syntax of scripts for it was not checked\n" in ran.stderr
    assert "zsh" not in run("check", "faulty-itself", cwd=templates).stderr


def test_what_a_program_gave_no_answer_about_is_told(templates: Path) -> None:
    (templates / "bin").mkdir()
    (templates / "bin" / "shellcheck").symlink_to("/bin/false")
    programs = {"PATH": f"{templates / 'bin'}:{os.environ['PATH']}"}
    said = "ShellCheck gave no full answer within 60 s, so not every script was checked with it\n"
    ran = run("check", "chain", cwd=templates, environment=programs)
    assert (ran.code, said in ran.stderr) == (0, True)
    assert said not in run("check", "chain", cwd=templates).stderr
