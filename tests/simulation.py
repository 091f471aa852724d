"""What a run comes to, if each unit does as it is told: a pure function over :mod:`compiler.status.tracker`.

The outcomes don't depend on who is faster: whether a gate opens or becomes impossible is decided by its prerequisite's
last outcome, and whether that one ran. Only which of several reasons skips a unit first may depend on it, so all of
them are given. Mutexes only make some slower than others, so nothing is said of them here: one unit runs at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from enum import Enum

from compiler.order.graph import OrderEdge, OrderGraph, running_order
from compiler.order.outcome import GateState, Outcome, Requires, gate_state
from compiler.records import dataclass
from compiler.status.decision import Change, Ended, Run, UnknownUnit, Unmet
from compiler.status.tracker import StatusTracker


class Moment(Enum):
    """When a unit's scripted outcome happens to it."""

    AT_ONCE = "before anything runs, gates or not"
    AT_START = "when its gates are open, instead of its running"
    RUNNING = "after it has run"


_WITHOUT_RUNNING = frozenset({Outcome.FAILED, Outcome.TIMED_OUT, Outcome.CANCELED})


@dataclass(frozen=True, slots=True)
class Scripted:
    """What a unit is told to do: end as ``outcome`` at ``moment``, unless it is skipped before.

    ``ready`` says that it becomes ready while it runs. A success at the start is that of a unit with nothing to do.
    Raises ValueError where nothing can end so: a success takes open gates, a skip follows from the table alone, and
    what doesn't run can't say that it is ready.
    """

    outcome: Outcome
    moment: Moment = Moment.RUNNING
    ready: bool = False

    def __post_init__(self) -> None:
        ends = self.outcome in _WITHOUT_RUNNING
        if not ends and (self.outcome is not Outcome.SUCCEEDED or self.moment is Moment.AT_ONCE):
            raise ValueError(f"a unit can't be told to end as {self.outcome} {self.moment.value}")
        if self.ready and self.moment is not Moment.RUNNING:
            raise ValueError(f"a unit can't become ready that ends {self.moment.value}")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a unit ended, whether it ran (or had nothing to do), and whether it said before that it was ready.

    ``reasons`` are all gates that would have skipped it, sorted by prerequisite: the one that a run names is among
    them. There is none where it wasn't skipped.
    """

    outcome: Outcome
    ran: bool
    reasons: tuple[Unmet, ...] = ()
    ready: bool = False


_SUCCEEDS = Scripted(Outcome.SUCCEEDED)


def simulate(
    units: Iterable[str], edges: Iterable[tuple[str, str, Requires]], script: Mapping[str, Scripted]
) -> dict[str, Ending]:
    """Return how each unit ends, by address. ``edges`` are (dependent, prerequisite, requires).

    A unit that isn't in ``script`` succeeds. Raises what :class:`StatusTracker` raises, and :class:`UnknownUnit`
    for one in ``script`` that isn't among the units.
    """
    units, edges = tuple(units), tuple(edges)
    tracker = StatusTracker(units, edges)
    graph = OrderGraph.build(units, edges)
    for unit in sorted(script):
        if unit not in units:
            raise UnknownUnit(unit)
    order, _ = running_order(units, [(dependent, prerequisite) for dependent, prerequisite, _ in edges])
    # Dependents first: what happens to all of them at once mustn't reach one of them as a skip before its own turn.
    for unit in reversed(order):
        if unit in script and script[unit].moment is Moment.AT_ONCE:
            tracker.set_outcome(unit, script[unit].outcome)

    ready = deque(unit for unit in order if isinstance(tracker.decision(unit), Run))

    def queue(change: Change) -> None:
        if change.ready:
            ready.append(change.unit)

    tracker.subscribe(queue)
    while ready:
        unit = ready.popleft()
        told = script.get(unit, _SUCCEEDS)
        if told.moment is Moment.RUNNING:
            tracker.set_outcome(unit, Outcome.RUNNING)
            if told.ready:
                tracker.set_ready(unit)
        tracker.set_outcome(unit, told.outcome)

    endings: dict[str, Ending] = {}
    for unit in order:
        decision = tracker.decision(unit)
        if isinstance(decision, Ended):
            said_ready = decision.ran and script.get(unit, _SUCCEEDS).ready
            endings[unit] = Ending(decision.outcome, decision.ran, ready=said_ready)
        else:
            endings[unit] = Ending(Outcome.SKIPPED, False, _reasons(graph.prerequisites(unit), endings))
    return {unit: endings[unit] for unit in sorted(endings)}


def _reasons(gates: Iterable[OrderEdge[str, Requires]], endings: Mapping[str, Ending]) -> tuple[Unmet, ...]:
    return tuple(
        Unmet(gate.requires, gate.prerequisite, end.outcome)
        for gate, end in ((gate, endings[gate.prerequisite]) for gate in gates)
        if gate_state(gate.requires, end.outcome, has_run=end.ran, ready=end.ready) is GateState.IMPOSSIBLE
    )
