"""Why a unit is skipped, told from where it began."""

from __future__ import annotations

import pytest

from compiler.order.outcome import Outcome, Requires
from compiler.status.decision import Unmet, skip_reason


def chain(length: int, requires: Requires, outcome: Outcome) -> dict[str, Unmet]:
    """Return why the units b1, b2, ... are skipped, where the first one waited for a, and each for the one before."""
    first = {"b1": Unmet(requires, "a", outcome)}
    return first | {
        f"b{number}": Unmet(Requires.SUCCESS, f"b{number - 1}", Outcome.SKIPPED) for number in range(2, length + 1)
    }


@pytest.mark.parametrize(
    ("length", "requires", "outcome", "code", "said"),
    [
        (1, Requires.SUCCESS, Outcome.FAILED, 128, "a failed with exit code 128, so this one can't run"),
        (1, Requires.SUCCESS, Outcome.FAILED, None, "a failed, so this one can't run"),
        (1, Requires.COMPLETION, Outcome.CANCELED, None, "a was canceled, so this one can't run"),
        (2, Requires.SUCCESS, Outcome.TIMED_OUT, None, "a timed out, so b1 and this one can't run"),
        (4, Requires.START, Outcome.TIMED_OUT, None, "a timed out, so b1, b2, b3 and this one can't run"),
        (
            9,
            Requires.SUCCESS,
            Outcome.FAILED,
            1,
            "a failed with exit code 1, so b1, b2, b3, 5 more and this one can't run",
        ),
        (1, Requires.FAILURE, Outcome.SUCCEEDED, 0, "a succeeded, so this one has nothing to do"),
        (2, Requires.FAILURE, Outcome.SUCCEEDED, 0, "a succeeded, so b1 and this one have nothing to do"),
    ],
)
def test_a_skip_names_its_root(length: int, requires: Requires, outcome: Outcome, code: int | None, said: str) -> None:
    assert skip_reason(f"b{length}", chain(length, requires, outcome), {"a": code}) == said
