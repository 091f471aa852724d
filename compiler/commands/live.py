"""A run as a table on a terminal, drawn again while it goes on."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, cast

from rich.console import Console as Terminal
from rich.live import Live
from rich.table import Table
from rich.text import Text

from compiler.drawing.timeline import duration
from compiler.order.model import UnitGraph
from compiler.order.outcome import FINAL, Outcome
from compiler.source.visible import visible
from compiler.status.decision import Skip, StandBy, Wait
from compiler.status.tracker import Change, StatusTracker

if TYPE_CHECKING:
    from typing import IO

    from compiler.commands.console import Console

__all__ = ["LiveTable"]

_STYLES = {
    Outcome.PENDING: "dim",
    Outcome.RUNNING: "bold cyan",
    Outcome.SUCCEEDED: "green",
    Outcome.FAILED: "bold red",
    Outcome.TIMED_OUT: "bold red",
    Outcome.SKIPPED: "yellow",
    Outcome.CANCELED: "yellow",
}


class LiveTable:
    """The units of a run: state, time, what they wait for or said last. What doesn't fit above the rest is left out."""

    def __init__(self, console: Console, graph: UnitGraph, tracker: StatusTracker) -> None:
        self._tracker = tracker
        self._units = [unit.address for unit in graph.units]
        self._outcomes = dict.fromkeys(self._units, Outcome.PENDING)
        self._starts: dict[str, float] = {}
        self._ends: dict[str, float] = {}
        self._lines: dict[str, str] = {}
        self._errors: list[str] = []
        self._lock = threading.Lock()
        self._console = console
        terminal = Terminal(
            file=cast("IO[str]", console.stdout), no_color=not console.colored(console.stdout), highlight=False
        )
        self._live = Live(self._table(), console=terminal, auto_refresh=False, transient=True)
        self._live.start()

    def changed(self, change: Change) -> None:
        """Note what the tracker says."""
        now = time.monotonic()
        with self._lock:
            self._outcomes[change.unit] = change.outcome
            if change.outcome is Outcome.RUNNING:
                self._starts.setdefault(change.unit, now)
            elif change.outcome in FINAL:
                self._ends.setdefault(change.unit, now)

    def said(self, line: str, *, error: bool) -> None:
        """Keep the last line of each unit, and what the launcher says of itself."""
        unit, bar, text = line.rstrip("\n").partition(" | ")
        with self._lock:
            if bar and not error:
                self._lines[unit] = text
            elif error:
                self._errors.append(line)

    def look(self) -> None:
        """Draw the table as it is now."""
        self._live.update(self._table(), refresh=True)

    def close(self) -> None:
        """Take the table away, and leave what the launcher said on its way."""
        self._live.stop()
        with self._lock:
            for line in self._errors:
                self._console.stderr.write(line)

    def _table(self) -> Table:
        table = Table(box=None, expand=True, pad_edge=False)
        table.add_column("unit", no_wrap=True, ratio=3)
        table.add_column("state", no_wrap=True)
        table.add_column("time", no_wrap=True, justify="right")
        table.add_column("", no_wrap=True, ratio=4)
        now = time.monotonic()
        with self._lock:
            # Those that run come first, then those that wait; a terminal has only so many lines.
            order = sorted(self._units, key=lambda unit: (_RANK[self._outcomes[unit]], unit))
            for unit in order:
                outcome = self._outcomes[unit]
                start = self._starts.get(unit)
                took = "" if start is None else duration(round(self._ends.get(unit, now) - start, 1))
                word = Text(str(outcome).replace("_", " "), _STYLES[outcome])
                table.add_row(Text(visible(unit)), word, took, Text(visible(self._detail(unit, outcome)), "dim"))
        return table

    def _detail(self, unit: str, outcome: Outcome) -> str:
        if outcome in (Outcome.PENDING, Outcome.SKIPPED):
            match self._tracker.decision(unit):
                case Wait(unmet):
                    return "waits for " + ", ".join(f"{each.requires} of {each.prerequisite}" for each in unmet)
                case StandBy(held):
                    return "; ".join(map(str, held))
                case Skip(reason):
                    return str(reason)
                case _:
                    return ""
        return self._lines.get(unit, "")


_RANK = {
    Outcome.RUNNING: 0,
    Outcome.FAILED: 1,
    Outcome.TIMED_OUT: 1,
    Outcome.PENDING: 2,
    Outcome.SKIPPED: 3,
    Outcome.CANCELED: 3,
    Outcome.SUCCEEDED: 4,
}
