"""The launcher's event log, ``events.tsv``: read as far as it is written, and never further than it is understood.

A line has four fields with tabs between them: seconds since the epoch with a fraction, the percent-encoded address,
what happened, and the exit code, or ``-``. What happened is an outcome, or something in the middle of a run
(``ready``, an attempt), which changes no outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from statistics import median
from urllib.parse import unquote

from compiler.order.outcome import FINAL, Outcome
from compiler.records import dataclass, replace

_OUTCOMES = {str(outcome): outcome for outcome in Outcome}
_ENDED_BY_ITSELF = frozenset({Outcome.SUCCEEDED, Outcome.FAILED})


class BadLog(ValueError):
    """A text is no event log; the message says which line is not one of its lines."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line. ``time`` is in seconds since the epoch, ``what`` as it is written, ``code`` None for none."""

    time: float
    address: str
    what: str
    code: int | None

    @property
    def outcome(self) -> Outcome | None:
        """The outcome that the unit has from now on, None where it keeps the one that it had."""
        return _OUTCOMES.get(self.what)


@dataclass(frozen=True, slots=True)
class Lifetime:
    """What a log says of one unit, in seconds since the log's first event.

    ``start`` is None where the body didn't run, ``end`` where the log stops before it ended. ``marks`` are what
    happened while it ran: a time and a word each.
    """

    address: str
    outcome: Outcome
    start: float | None
    end: float | None
    code: int | None = None
    marks: tuple[tuple[float, str], ...] = ()


def is_log(text: str) -> bool:
    """Return whether a text looks like an event log rather than like anything else."""
    fields = text.split("\n", 1)[0].split("\t")
    return len(fields) >= 4 and _is_number(fields[0])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_events(text: str) -> Iterator[Event]:
    """Yield the events of a log. A last line without its end isn't written yet and is passed over.

    Raises :class:`BadLog` for a line that is none.
    """
    for number, line in enumerate(text.split("\n")[:-1], 1):
        fields = line.split("\t")
        if len(fields) < 4 or not _is_number(fields[0]) or not (fields[3] == "-" or fields[3].lstrip("-").isdigit()):
            raise BadLog(f"line {number} is not an event: {line[:80]!r}")
        code = None if fields[3] == "-" else int(fields[3])
        yield Event(float(fields[0]), unquote(fields[1], errors="surrogateescape"), fields[2], code)


def spans_of(events: Iterable[Event]) -> dict[str, Lifetime]:
    """Return what became of each unit, in the order in which the log names them first."""
    begin: float | None = None
    spans: dict[str, Lifetime] = {}
    for event in events:
        begin = event.time if begin is None else begin
        # Clocks are set while a workspace starts; nothing ends before it began.
        time = max(event.time - begin, 0.0)
        before = spans.get(event.address, Lifetime(event.address, Outcome.PENDING, None, None))
        outcome = event.outcome
        if outcome is None:
            spans[event.address] = replace(before, marks=(*before.marks, (time, event.what)))
        elif outcome is Outcome.RUNNING:
            spans[event.address] = replace(before, outcome=outcome, start=time, end=None, code=None)
        elif outcome in FINAL and before.outcome not in FINAL:
            end = time if before.start is None else max(time, before.start)
            spans[event.address] = replace(before, outcome=outcome, end=end, code=event.code)
    return spans


def durations_of(logs: Iterable[dict[str, Lifetime]]) -> dict[str, float]:
    """Return how many seconds each unit runs: the median over all logs in which it ended by itself."""
    seen: dict[str, list[float]] = {}
    for spans in logs:
        for span in spans.values():
            if span.start is not None and span.end is not None and span.outcome in _ENDED_BY_ITSELF:
                seen.setdefault(span.address, []).append(span.end - span.start)
    return {address: round(median(seen[address]), 6) for address in sorted(seen)}
