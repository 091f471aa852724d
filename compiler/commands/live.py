"""A run as a table on a terminal, drawn again while it goes on."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, cast

from rich.console import Console as Terminal
from rich.live import Live
from rich.table import Table
from rich.text import Text

from compiler.commands.views import LinesView
from compiler.drawing.timeline import duration, hanging
from compiler.order.model import UnitGraph
from compiler.order.outcome import FINAL, Outcome
from compiler.source.prose import visible
from compiler.status.decision import Change, StandBy, Waiting
from compiler.status.tracker import StatusTracker

if TYPE_CHECKING:
    from typing import IO

    from compiler.commands.shared.console import Console

_STYLES = {
    Outcome.PENDING: "dim",
    Outcome.RUNNING: "bold cyan",
    Outcome.SUCCEEDED: "green",
    Outcome.FAILED: "bold red",
    Outcome.TIMED_OUT: "bold red",
    Outcome.SKIPPED: "yellow",
    Outcome.CANCELED: "yellow",
}


# Colours that tell units apart; red says that something failed.
_COLORS = ("cyan", "magenta", "blue", "green", "yellow", "bright_cyan", "bright_magenta", "bright_blue")


class LiveTable(LinesView):
    """The units of a run: state, time, what they wait for or said last; above it scrolls what they print.

    Of a table with more lines than the terminal has, the rest is left out.
    """

    def __init__(self, console: Console, graph: UnitGraph, tracker: StatusTracker) -> None:
        super().__init__(console, graph)
        self._tracker = tracker
        self._units = [unit.address for unit in graph.units]
        self._styles = {unit: _COLORS[number % len(_COLORS)] for number, unit in enumerate(self._units)}
        self._outcomes = dict.fromkeys(self._units, Outcome.PENDING)
        self._starts: dict[str, float] = {}
        self._ends: dict[str, float] = {}
        self._lines: dict[str, str] = {}
        self._lock = threading.Lock()
        self._terminal = Terminal(
            file=cast("IO[str]", console.stdout),
            no_color=not console.colored(console.stdout),
            highlight=False,
            width=console.width(console.stdout),
        )
        self._live = Live(self._table(), console=self._terminal, auto_refresh=False, transient=True)
        self._live.start()

    def changed(self, change: Change, text: str) -> None:
        """Note what the tracker says, and announce what failed or is skipped."""
        now = time.monotonic()
        with self._lock:
            self._outcomes[change.unit] = change.outcome
            if change.outcome is Outcome.RUNNING:
                self._starts.setdefault(change.unit, now)
            elif change.outcome in FINAL:
                self._ends.setdefault(change.unit, now)
            if change.outcome is Outcome.SKIPPED:
                self._lines[change.unit] = text.removeprefix(f"unitc: {change.unit} skipped: ")
        if change.outcome in FINAL and text:
            self._announce(text, _STYLES[change.outcome])

    def said(self, unit: str, text: str) -> None:
        """Print a line of a unit's above the table, and keep it as the last one."""
        shown = Text.from_ansi(text.rstrip("\r\n"))
        with self._lock:
            self._lines[unit] = shown.plain
        prefix = f"{visible(unit):<{self._wide}} |", self._styles[unit]
        self._terminal.print(Text.assemble(prefix, " ", shown), soft_wrap=True)

    def told(self, line: str) -> None:
        """Print what the launcher says above the table."""
        self._announce(line.rstrip("\n"), "yellow")

    def _announce(self, line: str, style: str) -> None:
        self._terminal.print(Text("\n".join(hanging(line, self._terminal.width)), style), soft_wrap=True)

    def look(self) -> None:
        """Draw the table as it is now."""
        self._live.update(self._table(), refresh=True)

    def close(self) -> None:
        """Take the table away, after a last look at what became of the units that ended last."""
        self._live.update(self._table())
        self._live.stop()

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
        if outcome is Outcome.PENDING:
            match self._tracker.decision(unit):
                case Waiting(unmet):
                    return "waits for " + ", ".join(f"{each.requires} of {each.prerequisite}" for each in unmet)
                case StandBy(held):
                    return "; ".join(map(str, held))
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
