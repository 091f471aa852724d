"""What :mod:`compiler.status.tracker` says: decisions, changes, and refusals. Their meaning is told there."""

from __future__ import annotations

from typing import TypeAlias

from compiler.order.outcome import Outcome, Requires
from compiler.records import dataclass


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
    """A unit has another outcome than before, has become ready to run or is no longer so, or said that it is ready.

    ``ready`` is true where the unit is pending, all its gates are open, and all mutexes that it names are free.
    ``reason`` is set where it was skipped. ``said_ready`` is true once the unit has said, while it ran, that it is
    ready for its dependents.
    """

    unit: str
    outcome: Outcome
    ready: bool
    reason: Unmet | None = None
    said_ready: bool = False


class StatusError(Exception):
    """The base of everything that the tracker refuses; the message says why. Nothing has changed then."""


class UnknownUnit(StatusError, LookupError):
    """The unit was never registered."""

    def __init__(self, unit: str) -> None:
        super().__init__(f"{unit} is not registered")


class IllegalMove(StatusError):
    """The unit can't do so: as it is, as its gates are, or beside those that hold its mutexes."""
