"""``simulate``, ``run`` and ``timeline`` on the command line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from compiler.order.outcome import Outcome, Requires
from compiler.status.decision import Change
from compiler.status.durations import BadDuration, merge_durations, parse_duration
from compiler.status.events import BadLog, read_events, spans_of
from compiler.status.follow import Divergence, Follower
from compiler.status.tracker import StatusTracker
from tests.cli.harness import run
from tests.golden import check_golden
from tests.graph.cases import SUCCESS
from tests.waiting import until

ROOT = Path(__file__).parent.parent.parent
GOLDENS = Path(__file__).parent / "goldens"
CHAIN = ROOT / "fixtures" / "chain"
CLONE, INSTALL, APP = "coder_script.clone", "coder_script.install", "coder_script.app"

LOG = (
    f"100.5\t{CLONE}\trunning\t-\n103.5\t{CLONE}\tsucceeded\t0\n103.51\t{INSTALL}\trunning\t-\n"
    f"105\t{INSTALL}\tfailed\t3\n105\t{APP}\tskipped\t-\n"
)


def test_the_machine_form_of_a_simulation_names_the_prerequisite_of_a_skip(tmp_path: Path) -> None:
    ran = run("simulate", CHAIN, "--fail", CLONE, "--format", "json", cwd=tmp_path)
    document = json.loads(ran.stdout)
    assert document["format_version"] == "1"
    (found,) = document["runs"]
    assert (found["runtime"], found["phase"], found["makespan"]) == ("coder_agent.main", "start", 1.0)
    assert found["critical_path"] == [CLONE]
    assert {unit["address"]: unit["because"] for unit in found["units"]} == {
        CLONE: None,
        INSTALL: {"prerequisite": CLONE, "requires": "success", "outcome": "failed"},
        APP: {"prerequisite": INSTALL, "requires": "success", "outcome": "skipped"},
    }


def test_logs_give_durations_and_of_several_the_median(tmp_path: Path) -> None:
    for number, seconds in enumerate((2, 9, 4)):
        text = f"10\t{CLONE}\trunning\t-\n{10 + seconds}\t{CLONE}\tsucceeded\t0\n"
        (tmp_path / f"{number}.tsv").write_text(text)
    logs = [word for number in range(3) for word in ("--durations", f"{number}.tsv")]
    found = json.loads(run("simulate", CHAIN, *logs, "--format", "json", cwd=tmp_path).stdout)
    assert found["runs"][0]["makespan"] == 6.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fail", "coder_script.clon"), "there is no unit coder_script.clon; did you mean coder_script.clone?"),
        (("--duration", CLONE), f"--duration {CLONE}: write it as UNIT=20s"),
        (("--duration", f"{CLONE}=soon"), "'soon' is not a duration; write 20s, 1.5m, 500ms or 1h"),
        (("--agent", "coder_agent.x"), "there is no agent coder_agent.x; there is coder_agent.main"),
    ],
)
def test_what_is_not_there_is_a_mistake_of_the_command_line(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    ran = run("simulate", CHAIN, *arguments, cwd=tmp_path)
    assert (ran.code, ran.stdout, ran.stderr) == (2, "", f"unitc: {message}\n")


@pytest.mark.parametrize("command", ["simulate", "run"])
def test_nothing_runs_in_no_place(command: str, tmp_path: Path) -> None:
    ran = run(command, CHAIN, "--jobs", "0", cwd=tmp_path)
    assert (ran.code, ran.stdout) == (2, "")
    assert "--jobs" in ran.stderr


def test_durations_are_read_as_people_write_them() -> None:
    assert [parse_duration(text) for text in ("20", "1.5m", "500ms", "1h", "2s")] == [20, 90, 0.5, 3600, 2]
    assert merge_durations([("a", '{"x": 3, "y": "2m"}')]) == {"x": 3, "y": 120}
    for text in ("[]", "{", '{"x": true}', '{"x": "soon"}', '{"x": -1}'):
        with pytest.raises(BadDuration):
            merge_durations([("a", text)])


def test_a_timeline_tells_what_happened_when(tmp_path: Path) -> None:
    (tmp_path / "events.tsv").write_text(LOG)
    ran = run("timeline", tmp_path, "-C", CHAIN, cwd=tmp_path)
    assert ran.code == 0
    lines = ran.stdout.splitlines()
    assert lines[0].endswith(": 4.5 s")
    assert lines[1].startswith(f"* {CLONE} ")
    assert lines[1].endswith("succeeded, 0 s to 3 s")
    assert lines[2].endswith("failed, 3 s to 4.5 s, exit code 3")
    assert lines[-2:] == [f"    {CLONE}  3 s", f"    {INSTALL}  1.5 s  after success of {CLONE}"]


def test_two_timelines_are_compared(tmp_path: Path) -> None:
    (tmp_path / "before.tsv").write_text(LOG)
    (tmp_path / "after.tsv").write_text(LOG.replace("103.5\t", "101.5\t").replace("103.51", "101.51"))
    lines = run("timeline", "before.tsv", "after.tsv", cwd=tmp_path).stdout.splitlines()
    assert lines[-3:] == [
        "both take the same time",
        f"  {CLONE}: 3 s, then 1 s (-2.0 s)",
        f"  {INSTALL}: 1.5 s, then 3.5 s (+2.0 s)",
    ]


TRIED_TWICE = (
    "100\tdb\trunning\t-\n102\tget\trunning\t-\n104\tdb\tready\t-\n104\tget\tretrying\t7\n"
    "108\tget\tsucceeded\t0\n110\tdb\tsucceeded\t0\n"
)


def test_where_there_is_no_room_for_bars_nothing_is_explained_of_them(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(TRIED_TWICE)
    assert "░" in run("timeline", "log", cwd=tmp_path).stdout
    assert "░" not in run("timeline", "log", cwd=tmp_path, environment={"COLUMNS": "40"}).stdout


@pytest.mark.parametrize("form", ["text", "svg", "mermaid", "json"])
def test_a_timeline_looks_as_it_was_approved(tmp_path: Path, form: str) -> None:
    (tmp_path / "before").write_text(LOG)
    (tmp_path / "after").write_text(TRIED_TWICE)
    check_golden(
        GOLDENS / f"timeline.{form}", run("timeline", "before", "after", "--format", form, cwd=tmp_path).stdout
    )


@pytest.mark.parametrize("form", ["text", "svg", "mermaid", "html"])
def test_a_run_that_took_no_time_at_all_has_a_timeline(tmp_path: Path, form: str) -> None:
    (tmp_path / "log").write_text(f"100\t{CLONE}\trunning\t-\n100\t{CLONE}\tsucceeded\t0\n")
    ran = run("timeline", "log", "--format", form, cwd=tmp_path)
    assert ran.code == 0, ran.stderr
    assert CLONE in ran.stdout


def test_logs_that_took_the_same_time_are_said_to(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(LOG)
    assert run("timeline", "log", "log", cwd=tmp_path).stdout.splitlines()[-1] == "both take the same time"


def test_a_file_that_is_no_log_is_refused_and_an_unfinished_line_is_not(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("hello\n")
    assert run("timeline", "log", cwd=tmp_path).code == 2
    assert run("timeline", "nothing", cwd=tmp_path).code == 3
    assert len(list(read_events(LOG + "106\tcoder"))) == 5
    with pytest.raises(BadLog, match="line 1"):
        list(read_events("x\ty\tz\t-\n"))


def test_what_happens_while_a_unit_runs_is_a_mark_and_no_outcome() -> None:
    (span,) = spans_of(read_events("1\ta\trunning\t-\n2\ta\tready\t-\n4\ta\tsucceeded\t0\n")).values()
    assert (span.outcome, span.start, span.end, span.marks) == (Outcome.SUCCEEDED, 0, 3, ((1.0, "ready"),))


def test_a_rehearsal_runs_sleeps_in_order_and_leaves_with_the_launchers_code(tmp_path: Path) -> None:
    ran = run("run", CHAIN, "--stub", "--duration", f"{CLONE}=0.1s", "--fail", INSTALL, "--duration",
              f"{INSTALL}=0.1s", cwd=tmp_path)  # fmt: skip
    assert ran.code == 1
    assert ran.stderr.splitlines() == [
        f"unitc: {CLONE} runs",
        f"unitc: {INSTALL} runs",
        f"unitc: {INSTALL} failed with exit code 1",
        f"unitc: {APP} skipped: {INSTALL} failed with exit code 1, so this one can't run",
    ]
    assert "* critical path:" in ran.stdout
    assert re.fullmatch(r"1 succeeded, 1 failed, 1 skipped in [0-9.]+ s", ran.stdout.splitlines()[-1])


def test_a_failure_that_does_not_count_in_a_run_does_not_count_in_a_rehearsal(tmp_path: Path) -> None:
    quick = [
        word for unit in ("clone", "database", "download", "migrate", "theme") for word in ("--duration", f"{unit}=0s")
    ]
    database = ROOT / "fixtures" / "database"
    assert run("run", database, "--stub", "--fail", "theme", *quick, cwd=tmp_path).code == 0
    assert run("run", database, "--stub", "--fail", "clone", *quick, cwd=tmp_path).code == 1


def test_what_gives_a_script_that_is_not_known_its_values_is_told_before_a_run(tmp_path: Path) -> None:
    unknown = ROOT / "fixtures" / "unknown-body"
    ran = run("run", unknown, cwd=tmp_path)
    assert ran.code == 1
    assert ran.stderr.splitlines()[0] == (
        "1 script can't run before apply: --set, --var and --assume-defaults give values that are missing, and --stub "
        "runs without them"
    )
    given = ("--set", "data.coder_parameter.repo.value=x", "--stub", "--duration", "clone=0s")
    assert "before apply" not in run("run", unknown, *given, cwd=tmp_path).stderr


@pytest.mark.parametrize("command", ["graph", "simulate", "run"])
def test_a_phase_without_units_is_told(tmp_path: Path, command: str) -> None:
    ran = run(command, CHAIN, "--phase", "stop", cwd=tmp_path)
    assert (ran.code, ran.stdout, ran.stderr) == (0, "", "there are no units in the stop phase\n")
    (tmp_path / "main.tf").write_text('variable "x" {}\n')
    assert run("simulate", tmp_path, cwd=tmp_path).stderr == "there are no units\n"


def test_a_run_runs_the_scripts_themselves(tmp_path: Path) -> None:
    ran = run("run", CHAIN, cwd=tmp_path, environment={"HOME": str(tmp_path)})
    assert ran.code == 0, ran.stderr
    lines = [line.partition(" | ")[0] for line in ran.stdout.splitlines() if " | " in line]
    assert lines == [f"{CLONE}  ", INSTALL, f"{APP}    "]
    assert ran.stdout.splitlines()[-1].startswith("3 succeeded in ")


FAILING = ROOT / "fixtures" / "failing-script"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_what_a_run_ends_with_fits_the_terminal(tmp_path: Path, width: int) -> None:
    quick = [word for unit in ("install", "clone", "report") for word in ("--duration", f"{unit}=0.01s")]
    environment = {"COLUMNS": str(width)}
    ran = run("run", FAILING, "--stub", "--fail", "install", *quick, cwd=tmp_path, environment=environment)
    assert ran.code == 1
    lines = ran.stdout.splitlines()
    assert max(map(len, lines)) <= width
    said = " ".join(ran.stdout.split())
    failed = "coder_script.install failed with exit code 1"
    assert said.count(f"skipped, {failed}, so this one can't run") == 1
    assert said.count(f"skipped, {failed}, so coder_script.app and this one can't run") == 1
    assert re.search(r"2 succeeded, 1 failed, 2 skipped in [0-9.]+ s$", said)


def test_an_interrupt_ends_everything(tmp_path: Path) -> None:
    # So many seconds that no other test on this machine sleeps as long.
    seconds = f"{1000 + os.getpid() % 9000}.7"
    command = [sys.executable, "-m", "compiler", "run", str(CHAIN), "--stub", "--duration", f"{CLONE}={seconds}s"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr is not None
    assert process.stderr.readline() == f"unitc: {CLONE} runs\n".encode()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=600)
    assert process.returncode == 130
    assert b"canceled" in out
    sleeping = ["pgrep", "-f", f"sleep {seconds}"]
    until(lambda: subprocess.run(sleeping, capture_output=True, check=False).returncode == 1)
    assert list(tmp_path.glob("unitc-run-*")) == []


def test_a_launcher_that_does_what_its_gates_forbid_is_found_out() -> None:
    def follower() -> Follower:
        return Follower(StatusTracker("ab", [("b", "a", SUCCESS)]))

    for log, message in (
        ("1\tb\trunning\t-\n", "the launcher says that b is running; b can't run yet"),
        ("1\tb\tskipped\t-\n", "the launcher skipped b, which is pending by its gates"),
        ("1\tx\trunning\t-\n", "x is not registered"),
    ):
        (event,) = read_events(log)
        with pytest.raises(Divergence, match=message):
            follower().feed(event)
    ready = Follower(StatusTracker("ab", [("b", "a", Requires.READY)]))
    for event in read_events("1\ta\trunning\t-\n2\ta\tready\t-\n2\tb\trunning\t-\n"):
        ready.feed(event)
    assert ready.tracker.outcomes()["b"] is Outcome.RUNNING
    # What a person does is no fault of the launcher's.
    by_hand = follower()
    for event in read_events(
        "1\tb\trelease\t-\n1\tb\trunning\t-\n2\tb\tsucceeded\t0\n3\ta\tskip\t-\n3\ta\tskipped\t-\n"
    ):
        by_hand.feed(event)
    by_hand.finish()
    # Its prerequisite failed in the moment of the signal that canceled it.
    stopped = follower()
    for event in read_events("1\ta\trunning\t-\n2\ta\tfailed\t1\n2\tb\tcanceled\t-\n"):
        stopped.feed(event)
    stopped.finish()
    silent = follower()
    changes: list[Change] = []
    silent.tracker.subscribe(changes.append)
    for event in read_events("1\ta\trunning\t-\n2\ta\tfailed\t1\n"):
        silent.feed(event)
    assert [change.unit for change in changes] == ["a", "a", "b"]
    with pytest.raises(Divergence, match="never said that b is skipped"):
        silent.finish()


def test_a_timeline_is_drawn_as_xml_with_a_bar_for_each_unit_that_ran(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(LOG.replace(APP, "%3Cscript%3E%26%22%1B"))
    drawn = ElementTree.fromstring(run("timeline", "log", "--format", "svg", cwd=tmp_path).stdout)
    bars = [element.get("class") for element in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert [bar for bar in bars if bar != "lane"] == ["paper", "chain running", "bad running", "chain"]
    assert "critical path" in [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    names = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert names == [CLONE, INSTALL, '<script>&"\ufffd']
