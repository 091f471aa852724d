"""Threads that are made to collide."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from time import sleep
from typing import TypeVar

T = TypeVar("T")

THREADS = 10


class Yielding(str):
    """A name that lets another thread go first whenever somebody looks it up: every look-up becomes a collision."""

    __slots__ = ()

    def __hash__(self) -> int:
        sleep(0)
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        sleep(0)
        return super().__eq__(other)


# A deadlock ends here as a failure; nothing else takes a fraction of it.
_GIVE_UP = 600.0


def collide(actions: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run each action in a thread of its own, all at the same moment. Return what each returned or raised, in order.

    The interpreter changes threads far more often than it does by itself, so that steps that aren't one do come apart.
    """
    results: list[T | Exception | None] = [None] * len(actions)
    barrier = Barrier(len(actions))

    def act(number: int) -> None:
        barrier.wait(_GIVE_UP)
        try:
            results[number] = actions[number]()
        except Exception as fault:
            results[number] = fault

    threads = [Thread(target=act, args=(number,), daemon=True) for number in range(len(actions))]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_GIVE_UP)
    finally:
        sys.setswitchinterval(interval)
    assert not any(thread.is_alive() for thread in threads), "the threads wait for each other"
    return [result for result in results if result is not None]
