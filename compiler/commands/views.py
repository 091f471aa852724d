"""What shows a run while it goes on, and its form as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.order.model import UnitGraph
from compiler.status.decision import Change

if TYPE_CHECKING:
    from compiler.commands.shared.console import Console

_WIDEST = 40


def prefix_width(graph: UnitGraph) -> int:
    """Return how many columns stand before what units print: as many as the longest address has, within reason."""
    return min(max((len(unit.address) for unit in graph.units), default=0), _WIDEST)


class LinesView:
    """What shows a run while it goes on, as lines: what units print, each with its unit, and what becomes of them.

    Other threads may call all of it but ``look`` and ``close``.
    """

    def __init__(self, console: Console, graph: UnitGraph) -> None:
        self._console = console
        self._wide = prefix_width(graph)

    def changed(self, _change: Change, text: str) -> None:
        """Tell that a unit has another outcome, or may run now; what is said of that may be nothing."""
        if text:
            self._console.note(text)
            self._console.stderr.flush()

    def said(self, unit: str, text: str) -> None:
        """Print a line of a unit's, with its end, behind its name."""
        self._console.out(f"{unit:<{self._wide}} | {text}")

    def told(self, line: str) -> None:
        """Print what the launcher says of the run."""
        self._console.stderr.write(line)
        self._console.stderr.flush()

    def look(self) -> None:
        """Time has passed, with which lines don't change."""

    def close(self) -> None:
        """The run is over; lines stay as they are."""
