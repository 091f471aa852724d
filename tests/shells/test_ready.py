"""Units that become ready: by a probe beside the body, or because the body says so."""

from __future__ import annotations

import shutil
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from compiler.order.outcome import Outcome
from tests.shells.confined import Confined, needs_root
from tests.shells.harness import Place, Process, Spec, until, wrapped
from tests.shells.machine import tools_without
from tests.shells.test_faults_disk import FEW_FILES, FULL_OF_BYTES, FULL_OF_FILES
from tests.shells.test_gate import run_all, start_all

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
        assert running[B].wait(50).code == 0
        assert said(place)[:3] == [("a", "running"), ("a", "ready"), ("b", "running")]
        (place.work / "stop").touch()
        assert running[A].wait().code == 0
        assert place.read("order") == "b\n"
        assert place.left() == []


def test_a_body_says_that_it_is_ready_from_a_child_without_an_environment(tmp_path: Path, shell: str) -> None:
    body = f'env -i /bin/sh -c "cd / && \\"$UNITC_READY\\" && \\"$UNITC_READY\\"" & {SERVER}; "$UNITC_READY"; echo $?'
    units = {A: Spec(body, says=NOTIFIED), B: Spec("echo ${UNITC_READY-none}", [f"ready {A}"])}
    with Place(tmp_path / "p", shell) as place:
        running = start_all(place, units, UNITC_READY="foreign")
        assert running[B].wait(50).stdout == "none\n"
        (place.work / "stop").touch()
        ran = running[A].wait()
        assert (ran.code, ran.stdout, ran.stderr) == (0, "0\n", "")
        assert [outcome for address, outcome in said(place) if address == "a"] == ["running", "ready", "succeeded"]
        assert place.left() == []


def test_saying_it_late_does_nothing_and_no_harm(tmp_path: Path, shell: str) -> None:
    late = 'until [ -e late ]; do sleep 0.02; done; "$UNITC_READY" >said 2>&1; echo $? >>said'
    units = {A: Spec(f"({late}) >/dev/null 2>&1 & exit 3", says=NOTIFIED), B: Spec("echo no", [f"ready {A}"])}
    with Place(tmp_path / "p", shell) as place:
        ran = run_all(place, units)
        assert (ran[A].code, ran[B].code) == (3, 0)
        assert ran[B].told == f"unitc: {B} skipped: {A} failed with exit code 3, so this one can't run.\n"
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
        assert place.left() == []


def test_a_probe_that_hangs_forks_and_floods_ends_with_its_body(tmp_path: Path, shell: str) -> None:
    probe = "(sleep 60 & sleep 60) & echo probed >>probes; while :; do echo flood; echo flood >&2; done"
    units = {A: Spec("until [ -e probes ]; do sleep 0.02; done; sleep 0.3", says={"PROBE": probe})}
    with Place(tmp_path / "p", shell) as place:
        ran = run_all(place, units)[A]
        assert (ran.code, ran.stdout, ran.stderr) == (0, "", "")
        assert place.left(30) == []


def test_a_probe_that_takes_too_long_is_ended_and_tried_again(tmp_path: Path) -> None:
    probe = "[ -e hung ] || { : >hung; sleep 60; }"
    units = {A: Spec(SERVER, says={"PROBE": probe}), B: Spec("true", [f"ready {A}"])}
    with Place(tmp_path / "p", "dash") as place:
        begin = time.monotonic()
        running = start_all(place, units)
        # A probe that isn't ended sleeps for longer than this.
        assert running[B].wait(50).code == 0
        assert time.monotonic() - begin > 9
        (place.work / "stop").touch()
        assert running[A].wait().code == 0
        assert place.left() == []


def is_probed_or_over(place: Place, process: Process) -> bool:
    return (place.work / "probing").exists() or process.popen.poll() is not None


def test_a_probe_ends_with_a_killed_wrapper_and_by_signals_and_timeouts(tmp_path: Path, shell: str) -> None:
    says = {"PROBE": ": >probing; sleep 60"}
    for name, number, spec, outcome in (
        ("k", signal.SIGKILL, Spec("sleep 60", says=says), Outcome.FAILED),
        ("t", signal.SIGTERM, Spec("sleep 60", says=says), Outcome.CANCELED),
        ("o", None, Spec("sleep 60", timeout=1, says=says), Outcome.TIMED_OUT),
    ):
        with Place(tmp_path / name, shell) as place:
            process = place.start(text=wrapped(A, spec))
            # Where the machine is slow its time may be over before it is probed.
            until(partial(is_probed_or_over, place, process))
            if number:
                process.send(number)
            process.wait(50)
            until(place.outcomes)
            assert place.outcomes() == {A: outcome}
            assert place.left(30) == []


def test_a_unit_becomes_ready_once_although_its_body_is_tried_again(tmp_path: Path, shell: str) -> None:
    body = 'echo >>tries; until [ "$(grep -c ready ../state/*/start/events.tsv)" = 1 ]; do sleep 0.02; done; ' + (
        '[ "$(wc -l <tries)" -gt 1 ]'
    )
    units = {A: Spec(body, says={"PROBE": "true", "RETRIES": "2", "RETRY_DELAY": "0"}), B: Spec("true", [f"ready {A}"])}
    with Place(tmp_path / "p", shell) as place:
        assert {ran.code for ran in run_all(place, units).values()} == {0}
        mine = [outcome for address, outcome in said(place) if address == "a"]
        assert mine == ["running", "ready", "retrying", "succeeded"]
        assert place.left() == []


def test_what_a_body_says_just_before_it_fails_counts(tmp_path: Path, shell: str) -> None:
    units = {A: Spec('"$UNITC_READY"; exit 3', says=NOTIFIED), B: Spec("echo b >>order", [f"ready {A}"])}
    with Place(tmp_path / "p", shell) as place:
        ran = run_all(place, units)
        assert (ran[A].code, ran[B].code, place.read("order")) == (3, 0, "b\n")
        assert [word for address, word in said(place) if address == "a"] == ["running", "ready", "failed"]
        assert place.left() == []


def test_a_body_is_heard_that_another_process_calls_for_after_its_attempt(tmp_path: Path, shell: str) -> None:
    """Who rings between two attempts rings for nobody, and hinders nobody."""
    rings = 'until grep -q retrying ../state/*/start/events.tsv; do sleep 0.02; done; "$UNITC_READY"'
    body = f'[ -e tried ] && "$UNITC_READY" && exit; : >tried; ({rings}) >/dev/null 2>&1 & exit 1'
    says = {"NOTIFY": "1", "RETRIES": "1", "RETRY_DELAY": "1"}
    units = {A: Spec(body, says=says), B: Spec("echo b >>order", [f"ready {A}"])}
    with Place(tmp_path / "p", shell) as place:
        assert {ran.code for ran in run_all(place, units).values()} == {0}
        assert [word for address, word in said(place) if address == "a"] == [
            "running",
            "retrying",
            "ready",
            "succeeded",
        ]
        assert place.left() == []


@needs_root
def test_a_body_can_say_it_where_nothing_in_the_state_can_be_executed(tmp_path: Path, shell: str) -> None:
    units = {A: Spec('echo "${UNITC_READY%/*}" >where; "$UNITC_READY"; exit 3', says=NOTIFIED)}
    units[B] = Spec("echo b >>order", [f"ready {A}"])
    with Confined(tmp_path / "p", shell, options="size=64k,mode=700,noexec") as place:
        place.do("mount -t tmpfs none /var/tmp")
        ran = run_all(place, units)
        assert (ran[A].code, ran[B].code) == (3, 0), ran
        assert (place.read("where"), place.read("order")) == ("/var/tmp/unitc-0\n", "b\n")
        assert place.left() == []


@needs_root
def test_a_unit_fails_where_nothing_can_be_executed_anywhere(tmp_path: Path) -> None:
    with Confined(tmp_path / "p", "dash", options="size=64k,mode=700,noexec") as place:
        place.do("for folder in /var/tmp /run /dev/shm; do mount -t tmpfs -o noexec none $folder; done")
        ran = run_all(place, {A: Spec("echo no >>order", says=NOTIFIED)})[A]
        assert (ran.code, ran.stderr) == (
            125,
            "unitc: no folder of yours lets UNITC_READY be made and executed.\n",
        )
        assert place.outcomes() == {A: Outcome.FAILED}
        assert place.read("order") == ""
        assert place.left() == []


@needs_root
@pytest.mark.parametrize("full", [FULL_OF_BYTES, FULL_OF_FILES], ids=["bytes", "files"])
@pytest.mark.parametrize("says", [{"PROBE": "test -e full"}, NOTIFIED], ids=["probe", "notify"])
def test_a_disk_that_is_full_when_a_unit_becomes_ready_hides_it_from_nobody(
    tmp_path: Path, shell: str, full: str, says: dict[str, str]
) -> None:
    body = f'#!/bin/sh\nSTATE={tmp_path}/p/state\nuntil [ -e go ]; do sleep 0.02; done\n{full}; : >full; "$UNITC_READY"'
    units = {
        A: Spec(f"{body}; until [ -e stop ]; do sleep 0.02; done; exit 3", says=says),
        B: Spec("echo b >>order", [f"ready {A}"]),
    }
    with Confined(tmp_path / "p", shell, options=FEW_FILES) as place:
        running = start_all(place, units)
        until(lambda: list(place.state.glob("*/start/outcomes/*.waiter.*")))
        # The body has noted itself, and so has what watches over it.
        until(lambda: len(list(place.state.glob("*/start/outcomes/*.a.body.*"))) == 2)
        (place.work / "go").touch()
        ran = running[B].wait(50)
        # Its gate has opened, and what it needs itself may not be there.
        assert (ran.code, place.read("order")) in ((0, "b\n"), (125, "")), ran
        (place.work / "stop").touch()
        assert running[A].wait(50).code == 3
        assert not list(place.state.glob("*/start/outcomes/*.b.skipped"))
        until(lambda: not place.processes())


@pytest.mark.parametrize("missing", [("setsid",), ("perl", "setsid")], ids=" ".join)
def test_probes_and_their_children_end_without_sessions_of_their_own(
    tmp_path: Path, shell: str, missing: tuple[str, ...]
) -> None:
    probe = "[ ! -e up ] || exit 0; : >probing; sleep 60 & sleep 60"
    units = {A: Spec(SERVER, says={"PROBE": probe}), B: Spec("echo b >>order", [f"ready {A}"])}
    with Place(tmp_path / "p", shell, path=tools_without(*missing)) as place:
        running = start_all(place, units)
        until((place.work / "probing").exists)
        (place.work / "up").touch()
        assert running[B].wait(50).code == 0
        until(lambda: len(place.processes()) <= 4)
        (place.work / "stop").touch()
        assert running[A].wait(50).code == 0
        assert place.left() == []


@needs_root
def test_all_of_it_works_without_proc(tmp_path: Path, shell: str) -> None:
    """What ps says then comes from a view of the system that still has /proc."""
    tools = Path(tools_without("ps"))
    says = {"RETRIES": "1", "RETRY_DELAY": "0", "UNLESS": "false"}
    units = {
        A: Spec(f"[ -e tried ] || {{ : >tried; exit 1; }}; {SERVER}", says={**PROBED, **says}),
        B: Spec('"$UNITC_READY"; exit 3', [f"ready {A}"], says=NOTIFIED),
        C: Spec("echo c >>order", [f"failure {B}"]),
    }
    path = f"{tmp_path}/bin:{tools}"
    with Confined(tmp_path / "p", shell, path=path, options="size=1m,mode=700") as place:
        (tmp_path / "bin").mkdir()
        (tmp_path / "view").mkdir()
        stand_in = tmp_path / "bin" / "ps"
        stand_in.write_text(f'#!/bin/sh\nexec chroot {tmp_path}/view {shutil.which("ps")} "$@"\n')
        stand_in.chmod(0o755)
        place.do(f"PATH=$PATH:/usr/sbin; mount --rbind / {tmp_path}/view; mount -t tmpfs none /proc")
        running = start_all(place, units, UNITC_SESSION="s")
        until(lambda: list(place.state.glob("*/start/outcomes/*.a.running")))
        (place.work / "up").touch()
        assert running[B].wait(50).code == 3
        assert running[C].wait(50).code == 0
        (place.work / "stop").touch()
        assert running[A].wait(50).code == 0
        assert place.read("order") == "c\n"
        assert [word for address, word in said(place) if address == "a"][-1] == "succeeded"
        assert place.left() == []


def test_a_probe_that_has_said_yes_costs_nothing_more(tmp_path: Path, shell: str) -> None:
    units = {A: Spec(f"#!/bin/sh\n{SERVER}", says={"PROBE": "echo >>probes; sleep 50 >/dev/null 2>&1 & true"})}
    with Place(tmp_path / "p", shell) as place:
        running = start_all(place, units)
        until(lambda: ("a", "ready") in said(place))
        # What is left is the script, its sentinel, and the body with a sleep.
        until(lambda: len(place.processes()) <= 4)
        time.sleep(1.2)
        assert place.read("probes") == "\n"
        (place.work / "stop").touch()
        assert running[A].wait().code == 0
        assert place.left() == []
