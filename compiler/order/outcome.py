"""Outcomes, requirements, and the one table that says what an outcome means for a dependent.

A unit is ``pending``, then ``running`` (its body's process has been created), then ends once, as ``succeeded``,
``failed``, ``timed_out``, ``skipped`` or ``canceled``. A running unit may besides become ready, once. An edge's
requirement says what a dependent waits for:

============  ====================================================  ==============================================
requires      opens when the prerequisite                           becomes impossible when the prerequisite
============  ====================================================  ==============================================
start         is running, or ended after having run                 ended without having run
ready         has said that it is ready, or succeeded               ended without either
completion    has ended: succeeded, failed, timed_out or skipped    is canceled
success       succeeded                                             failed, timed_out, was skipped or canceled
failure       failed or timed_out                                   succeeded, was skipped or canceled
============  ====================================================  ==============================================

A unit starts the moment all its gates are open. If one becomes impossible it is skipped at once, even while other
prerequisites still run. Time that passes never counts as satisfaction. A unit that did what it is for without running
its body has succeeded, and counts as having run.

``timed_out`` and ``canceled`` can happen to a unit that has run and to one that has not, so the table asks for
``has_run`` beside the outcome, and for ``ready`` since that stays said.
"""

from __future__ import annotations

from enum import StrEnum


class Requires(StrEnum):
    """What a dependent waits for; where several are asked for and one is kept, the later one counts more."""

    START = "start"
    READY = "ready"
    FAILURE = "failure"
    COMPLETION = "completion"
    SUCCESS = "success"

    @property
    def of_the_end(self) -> bool:
        """Whether the prerequisite has ended where it is met, rather than begun or become ready and gone on."""
        return self not in (Requires.START, Requires.READY)


class Outcome(StrEnum):
    """The state of a unit."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    SKIPPED = "skipped"
    CANCELED = "canceled"

    @property
    def said(self) -> str:
        """What is said of a unit whose outcome this is: ``is running``, ``failed``, ``was skipped``."""
        return _SAID.get(self, self.value)


_SAID = {
    Outcome.PENDING: "is pending",
    Outcome.RUNNING: "is running",
    Outcome.TIMED_OUT: "timed out",
    Outcome.SKIPPED: "was skipped",
    Outcome.CANCELED: "was canceled",
}


FINAL = frozenset(Outcome) - {Outcome.PENDING, Outcome.RUNNING}


class GateState(StrEnum):
    """What a gate is at the moment. ``OPEN`` and ``IMPOSSIBLE`` never change again."""

    CLOSED = "closed"
    OPEN = "open"
    IMPOSSIBLE = "impossible"


_COMPLETED = frozenset({Outcome.SUCCEEDED, Outcome.FAILED, Outcome.TIMED_OUT, Outcome.SKIPPED})


def gate_state(requires: Requires, outcome: Outcome, *, has_run: bool, ready: bool = False) -> GateState:
    """Return the state of a gate whose prerequisite has ``outcome``.

    ``has_run`` says whether the prerequisite's body was ever started, ``ready`` whether it said that it was ready; each
    matters for the requirement of its name alone.
    """
    match requires:
        case Requires.START:
            opened = outcome is Outcome.RUNNING or (outcome in FINAL and has_run)
        case Requires.READY:
            opened = ready or outcome is Outcome.SUCCEEDED
        case Requires.COMPLETION:
            opened = outcome in _COMPLETED
        case Requires.SUCCESS:
            opened = outcome is Outcome.SUCCEEDED
        case Requires.FAILURE:
            opened = outcome in (Outcome.FAILED, Outcome.TIMED_OUT)
    if opened:
        return GateState.OPEN
    return GateState.IMPOSSIBLE if outcome in FINAL else GateState.CLOSED
