"""What shows a run while it goes on, and its form as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from compiler.order.model import UnitGraph
from compiler.status.decision import Change

if TYPE_CHECKING:
    from compiler.commands.shared.console import Console

_WIDEST = 40


def prefix_width(graph: UnitGraph) -> int:
    """Return how many columns stand before what units print: as many as the longest address has, within reason."""
    return min(max((len(unit.address) for unit in graph.units), default=0), _WIDEST)


class View(Protocol):
    """What shows a run while it goes on. Other threads may call all of it but ``look`` and ``close``."""

    def changed(self, change: Change, text: str) -> None:
        """A unit has another outcome, or may run now; what is said of that may be nothing."""

    def said(self, unit: str, text: str) -> None:
        """A unit printed a line, with its end."""

    def told(self, line: str) -> None:
        """The launcher said something of the run."""

    def look(self) -> None:
        """Time has passed."""

    def close(self) -> None:
        """The run is over."""


class LinesView:
    """Lines, for a pipe or a file: what units print, each with its unit, and what becomes of them."""

    def __init__(self, console: Console, graph: UnitGraph) -> None:
        self._console = console
        self._wide = prefix_width(graph)

    def changed(self, change: Change, text: str) -> None:
        """Print what is said of a change, if anything is."""
        if text:
            self._console.note(text)
            self._console.stderr.flush()

    def said(self, unit: str, text: str) -> None:
        """Print a unit's line behind its name."""
        self._console.out(f"{unit:<{self._wide}} | {text}")

    def told(self, line: str) -> None:
        """Print the launcher's line."""
        self._console.stderr.write(line)
        self._console.stderr.flush()

    def look(self) -> None:
        """Lines don't change with time."""

    def close(self) -> None:
        """Lines stay as they are."""
