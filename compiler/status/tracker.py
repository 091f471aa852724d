"""The outcome table as a reactive tracker over an order graph: what each unit may do now, and why.

A unit's *decision* follows from its own outcome, its gates, one for each edge, and the mutexes that it names:

* ``Wait`` while a gate is closed; it lists the gates that are,
* ``StandBy`` while all gates are open and other units hold mutexes that it names; it lists these,
* ``Run`` the moment all gates are open and all mutexes free, and ``Started`` once the unit is running,
* ``Skip`` the moment a gate becomes impossible. The tracker ends the unit as ``skipped`` by itself, with the
  prerequisite that did it as the reason, and carries the skip on to its dependents by the same table,
* ``Ended`` after any other final outcome, and where a person skipped the unit.

What a unit may become, and nothing else:

=========  ==================================================================================================
from       to
=========  ==================================================================================================
pending    ``running`` or ``succeeded`` if all gates are open and all mutexes free, where ``succeeded`` means that
           there was nothing to do and counts as having run; ``failed``, ``timed_out``, ``canceled`` at any time
           (a body that can't be had, a limit on waiting, a signal): then the unit has ended without having run
running    ``succeeded``, ``failed``, ``timed_out``, ``canceled``; before that it may become ready, once
a final    nothing
=========  ==================================================================================================

A person may release a pending unit, whose gates count as open from then on, whatever becomes of its prerequisites; and
may skip one, which its dependents take for any other skip.

A unit holds all its mutexes from the moment it runs to the moment it ends, and none at any other time, so units that
share one never run at the same time and none can wait for another in a circle. Which of those that stand by is next
isn't said here. A launcher may also let a unit take its mutexes one by one, in sorted order, while it still waits; then
others wait for it that could run here. Mutexes never skip a unit and never open a gate, so they change when units run
and not how they end, unless a limit on waiting passes meanwhile.

The tracker knows no time and starts nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING

from compiler.order.graph import OrderGraph
from compiler.order.outcome import FINAL, GateState, Outcome, Requires, gate_state
from compiler.records import dataclass, replace
from compiler.status.decision import (
    Change,
    Decision,
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

if TYPE_CHECKING:
    from _typeshed import SupportsRichComparison

_MOVES: Mapping[Outcome, frozenset[Outcome]] = MappingProxyType(
    {
        Outcome.PENDING: frozenset(
            {Outcome.RUNNING, Outcome.SUCCEEDED, Outcome.FAILED, Outcome.TIMED_OUT, Outcome.CANCELED}
        ),
        Outcome.RUNNING: frozenset({Outcome.SUCCEEDED, Outcome.FAILED, Outcome.TIMED_OUT, Outcome.CANCELED}),
    }
)


@dataclass(slots=True)
class _State:
    outcome: Outcome = Outcome.PENDING
    has_run: bool = False
    ready: bool = False
    # Counted while the unit is pending, so that a change costs one step for each dependent, not one for each gate of
    # each dependent.
    closed_gates: int = 0
    released: bool = False
    reason: Unmet | None = None
    mutexes: tuple[str, ...] = ()

    @property
    def admitted(self) -> bool:
        """Whether only mutexes can keep the unit from running."""
        return self.outcome is Outcome.PENDING and not self.closed_gates

    def gate(self, requires: Requires) -> GateState:
        """Return the state of a gate that requires this of the unit."""
        return gate_state(requires, self.outcome, has_run=self.has_run, ready=self.ready)


class StatusTracker:
    """The outcomes of units and what follows from them, for several threads at once.

    Subscribers are called outside the lock and may call back in. Each of them sees every change once, in the order in
    which the changes happened, which is one order for all threads: a unit comes before the dependents that it
    affects, and those come breadth first, sorted by address. A change that is made while another is being told is told
    after it, so it may be told by another thread, or after the call that made it has returned. What a subscriber raises
    leaves the call that tells, and the rest is told with the next change.
    """

    def __init__(
        self,
        units: Iterable[str],
        edges: Iterable[tuple[str, str, Requires]],
        mutexes: Mapping[str, Iterable[str]] = MappingProxyType({}),
        *,
        key: Callable[[str], SupportsRichComparison] | None = None,
    ) -> None:
        """Take ``units``, all pending, and all ``edges``: (dependent, prerequisite, requires).

        ``mutexes`` are the names of those that a unit holds while it runs, by unit. ``key`` sorts those that a change
        affects, in place of their addresses. The edges are checked once, at the end. Raises :class:`StatusError` for a
        unit that comes twice, :class:`UnknownUnit` for one with mutexes, or an end of an edge, that isn't among the
        units, and what :meth:`OrderGraph.build` raises.
        """
        self._states: dict[str, _State] = {}
        for unit in units:
            if unit in self._states:
                raise StatusError(f"{unit} is named twice")
            self._states[unit] = _State()
        self._holders: dict[str, str] = {}
        for unit, names in mutexes.items():
            self._state(unit).mutexes = tuple(sorted(set(names)))
        self._graph: OrderGraph[str, Requires] = OrderGraph.build(self._states, edges, key=key)
        for edge in self._graph.edges():
            self._state(edge.prerequisite)
            self._state(edge.dependent).closed_gates += 1
        self._lock = Lock()
        self._subscribers: list[Callable[[Change], None]] = []
        self._untold: deque[Change] = deque()
        self._telling = Lock()

    def set_outcome(self, unit: str, outcome: Outcome) -> None:
        """Say what became of ``unit``, and carry it on to everything that it affects.

        Raises :class:`UnknownUnit`, and :class:`IllegalMove` for what the table at the head of this module doesn't
        know, and where the unit is to run and may not yet. ``skipped`` is never said: it follows.
        """
        with self._lock:
            state = self._state(unit)
            if outcome not in _MOVES.get(state.outcome, ()):
                raise IllegalMove(f"{unit} is {state.outcome} and can't become {outcome}")
            if state.outcome is Outcome.PENDING and outcome in (Outcome.RUNNING, Outcome.SUCCEEDED):
                obstacles = self._held(state) if state.admitted else self._closed_gates(unit)
                if obstacles:
                    raise IllegalMove(f"{unit} can't run yet: it " + "; ".join(map(str, obstacles)))
            self._settle(unit, outcome)
        self._tell()

    def set_ready(self, unit: str) -> None:
        """Say that a running unit is ready, and carry it on to its dependents. Said twice is said once.

        Raises :class:`UnknownUnit`, and :class:`IllegalMove` where it doesn't run.
        """
        with self._lock:
            state = self._state(unit)
            if state.outcome is not Outcome.RUNNING:
                raise IllegalMove(f"{unit} can't become ready: it is {state.outcome}")
            if not state.ready:
                self._states[unit] = replace(state, ready=True)
                self._note(unit)
                self._carry_on(unit, state)
        self._tell()

    def release(self, unit: str) -> None:
        """Take all gates of a pending unit for open from now on. Raises :class:`UnknownUnit`, :class:`IllegalMove`."""
        with self._lock:
            state = self._pending(unit)
            self._states[unit] = replace(state, closed_gates=0, released=True)
            if not state.admitted:
                self._note(unit)
        self._tell()

    def skip(self, unit: str) -> None:
        """Skip a pending unit, as its gates don't demand. Raises :class:`UnknownUnit`, :class:`IllegalMove`."""
        with self._lock:
            self._pending(unit)
            self._settle(unit, Outcome.SKIPPED)
        self._tell()

    def decision(self, unit: str) -> Decision:
        """Return what ``unit`` is to do as things are. Raises :class:`UnknownUnit`."""
        with self._lock:
            state = self._state(unit)
            if state.reason is not None:
                return Skip(state.reason)
            if state.outcome is Outcome.RUNNING:
                return Started()
            if state.outcome in FINAL:
                return Ended(state.outcome, state.has_run)
            if not state.admitted:
                return Waiting(self._closed_gates(unit))
            held = self._held(state)
            return StandBy(held) if held else Run()

    def outcomes(self) -> dict[str, Outcome]:
        """Return the outcome of every unit at one moment, by address."""
        with self._lock:
            return {unit: self._states[unit].outcome for unit in sorted(self._states)}

    def subscribe(self, subscriber: Callable[[Change], None]) -> None:
        """Call ``subscriber`` for every change that is told from now on."""
        with self._lock:
            self._subscribers.append(subscriber)

    def _state(self, unit: str) -> _State:
        try:
            return self._states[unit]
        except KeyError:
            raise UnknownUnit(unit) from None

    def _pending(self, unit: str) -> _State:
        state = self._state(unit)
        if state.outcome is not Outcome.PENDING:
            raise IllegalMove(f"{unit} can't be released or skipped: it is {state.outcome}")
        return state

    def _held(self, state: _State) -> tuple[Held, ...]:
        return tuple(Held(name, self._holders[name]) for name in state.mutexes if name in self._holders)

    def _closed_gates(self, unit: str) -> tuple[Unmet, ...]:
        gates = ((edge, self._states[edge.prerequisite]) for edge in self._graph.prerequisites(unit))
        return tuple(
            Unmet(edge.requires, edge.prerequisite, state.outcome)
            for edge, state in gates
            if state.gate(edge.requires) is GateState.CLOSED
        )

    def _settle(self, unit: str, outcome: Outcome) -> None:
        """Give ``unit`` its outcome and the mutexes that it needs for that, and its dependents what follows from it."""
        state = self._states[unit]
        if outcome is Outcome.RUNNING:
            self._holders.update(dict.fromkeys(state.mutexes, unit))
        elif state.outcome is Outcome.RUNNING:
            for name in state.mutexes:
                del self._holders[name]
        self._carry_on(unit, self._change(unit, outcome))

    def _carry_on(self, unit: str, before: _State) -> None:
        """Give the dependents of ``unit`` what follows from its change since ``before``, breadth first."""
        changed = deque([(unit, before)])
        while changed:
            unit, before = changed.popleft()
            state = self._states[unit]
            for edge in self._graph.dependents(unit):
                dependent = self._states[edge.dependent]
                if dependent.outcome is not Outcome.PENDING or dependent.released:
                    continue
                if before.gate(edge.requires) is not GateState.CLOSED:
                    continue
                gate = state.gate(edge.requires)
                if gate is GateState.OPEN:
                    dependent.closed_gates -= 1
                    if dependent.admitted:
                        self._note(edge.dependent)
                elif gate is GateState.IMPOSSIBLE:
                    because = Unmet(edge.requires, unit, state.outcome)
                    changed.append((edge.dependent, self._change(edge.dependent, Outcome.SKIPPED, because)))

    def _change(self, unit: str, outcome: Outcome, reason: Unmet | None = None) -> _State:
        """Give ``unit`` its outcome and all others nothing. Returns the state before."""
        before = self._states[unit]
        has_run = before.has_run or outcome in (Outcome.RUNNING, Outcome.SUCCEEDED)
        self._states[unit] = replace(before, outcome=outcome, has_run=has_run, reason=reason)
        self._note(unit)
        return before

    def _note(self, unit: str) -> None:
        state = self._states[unit]
        self._untold.append(Change(unit, state.outcome, state.admitted, state.reason, said_ready=state.ready))

    def _tell(self) -> None:
        """Tell the subscribers what hasn't been told, unless that is being done: the one who does it sees to all."""
        # What is noted after the last look below, while the other lock is still held, is found by the look after it.
        while self._untold and self._telling.acquire(blocking=False):
            try:
                while self._untold:
                    change = self._untold.popleft()
                    for subscriber in tuple(self._subscribers):
                        subscriber(change)
            finally:
                self._telling.release()
