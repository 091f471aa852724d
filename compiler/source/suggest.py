"""Which known name may have been meant: the one measure of nearness that all messages use.

What is near is worth a question. What is so near, and so much nearer than anything else, that no other can be meant is
worth a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

# Each name is compared with each mistake: with more names than this, many mistakes would take very long to tell.
_MOST_NAMES = 500

# From 0 to 1: how near a name must be to be asked about, how near to be taken, and by how much nearer than the next.
_NEAR = 0.6
_CERTAIN = 0.8
_AHEAD = 0.1


def compared(known: Iterable[str]) -> tuple[str, ...]:
    """Return as many of the known names as are looked at, for one who asks about them more than once."""
    return tuple(islice(known, _MOST_NAMES + 1))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the known name that is nearest to ``name``, whatever the case of its letters, or an empty string.

    Among very many names none is looked for, so that the time for mistakes grows with their number alone.
    """
    near = _nearest(name, known)
    return near[0] if near else ""


def only_meant(name: str, known: Iterable[str]) -> str:
    """Return what :func:`did_you_mean` returns where nothing else can be meant, or an empty string."""
    from difflib import SequenceMatcher

    near = _nearest(name, known)
    # The measure isn't the same both ways round; this is the way in which the nearest ones were found.
    distances = [SequenceMatcher(None, other.casefold(), name.casefold()).ratio() for other in near]
    certain = near and distances[0] >= _CERTAIN and all(distances[0] - other >= _AHEAD for other in distances[1:])
    return near[0] if certain else ""


def _nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return the nearest name and the one after it, as far as they are near."""
    import difflib

    names = compared(known)
    if len(names) > _MOST_NAMES:
        return []
    folded = {candidate.casefold(): candidate for candidate in sorted(names)}
    return [folded[each] for each in difflib.get_close_matches(name.casefold(), folded, n=2, cutoff=_NEAR)]
