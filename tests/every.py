"""How many of the cases that chance, or a crossing, makes are tried: with ``UNITC_EVERY_CASE=1`` all of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, TypeVar

__all__ = ["EVERY_CASE", "some"]

EVERY_CASE: Final = bool(os.environ.get("UNITC_EVERY_CASE"))

Case = TypeVar("Case")


def some(count: int, cases: Sequence[Case]) -> Sequence[Case]:
    """Return the first so many of the cases, or all where each is asked for."""
    return cases if EVERY_CASE else cases[:count]
