"""The launcher's event log held against the tracker, as it is written.

The launcher and the tracker know the same table, and neither asks the other: whatever the log says must be what the
tracker allows at that point, and what the tracker skips the log must skip. Anything else is a :class:`Divergence`. Of
what a person does by hand, ``release`` and ``skip``, the log tells the tracker.
"""

from __future__ import annotations

from compiler.order.outcome import FINAL, Outcome
from compiler.status.decision import Skip, StatusError
from compiler.status.events import Event
from compiler.status.tracker import StatusTracker


class Divergence(Exception):
    """The launcher did what the tracker doesn't allow, or left out what it demands. The message says what."""


class Follower:
    """Feeds a tracker from a log. Subscribe to the tracker to see what follows."""

    def __init__(self, tracker: StatusTracker) -> None:
        self.tracker = tracker
        self._skipped: set[str] = set()

    def feed(self, event: Event) -> None:
        """Take one event. Raises :class:`Divergence`."""
        outcome, tracker = event.outcome, self.tracker
        try:
            if outcome is None:
                tells = {"ready": tracker.set_ready, "release": tracker.release, "skip": tracker.skip}
                if tell := tells.get(event.what):
                    tell(event.address)
            elif outcome is Outcome.SKIPPED:
                now = tracker.outcomes().get(event.address)
                if now is not Outcome.SKIPPED:
                    raise Divergence(f"the launcher skipped {event.address}, which is {now} by its gates")
                self._skipped.add(event.address)
            elif outcome is Outcome.CANCELED and isinstance(tracker.decision(event.address), Skip):
                # A signal cancels all units at once, and the log tells of one after the other: those that it canceled
                # first, or what ended in the same moment, would have skipped the others.
                self._skipped.add(event.address)
            else:
                tracker.set_outcome(event.address, outcome)
        except StatusError as exc:
            raise Divergence(f"the launcher says that {event.address} is {event.what}; {exc}") from None

    def finish(self) -> None:
        """Hold the end of the log against the tracker. Raises :class:`Divergence` where a unit has not ended."""
        for address, outcome in self.tracker.outcomes().items():
            if outcome not in FINAL:
                raise Divergence(f"the launcher exited without reporting an outcome of {address}, which is {outcome}")
            if outcome is Outcome.SKIPPED and address not in self._skipped:
                raise Divergence(f"the launcher never said that {address} is skipped, as its gates demand")
