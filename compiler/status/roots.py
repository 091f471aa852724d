"""Why a unit was skipped, told from where it began: the unit that failed, and those between the two."""

from __future__ import annotations

from collections.abc import Mapping

from compiler.order.outcome import Outcome, Requires
from compiler.status.decision import Unmet

_SHOWN = 3
"""How many of the units in between are named."""


def skip_reason(unit: str, reasons: Mapping[str, Unmet], codes: Mapping[str, int | None]) -> str:
    """Return in words why a unit was skipped.

    ``reasons`` has for each skipped unit the gate that became impossible, ``codes`` the exit codes as far as they are
    known.
    """
    reason = reasons[unit]
    between: list[str] = []
    while reason.outcome is Outcome.SKIPPED and reason.prerequisite in reasons:
        between.insert(0, reason.prerequisite)
        reason = reasons[reason.prerequisite]
    root, said = reason.prerequisite, reason.outcome.said
    code = codes.get(root)
    if reason.outcome is Outcome.FAILED and code is not None:
        said += f" with exit code {code}"
    more = len(between) - _SHOWN
    named = [*between[:_SHOWN], *([f"{more} more"] if more > 0 else [])]
    who = f"{', '.join(named)} and this one" if named else "this one"
    # That nothing failed is the good case of a unit that waits for a failure.
    if reason.requires is Requires.FAILURE:
        return f"{root} {said}, so {who} {'have' if named else 'has'} nothing to do"
    return f"{root} {said}, so {who} can't run"
