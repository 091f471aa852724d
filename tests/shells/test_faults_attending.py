"""Faults of units that a run attends to: a disk that is full at the worst moment, and probes that behave badly."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.order.outcome import Outcome
from tests.shells.confined import Confined, needs_root
from tests.shells.harness import Place, Spec, until
from tests.shells.test_faults_disk import FEW_FILES, FULL_OF_BYTES, FULL_OF_FILES, published

A, B, C = "coder_script.a", "coder_script.b", "coder_script.c"
SOME_SHELLS = ["dash", "zsh"]
WAITS = ": >up; until [ -e go ]; do sleep 0.02; done; "


def rows_of(stdout: str) -> dict[str, str]:
    """Return the outcomes in the table at the end of a run."""
    rows = [line.split() for line in stdout.splitlines() if line.startswith("coder_script.") and " | " not in line]
    return {row[0]: row[1] for row in rows}


@needs_root
@pytest.mark.parametrize("shell", SOME_SHELLS)
@pytest.mark.parametrize("says", [{"PROBE": "test -e go"}, {"NOTIFY": "1"}], ids=["probe", "notify"])
def test_a_disk_without_room_for_a_byte_hides_from_no_run_that_a_unit_is_ready(
    tmp_path: Path, shell: str, says: dict[str, str]
) -> None:
    tells = '"$UNITC_READY"; ' if "NOTIFY" in says else ""
    units = {
        A: Spec(f"{WAITS}{tells}until [ -e stop ]; do sleep 0.02; done", says=says),
        B: Spec(": >stop; echo b >>order", [f"ready {A}"]),
    }
    with Confined(tmp_path / "p", shell, units) as place:
        process = place.start()
        until((place.work / "up").exists)
        place.do(FULL_OF_BYTES)
        (place.work / "go").touch()
        ran = process.wait()
        assert ran.code == 0
        assert place.read("order") == "b\n"
        assert rows_of(ran.stdout) == {A: "succeeded", B: "succeeded"}
        assert published(place) == {"1 succeeded", "2 succeeded"}
        until(lambda: not place.processes())


@needs_root
@pytest.mark.parametrize("shell", SOME_SHELLS)
@pytest.mark.parametrize("says", [{"PROBE": "test -e go"}, {"NOTIFY": "1"}], ids=["probe", "notify"])
def test_a_disk_without_room_for_a_file_hides_from_no_run_that_a_unit_is_ready(
    tmp_path: Path, shell: str, says: dict[str, str]
) -> None:
    tells = '"$UNITC_READY"; ' if "NOTIFY" in says else ""
    # Who waits can't be started, since it gets no log, and that is told as soon as the unit is ready.
    units = {
        A: Spec(f"{WAITS}{tells}until [ -e stop ]; do sleep 0.02; done", says=says),
        B: Spec("echo b >>order", [f"ready {A}"]),
    }
    with Confined(tmp_path / "p", shell, units, options=FEW_FILES) as place:
        process = place.start()
        until((place.work / "up").exists)
        # The body has noted itself, and so has what watches over it.
        until(lambda: len(list(place.state.glob("*/start/outcomes/1.body.*"))) == 2)
        place.do(FULL_OF_FILES)
        (place.work / "go").touch()
        until(lambda: (B, Outcome.FAILED) in place.happened())
        (place.work / "stop").touch()
        ran = process.wait()
        assert ran.code == 1
        assert "/logs/2.log" in ran.stderr
        assert rows_of(ran.stdout) == {A: "succeeded", B: "failed"}
        assert place.read("order") == ""
        until(lambda: not place.processes())


@needs_root
@pytest.mark.parametrize("shell", SOME_SHELLS)
def test_a_disk_without_room_for_a_file_hides_no_outcome_from_a_run(tmp_path: Path, shell: str) -> None:
    units = {A: Spec(f"{WAITS}exit 3", says={"UNLESS": "false"}), B: Spec("true", [f"completion {A}"])}
    with Confined(tmp_path / "p", shell, units, options=FEW_FILES) as place:
        process = place.start()
        until((place.work / "up").exists)
        place.do(FULL_OF_FILES)
        (place.work / "go").touch()
        ran = process.wait()
        assert ran.code == 1
        rows = rows_of(ran.stdout)
        # What the first one took away for its outcome may be enough for the log of the other.
        assert (rows[A], rows[B] in ("succeeded", "failed")) == ("failed", True)
        assert "1 failed" in published(place)
        until(lambda: not place.processes())


@pytest.mark.parametrize("shell", SOME_SHELLS)
def test_a_probe_that_hangs_forks_and_floods_ends_with_its_body(tmp_path: Path, shell: str) -> None:
    probe = "(sleep 60 & sleep 60) & echo probed >>probes; while :; do echo flood; echo flood >&2; done"
    units = {
        A: Spec("until [ -e probes ]; do sleep 0.02; done; sleep 0.3", says={"PROBE": probe}),
        B: Spec("echo b >>order", [f"completion {A}"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        ran = place.run()
        assert (ran.code, ran.stderr) == (0, "")
        assert "flood" not in ran.stdout
        assert place.read("order") == "b\n"
        assert place.left() == []


def test_a_probe_that_takes_too_long_is_ended_and_tried_again(tmp_path: Path) -> None:
    probe = "[ -e hung ] || { : >hung; sleep 60; }"
    units = {
        A: Spec("until [ -e stop ]; do sleep 0.02; done", says={"PROBE": probe}),
        B: Spec(": >stop", [f"ready {A}"]),
    }
    with Place(tmp_path / "p", "dash", units) as place:
        assert place.run().code == 0
        times = {event.outcome: event.time for event in place.events() if event.address == A}
        assert times["ready"] - times[Outcome.RUNNING] > 9
        assert place.left() == []
