"""The tracker: the outcome table, decision by decision and move by move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.order.graph import ConflictingEdge, CycleClosed
from compiler.order.outcome import Outcome, Requires
from compiler.status.decision import (
    Change,
    Ended,
    Held,
    IllegalMove,
    Run,
    Skip,
    StandBy,
    Started,
    StatusError,
    UnknownUnit,
    Unmet,
    Waiting,
)
from compiler.status.tracker import StatusTracker
from tests.graph.cases import COMPLETION, FAILURE, READY, START, SUCCESS
from tests.graph.collide import THREADS, Yielding, collide
from tests.graph.strategies import VERTICES, acyclic_edges, mutexes

PENDING, RUNNING, SUCCEEDED = Outcome.PENDING, Outcome.RUNNING, Outcome.SUCCEEDED
FAILED, TIMED_OUT, SKIPPED, CANCELED = Outcome.FAILED, Outcome.TIMED_OUT, Outcome.SKIPPED, Outcome.CANCELED

SAYS = "ready"
Course: TypeAlias = tuple[Outcome | str, ...]
"""What becomes of a unit, one after the other; ``SAYS``: it says that it is ready."""

ALL = (START, READY, COMPLETION, SUCCESS, FAILURE)
# What becomes of a prerequisite, and what its dependent does for each requirement: r(uns), w(aits) or is s(kipped).
TABLE: tuple[tuple[Course, str], ...] = (
    ((), "wwwww"),
    ((RUNNING,), "rwwww"),
    ((RUNNING, SAYS), "rrwww"),
    ((RUNNING, SUCCEEDED), "rrrrs"),
    ((RUNNING, SAYS, SUCCEEDED), "rrrrs"),
    ((RUNNING, FAILED), "rsrsr"),
    ((RUNNING, SAYS, FAILED), "rrrsr"),
    ((RUNNING, TIMED_OUT), "rsrsr"),
    ((RUNNING, SAYS, TIMED_OUT), "rrrsr"),
    ((RUNNING, CANCELED), "rssss"),
    ((RUNNING, SAYS, CANCELED), "rrsss"),
    ((SUCCEEDED,), "rrrrs"),
    ((FAILED,), "ssrsr"),
    ((TIMED_OUT,), "ssrsr"),
    ((CANCELED,), "sssss"),
    ((SKIPPED,), "ssrss"),
)
ROWS = [
    pytest.param(course, requires, expected, id=f"{requires} of one that is {' then '.join(course) or 'pending'}")
    for course, columns in TABLE
    for requires, expected in zip(ALL, columns, strict=True)
]


def follow(tracker: StatusTracker, course: Course) -> None:
    """Let the unit a go through the course; ``skipped`` comes about by the failure of what it waits for."""
    for step in course:
        if isinstance(step, Outcome):
            tracker.set_outcome("cause" if step is SKIPPED else "a", FAILED if step is SKIPPED else step)
        else:
            tracker.set_ready("a")


@pytest.mark.parametrize(("course", "requires", "expected"), ROWS)
def test_a_gate_follows_the_outcome_table(course: Course, requires: Requires, expected: str) -> None:
    causes = [("a", "cause", SUCCESS)] if SKIPPED in course else []
    tracker = StatusTracker(["a", "b", "cause"], [*causes, ("b", "a", requires)])
    follow(tracker, course)
    is_now = next((step for step in reversed(course) if isinstance(step, Outcome)), PENDING)
    assert tracker.outcomes()["a"] is is_now
    about_a = Unmet(requires, "a", is_now)
    decisions = {"r": Run(), "w": Waiting((about_a,)), "s": Skip(about_a)}
    assert tracker.decision("b") == decisions[expected]
    assert tracker.outcomes()["b"] is (SKIPPED if expected == "s" else PENDING)


COURSES: dict[Outcome, Course] = {
    course[-1]: course for course, _ in TABLE if course and isinstance(course[-1], Outcome)
} | {PENDING: ()}
LEGAL = {
    (PENDING, RUNNING),
    (PENDING, SUCCEEDED),
    (PENDING, FAILED),
    (PENDING, TIMED_OUT),
    (PENDING, CANCELED),
    (RUNNING, SUCCEEDED),
    (RUNNING, FAILED),
    (RUNNING, TIMED_OUT),
    (RUNNING, CANCELED),
}


@pytest.mark.parametrize("wanted", list(Outcome))
@pytest.mark.parametrize("current", list(Outcome))
def test_a_unit_moves_forward_and_nowhere_else(current: Outcome, wanted: Outcome) -> None:
    tracker = StatusTracker(["a", "cause"], [("a", "cause", SUCCESS)] if current is SKIPPED else [])
    follow(tracker, COURSES[current])
    if (current, wanted) in LEGAL:
        tracker.set_outcome("a", wanted)
        assert tracker.outcomes()["a"] is wanted
        return
    with pytest.raises(IllegalMove, match=f"^a is {current} and can't become {wanted}$"):
        tracker.set_outcome("a", wanted)
    assert tracker.outcomes()["a"] is current


@pytest.mark.parametrize("outcome", [RUNNING, SUCCEEDED])
def test_a_unit_that_waits_can_not_run_and_hears_what_for(outcome: Outcome) -> None:
    tracker = StatusTracker("abcd", [("d", "c", SUCCESS), ("d", "a", START), ("d", "b", COMPLETION)])
    tracker.set_outcome("a", RUNNING)
    tracker.set_outcome("c", RUNNING)
    unmet = (Unmet(COMPLETION, "b", PENDING), Unmet(SUCCESS, "c", RUNNING))
    assert tracker.decision("d") == Waiting(unmet)
    words = "d can't run yet: it requires completion of b, which is pending; requires success of c, which is running"
    with pytest.raises(IllegalMove, match=f"^{words}$"):
        tracker.set_outcome("d", outcome)
    assert tracker.outcomes()["d"] is PENDING


@pytest.mark.parametrize("course", [course for course, _ in TABLE if course[-1:] not in ((RUNNING,), (SAYS,))])
def test_only_a_running_unit_says_that_it_is_ready(course: Course) -> None:
    tracker = StatusTracker(["a", "cause"], [("a", "cause", SUCCESS)] if SKIPPED in course else [])
    follow(tracker, course)
    with pytest.raises(IllegalMove, match=f"^a can't become ready: it is {tracker.outcomes()['a']}$"):
        tracker.set_ready("a")


def test_said_twice_is_said_once_and_told_once() -> None:
    tracker = StatusTracker("ab", [("b", "a", READY)])
    tracker.set_outcome("a", RUNNING)
    changes = watched(tracker)
    tracker.set_ready("a")
    tracker.set_ready("a")
    assert changes == [Change("a", RUNNING, ready=False, said_ready=True), Change("b", PENDING, ready=True)]


def test_a_decision_tells_how_far_a_unit_is() -> None:
    tracker = StatusTracker("ab", [])
    assert tracker.decision("a") == Run()
    tracker.set_outcome("a", RUNNING)
    assert tracker.decision("a") == Started()
    tracker.set_outcome("a", TIMED_OUT)
    assert tracker.decision("a") == Ended(TIMED_OUT, ran=True)
    tracker.set_outcome("b", TIMED_OUT)
    assert tracker.decision("b") == Ended(TIMED_OUT, ran=False)


def test_a_unit_is_skipped_at_once_while_other_prerequisites_still_run() -> None:
    tracker = StatusTracker("abc", [("c", "a", SUCCESS), ("c", "b", SUCCESS)])
    tracker.set_outcome("a", RUNNING)
    tracker.set_outcome("b", RUNNING)
    tracker.set_outcome("b", FAILED)
    assert tracker.decision("c") == Skip(Unmet(SUCCESS, "b", FAILED))
    tracker.set_outcome("a", FAILED)
    assert tracker.decision("c") == Skip(Unmet(SUCCESS, "b", FAILED))


def test_skips_carry_on_by_the_same_table() -> None:
    tracker = StatusTracker(
        ["a", "b", "c", "d", "e"],
        [("b", "a", SUCCESS), ("c", "b", SUCCESS), ("d", "b", COMPLETION), ("e", "b", START)],
    )
    tracker.set_outcome("a", FAILED)
    assert tracker.decision("b") == Skip(Unmet(SUCCESS, "a", FAILED))
    assert tracker.decision("c") == Skip(Unmet(SUCCESS, "b", SKIPPED))
    assert tracker.decision("d") == Run()
    assert tracker.decision("e") == Skip(Unmet(START, "b", SKIPPED))


def test_a_unit_is_named_once() -> None:
    with pytest.raises(StatusError, match=r"^a is named twice$"):
        StatusTracker(["a", "a"], [])


def test_dependencies_keep_the_rules_of_the_graph() -> None:
    # A repeated one counts once: a single success opens it.
    tracker = StatusTracker("ab", [("b", "a", SUCCESS), ("b", "a", SUCCESS)])
    tracker.set_outcome("a", RUNNING)
    tracker.set_outcome("a", SUCCEEDED)
    assert tracker.decision("b") == Run()
    with pytest.raises(ConflictingEdge):
        StatusTracker("ab", [("b", "a", SUCCESS), ("b", "a", START)])
    with pytest.raises(CycleClosed):
        StatusTracker("ab", [("b", "a", SUCCESS), ("a", "b", SUCCESS)])


UNKNOWN: dict[str, Callable[[StatusTracker], object]] = {
    "an outcome": lambda tracker: tracker.set_outcome("ghost", RUNNING),
    "a release": lambda tracker: tracker.release("ghost"),
    "a skip": lambda tracker: tracker.skip("ghost"),
    "a decision": lambda tracker: tracker.decision("ghost"),
    "a dependent": lambda _: StatusTracker("a", [("ghost", "a", SUCCESS)]),
    "a prerequisite": lambda _: StatusTracker("a", [("a", "ghost", SUCCESS)]),
    "a unit with a mutex": lambda _: StatusTracker("a", [], {"ghost": ["apt"]}),
}


@pytest.mark.parametrize("question", UNKNOWN.values(), ids=UNKNOWN)
def test_a_unit_that_is_not_among_those_of_the_tracker_is_refused(question: Callable[[StatusTracker], object]) -> None:
    tracker = StatusTracker("a", [])
    with pytest.raises(UnknownUnit, match=r"^ghost is not registered$"):
        question(tracker)
    assert tracker.outcomes() == {"a": PENDING}


# By hand.


def test_a_released_unit_runs_whatever_becomes_of_its_prerequisites() -> None:
    edges = [("b", "a", SUCCESS), ("c", "a", SUCCESS), ("d", "b", COMPLETION)]
    tracker = StatusTracker("abcd", edges, {"a": ["apt"], "b": ["apt"]})
    tracker.set_outcome("a", RUNNING)
    changes: list[Change] = []
    tracker.subscribe(changes.append)
    tracker.release("b")
    tracker.release("b")
    assert tracker.decision("b") == StandBy((Held("apt", "a"),))
    assert changes == [Change("b", PENDING, ready=True)]
    tracker.set_outcome("a", FAILED)
    assert (tracker.decision("b"), tracker.decision("c")) == (Run(), Skip(Unmet(SUCCESS, "a", FAILED)))
    tracker.release("d")
    assert tracker.decision("d") == Run()
    assert changes[-1] == Change("d", PENDING, ready=True)


def test_a_unit_that_is_skipped_by_hand_has_no_reason_and_skips_others() -> None:
    tracker = StatusTracker("abc", [("b", "a", SUCCESS), ("c", "a", COMPLETION)])
    tracker.skip("a")
    assert tracker.decision("a") == Ended(SKIPPED, ran=False)
    assert (tracker.decision("b"), tracker.decision("c")) == (Skip(Unmet(SUCCESS, "a", SKIPPED)), Run())


@pytest.mark.parametrize("outcome", [RUNNING, FAILED])
def test_only_a_pending_unit_can_be_released_or_skipped(outcome: Outcome) -> None:
    tracker = StatusTracker("a", [])
    tracker.set_outcome("a", outcome)
    for move in (tracker.release, tracker.skip):
        with pytest.raises(IllegalMove, match=f"^a can't be released or skipped: it is {outcome}$"):
            move("a")
    assert tracker.outcomes() == {"a": outcome}


# Mutexes.


def test_a_unit_that_stands_by_can_not_run_and_hears_for_whom() -> None:
    tracker = StatusTracker("abcd", [], {"a": ["net"], "b": ["apt"], "c": ["net", "apt", "dpkg", "net"]})
    for unit in "abd":
        tracker.set_outcome(unit, RUNNING)
    held = (Held("apt", "b"), Held("net", "a"))
    assert tracker.decision("c") == StandBy(held)
    words = "c can't run yet: it needs the mutex apt, which b holds; needs the mutex net, which a holds"
    with pytest.raises(IllegalMove, match=f"^{words}$"):
        tracker.set_outcome("c", RUNNING)
    assert tracker.outcomes()["c"] is PENDING
    tracker.set_outcome("a", SUCCEEDED)
    assert tracker.decision("c") == StandBy(held[:1])


def test_a_closed_gate_is_told_before_a_held_mutex() -> None:
    tracker = StatusTracker("abc", [("c", "b", SUCCESS)], {"a": ["apt"], "c": ["apt"]})
    tracker.set_outcome("a", RUNNING)
    assert tracker.decision("c") == Waiting((Unmet(SUCCESS, "b", PENDING),))
    with pytest.raises(IllegalMove, match=r"requires success of b"):
        tracker.set_outcome("c", RUNNING)
    tracker.set_outcome("b", RUNNING)
    tracker.set_outcome("b", SUCCEEDED)
    assert tracker.decision("c") == StandBy((Held("apt", "a"),))


def test_a_mutex_that_is_taken_or_free_is_told_by_who_takes_it_and_lets_it_go() -> None:
    tracker = StatusTracker("abc", [("b", "a", START)], dict.fromkeys("abc", ("apt",)))
    changes = watched(tracker)
    tracker.set_outcome("a", RUNNING)
    assert changes == [Change("a", RUNNING, ready=False), Change("b", PENDING, ready=True)]
    assert tracker.decision("b") == tracker.decision("c") == StandBy((Held("apt", "a"),))
    changes.clear()
    tracker.set_outcome("a", SUCCEEDED)
    assert changes == [Change("a", SUCCEEDED, ready=False)]
    assert tracker.decision("b") == tracker.decision("c") == Run()


# Changes and subscribers.


def watched(tracker: StatusTracker) -> list[Change]:
    changes: list[Change] = []
    tracker.subscribe(changes.append)
    return changes


def test_a_change_reaches_every_dependent_that_it_affects() -> None:
    tracker = StatusTracker(
        ["a", "b1", "b2", "c", "d", "e", "other", "free"],
        [
            ("b2", "a", SUCCESS),
            ("b1", "a", SUCCESS),
            ("d", "b1", SUCCESS),
            ("c", "b2", SUCCESS),
            ("e", "c", COMPLETION),
            ("free", "a", START),
        ],
    )
    changes = watched(tracker)
    tracker.set_outcome("a", RUNNING)
    assert changes == [Change("a", RUNNING, ready=False), Change("free", PENDING, ready=True)]
    changes.clear()
    tracker.set_outcome("a", FAILED)
    assert changes == [
        Change("a", FAILED, ready=False),
        Change("b1", SKIPPED, ready=False, reason=Unmet(SUCCESS, "a", FAILED)),
        Change("b2", SKIPPED, ready=False, reason=Unmet(SUCCESS, "a", FAILED)),
        Change("d", SKIPPED, ready=False, reason=Unmet(SUCCESS, "b1", SKIPPED)),
        Change("c", SKIPPED, ready=False, reason=Unmet(SUCCESS, "b2", SKIPPED)),
        Change("e", PENDING, ready=True),
    ]


def test_a_refused_move_is_no_change() -> None:
    tracker = StatusTracker("ab", [("b", "a", SUCCESS)])
    changes = watched(tracker)
    for unit, outcome in (("a", SKIPPED), ("b", RUNNING), ("b", SUCCEEDED), ("ghost", RUNNING)):
        with pytest.raises(StatusError):
            tracker.set_outcome(unit, outcome)
    assert changes == []


def test_subscribers_may_call_back_in_and_all_hear_the_same_order() -> None:
    tracker = StatusTracker("abc", [("b", "a", SUCCESS), ("c", "b", SUCCESS)])

    def drive(change: Change) -> None:
        if change.ready:
            tracker.set_outcome(change.unit, RUNNING)
        elif change.outcome is RUNNING:
            assert tracker.decision(change.unit) == Started()
            tracker.set_outcome(change.unit, SUCCEEDED)

    before = watched(tracker)
    tracker.subscribe(drive)
    after = watched(tracker)
    tracker.set_outcome("a", RUNNING)
    assert set(tracker.outcomes().values()) == {SUCCEEDED}
    assert before == after
    assert [(change.unit, str(change.outcome), change.ready) for change in before] == [
        (unit, *what)
        for unit in "abc"
        for what in (("pending", True), ("running", False), ("succeeded", False))
        if (unit, *what) != ("a", "pending", True)
    ]


def test_who_subscribes_while_a_change_is_told_does_not_hear_that_one() -> None:
    tracker = StatusTracker("ab", [])
    late: list[Change] = []

    def invite(change: Change) -> None:
        if change.unit == "a":
            tracker.subscribe(late.append)

    tracker.subscribe(invite)
    tracker.set_outcome("a", RUNNING)
    assert late == []
    tracker.set_outcome("b", RUNNING)
    assert [change.unit for change in late] == ["b"]


@pytest.mark.parametrize("fault", [KeyboardInterrupt, RuntimeError])
def test_after_a_fault_in_a_subscriber_the_rest_is_told_with_the_next_change(fault: type[BaseException]) -> None:
    tracker = StatusTracker("abc", [("b", "a", START)])
    changes: list[Change] = []

    def interrupt(change: Change) -> None:
        if not changes:
            changes.append(change)
            raise fault

    tracker.subscribe(interrupt)
    later = watched(tracker)
    with pytest.raises(fault):
        tracker.set_outcome("a", RUNNING)
    assert later == []
    tracker.set_outcome("c", RUNNING)
    assert [change.unit for change in later] == ["b", "c"]


# Several threads.


def test_of_all_who_start_a_unit_exactly_one_does() -> None:
    for _ in range(5):
        name = Yielding("a")
        tracker = StatusTracker([name], [])
        results = collide([partial(tracker.set_outcome, name, RUNNING)] * THREADS)
        assert Counter(map(type, results)) == {IllegalMove: THREADS - 1}


def test_of_all_who_take_a_mutex_exactly_one_does_and_then_the_next() -> None:
    names = [Yielding(f"u{n}") for n in range(THREADS)]
    apt = Yielding("apt")
    tracker = StatusTracker(names, [], {name: [apt, f"own of {name}"] for name in names})
    one, other = watched(tracker), watched(tracker)
    for ended in range(THREADS):
        left = [name for name, outcome in tracker.outcomes().items() if outcome is PENDING]
        results = collide([partial(tracker.set_outcome, name, RUNNING) for name in left])
        [holder] = [name for name, outcome in tracker.outcomes().items() if outcome is RUNNING]
        words = f"it needs the mutex apt, which {holder} holds"
        assert [str(refusal).partition("yet: ")[2] for refusal in results] == [words] * (THREADS - ended - 1)
        tracker.set_outcome(holder, SUCCEEDED)
    assert one == other
    assert Counter(change.outcome for change in one) == {RUNNING: THREADS, SUCCEEDED: THREADS}


def test_all_subscribers_hear_one_order_whoever_makes_the_changes() -> None:
    heads = [Yielding(f"head{n}") for n in range(THREADS)]
    tails = [Yielding(f"tail{n}") for n in range(THREADS)]
    last = Yielding("last")
    edges = [(tail, head, SUCCESS) for tail, head in zip(tails, heads, strict=True)]
    tracker = StatusTracker([*heads, *tails, last], [*edges, *((last, tail, COMPLETION) for tail in tails)])
    one, other = watched(tracker), watched(tracker)

    def run(number: int) -> None:
        tracker.set_outcome(heads[number], RUNNING)
        if number % 2:
            tracker.set_outcome(heads[number], FAILED)
        else:
            tracker.set_outcome(heads[number], SUCCEEDED)
            tracker.set_outcome(tails[number], RUNNING)
            tracker.set_outcome(tails[number], CANCELED if number == 4 else SUCCEEDED)

    assert collide([partial(run, number) for number in range(THREADS)]) == []
    assert one == other
    assert Counter(change.unit for change in one) == (
        Counter(heads) + Counter(heads) + Counter(tails) + Counter(tails[::2]) + Counter(tails[::2]) + Counter([last])
    )
    assert tracker.decision(last) == Skip(Unmet(COMPLETION, tails[4], CANCELED))
    for number in range(1, THREADS, 2):
        assert tracker.decision(tails[number]) == Skip(Unmet(SUCCESS, heads[number], FAILED))
    for unit, course in {heads[0]: [RUNNING, SUCCEEDED], tails[2]: [PENDING, RUNNING, SUCCEEDED]}.items():
        assert [change.outcome for change in one if change.unit == unit] == course


# The table, said again without any propagation: what opens a gate, and what makes it impossible.
# The outcome, whether the unit has run, and whether it has said that it is ready.
State: TypeAlias = tuple[Outcome, bool, bool]
UNTOUCHED: State = (PENDING, False, False)
ENDS = (SUCCEEDED, FAILED, TIMED_OUT, SKIPPED, CANCELED)
OPENS: dict[Requires, Callable[[State], bool]] = {
    START: lambda state: state[1],
    READY: lambda state: state[2] or state[0] is SUCCEEDED,
    COMPLETION: lambda state: state[0] in (SUCCEEDED, FAILED, TIMED_OUT, SKIPPED),
    SUCCESS: lambda state: state[0] is SUCCEEDED,
    FAILURE: lambda state: state[0] in (FAILED, TIMED_OUT),
}
FORBIDS: dict[Requires, Callable[[State], bool]] = {
    START: lambda state: state[0] in ENDS and not state[1],
    READY: lambda state: state[0] in (FAILED, TIMED_OUT, SKIPPED, CANCELED) and not state[2],
    COMPLETION: lambda state: state[0] is CANCELED,
    SUCCESS: lambda state: state[0] in (FAILED, TIMED_OUT, SKIPPED, CANCELED),
    FAILURE: lambda state: state[0] in (SUCCEEDED, SKIPPED, CANCELED),
}


def settled(edges: list[tuple[str, str, Requires]], said: dict[str, State]) -> dict[str, State]:
    """Return every state, by looking at all edges again and again until nobody else is skipped."""
    states = dict.fromkeys(VERTICES, UNTOUCHED) | said
    while skips := {d for d, p, requires in edges if states[d] == UNTOUCHED and FORBIDS[requires](states[p])}:
        states |= dict.fromkeys(skips, (SKIPPED, False, False))
    return states


@given(
    acyclic_edges(),
    mutexes,
    # Most moves are those that let others run, so that many units come to a mutex.
    st.lists(
        st.tuples(st.sampled_from(VERTICES), st.sampled_from([*Outcome, *(RUNNING, SAYS, SUCCEEDED) * 4])), max_size=60
    ),
)
def test_the_tracker_agrees_with_looking_at_everything_again(
    edges: list[tuple[str, str, Requires]], names: dict[str, set[str]], moves: list[tuple[str, Outcome | str]]
) -> None:
    tracker = StatusTracker(VERTICES, edges, names)

    def can_run(unit: str) -> bool:
        """Whether nothing but a mutex can keep a unit from running."""
        return isinstance(tracker.decision(unit), Run | StandBy)

    ready = {unit: can_run(unit) for unit in VERTICES}
    changes = watched(tracker)
    said: dict[str, State] = {}
    for unit, move in moves:
        before = tracker.outcomes()
        _, ran, was_ready = said.get(unit, UNTOUCHED)
        try:
            if isinstance(move, Outcome):
                tracker.set_outcome(unit, move)
                said[unit] = (move, ran or move in (RUNNING, SUCCEEDED), was_ready)
            else:
                tracker.set_ready(unit)
                said[unit] = (RUNNING, True, True)
        except IllegalMove:
            continue
        states = settled(edges, said)
        assert tracker.outcomes() == {each: state[0] for each, state in states.items()}
        for each, state in states.items():
            shut = sorted(p for d, p, requires in edges if d == each and not OPENS[requires](states[p]))
            held = [
                Held(name, other)
                for name in sorted(names.get(each, ()))
                for other, (course, _, _) in states.items()
                if course is RUNNING and other != each and name in names.get(other, ())
            ]
            decision = tracker.decision(each)
            if state != UNTOUCHED:
                assert not isinstance(decision, Waiting | StandBy | Run)
            elif shut:
                assert isinstance(decision, Waiting)
                assert [gate.prerequisite for gate in decision.unmet] == shut
            else:
                assert decision == (StandBy(tuple(held)) if held else Run())
        # Whatever has changed is told, and nothing else: an outcome, or whether a unit is ready.
        now = {each: can_run(each) for each in VERTICES}
        changed = {each for each in VERTICES if before[each] is not states[each][0] or ready[each] is not now[each]}
        changed |= {unit} if states[unit][2] and not was_ready else set()
        assert sorted(change.unit for change in changes) == sorted(changed)
        for change in changes:
            outcome, _, said_ready = states[change.unit]
            assert (change.outcome, change.ready, change.said_ready) == (outcome, now[change.unit], said_ready)
        ready = now
        changes.clear()
