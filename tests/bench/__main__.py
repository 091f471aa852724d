"""``python -m tests.bench [TURNS]``: what the command line takes at its start, as templates grow, and for many of them.

A command's time is the median of so many turns, 15 without an argument, and a fifth of them for many templates.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.bench import growth, many, start

_TURNS = 15

if __name__ == "__main__":
    turns = int(sys.argv[1]) if sys.argv[1:] else _TURNS
    parts: tuple[Callable[[], None], ...] = (
        lambda: start.main(turns),
        growth.main,
        lambda: many.main(max(1, turns // 5)),
    )
    for part in parts:
        part()
        print(flush=True)  # noqa: T201
