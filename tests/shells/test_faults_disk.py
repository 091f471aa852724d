"""A disk that is full or read-only, from the start or from some moment on: what can be said is said, nothing hangs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compiler.order.outcome import Outcome
from tests.shells.confined import Confined, needs_root
from tests.shells.harness import Place, Ran, Spec, until, wrapped

pytestmark = needs_root

A, B, C = "coder_script.a", "coder_script.b", "coder_script.c"
PAIR = {A: Spec("echo a >>order"), B: Spec("echo b >>order", [f"success {A}"])}
FULL_OF_BYTES = 'head -c 1000000 /dev/zero >"$STATE/full" 2>/dev/null; [ -s "$STATE/full" ]'
FULL_OF_FILES = 'i=0; while true >"$STATE/full.$i"; do i=$((i + 1)); done 2>/dev/null; [ "$i" -gt 0 ]'
GIVE_BACK = 'while [ "$i" -gt 0 ]; do i=$((i - 1)) && rm "$STATE/full.$i"; done'
READ_ONLY = 'mount --bind "$STATE" "$STATE"; mount -o remount,bind,ro "$STATE"'
FEW_FILES = "size=64k,nr_inodes=50,mode=700"


def run_pair(place: Place) -> list[Ran]:
    """Run both units in gate mode, the dependent first."""
    second, first = (place.start(text=wrapped(address, PAIR[address])) for address in (B, A))
    return [first.wait(), second.wait()]


def published(place: Place) -> set[str]:
    """Return the final outcomes that are there as files, whatever stands in the log."""
    kinds = {"succeeded", "failed", "timed_out", "skipped", "canceled"}
    names = (path.name.rpartition(".") for path in place.state.glob("*/start/outcomes/*"))
    return {f"{name.removeprefix('+')} {kind}" for name, _, kind in names if kind in kinds}


def test_a_disk_without_room_for_a_byte_still_takes_outcomes(tmp_path: Path, shell: str) -> None:
    with Confined(tmp_path / "gate", shell) as place:
        place.do(FULL_OF_BYTES)
        ran = run_pair(place)
        assert [each.code for each in ran] == [0, 0]
        assert all("events.tsv" in each.stderr and "can't write to" in each.stderr for each in ran)
        assert place.read("order").split() == ["a", "b"]
        assert published(place) == {f"{A} succeeded", f"{B} succeeded"}
        assert place.leftovers() == []
    with Confined(tmp_path / "run", shell, PAIR) as place:
        place.do(FULL_OF_BYTES)
        one = place.run()
        assert one.code == 0
        assert "can't write to" in one.stderr
        assert place.read("order").split() == ["a", "b"]
        assert published(place) == {"1 succeeded", "2 succeeded"}
        assert place.leftovers() == []


@pytest.mark.parametrize("broken", [FULL_OF_FILES, READ_ONLY], ids=["full", "read-only"])
def test_nothing_runs_where_no_file_can_be_made(tmp_path: Path, shell: str, broken: str) -> None:
    # Not every shell can tell by itself that a folder is read-only.
    said = re.compile(r"^unitc: (no folder for state is .* writable: /|can't write to /.* Is the disk full\?$)", re.M)
    with Confined(tmp_path / "gate", shell, options=FEW_FILES) as place:
        place.do(broken)
        ran = run_pair(place)
        assert [each.code for each in ran] == [125, 125]
        assert all(said.search(each.stderr) for each in ran)
        assert place.read("order") == ""
    with Confined(tmp_path / "run", shell, PAIR, options=FEW_FILES) as place:
        place.do(broken)
        one = place.run()
        assert one.code == 1
        assert said.search(one.stderr)
        assert place.read("order") == ""
        until(lambda: not place.processes())


def breaks(folder: Path, broken: str) -> dict[str, Spec]:
    """Return units of which the first breaks its disk, and the others wait for it."""
    first = f"#!/bin/sh\nSTATE={folder}/state\n: >up; until [ -e go ]; do sleep 0.05; done; {broken}\necho a >>order"
    return {
        A: Spec(first),
        B: Spec("echo b >>order", [f"success {A}"]),
        C: Spec("echo c >>order", [f"completion {B}"], gate_timeout=30),
    }


@pytest.mark.parametrize("broken", [FULL_OF_FILES, READ_ONLY], ids=["full", "read-only"])
def test_scripts_whose_disk_breaks_meanwhile_end_as_failed(tmp_path: Path, shell: str, broken: str) -> None:
    units = breaks(tmp_path / "p", broken)
    with Confined(tmp_path / "p", shell, options=FEW_FILES) as place:
        running = {address: place.start(text=wrapped(address, units[address])) for address in units}
        until((place.work / "up").exists)
        until(lambda: len(list(place.state.glob("*/start/outcomes/*.waiter.*"))) == 2)
        (place.work / "go").touch()
        ran = {address: process.wait(50) for address, process in running.items()}
        order = place.read("order").split()
        assert order[0] == "a"
        # What the first takes away when it leaves may be enough for the others.
        for address, mark in ((B, "b"), (C, "c")):
            assert (ran[address].code, mark in order) in ((0, True), (0, False), (125, False))
            assert ran[address].code == 0 or "can't write to" in ran[address].stderr
        if broken == FULL_OF_FILES:
            assert ran[A].code == 0
            assert f"{A} succeeded" in published(place)
        else:
            assert [each.code for each in ran.values()] == [125, 125, 125]
            assert "can't write to" in ran[A].stderr
            assert "exited without reporting an outcome" in ran[B].stderr
            assert f"{A} failed, so this one can't run." in ran[B].stderr
            assert order == ["a"]
        until(lambda: not place.processes())


@pytest.mark.parametrize("broken", [FULL_OF_FILES, READ_ONLY], ids=["full", "read-only"])
def test_a_run_whose_disk_breaks_meanwhile_fails_what_it_can_not_start(tmp_path: Path, shell: str, broken: str) -> None:
    units = breaks(tmp_path / "p", broken)
    with Confined(tmp_path / "p", shell, units, options=FEW_FILES) as place:
        process = place.start()
        until((place.work / "up").exists)
        (place.work / "go").touch()
        ran = process.wait(50)
        assert ran.code == 1
        assert "/logs/2.log" in ran.stderr
        assert place.read("order").split() == ["a"]
        rows = {row.split()[0]: row.split()[1] for row in ran.stdout.splitlines()[-5:-2]}
        assert rows == {A: Outcome.SUCCEEDED, B: Outcome.FAILED, C: Outcome.FAILED}
        until(lambda: not place.processes())


def test_a_unit_that_no_file_is_left_for_fails_and_does_not_keep_others_waiting(tmp_path: Path, shell: str) -> None:
    # How many files are left when the prerequisite comes is tried from none to enough.
    outcomes = set()
    for left in range(4):
        with Confined(tmp_path / str(left), shell, options=FEW_FILES) as place:
            outcomes |= _outcomes_with_few_files(place, left)
    assert f"{A} failed" in outcomes


def _outcomes_with_few_files(place: Confined, left: int) -> set[str]:
    """Return what is published where only so many files can be made once the dependent waits."""
    waits = place.start(text=wrapped(B, PAIR[B]), UNITC_SESSION="s")
    # Its ticker is the last that it makes a file for.
    until(lambda: list(place.state.glob("*/start/outcomes/*.helper.*")))
    place.do(f'{FULL_OF_FILES}; while [ "$i" -gt {left} ]; do i=$((i - 1)); done; {GIVE_BACK}')
    first = place.run(text=wrapped(A, PAIR[A]), UNITC_SESSION="s")
    assert first.code == 125
    assert "can't write to" in first.stderr or "no FIFO can be made" in first.stderr
    ran = waits.wait(50)
    assert ran.code == 0
    assert f"{A} failed, so this one can't run." in ran.stderr
    outcomes = published(place)
    until(lambda: not place.processes())
    return outcomes
