"""What :mod:`compiler.status.tracker` says: decisions, changes, and refusals. Their meaning is told there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from compiler.order.outcome import Outcome, Requires
from compiler.records import dataclass

# How many of the units between one that was skipped and the cause are named.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Unmet:
    """A gate that isn't open: what it requires, of whom, and the outcome of that prerequisite as it is."""

    requires: Requires
    prerequisite: str
    outcome: Outcome

    def __str__(self) -> str:
        return f"requires {self.requires} of {self.prerequisite}, which {self.outcome.said}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The unit waits. ``unmet`` are its closed gates, sorted by prerequisite."""

    unmet: tuple[Unmet, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A mutex that a unit names, and the running unit that holds it."""

    mutex: str
    holder: str

    def __str__(self) -> str:
        return f"needs the mutex {self.mutex}, which {self.holder} holds"


@dataclass(frozen=True, slots=True)
class StandBy:
    """All gates are open, but others hold mutexes that the unit names. ``held`` are these, sorted by mutex."""

    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """All gates are open and all mutexes free: the unit starts now."""


@dataclass(frozen=True, slots=True)
class Started:
    """The unit is running."""


@dataclass(frozen=True, slots=True)
class Skip:
    """The unit is skipped. ``reason`` is the gate that became impossible, the first of them in time."""

    reason: Unmet


@dataclass(frozen=True, slots=True)
class Ended:
    """The unit ended otherwise than by a skip. ``ran`` says whether its body was ever started."""

    outcome: Outcome
    ran: bool


Decision: TypeAlias = Waiting | StandBy | Run | Started | Skip | Ended


@dataclass(frozen=True, slots=True)
class Change:
    """A unit has another outcome than before, all its gates have opened, or it said that it is ready.

    ``ready`` is true where the unit is pending and all its gates are open. ``reason`` is set where it was skipped.
    ``said_ready`` is true once the unit has said, while it ran, that it is ready for its dependents.
    """

    unit: str
    outcome: Outcome
    ready: bool
    reason: Unmet | None = None
    said_ready: bool = False


def skip_reason(unit: str, reasons: Mapping[str, Unmet], codes: Mapping[str, int | None]) -> str:
    """Return in words why a unit was skipped, from where it began: the unit that failed, and those between the two.

    ``reasons`` has for each skipped unit the gate that became impossible, ``codes`` the exit codes as far as they are
    known.
    """
    reason = reasons[unit]
    between: list[str] = []
    while reason.outcome is Outcome.SKIPPED and reason.prerequisite in reasons:
        between.insert(0, reason.prerequisite)
        reason = reasons[reason.prerequisite]
    root, said = reason.prerequisite, reason.outcome.said
    code = codes.get(root)
    if reason.outcome is Outcome.FAILED and code is not None:
        said += f" with exit code {code}"
    more = len(between) - _SHOWN
    named = [*between[:_SHOWN], *([f"{more} more"] if more > 0 else [])]
    who = f"{', '.join(named)} and this one" if named else "this one"
    # That nothing failed is the good case of a unit that waits for a failure.
    if reason.requires is Requires.FAILURE:
        return f"{root} {said}, so {who} {'have' if named else 'has'} nothing to do"
    return f"{root} {said}, so {who} can't run"


class StatusError(Exception):
    """The base of everything that the tracker refuses; the message says why. Nothing has changed then."""


class UnknownUnit(StatusError, LookupError):
    """The unit was never registered."""

    def __init__(self, unit: str) -> None:
        super().__init__(f"{unit} is not registered")


class IllegalMove(StatusError):
    """The unit can't do so: as it is, as its gates are, or beside those that hold its mutexes."""
