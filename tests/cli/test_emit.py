"""``unitc emit exp-sync``: the calls that say the completions of an order, and what no call says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from compiler.pipeline import Analysis, Options, analyze
from compiler.terraform.configuration.files import MemoryFiles
from tests.cli.harness import run
from tests.golden import check_golden

GOLDENS = Path(__file__).parent / "goldens"
AGENT = 'resource "coder_agent" "main" {\n  os   = "linux"\n  arch = "amd64"\n  startup_script = "true"\n}\n'
KEYS = 'for_each = toset(["a b", "c\'d\\n", "$${x}"])'


def script(name: str, *lines: str, text: str = "true", phase: str = "start") -> str:
    fixed = ("agent_id = coder_agent.main.id", f'display_name = "{name.title()}"', f"run_on_{phase} = true")
    body = (f"script = <<-'EOT'\n{text}\nEOT" if "\n" in text else f'script = "{text}"').replace("<<-'EOT'", "<<EOT")
    return f'resource "coder_script" "{name}" {{\n' + "".join(f"  {line}\n" for line in (*fixed, body, *lines)) + "}\n"


def emitted(folder: Path, text: str) -> tuple[int, str, str]:
    (folder / "main.tf").write_text(text)
    ran = run("emit", "exp-sync", cwd=folder)
    return ran.code, ran.stdout, ran.stderr


def blocks(printed: str) -> dict[str, str]:
    """Return the lines for each script by its address."""
    found = (block.split("\n", 1) for block in printed.split("\n\n"))
    return {title.removeprefix("# ").split(" ")[0]: lines for title, lines in found}


def test_completions_are_printed_for_each_script_and_the_rest_is_listed(tmp_path: Path) -> None:
    code, stdout, stderr = emitted(
        tmp_path,
        AGENT
        + script("clone", KEYS)
        + script("build", "timeout = 60", "# unitc: depends_on_completion = [coder_script.clone, coder_script.lint]")
        + script("lint", "# unitc: depends_on_completion = [coder_agent.main.startup_script]")
        + script("both", "# unitc: depends_on_completion = [coder_script.lint]", "run_on_stop = true")
        + script("snake", "# unitc: depends_on_completion = [coder_script.lint]", text="#!/usr/bin/env python3\\nx")
        + script("trapped", "# unitc: depends_on_completion = [coder_script.lint]", text="trap 'rm -r x' EXIT")
        + script("server", "# unitc: depends_on_completion = [coder_script.lint]", text="exec server")
        + script("test", "depends_on = [coder_script.build]", '# unitc: mutex = "apt"')
        + script("late", "# unitc: depends_on_start = [coder_script.test]", "# unitc: gate_timeout = 60")
        + script("alone"),
    )
    assert code == 1
    check_golden(GOLDENS / "exp-sync.sh", stdout)
    check_golden(GOLDENS / "exp-sync.txt", stderr)


def observed(analysis: Analysis) -> set[tuple[str, str]]:
    return {(edge.dependent, edge.prerequisite) for graph in analysis.graphs for edge in graph.edges}


def test_scripts_that_hold_the_calls_are_read_back_as_the_same_order(tmp_path: Path) -> None:
    waits = {"b": ["a"], "c": ["a", "b"], "d": ["c"]}
    directives = {
        name: f"# unitc: depends_on_completion = [{', '.join(f'coder_script.{other}' for other in others)}]"
        for name, others in waits.items()
    }
    plain = AGENT + "".join(script(name, directives.get(name, "")) for name in "abcd")
    code, stdout, stderr = emitted(tmp_path, plain)
    assert (code, stderr) == (0, "")
    lines = blocks(stdout)
    held = AGENT + "".join(script(name, text=f"{lines[f'coder_script.{name}']}\ntrue") for name in "abcd")
    again = analyze(MemoryFiles({"main.tf": held}), Options(pedantic=True))
    assert [item.code for item in again.diagnostics] == []
    assert observed(again) == observed(analyze(MemoryFiles({"main.tf": plain}), Options()))
    # What scripts say by themselves is said already.
    assert emitted(tmp_path, held) == (0, "", "")


@pytest.mark.parametrize("shell", ["dash", "bash"])
@pytest.mark.parametrize(
    ("body", "stubbed", "calls"),
    [
        ("true", "exit 0", ["want b a", "start --timeout 24h b", "complete b"]),
        ("set -e\nfalse\ntrue", "exit 0", ["want b a", "start --timeout 24h b", "complete b"]),
        ("kill -HUP $$; sleep 1", "exit 0", ["want b a", "start --timeout 24h b", "complete b"]),
        # What never started isn't completed.
        ("echo ran >>log", '[ "$3" != start ]', ["want b a", "start --timeout 24h b"]),
    ],
)
def test_a_script_completes_its_unit_however_it_ends(
    tmp_path: Path, shell: str, body: str, stubbed: str, calls: list[str]
) -> None:
    after = "# unitc: depends_on_completion = [coder_script.a]"
    _, stdout, _ = emitted(tmp_path, AGENT + script("a") + script("b", "timeout = 60", after))
    coder = tmp_path / "coder"
    coder.write_text(f'#!/bin/sh\necho "$*" >>log\n{stubbed}\n')
    coder.chmod(0o755)
    subprocess.run(
        [shell, "-c", f"{blocks(stdout)['coder_script.b']}\n{body}"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=False,
        timeout=600,
    )
    said = (tmp_path / "log").read_text().replace("coder_script.", "").replace("exp sync ", "")
    assert said.splitlines() == calls


def test_a_template_with_errors_gives_no_calls(tmp_path: Path) -> None:
    code, stdout, stderr = emitted(tmp_path, AGENT + script("a", "depends_on = [coder_script.gone]"))
    assert (code, stdout) == (1, "")
    assert "UC204" in stderr
