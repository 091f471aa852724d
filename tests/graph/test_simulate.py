"""What a run comes to when every unit does as it is told."""

from __future__ import annotations

from random import Random
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.order.graph import CycleClosed, running_order
from compiler.order.outcome import Outcome, Requires
from compiler.status.decision import Ended, Run, Skip, Started, UnknownUnit, Unmet
from compiler.status.tracker import StatusTracker
from tests.graph.cases import COMPLETION, FAILURE, READY, START, SUCCESS
from tests.graph.strategies import VERTICES, acyclic_edges, mutexes
from tests.simulation import Ending, Moment, Scripted, simulate

SUCCEEDED, FAILED, TIMED_OUT, SKIPPED, CANCELED = (
    Outcome.SUCCEEDED,
    Outcome.FAILED,
    Outcome.TIMED_OUT,
    Outcome.SKIPPED,
    Outcome.CANCELED,
)
AT_ONCE, AT_START = Moment.AT_ONCE, Moment.AT_START
Edges: TypeAlias = list[tuple[str, str, Requires]]

OK = Ending(SUCCEEDED, ran=True)


def test_everybody_succeeds_who_is_not_told_otherwise() -> None:
    edges = [("b", "a", SUCCESS), ("c", "a", START), ("d", "b", COMPLETION), ("d", "c", SUCCESS)]
    assert simulate("abcd", edges, {}) == dict.fromkeys("abcd", OK)


def test_nobody_ends_where_nobody_is() -> None:
    assert simulate([], [], {}) == {}


ALL = (START, READY, COMPLETION, SUCCESS, FAILURE)
# What a is told, whether it ran, and which of those run that require its start, its being ready, its completion, its
# success, its failure: the others, with a dot, are skipped.
TOLD = (
    (Scripted(SUCCEEDED), True, "srcs."),
    (Scripted(SUCCEEDED, AT_START), True, "srcs."),
    (Scripted(SUCCEEDED, ready=True), True, "srcs."),
    (Scripted(FAILED), True, "s.c.f"),
    (Scripted(FAILED, ready=True), True, "src.f"),
    (Scripted(TIMED_OUT), True, "s.c.f"),
    (Scripted(TIMED_OUT, ready=True), True, "src.f"),
    (Scripted(CANCELED), True, "s...."),
    (Scripted(CANCELED, ready=True), True, "sr..."),
    (Scripted(FAILED, AT_START), False, "..c.f"),
    (Scripted(FAILED, AT_ONCE), False, "..c.f"),
    (Scripted(TIMED_OUT, AT_START), False, "..c.f"),
    (Scripted(TIMED_OUT, AT_ONCE), False, "..c.f"),
    (Scripted(CANCELED, AT_START), False, "....."),
    (Scripted(CANCELED, AT_ONCE), False, "....."),
)


@pytest.mark.parametrize(
    ("told", "ran", "dependents"),
    TOLD,
    ids=[f"{told.outcome} {told.moment.name.lower()}{' ready' * told.ready}" for told, _, _ in TOLD],
)
def test_dependents_end_by_what_they_require(told: Scripted, ran: bool, dependents: str) -> None:
    endings = simulate(["a", *Requires], [(requires, "a", requires) for requires in Requires], {"a": told})
    assert endings["a"] == Ending(told.outcome, ran, ready=told.ready)
    for requires, runs in zip(ALL, dependents, strict=True):
        skip = Ending(SKIPPED, False, (Unmet(requires, "a", told.outcome),))
        assert endings[requires] == (skip if runs == "." else OK)


@pytest.mark.parametrize("moment", [AT_ONCE, AT_START])
def test_what_does_not_run_can_not_say_that_it_is_ready(moment: Moment) -> None:
    with pytest.raises(ValueError, match=r"^a unit can't become ready that ends "):
        Scripted(FAILED, moment, ready=True)


def test_every_gate_that_would_have_skipped_a_unit_is_a_reason() -> None:
    edges = [("d", "b", SUCCESS), ("d", "a", SUCCESS), ("d", "c", COMPLETION), ("b", "a", SUCCESS), ("d", "e", START)]
    endings = simulate("abcde", edges, {"a": Scripted(FAILED), "c": Scripted(FAILED), "e": Scripted(FAILED, AT_START)})
    assert endings["d"].reasons == (
        Unmet(SUCCESS, "a", FAILED),
        Unmet(SUCCESS, "b", SKIPPED),
        Unmet(START, "e", FAILED),
    )


def test_who_is_skipped_does_not_do_as_told() -> None:
    endings = simulate("ab", [("b", "a", SUCCESS)], {"a": Scripted(FAILED), "b": Scripted(FAILED, AT_START)})
    assert endings["b"] == Ending(SKIPPED, False, (Unmet(SUCCESS, "a", FAILED),))


def test_all_that_happens_at_once_happens_before_anybody_is_skipped_for_it() -> None:
    script = {unit: Scripted(FAILED, AT_ONCE) for unit in "abc"}
    endings = simulate("abcd", [("b", "a", SUCCESS), ("c", "b", SUCCESS), ("d", "c", SUCCESS)], script)
    assert [endings[unit].outcome for unit in "abcd"] == [FAILED, FAILED, FAILED, SKIPPED]


@pytest.mark.parametrize(
    ("outcome", "moment"),
    [(outcome, moment) for outcome in (Outcome.PENDING, Outcome.RUNNING, SKIPPED) for moment in Moment]
    + [(SUCCEEDED, AT_ONCE)],
)
def test_what_no_unit_can_do_can_not_be_told(outcome: Outcome, moment: Moment) -> None:
    with pytest.raises(ValueError, match=f"^a unit can't be told to end as {outcome} "):
        Scripted(outcome, moment)


def test_a_script_for_nobody_is_refused() -> None:
    with pytest.raises(UnknownUnit, match="ghost"):
        simulate("a", [], {"ghost": Scripted(FAILED)})


def test_an_edge_to_nobody_is_refused() -> None:
    with pytest.raises(UnknownUnit, match="ghost"):
        simulate("a", [("a", "ghost", SUCCESS)], {})


def test_a_cycle_is_refused() -> None:
    with pytest.raises(CycleClosed):
        simulate("ab", [("a", "b", SUCCESS), ("b", "a", SUCCESS)], {})


running = st.builds(
    Scripted, st.sampled_from([SUCCEEDED, FAILED, TIMED_OUT, CANCELED]), st.just(Moment.RUNNING), st.booleans()
)
not_running = st.builds(Scripted, st.sampled_from([FAILED, TIMED_OUT, CANCELED]), st.sampled_from([AT_ONCE, AT_START]))
not_running |= st.just(Scripted(SUCCEEDED, AT_START))
scripts = st.dictionaries(st.sampled_from(VERTICES), running | not_running)


@given(acyclic_edges(), mutexes, scripts, st.randoms(use_true_random=False))
def test_neither_who_is_faster_nor_who_holds_a_mutex_changes_how_anybody_ends(
    edges: Edges, names: dict[str, set[str]], script: dict[str, Scripted], random: Random
) -> None:
    expected = simulate(VERTICES, edges, script)
    tracker = StatusTracker(VERTICES, edges, names)
    for unit in reversed(running_order(VERTICES, [(late, early) for late, early, _ in edges])[0]):
        if unit in script and script[unit].moment is AT_ONCE:
            tracker.set_outcome(unit, script[unit].outcome)

    def can_go_on(unit: str) -> bool:
        return isinstance(tracker.decision(unit), Run | Started)

    while able := [unit for unit in VERTICES if can_go_on(unit)]:
        unit = random.choice(able)
        told = script.get(unit, Scripted(SUCCEEDED))
        starts = tracker.decision(unit) == Run() and told.moment is Moment.RUNNING
        if not starts and told.ready:
            tracker.set_ready(unit)
        tracker.set_outcome(unit, Outcome.RUNNING if starts else told.outcome)
        held = [name for each in VERTICES if tracker.decision(each) == Started() for name in names.get(each, ())]
        assert len(held) == len(set(held))

    for unit, ending in expected.items():
        decision = tracker.decision(unit)
        if isinstance(decision, Skip):
            assert ending.outcome is SKIPPED
            assert decision.reason in ending.reasons
        else:
            assert decision == Ended(ending.outcome, ending.ran)


@given(acyclic_edges(), scripts)
def test_the_order_of_units_and_edges_does_not_matter(edges: Edges, script: dict[str, Scripted]) -> None:
    shuffled = simulate(reversed(VERTICES), reversed(edges), dict(reversed(script.items())))
    assert list(shuffled.items()) == list(simulate(VERTICES, edges, script).items())
