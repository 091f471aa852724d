"""The protocol of files, in every order of its steps: no word is lost, nothing starts early, nobody waits for ever."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from compiler.launcher.runtime import template_folder
from tests.shells.protocol import Machine, Move, explore
from tests.shells.roles import gate_mode
from tests.shells.steps import Unit
from tests.shells.supervising import supervised

PAIR = {"a": Unit(mutex=True, ready="probe", ends="failed"), "b": Unit((("ready", "a"),), mutex=True)}
FORK = {"a": Unit(ends="failed"), "b": Unit((("success", "a"),)), "c": Unit((("failure", "a"),))}
THREE = {
    "a": Unit(mutex=True, ready="probe"),
    "b": Unit((("ready", "a"),), mutex=True),
    "c": Unit((("success", "a"), ("completion", "b"))),
}
MIXED = {
    "a": Unit(ready="probe"),
    "b": Unit((("ready", "a"),), ends="failed"),
    "c": Unit((("success", "a"), ("failure", "b"))),
}
SERIAL = {"a": Unit(mutex=True), "b": Unit(mutex=True), "c": Unit((("start", "a"),), attempts=2)}


def test_words_alone_are_enough_where_nothing_crashes() -> None:
    for machine in (gate_mode(THREE), supervised(MIXED)):
        explored = explore(machine, 0)
        assert explored.wrong == [], explored.way
        assert explored.states > 1_000


@pytest.mark.parametrize(
    ("units", "crashes"),
    [
        (FORK, 1),
        (PAIR, 2),
        ({**PAIR, "a": Unit(mutex=True, ready="notify", ends="failed", attempts=2, unless=True)}, 1),
        ({"a": Unit(again=True), "b": Unit((("start", "a"),))}, 2),
        ({"a": Unit(), "b": Unit((("completion", "a"),))}, 3),
    ],
    ids=["fork", "ready", "attempts", "again", "completion"],
)
def test_a_crash_at_any_step_ends_in_an_outcome_and_a_free_mutex(units: Mapping[str, Unit], crashes: int) -> None:
    explored = explore(gate_mode(units, crashes), crashes)
    assert explored.wrong == [], explored.way
    assert explored.states > 10_000


def test_a_mutex_goes_from_one_to_the_next_whoever_dies_with_it() -> None:
    # All three do the same, so it doesn't matter which of them crashes.
    units = {name: Unit(mutex=True) for name in "abc"}
    explored = explore(gate_mode(units, 1, ["shell a"]), 1)
    assert explored.wrong == [], explored.way
    assert explored.states > 10_000


@pytest.mark.parametrize(
    ("units", "crashes"),
    [(MIXED, 1), (SERIAL, 1), ({"a": Unit(), "b": Unit((("completion", "a"),))}, 2), ({"a": Unit(unless=True)}, 2)],
    ids=["ready", "mutex", "jobs", "unless"],
)
def test_a_run_in_which_anything_crashes_settles_what_it_has_begun(units: Mapping[str, Unit], crashes: int) -> None:
    explored = explore(supervised(units, crashes), crashes)
    assert explored.wrong == [], explored.way
    assert explored.states > 1_000


def changed(machine: Machine, process: str, labels: Mapping[str, Move]) -> Machine:
    """Return a machine in which a process does something else at some labels."""
    program = {**machine.programs[process], **{label: (move,) for label, move in labels.items()}}
    return replace(machine, programs={**machine.programs, process: program})


def test_a_waiter_that_looks_before_it_says_that_it_waits_sleeps_for_ever() -> None:
    late = Move("read 0", "make a.waiter.b", makes=frozenset({"a.waiter.b"}))
    machine = changed(gate_mode(PAIR), "shell b", {"join 0": Move("join 1"), "look 0, none": Move("look again")})
    machine = changed(machine, "shell b", {"look again": late})
    explored = explore(machine, 0)
    assert any("shell b waits for ever: read 0" in each for each in explored.wrong)


def test_a_waiter_that_never_looks_after_the_dead_would_wait_for_ever() -> None:
    machine = gate_mode(PAIR, 2)
    read = machine.programs["shell b"]["read 0"][0]
    explored = explore(changed(machine, "shell b", {"read 0": read}), 2)
    assert any("shell b waits for ever: read 0" in each for each in explored.wrong)


def test_a_probe_that_is_ended_before_it_has_told_what_it_found_leaves_that_to_the_shell() -> None:
    machine = gate_mode(PAIR)
    program = machine.programs["shell a"]
    recalls = {label: moves[-1] for label, moves in program.items() if label.endswith(", recall")}
    explored = explore(changed(machine, "shell a", recalls), 0)
    assert explored.wrong == ["only the log says that a is ready"]


@pytest.mark.parametrize("process", ["body a", "watch a"])
@pytest.mark.parametrize("look", ["look 1", "look m 1"])
def test_a_body_that_does_not_look_once_it_has_noted_itself_comes_too_late(process: str, look: str) -> None:
    machine = gate_mode(PAIR, 1)
    on = machine.programs[process][look][-1]
    explored = explore(changed(machine, process, {look: on}), 1)
    # What only watches says that a unit is ready which has failed, and that is no harm.
    assert bool(explored.wrong) == (process == "body a"), explored.wrong


def test_one_who_settles_a_unit_must_be_followed_by_another() -> None:
    units = {"a": Unit(), "b": Unit((("completion", "a"),))}
    machine = changed(gate_mode(units, 2), "sentinel a", {"rest": Move("clean")})
    assert any("has no outcome" in each for each in explore(machine, 2).wrong)


def test_the_model_has_the_files_that_the_header_states() -> None:
    header = (template_folder() / "runtime" / "protocol.sh").read_text("utf-8")
    listed = header[header.index("SESSION/PHASE/outcomes/UNIT.") : header.index("# WHO WRITES THEM")]
    lines = re.findall(r"^#     (\S.*?)(?:  .*)?$", listed, re.MULTILINE)
    stated = {re.sub(r"\.PID.*$", "", name) for line in lines for name in line.split(", ")}
    machine = gate_mode({name: unit._replace(again=True) for name, unit in THREE.items()}, 1)
    moves = [move for program in machine.programs.values() for moves in program.values() for move in moves]
    made = {name for move in moves for name in move.makes if re.match(r"[abcm]\.", name)}
    model = {re.sub(r"\d+", "N", re.sub(r"(owner|waiter|body)\..*", r"\1", name[2:])) for name in made}
    # What people read decides nothing, and what they decide is no part of what shells do by themselves. Nor does who
    # sleeps for a shell.
    assert stated == model | {"timed_out", "canceled", "N.by", "about", "why", "apart", "release", "skip", "helper"}
