"""The schedule of a rehearsal: worked examples, and random graphs held against the real launcher."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from compiler.order.outcome import Outcome, Requires
from compiler.status.schedule import Cause, Job, Schedule, Told, Why, make_schedule
from tests.graph.cases import COMPLETION, START, SUCCESS
from tests.shells.harness import Place, Spec, plan_of
from tests.waiting import turns

Edges = list[tuple[str, str, Requires]]


def schedule(jobs: str | list[Job], edges: Edges, places: int | None = None, **told: float | Told) -> Schedule:
    """Return the schedule of units that take a second unless told otherwise."""
    units = [Job(each) for each in jobs] if isinstance(jobs, str) else jobs
    all_told = {job.address: told.get(job.address, 1) for job in units}
    return make_schedule(
        units,
        edges,
        {unit: each if isinstance(each, Told) else Told(each) for unit, each in all_told.items()},
        places=places,
    )


def times(found: Schedule) -> dict[str, tuple[float | None, float]]:
    return {unit: (course.start, course.end) for unit, course in found.units.items()}


def test_a_unit_starts_when_its_last_prerequisite_ends() -> None:
    found = schedule("abc", [("c", "a", SUCCESS), ("c", "b", COMPLETION)], a=3, b=5)
    assert times(found) == {"a": (0, 3), "b": (0, 5), "c": (5, 6)}
    assert found.makespan == 6
    assert found.critical_path() == ("b", "c")
    assert found.units["c"].cause == Cause("b", Why.GATE, COMPLETION)


def test_who_needs_the_start_only_runs_beside_the_prerequisite() -> None:
    assert times(schedule("ab", [("b", "a", START)], a=9)) == {"a": (0, 9), "b": (0, 1)}


def test_a_failure_skips_at_once_even_while_others_still_run() -> None:
    found = schedule("abc", [("c", "a", SUCCESS), ("c", "b", SUCCESS)], a=9, b=Told(2, Outcome.FAILED))
    assert found.units["c"].outcome is Outcome.SKIPPED
    assert times(found)["c"] == (None, 2)
    assert found.makespan == 9


def test_a_skip_that_opens_a_gate_lets_the_dependent_start() -> None:
    edges = [("b", "a", SUCCESS), ("c", "b", COMPLETION)]
    found = schedule("abc", edges, a=Told(2, Outcome.FAILED))
    assert times(found)["c"] == (2, 3)
    assert found.units["c"].cause == Cause("b", Why.GATE, COMPLETION)


def test_units_that_share_a_mutex_take_turns() -> None:
    found = schedule([Job("a", mutexes=("apt",)), Job("b", mutexes=("apt",)), Job("c")], [], a=2, b=3, c=4)
    assert times(found) == {"a": (0, 2), "b": (2, 5), "c": (0, 4)}
    assert found.critical_path() == ("a", "b")
    assert found.units["b"].cause == Cause("a", Why.MUTEX, "apt")


def test_so_many_places_so_many_units_at_a_time() -> None:
    found = schedule("abc", [], 2, a=2, b=3, c=4)
    assert times(found) == {"a": (0, 2), "b": (0, 3), "c": (2, 6)}
    assert found.units["c"].cause == Cause("a", Why.PLACE)


def test_a_timeout_counts_the_run_and_a_gate_timeout_the_waiting() -> None:
    jobs = [Job("a", timeout=2), Job("b"), Job("c", gate_timeout=3)]
    found = schedule(jobs, [("b", "a", COMPLETION), ("c", "b", SUCCESS)], a=9, b=9)
    assert (found.units["a"].outcome, *times(found)["a"]) == (Outcome.TIMED_OUT, 0, 2)
    assert (found.units["c"].outcome, *times(found)["c"]) == (Outcome.TIMED_OUT, None, 3)


def test_who_is_told_to_time_out_does_so_at_its_timeout() -> None:
    told = Told(1, Outcome.TIMED_OUT)
    assert times(schedule([Job("a", timeout=7), Job("b")], [], a=told, b=told)) == {"a": (0, 7), "b": (0, 1)}


def test_where_nothing_runs_nothing_takes_time() -> None:
    assert schedule("", []) == Schedule({}, 0.0)
    assert schedule("", []).critical_path() == ()


# --- against the launcher

CASES = 6
"""In every run of the tests; ``python -m tests.rehearsal.soak`` tries others."""


def _case(seed: int) -> tuple[dict[str, Spec], dict[str, Told], int | None]:
    chance = Random(seed)
    count = chance.randint(2, 7)
    names = [f"coder_script.u{number}" for number in range(count)]
    # Different powers of two have different sums, so no two units end at the same moment.
    lengths = [2**number for number in range(count)]
    chance.shuffle(lengths)
    told = {
        name: Told(length, Outcome.FAILED if chance.random() < 0.2 else Outcome.SUCCEEDED)
        for name, length in zip(names, lengths, strict=True)
    }
    specs = {}
    for number, name in enumerate(names):
        gates = [
            f"{chance.choice((START, COMPLETION, SUCCESS))} {other}"
            for other in names[:number]
            if chance.random() < 0.4
        ]
        # It takes until the test says that its time is over, so that no clock decides.
        body = f"until [ -e {name}.over ]; do sleep 0.01; done\nexit {int(told[name].outcome is Outcome.FAILED)}"
        mutexes = ("apt",) if chance.random() < 0.3 else ()
        specs[name] = Spec(f"#!/bin/sh\n{body}", gates, mutexes=mutexes)
    return specs, told, chance.choice((None, None, 2))


def _started(place: Place) -> list[str]:
    return [event.address for event in place.events() if event.outcome is Outcome.RUNNING]


def _end_in_turn(place: Place, expected: Schedule) -> list[str]:
    """Let units end as the schedule has it, each once all have started that start before; return what was otherwise."""
    begins = {unit: course.start for unit, course in expected.units.items() if course.start is not None}
    for ending in sorted(begins, key=lambda unit: expected.units[unit].end):
        wanted = {unit for unit, start in begins.items() if start < expected.units[ending].end}
        if not any(wanted <= {*_started(place)} for _ in turns(50)) or {*_started(place)} != wanted:
            return [f"{_started(place)} have started before {ending} ends, not {sorted(wanted)}"]
        (place.work / f"{ending}.over").touch()
        if not any(ending in place.outcomes() for _ in turns(50)):
            return [f"{ending} didn't end"]
    return []


def differences(seed: int, folder: Path) -> list[str]:
    """Return in what the launcher and the schedule of a random graph differ."""
    specs, told, places = _case(seed)
    planned = plan_of(specs).phases[0].units
    expected = make_schedule(
        [Job(each.unit.address, mutexes=each.unit.mutexes) for each in planned],
        [(each.unit.address, gate.prerequisite, gate.requires) for each in planned for gate in each.gates],
        told,
        places=places,
    )
    with Place(folder, "dash", specs) as place:
        process = place.start("run", *([] if places is None else ["--jobs", str(places)]))
        found = _end_in_turn(place, expected)
        if found:
            return found
        process.wait()
        outcomes, starts = place.outcomes(), _started(place)
    wanted = {unit: course.outcome for unit, course in expected.units.items()}
    if outcomes != wanted:
        found.append(f"outcomes {outcomes}, not {wanted}")
    # What starts at one moment may start in any order; what starts later starts later.
    begins = {unit: course.start for unit, course in expected.units.items() if course.start is not None}
    moments = [begins.get(unit, 0.0) for unit in starts]
    if sorted(starts) != sorted(begins) or any(later < earlier - 1e-6 for earlier, later in pairwise(moments)):
        found.append(f"started {starts}, not {sorted(begins, key=begins.__getitem__)}")
    return found


@pytest.mark.parametrize("seed", range(CASES))
def test_the_launcher_starts_and_ends_units_as_the_schedule_says(seed: int, tmp_path: Path) -> None:
    assert differences(seed, tmp_path / "case") == []
