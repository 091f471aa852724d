"""What no template should hold, and streams that take nothing: each ends with a line and a named exit code."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from tests.cli.harness import run

CALLS = ('file("{}")', 'filebase64("{}")', 'filemd5("{}")', 'templatefile("{}", {{}})', 'fileset("{}", "*")')


@pytest.mark.parametrize("call", [*CALLS, 'fileexists("{}")', 'filesha256("{}")', 'file("./{}/x")'])
def test_a_nul_character_in_a_path_is_an_error_of_the_expression(templates: Path, call: str) -> None:
    ran = run("eval", call.format(r"a\u0000b"), "chain", cwd=templates)
    assert (ran.code, ran.stdout) == (1, "")
    assert "holds a NUL character" in ran.stderr


def test_what_only_terraform_computes_is_unknown_and_the_next_line_is_answered(templates: Path) -> None:
    ran = run("eval", "1/0", "chain", cwd=templates)
    assert (ran.code, ran.stdout) == (1, "")
    assert "arithmetic (division by zero)" in ran.stderr
    ran = run("eval", "-", "chain", cwd=templates, stdin="1/0\n1+1\n")
    first, second = map(json.loads, ran.stdout.splitlines())
    assert (ran.code, list(first), second) == (0, ["unknown"], {"value": 2})


def test_a_sensitive_value_is_printed_only_on_request(templates: Path) -> None:
    secret = 'sensitive("hunter2")'
    ran = run("eval", secret, "chain", cwd=templates)
    assert (ran.code, ran.stdout) == (1, "")
    assert "the value is sensitive" in ran.stderr
    assert "hunter2" not in ran.stderr
    assert run("eval", f"{{a = [{secret}]}}", "chain", cwd=templates).code == 1
    assert run("eval", secret, "chain", "--show-sensitive", cwd=templates).stdout == '"hunter2"\n'
    assert run("eval", "-", "chain", cwd=templates, stdin=secret).stdout == '{"sensitive": true}\n'
    assert run("eval", "-", "chain", "--show-sensitive", cwd=templates, stdin=secret).stdout == '{"value": "hunter2"}\n'


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is not there")
@pytest.mark.parametrize("arguments", [["eval", "1", "chain"], ["--version"], ["--help"], ["check", "--help"]])
def test_a_full_disk_behind_standard_output_is_said_in_a_line(templates: Path, arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "compiler", *arguments],
            cwd=templates,
            stdout=full,
            stderr=subprocess.PIPE,
            env={"PYTHONPATH": str(Path(__file__).parent.parent.parent)},
            text=True,
            check=False,
        )
    assert (ran.returncode, ran.stderr) == (3, "unitc: standard output: No space left on device\n")


def test_a_huge_file_is_refused_by_its_size_without_being_read(templates: Path) -> None:
    with open(templates / "chain" / "big.bin", "wb") as big:
        big.truncate(1 << 30)
    tracemalloc.start()
    try:
        for function in ("file", "filesha256", "filebase64"):
            ran = run("eval", f'{function}("big.bin")', "chain", cwd=templates)
            assert ran.code == 1
            assert '"big.bin" is too large: it has 1,073,741,824 bytes' in ran.stderr
        for name in ("big.tf", "terraform.tfvars"):
            (templates / "chain" / "big.bin").rename(templates / "chain" / name)
            ran = run("check", "chain", cwd=templates)
            assert ran.code == 1
            assert "error[UC004]: File is too large" in ran.stderr
            (templates / "chain" / name).rename(templates / "chain" / "big.bin")
        assert tracemalloc.get_traced_memory()[1] < 200 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_control_character_of_a_file_name_does_not_reach_a_log_of_github(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2J\u202e.tf").write_text("x = \n")
    ran = run("check", "--format", "github", cwd=tmp_path)
    assert ran.code == 1
    assert "\x1b" not in ran.stdout
    assert "\u202e" not in ran.stdout


def test_a_folder_named_twice_counts_once_and_a_compiled_copy_not_at_all(templates: Path) -> None:
    (templates / "own").mkdir()
    (templates / "chain").rename(templates / "own" / "chain")
    assert run("compile", "own/chain", "--out-dir", "own/out", cwd=templates).code == 0
    (templates / "own" / "out" / "main.tf").write_text("broken = \n")
    for paths in (["own"], ["own", "own/chain", "./own/chain/main.tf"]):
        ran = run("check", *paths, cwd=templates)
        assert (ran.code, ran.stderr) == (0, "1 template checked, no errors.\n")


def test_who_asks_something_else_gets_the_number_of_warnings_only(templates: Path) -> None:
    (templates / "chain" / "more.tf").write_text('module "m" {\n  source = "registry.example.com/a/b/c"\n}\n')
    for command in (["graph", "chain"], ["why", "coder_script.app", "-C", "chain"], ["eval", "1", "chain"]):
        ran = run(*command, cwd=templates)
        assert (ran.code, ran.stderr) == (0, "1 warning; unitc check tells more\n"), command
        assert ran.stdout
    ran = run("eval", "-", "chain", cwd=templates, stdin="1\n")
    assert (ran.stdout, ran.stderr) == ('{"value": 1}\n', "1 warning in the template; unitc check tells more\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "--format", "xml"), "Invalid value for '--format': 'xml' is not one of 'text', "),
        (("check", "--color", "red"), "Invalid value for '--color': 'red' is not one of 'auto', "),
        (("graph", "--format", "png"), "Invalid value for '--format': 'png' is not one of 'tree', "),
        (("simulate", "--jobs", "x"), "Invalid value for '--jobs': write a whole number\n"),
        (("compile", "--jobs", "0"), "Invalid value for '-j' / '--jobs': write 1 or more\n"),
        (("config", "schema", "x"), "Invalid value for 'WHAT': 'x' is not one of 'config', "),
    ],
)
def test_a_value_that_an_option_does_not_take_is_told_in_words_of_the_command_line(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = run(*arguments, cwd=tmp_path)
    assert (ran.code, said in ran.stderr) == (2, True)
