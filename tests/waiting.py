"""Waiting for what another process does. What counts is how long was slept, so that a test that was stopped, or had to
wait for its turn on a busy machine, looks as often as any other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

__all__ = ["turns", "until"]


def turns(seconds: float) -> Iterator[None]:
    """Yield until that long was slept between the turns, which takes longer where the machine is busy."""
    pause = slept = 0.01
    while slept < seconds:
        yield
        time.sleep(pause)
        slept += pause
        pause = min(pause * 1.3, 0.1)


def until(condition: Callable[[], object], seconds: float = 50) -> None:
    """Wait until a condition holds. Raises AssertionError where it still doesn't after so many seconds."""
    assert any(condition() for _ in turns(seconds)), "what was waited for didn't happen"
