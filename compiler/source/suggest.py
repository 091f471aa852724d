"""Which known name somebody may have meant: the one measure of nearness that all messages use."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["did_you_mean"]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the known name that is nearest to ``name``, whatever the case of its letters, or an empty string."""
    import difflib

    folded = {candidate.casefold(): candidate for candidate in sorted(known)}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else ""
