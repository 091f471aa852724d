"""The stand-ins behave as what they stand for, so that a test of the wiring can fail for the right reason."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path

import pytest

from tests.coder.agent import Agent, Status
from tests.coder.terraform import Script, State, TemplateCopy, TerraformFailed

pytestmark = pytest.mark.terraform

PROVIDER = """
terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}
"""
AGENT = """
data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
"""

BODIES = (
    "#!/usr/bin/env bash\necho one\n",
    "printf 'no final newline'",
    "printf 'carriage returns'\r\nexit 0\r\n",
    "cat <<'EOF'\n'single' \"double\" `back` $VAR ${VAR} %{if} \\ \tEOF\nEOF\n",
    "# Zeichen: äöü ✓ 𝄞\nprintf '\u00a0'\n",
    ": " + "x" * 90_000 + "\n",
)


def template(folder: Path, text: str, **files: str) -> TemplateCopy:
    source = folder / "source"
    source.mkdir()
    for name, content in {"main.tf": PROVIDER + text, **files}.items():
        (source / name).write_text(content, "utf-8", newline="")
    copy = TemplateCopy(source, folder / "copy")
    copy.init()
    return copy


def script_block(name: str, **arguments: str) -> str:
    given = {
        "agent_id": "coder_agent.main.id",
        "display_name": f'"{name}"',
        "script": '"true"',
        "run_on_start": "true",
        **arguments,
    }
    lines = "".join(f"  {key} = {value}\n" for key, value in given.items())
    return f'resource "coder_script" "{name}" {{\n{lines}}}\n'


def script(address: str, text: str, *, timeout: int = 0, stop: bool = False, cron: str = "") -> Script:
    starts = not (stop or cron)
    return Script(address, "coder_agent.main", address, text, starts, stop, cron, timeout)


def test_the_scripts_of_an_applied_template_come_back_byte_for_byte(tmp_path: Path) -> None:
    blocks = [script_block(f"s{index}", script=f'file("s{index}.sh")') for index in range(len(BODIES))]
    files = {f"s{index}.sh": body for index, body in enumerate(BODIES)}
    state = template(tmp_path, AGENT + "".join(blocks), **files).apply()
    assert tuple(script.text for script in state.scripts) == BODIES
    assert {script.agent for script in state.scripts} == {"coder_agent.main"}
    assert all(script.run_on_start and not script.run_on_stop for script in state.scripts)


def test_addresses_are_those_that_terraform_prints(tmp_path: Path) -> None:
    keys = ["a&b", 'q"', "$${x}", " blank ", "é"]
    block = script_block("s", for_each=f"toset({json.dumps(keys)})", script='"echo ${each.key}"')
    state = template(tmp_path, AGENT + block).apply()
    assert {script.address: script.text for script in state.scripts} == {
        'coder_script.s[" blank "]': "echo  blank ",
        'coder_script.s["$${x}"]': "echo ${x}",
        'coder_script.s["a&b"]': "echo a&b",
        'coder_script.s["q\\""]': 'echo q"',
        'coder_script.s["é"]': "echo é",
    }


def test_an_agents_own_two_scripts_are_scripts_unless_they_are_empty(tmp_path: Path) -> None:
    agent = AGENT.replace('"amd64"', '"amd64"\n  startup_script = "up"\n  shutdown_script = "down"')
    other = agent.replace('"main"', '"other"').replace('"up"', '""').replace('"down"', "null")
    state = template(tmp_path, agent + other.replace('data "coder_workspace" "me" {}', "")).apply()
    assert [(script.address, script.text, script.run_on_start, script.run_on_stop) for script in state.scripts] == [
        ("coder_agent.main.startup_script", "up", True, False),
        ("coder_agent.main.shutdown_script", "down", False, True),
    ]


def test_a_stop_build_has_a_start_count_of_zero(tmp_path: Path) -> None:
    copy = template(tmp_path, AGENT + script_block("s", count="data.coder_workspace.me.start_count"))
    assert [script.address for script in copy.apply().scripts] == ["coder_script.s[0]"]
    assert copy.apply(environment={"CODER_WORKSPACE_TRANSITION": "stop"}).scripts == ()


def test_any_changed_argument_of_a_script_replaces_it(tmp_path: Path) -> None:
    copy = template(tmp_path, AGENT + script_block("s", timeout="var.timeout") + 'variable "timeout" {}\n')

    def made(state: State) -> tuple[str, int]:
        (only,) = state.of_type("coder_script")
        return only.values["id"], only.values["timeout"]

    first, same = (made(copy.apply(variables={"timeout": 5})) for _ in range(2))
    assert first == same
    without = made(copy.apply(variables={"timeout": None}))
    assert without[0] != first[0]
    assert without[1] == 0


ORDER = 'data "coder_script_order" "o" {\n  rule {\n    run = %s\n    after = ["coder_script.a"]\n    %s\n  }\n}\n'

REFUSED_AT_VALIDATE = {
    "a null script": (script_block("s", script="null"), 'The argument "script" is required'),
    "a null agent": (script_block("s", agent_id="null"), 'The argument "agent_id" is required'),
    "a timeout of 0": (script_block("s", timeout="0"), "expected timeout to be at least (1), got 0"),
    "four fields of cron": (script_block("s", cron='"* * * *"'), "is not a valid cron expression"),
    "the 60th minute": (script_block("s", cron='"0 60 * * * *"'), "is not a valid cron expression"),
    "a backward range": (script_block("s", cron='"0 0 5-3 * * *"'), "is not a valid cron expression"),
    "an order without rules": ('data "coder_script_order" "o" {\n}\n', 'At least 1 "rule" blocks are required'),
    "an order with an empty list": (ORDER % ("[]", ""), "Attribute run requires 1 item minimum"),
    "an order with an empty string": (ORDER % ('[""]', ""), 'expected "run" to not be an empty string'),
    "an order with another requirement": (
        ORDER % ('["coder_script.b"]', 'requires = "start"'),
        "expected requires to be one of",
    ),
}


@pytest.mark.parametrize("case", REFUSED_AT_VALIDATE)
def test_validate_refuses(case: str, tmp_path: Path) -> None:
    text, expected = REFUSED_AT_VALIDATE[case]
    findings = template(tmp_path, AGENT + text).validate()
    assert expected in " ".join(f"{each.summary} {each.detail}" for each in findings if each.severity == "error")


REFUSED_AT_APPLY = {
    "no trigger": (
        script_block("s", run_on_start="false"),
        'at least one of "run_on_start", "run_on_stop", or "cron" must be set',
    ),
    "a stop script that blocks login": (
        script_block("s", run_on_start="false", run_on_stop="true", start_blocks_login="true"),
        '"start_blocks_login" can only be set if "run_on_start" is "true"',
    ),
}


@pytest.mark.parametrize("case", REFUSED_AT_APPLY)
def test_apply_refuses_what_validate_let_pass(case: str, tmp_path: Path) -> None:
    text, expected = REFUSED_AT_APPLY[case]
    copy = template(tmp_path, AGENT + text)
    assert copy.validate() == ()
    with pytest.raises(TerraformFailed) as failed:
        copy.apply()
    assert expected in str(failed.value)


def test_all_scripts_of_a_phase_are_started_at_once(tmp_path: Path) -> None:
    # Each waits for the other's file, so that they end only if both run at the same time.
    bodies = [f"touch {mine}; until [ -e {other} ]; do sleep 0.01; done" for mine, other in (("a", "b"), ("b", "a"))]
    with Agent(tmp_path) as agent:
        reports = agent.start([script(f"s{index}", body) for index, body in enumerate(bodies)])
    assert {report.status for report in reports.values()} == {Status.OK}


def test_a_script_runs_in_the_login_shell_and_one_with_a_hash_bang_line_in_its_interpreter(tmp_path: Path) -> None:
    show = "tr '\\0' '|' </proc/$$/cmdline"
    scripts = {
        "plain": show + "\n:",
        "hash-bang": f"#!/bin/sh -eu\n{show}\n:",
        "indented": f"\n   #! /usr/bin/env  bash\r\n{show}\n:",
    }
    login = pwd.getpwuid(os.getuid()).pw_shell
    with Agent(tmp_path) as agent:
        reports = agent.start([script(name, text) for name, text in scripts.items()])
    assert reports["plain"].stdout.decode() == f"{login}|-c|{scripts['plain']}|"
    assert reports["hash-bang"].stdout.decode() == f"/bin/sh|-eu|-c|{scripts['hash-bang']}|"
    assert reports["indented"].stdout.decode() == f"bash|-c|{scripts['indented']}|"


def test_a_script_leads_its_own_session_below_the_agent_with_nothing_to_read(tmp_path: Path) -> None:
    body = "echo $$ $PPID $(ps -o sess=,pgid= -p $$); readlink /proc/$$/fd/0; pwd"
    with Agent(tmp_path) as agent:
        report = agent.start([script("s", body)])["s"]
        expected = f"{report.pid} {agent.pid} {report.pid} {report.pid}\n/dev/null\n{tmp_path}/home\n"
        assert report.stdout.decode() == expected


def test_a_script_finds_coders_variables_in_its_environment(tmp_path: Path) -> None:
    body = 'echo "$CODER $CODER_WORKSPACE_NAME $CODER_WORKSPACE_AGENT_NAME"; env'
    with Agent(tmp_path) as agent:
        reports = [
            agent.start([script("s", body)], workspace=workspace, name="dev")["s"]
            for workspace in ("prebuild", "claimed")
        ]
    lines = [report.stdout.decode().splitlines() for report in reports]
    assert [each[0] for each in lines] == ["true prebuild dev", "true claimed dev"]
    first, second = (dict(line.split("=", 1) for line in each[1:]) for each in lines)
    binaries = tmp_path / "tmp" / "coder-script-data" / "bin"
    assert binaries.is_dir()
    for environment in (first, second):
        assert environment["CODER_SCRIPT_BIN_DIR"] == str(binaries)
        assert environment["PATH"].startswith(f"{binaries}:")
        assert Path(environment["CODER_SCRIPT_DATA_DIR"]).is_dir()
        assert environment["CODER_AGENT_TOKEN"]
        assert environment["CODER_AGENT_URL"]
    assert first["CODER_SCRIPT_DATA_DIR"] != second["CODER_SCRIPT_DATA_DIR"]


def test_pipes_that_stay_open_make_a_script_fail(tmp_path: Path) -> None:
    # What is left in the background has closed the pipes once it says so.
    closed = "(exec >/dev/null 2>&1; : >closed; exec sleep 1000) & until [ -e closed ]; do sleep 0.01; done"
    with Agent(tmp_path, pipe_delay=0.2) as agent:
        reports = agent.start([script("open", "sleep 1000 & echo $!"), script("closed", closed)])
        assert reports["open"].status is Status.PIPES_LEFT_OPEN
        assert reports["closed"].status is Status.OK
        assert agent.left("sleep 1000", "sleep 1000") == ["sleep 1000", "sleep 1000"]
        agent.end_leftovers()


def test_a_timeout_hangs_up_on_the_scripts_whole_group(tmp_path: Path) -> None:
    body = "trap 'echo hung up; exit 0' HUP; (trap 'echo me too' HUP; sleep 1000 & wait) & wait"
    with Agent(tmp_path) as agent:
        # The traps are set long before.
        report = agent.start([script("s", body, timeout=5)])["s"]
        assert report.status is Status.TIMED_OUT
        assert sorted(report.stdout.splitlines()) == [b"hung up", b"me too"]
        assert agent.left() == []


def test_a_script_that_ignores_the_hangup_is_killed(tmp_path: Path) -> None:
    with Agent(tmp_path, pipe_delay=0.2) as agent:
        report = agent.start([script("s", "trap '' HUP; while :; do :; done", timeout=1)])["s"]
        assert report.status is Status.TIMED_OUT
        assert agent.left() == []


def test_a_script_that_is_too_large_for_an_argument_is_not_started(tmp_path: Path) -> None:
    texts = {"fits": 131_071, "too large": 131_072}
    with Agent(tmp_path) as agent:
        reports = agent.start([script(name, ": " + "x" * (size - 2)) for name, size in texts.items()])
    assert reports["fits"].status is Status.OK
    assert reports["too large"].status is Status.NOT_STARTED
    assert b"Argument list too long" in reports["too large"].stderr


def test_what_hangs_is_killed_and_reported_as_hung(tmp_path: Path) -> None:
    with Agent(tmp_path) as agent:
        # The other one has ended, and the sleep has begun, long before.
        reports = agent.start([script("a", "setsid -w sleep 1000 & wait"), script("b", "true")], bound=5)
        assert reports["a"].status is Status.HUNG
        assert reports["b"].status is Status.OK
        # The one in a session of its own is not in that of the script, but has its environment.
        assert agent.left("sleep 1000") == ["sleep 1000"]
        agent.end_leftovers()


def test_an_agent_refuses_a_manifest_with_a_schedule_that_it_can_not_parse(tmp_path: Path) -> None:
    with Agent(tmp_path) as agent:
        for cron in ("@daily", "@every 5m", "nonsense", "60 * * * * *", "TZ=UTC @hourly"):
            reports = agent.start([script("s", "true"), script("c", "true", cron=cron)])
            assert {report.status for report in reports.values()} == {Status.REFUSED}, cron
            assert agent.live([script("c", "true", cron=cron)]).start["c"].status is Status.REFUSED
        for cron in ("0 0 6 * * *", "0 0 6 * *", "TZ=UTC 0 0 6 * * MON-FRI"):
            assert agent.start([script("s", "true"), script("c", "true", cron=cron)])["s"].status is Status.OK, cron


def test_a_schedule_ticks_after_the_last_start_script_and_before_the_stop_scripts(tmp_path: Path) -> None:
    scripts = [
        script("up", "sleep 0.2; echo up >>log"),
        script("c", "echo tick >>log", cron="0 0 6 * * *"),
        script("down", "echo down >>log", stop=True),
    ]
    with Agent(tmp_path) as agent:
        life = agent.live(scripts, ticks=2)
    assert (tmp_path / "home" / "log").read_text().split() == ["up", "tick", "tick", "down"]
    assert ([*life.start], [[*tick] for tick in life.ticks], [*life.stop]) == (["up"], [["c"], ["c"]], ["down"])


def test_closing_hangs_up_on_start_scripts_and_does_not_wait_for_them(tmp_path: Path) -> None:
    up = "trap 'until [ -e down ]; do sleep 0.01; done; echo up ended; exit 3' HUP; touch started; sleep 1000 & wait"
    scripts = [script("up", up), script("down", "touch down", stop=True)]
    with Agent(tmp_path) as agent:
        life = agent.live(scripts, ticks=1, closed_by=tmp_path / "home" / "started")
        agent.end_leftovers()
    assert (life.start["up"].status, life.start["up"].exit_code) == (Status.EXIT_FAILURE, 3)
    assert (life.start["up"].stdout, life.stop["down"].status, life.ticks) == (b"up ended\n", Status.OK, ())
