"""Units that say something of themselves, in a run of the supervisor, under every shell."""

from __future__ import annotations

import signal
import time
from itertools import product
from pathlib import Path

import pytest

from compiler.order.outcome import Outcome
from tests.shells.harness import Place, Spec, shells_with, until
from tests.shells.machine import endless, tools_without

A, B, C, D = (f"coder_script.{name}" for name in "abcd")
SERVER = "until [ -e stop ]; do sleep 0.02; done"
PROBED = {"PROBE": "test -e up"}
NOTIFIED = {"NOTIFY": "1"}
ONCE_MORE = {"RETRIES": "1", "RETRY_DELAY": "0"}
MOMENTS = ("body", "probe", "pause", "unless")
LACKS = {"all": (), "perl": ("perl",), "setsid": ("setsid",), "both": ("perl", "setsid")}


@pytest.fixture
def path(request: pytest.FixtureRequest) -> str:
    """A PATH with all tools, and without those that have a fallback."""
    names = LACKS[request.param]
    return tools_without(*names) if names else ""


WITH_TOOLS = pytest.mark.parametrize(("shell", "path"), shells_with(LACKS), indirect=["path"])


@WITH_TOOLS
def test_dependents_start_when_a_server_is_ready_and_the_run_waits_for_its_end(
    tmp_path: Path, shell: str, path: str
) -> None:
    units = {
        A: Spec(SERVER, says=PROBED),
        B: Spec("echo b >>order", [f"ready {A}"]),
        C: Spec(": >up"),
        D: Spec("echo d >>order", [f"success {A}"]),
    }
    with Place(tmp_path / "p", shell, units, path) as place:
        process = place.start()
        until(lambda: (B, "succeeded") in place.happened())
        assert place.read("order") == "b\n"
        assert process.popen.poll() is None
        (place.work / "stop").touch()
        ran = process.wait(50)
        assert (ran.code, ran.stderr) == (0, "")
        assert place.read("order") == "b\nd\n"
        mine = [what for address, what in place.happened() if address == A]
        assert mine == ["running", "ready", "succeeded"]
        assert place.left(30) == []


@WITH_TOOLS
def test_a_body_says_that_it_is_ready(tmp_path: Path, shell: str, path: str) -> None:
    body = f'env -i /bin/sh -c "cd / && \\"$UNITC_READY\\" && \\"$UNITC_READY\\"" & {SERVER}; "$UNITC_READY"; echo $?'
    units = {
        A: Spec(body, says=NOTIFIED),
        B: Spec("echo ${UNITC_READY-none}; : >stop", [f"ready {A}"]),
        C: Spec("echo ${UNITC_READY-none}", says={"UNLESS": "false"}),
    }
    with Place(tmp_path / "p", shell, units, path) as place:
        ran = place.run("run", UNITC_READY="foreign")
        assert (ran.code, ran.stderr) == (0, "")
        lines = ran.stdout.splitlines()
        assert {f"{A} | 0", f"{B} | none", f"{C} | none"} <= set(lines)
        assert [what for address, what in place.happened() if address == A] == ["running", "ready", "succeeded"]
        assert place.left(30) == []


def test_who_waits_for_a_unit_that_failed_before_it_was_ready_is_skipped(tmp_path: Path, shell: str) -> None:
    units = {
        A: Spec("exit 3", says={"PROBE": "false"}),
        B: Spec("echo no", [f"ready {A}"]),
        C: Spec("true", says={"PROBE": "false"}),
        D: Spec("echo yes", [f"ready {C}"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        ran = place.run()
        assert ran.code == 1
        skipped = f"unitc: {B} skipped: it needs the readiness of {A}, which failed\n"
        assert ran.stderr == f"unitc: {A} failed with exit code 3\n{skipped}"
        assert f"{D} | yes" in ran.stdout
        assert place.left() == []


def test_a_report_runs_where_something_failed_or_timed_out_and_else_is_skipped(tmp_path: Path, shell: str) -> None:
    units = {
        A: Spec("exit 3", says=ONCE_MORE),
        B: Spec("echo b >>order", [f"failure {A}"]),
        C: Spec("true"),
        D: Spec("echo d >>order", [f"failure {C}"]),
        "coder_script.slow": Spec("sleep 60", timeout=1, says={"UNLESS": "false"}),
        "coder_script.e": Spec("echo e >>order", ["failure coder_script.slow"]),
        "coder_script.f": Spec("echo f >>order", [f"completion {D}"]),
        "coder_script.g": Spec("echo g >>order", [f"failure {D}"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        ran = place.run()
        assert ran.code == 1
        assert sorted(place.read("order").split()) == ["b", "e", "f"]
        assert f"unitc: {D} skipped: nothing to do: {C} succeeded\n" in ran.stderr
        assert f"unitc: coder_script.g skipped: nothing to do: {D} was skipped\n" in ran.stderr
        assert "unitc: coder_script.slow timed out: it ran for more than 1 s\n" in ran.stderr
        assert place.left(30) == []


@WITH_TOOLS
def test_a_body_that_fails_is_run_again_and_its_last_attempt_counts(tmp_path: Path, shell: str, path: str) -> None:
    body = 'echo "try $(ls | wc -l)"; mkdir "try.$(ls | wc -l)"; [ -d try.2 ] || exit 5'
    units = {
        A: Spec(body, says={"RETRIES": "4", "RETRY_DELAY": "1"}),
        B: Spec("true", [f"success {A}"]),
        C: Spec("true", [f"failure {A}"]),
    }
    with Place(tmp_path / "p", shell, units, path) as place:
        begin = time.monotonic()
        ran = place.run()
        assert ran.code == 0
        # Between the attempts are 1 s and 2 s, by a clock that ticks once a second.
        assert time.monotonic() - begin > 2
        mine = [what for address, what in place.happened() if address == A]
        assert mine == ["running", "retrying", "retrying", "succeeded"]
        assert place.outcomes() == {A: Outcome.SUCCEEDED, B: Outcome.SUCCEEDED, C: Outcome.SKIPPED}
        lines = [line.partition(" | ")[2] for line in ran.stdout.splitlines() if line.startswith(f"{A} | ")]
        assert lines == [
            "try 0",
            f"unitc: {A}: attempt 1 of 5 failed with exit code 5. The next one starts in 1 s.",
            "try 1",
            f"unitc: {A}: attempt 2 of 5 failed with exit code 5. The next one starts in 2 s.",
            "try 2",
        ]
        assert place.left() == []


def test_what_is_done_already_has_succeeded_without_running(tmp_path: Path, shell: str) -> None:
    units = {
        A: Spec("echo no >>ran", says={"UNLESS": "echo asked; [ -d . ]"}),
        B: Spec("echo b >>ran", [f"success {A}", f"start {A}", f"completion {A}"]),
        C: Spec("echo c >>ran", says={"UNLESS": "exit 7"}),
        D: Spec("echo no >>ran", [f"failure {A}"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        ran = place.run()
        assert ran.code == 0
        assert sorted(place.read("ran").split()) == ["b", "c"]
        said = f"{A} | unitc: {A} succeeded without running, since this exited with 0: echo asked; [ -d . ]"
        assert said in ran.stdout.splitlines()
        assert (A, "running") not in place.happened()
        assert place.outcomes()[A] is Outcome.SUCCEEDED
        assert place.left() == []


def test_an_optional_unit_fails_without_failing_the_run(tmp_path: Path, shell: str) -> None:
    optional = {"OPTIONAL": "1"}
    units = {
        A: Spec("exit 3", says=optional),
        B: Spec("echo no", [f"success {A}"]),
        C: Spec("echo yes", [f"failure {A}"]),
        D: Spec("sleep 60", timeout=1, says=optional),
        "coder_script.u": Spec(None, says=optional),
    }
    with Place(tmp_path / "p", shell, units) as place:
        ran = place.run()
        assert ran.code == 0
        assert place.outcomes() == {
            A: Outcome.FAILED,
            B: Outcome.SKIPPED,
            C: Outcome.SUCCEEDED,
            D: Outcome.TIMED_OUT,
            "coder_script.u": Outcome.FAILED,
        }
        rows = {line.split()[0]: line for line in ran.stdout.splitlines() if line.startswith("coder_script.")}
        assert rows[A].endswith("  it is optional")
        assert place.left(30) == []


@WITH_TOOLS
def test_the_timeout_spans_all_attempts_and_the_pauses_between_them(tmp_path: Path, shell: str, path: str) -> None:
    units = {
        A: Spec("echo a >>tries; exit 1", timeout=3, says={"RETRIES": "4", "RETRY_DELAY": "1"}),
        B: Spec("echo b >>tries; sleep 60", timeout=2, says={"RETRIES": "9", "RETRY_DELAY": "0"}),
        C: Spec("echo c", says={"UNLESS": "sleep 60"}, timeout=2),
    }
    with Place(tmp_path / "p", shell, units, path) as place:
        begin = time.monotonic()
        ran = place.run()
        assert ran.code == 1
        # Without it the last attempt would come after 15 s of pauses, and the unit fail.
        assert time.monotonic() - begin > 1.5
        assert place.outcomes() == dict.fromkeys((A, B, C), Outcome.TIMED_OUT)
        tries = place.read("tries").split()
        assert tries.count("b") <= 1
        assert tries.count("a") <= 3
        assert (C, "running") not in place.happened()
        assert place.left(30) == []


@pytest.mark.parametrize(
    ("shell", "moment", "number"),
    [
        (shell, moment, number)
        for shell, (moment, number) in shells_with(product(MOMENTS, (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)))
    ],
)
def test_a_signal_ends_a_unit_whatever_it_is_about(
    tmp_path: Path, shell: str, moment: str, number: signal.Signals
) -> None:
    name = number.name.removeprefix("SIG")
    hears = f"trap 'echo {name} >>said; exit 0' {name}; : >up; sleep 60 & wait"
    spec = {
        "body": Spec(hears, says={"RETRIES": "3"}),
        "probe": Spec(": >begun; sleep 60", says={"PROBE": "[ -e begun ] || exit; : >up; sleep 60"}),
        "pause": Spec(": >up; exit 1", says={"RETRIES": "3", "RETRY_DELAY": "60"}),
        "unless": Spec("echo no >>said", says={"UNLESS": hears, "RETRIES": "2"}),
    }[moment]
    units = {A: spec, B: Spec("echo no >>said", [f"completion {A}"]), C: Spec("echo no >>said", [f"failure {A}"])}
    # What goes on after a signal is killed ten seconds later by the shell that attends to it, and here it never is.
    with Place(tmp_path / "p", shell, units, endless(tmp_path / "bin", 10)) as place:
        process = place.start()
        until((place.work / "up").exists)
        if moment == "pause":
            until(lambda: (A, "retrying") in place.happened())
        process.send(number)
        ran = process.wait()
        assert ran.code == 128 + number
        assert place.outcomes() == dict.fromkeys((A, B, C), Outcome.CANCELED)
        assert place.read("said") == (f"{name}\n" if moment in ("body", "unless") else "")
        assert (A, "running") in place.happened() or moment == "unless"
        assert place.left() == []


def test_a_second_signal_kills_an_attended_body_at_once(tmp_path: Path, shell: str) -> None:
    body = "trap 'echo term >>said' TERM; : >up; while :; do sleep 0.1; done"
    with Place(tmp_path / "p", shell, {A: Spec(body, says=ONCE_MORE)}, endless(tmp_path / "bin", 10)) as place:
        process = place.start()
        until((place.work / "up").exists)
        process.send(signal.SIGTERM)
        until(lambda: place.read("said"))
        process.send(signal.SIGTERM)
        assert process.wait(50).code == 128 + signal.SIGTERM
        assert place.outcomes() == {A: Outcome.CANCELED}
        assert place.left() == []


@WITH_TOOLS
def test_an_attending_shell_that_is_killed_takes_its_body_with_it_and_the_run_goes_on(
    tmp_path: Path, shell: str, path: str
) -> None:
    kills = (
        "until [ -e up ]; do sleep 0.02; done; for f in ../state/*/start/outcomes/1.owner.*; do "
        'f=${f##*.owner.}; kill -KILL "${f%%.*}"; done'
    )
    units = {
        A: Spec(": >up; sleep 60", says={"PROBE": "sleep 60", "RETRIES": "2"}),
        B: Spec("echo b >>order", [f"failure {A}"]),
        C: Spec(kills),
    }
    with Place(tmp_path / "p", shell, units, path) as place:
        ran = place.run()
        assert ran.code == 1
        assert f"unitc: {A} failed: what waits for it exited without reporting an outcome\n" in ran.stderr
        assert place.outcomes() == {A: Outcome.FAILED, B: Outcome.SUCCEEDED, C: Outcome.SUCCEEDED}
        assert place.left(30) == []


@pytest.mark.parametrize(
    ("shell", "moment", "path"),
    [(shell, moment, path) for shell, (moment, path) in shells_with(product(MOMENTS, LACKS))],
    indirect=["path"],
)
def test_a_supervisor_that_is_killed_takes_with_it_whatever_a_unit_is_about(
    tmp_path: Path, shell: str, moment: str, path: str
) -> None:
    spec = {
        "body": Spec(": >up; sleep 60", says={"RETRIES": "3", "RETRY_DELAY": "0"}),
        "probe": Spec("sleep 60", says={"PROBE": ": >up; sleep 60"}),
        # The sleep between two attempts may last until it is over.
        "pause": Spec(": >up; exit 1", says={"RETRIES": "3", "RETRY_DELAY": "8"}),
        "unless": Spec("echo no >>said", says={"UNLESS": ": >up; sleep 60"}),
    }[moment]
    with Place(tmp_path / "p", shell, {A: spec, B: Spec("true", [f"completion {A}"])}, path) as place:
        process = place.start()
        until((place.work / "up").exists)
        if moment == "pause":
            until(lambda: (A, "retrying") in place.happened())
        process.send(signal.SIGKILL)
        process.wait(50)
        until(lambda: place.outcomes() == {A: Outcome.FAILED})
        assert place.left(30) == []
        assert [what for address, what in place.happened() if address == A].count("failed") == 1


def test_a_server_that_is_ready_gives_its_place_back(tmp_path: Path, shell: str) -> None:
    units = {A: Spec(SERVER, says={"PROBE": "true"}), B: Spec(": >stop", [f"ready {A}"])}
    with Place(tmp_path / "p", shell, units) as place:
        assert place.run("run", "--jobs", "1").code == 0
        assert place.happened()[:2] == [(A, "running"), (A, "ready")]


def test_mutexes_are_kept_between_attempts_and_in_unless(tmp_path: Path, shell: str) -> None:
    alone = "mkdir alone || echo together >>bad; sleep 0.1; rmdir alone"
    units = {
        A: Spec(f"{alone}; exit 1", mutexes=("apt",), says={"RETRIES": "2", "RETRY_DELAY": "0", "OPTIONAL": "1"}),
        B: Spec(alone, mutexes=("apt",), says={"UNLESS": f"{alone}; exit 1"}),
        C: Spec(alone, mutexes=("apt",)),
    }
    with Place(tmp_path / "p", shell, units) as place:
        assert place.run().code == 0
        assert place.read("bad") == ""
        runs = [address for address, what in place.happened() if what in ("running", "retrying", "failed")]
        assert runs.index(A) + 3 == len(runs) - runs[::-1].index(A) - 1


def test_exec_knows_what_a_unit_says_of_itself(tmp_path: Path, shell: str) -> None:
    units = {
        A: Spec("echo a; exit 4", says={**ONCE_MORE, "OPTIONAL": "1"}),
        B: Spec("echo b", [f"failure {A}"], says={"UNLESS": "false"}),
        C: Spec("echo c", says={"UNLESS": "true"}),
    }
    with Place(tmp_path / "p", shell, units) as place:
        ran = place.run("exec", A, UNITC_SESSION="s")
        assert (ran.code, ran.stdout) == (0, "a\na\n")
        assert place.run("exec", B, UNITC_SESSION="s").stdout == "b\n"
        ran = place.run("exec", C, UNITC_SESSION="s")
        assert (ran.code, ran.stdout) == (0, "")
        assert place.outcomes() == {A: Outcome.FAILED, B: Outcome.SUCCEEDED, C: Outcome.SUCCEEDED}


def test_status_and_the_lists_tell_what_a_unit_also_has(tmp_path: Path, shell: str) -> None:
    units = {
        A: Spec(SERVER, says={"PROBE": "test -e up", "OPTIONAL": "1"}),
        B: Spec("exit 9", [f"ready {A}"], says={"RETRIES": "2", "RETRY_DELAY": "60", "UNLESS": "test -d x"}),
        C: Spec(": >up", says=NOTIFIED),
        D: Spec("true", [f"failure {C}"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        assert place.run("list").stdout.splitlines()[1:] == [
            f"  {A}",
            "    ready once this exits with 0: test -e up",
            "    optional",
            f"  {B}",
            f"    needs ready of {A}",
            "    unless this exits with 0: test -d x",
            "    up to 2 more attempts, the first after 60 s",
            f"  {C}",
            "    ready once its body says so",
            f"  {D}",
            f"    needs failure of {C}",
        ]
        dry = place.run("--dry-run")
        assert (dry.code, dry.stderr) == (0, "")
        assert dry.stdout.splitlines() == [
            f"would run {A}; ready once this exits with 0: test -e up; optional",
            f"would run {C}; ready once its body says so",
            f"would run {B} after ready of {A}; unless this exits with 0: test -d x; up to 2 more attempts, the first "
            "after 60 s",
            f"would skip {D}: nothing to do: {C} succeeded",
        ]
        process = place.start("run", "--only", B)
        (place.work / "up").touch()
        until(lambda: (B, "retrying") in place.happened())
        rows = [row.split("\t") for row in place.run("status", "--tsv").stdout.splitlines()[1:]]
        assert {row[0]: (row[1], row[-2]) for row in rows} == {
            A: ("ready", "-"),
            B: ("running", "attempt 2 after exit code 9"),
            C: ("not_started", "-"),
            D: ("not_started", "-"),
        }
        process.send(signal.SIGTERM)
        assert process.wait(50).code == 128 + signal.SIGTERM
