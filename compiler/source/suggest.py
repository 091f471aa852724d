"""Which known name somebody may have meant: the one measure of nearness that all messages use."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

__all__ = ["did_you_mean"]

# Each name is compared with each mistake: with more names than this, many mistakes would take very long to tell.
_MOST_NAMES = 500


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the known name that is nearest to ``name``, whatever the case of its letters, or an empty string.

    Among very many names none is looked for, so that the time for mistakes grows with their number alone.
    """
    import difflib

    names = list(islice(known, _MOST_NAMES + 1))
    if len(names) > _MOST_NAMES:
        return ""
    folded = {candidate.casefold(): candidate for candidate in sorted(names)}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else ""
