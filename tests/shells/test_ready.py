"""Units that become ready: by a probe beside the body, or because the body says so."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from compiler.order.outcome import Outcome
from tests.shells.harness import Place, Spec, until, wrapped
from tests.shells.test_gate import clean, run_all, start_all

A, B, C = "coder_script.a", "coder_script.b", "coder_script.c"
PROBED = {"PROBE": "test -e up"}
NOTIFIED = {"NOTIFY": "1"}
SERVER = "until [ -e stop ]; do sleep 0.02; done"


def said(place: Place) -> list[tuple[str, str]]:
    """Return who became what, in the order of the events."""
    return [(event.address.removeprefix("coder_script."), str(event.outcome)) for event in place.events()]


def test_a_dependent_starts_when_the_probe_says_yes_while_the_body_runs_on(tmp_path: Path, shell: str) -> None:
    units = {A: Spec(SERVER, says=PROBED), B: Spec("[ -e up ] && echo b >>order", [f"ready {A}"])}
    with Place(tmp_path / "p", shell) as place:
        running = start_all(place, units)
        until(lambda: ("a", "running") in said(place))
        time.sleep(0.2)
        assert ("b", "running") not in said(place)
        (place.work / "up").touch()
        assert running[B].wait(10).code == 0
        assert said(place)[:3] == [("a", "running"), ("a", "ready"), ("b", "running")]
        (place.work / "stop").touch()
        assert running[A].wait().code == 0
        assert place.read("order") == "b\n"
        assert clean(place)


def test_a_body_says_that_it_is_ready_from_a_child_without_an_environment(tmp_path: Path, shell: str) -> None:
    body = f'env -i /bin/sh -c "cd / && \\"$UNITC_READY\\" && \\"$UNITC_READY\\"" & {SERVER}; "$UNITC_READY"; echo $?'
    units = {A: Spec(body, says=NOTIFIED), B: Spec("echo ${UNITC_READY-none}", [f"ready {A}"])}
    with Place(tmp_path / "p", shell) as place:
        running = start_all(place, units, UNITC_READY="foreign")
        assert running[B].wait(10).stdout == "none\n"
        (place.work / "stop").touch()
        ran = running[A].wait()
        assert (ran.code, ran.stdout, ran.stderr) == (0, "0\n", "")
        assert [outcome for address, outcome in said(place) if address == "a"] == ["running", "ready", "succeeded"]
        assert clean(place)


def test_saying_it_late_does_nothing_and_no_harm(tmp_path: Path, shell: str) -> None:
    late = 'until [ -e late ]; do sleep 0.02; done; "$UNITC_READY" >said 2>&1; echo $? >>said'
    units = {A: Spec(f"({late}) >/dev/null 2>&1 & exit 3", says=NOTIFIED), B: Spec("echo no", [f"ready {A}"])}
    with Place(tmp_path / "p", shell) as place:
        ran = run_all(place, units)
        assert (ran[A].code, ran[B].code) == (3, 0)
        assert (
            ran[B].stderr == "unitc: coder_script.b skipped: it needs the readiness of coder_script.a, which failed.\n"
        )
        (place.work / "late").touch()
        until(lambda: not place.processes())
        assert place.read("said") == "0\n"
        assert "ready" not in {outcome for _, outcome in said(place)}
        assert not place.leftovers()


def test_success_opens_the_gate_of_a_unit_that_never_said_that_it_was_ready(tmp_path: Path, shell: str) -> None:
    units = {A: Spec("true", says={"PROBE": "false"}), B: Spec("echo b >>order", [f"ready {A}"])}
    with Place(tmp_path / "p", shell) as place:
        assert {ran.code for ran in run_all(place, units).values()} == {0}
        assert place.read("order") == "b\n"
        assert clean(place)


def test_a_probe_that_hangs_forks_and_floods_ends_with_its_body(tmp_path: Path, shell: str) -> None:
    probe = "(sleep 60 & sleep 60) & echo probed >>probes; while :; do echo flood; echo flood >&2; done"
    units = {A: Spec("until [ -e probes ]; do sleep 0.02; done; sleep 0.3", says={"PROBE": probe})}
    with Place(tmp_path / "p", shell) as place:
        ran = run_all(place, units)[A]
        assert (ran.code, ran.stdout, ran.stderr) == (0, "", "")
        until(lambda: clean(place), 2)


def test_a_probe_that_takes_too_long_is_ended_and_tried_again(tmp_path: Path) -> None:
    probe = "[ -e hung ] || { : >hung; sleep 60; }"
    units = {A: Spec(SERVER, says={"PROBE": probe}), B: Spec("true", [f"ready {A}"])}
    with Place(tmp_path / "p", "dash") as place:
        running = start_all(place, units)
        begin = time.monotonic()
        assert running[B].wait(20).code == 0
        assert 9 < time.monotonic() - begin < 15
        (place.work / "stop").touch()
        assert running[A].wait().code == 0
        assert clean(place)


def test_a_probe_ends_with_a_killed_wrapper_and_by_signals_and_timeouts(tmp_path: Path, shell: str) -> None:
    says = {"PROBE": ": >probing; sleep 60"}
    for name, number, spec, outcome in (
        ("k", signal.SIGKILL, Spec("sleep 60", says=says), Outcome.FAILED),
        ("t", signal.SIGTERM, Spec("sleep 60", says=says), Outcome.CANCELED),
        ("o", None, Spec("sleep 60", timeout=1, says=says), Outcome.TIMED_OUT),
    ):
        with Place(tmp_path / name, shell) as place:
            process = place.start(text=wrapped(A, spec))
            until((place.work / "probing").exists)
            if number:
                process.send(number)
            process.wait(8)
            until(place.outcomes, 5)
            assert place.outcomes() == {A: outcome}
            until(lambda: clean(place), 5)


def test_a_unit_becomes_ready_once_although_its_body_is_tried_again(tmp_path: Path, shell: str) -> None:
    body = 'echo >>tries; until [ "$(grep -c ready ../state/*/start/events.tsv)" = 1 ]; do sleep 0.02; done; ' + (
        '[ "$(wc -l <tries)" -gt 1 ]'
    )
    units = {A: Spec(body, says={"PROBE": "true", "RETRIES": "2", "RETRY_DELAY": "0"}), B: Spec("true", [f"ready {A}"])}
    with Place(tmp_path / "p", shell) as place:
        assert {ran.code for ran in run_all(place, units).values()} == {0}
        mine = [outcome for address, outcome in said(place) if address == "a"]
        assert mine == ["running", "ready", "retrying", "succeeded"]
        assert clean(place)
