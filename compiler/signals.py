"""The signals that end a run, for as long as something has to be put in order first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def handled(handler: Callable[[int], object]) -> Iterator[None]:
    """Let ``handler`` have the numbers of SIGINT, SIGTERM and SIGHUP; afterwards they do what they did before.

    What the caller of the process ignores (nohup) stays ignored, and only the main thread can handle signals.
    """
    # Most runs have no use for these.
    import signal
    import threading

    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, lambda number, _: handler(number))
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, signal.SIG_DFL if earlier is None else earlier)


def leave(number: int) -> None:
    """Handle a signal: leave the process with the exit code that a shell has for it, by way of all that ends first."""
    import signal

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # A second one must not keep the end from its work.
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)
