"""The signals that end a run, for as long as something has to be put in order first."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # What signal is made of, and no more; typeshed leaves it out.
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_ENDING = (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP)


@contextmanager
def handled(handler: Callable[[int], object]) -> Iterator[None]:
    """Let ``handler`` have the numbers of SIGINT, SIGTERM and SIGHUP; afterwards they do what they did before.

    What the caller of the process ignores (nohup) stays ignored, and only the main thread can handle signals.
    """
    before = {}
    # Only the main thread can set a handler.
    with suppress(ValueError):
        for number in _ENDING:
            if _signal.getsignal(number) != _signal.SIG_IGN:
                before[number] = _signal.signal(number, lambda number, _: handler(number))
    try:
        yield
    finally:
        for number, earlier in before.items():
            _signal.signal(number, _signal.SIG_DFL if earlier is None else earlier)


def leave(number: int) -> None:
    """Handle a signal: leave the process with the exit code that a shell has for it, by way of all that ends first."""
    for each in _ENDING:
        # A second one must not keep the end from its work.
        _signal.signal(each, _signal.SIG_IGN)
    raise SystemExit(128 + number)
