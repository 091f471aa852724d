"""Every fixture in every form: the order stays the same, and a second time changes nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from compiler.migration.form import Form
from tests.migration.harness import files_of, migrated, order_of, read

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
CASES = sorted(path.parent.name for path in FIXTURES.glob("*/main.tf"))


@cache
def files_if_valid(case: str) -> dict[str, str] | None:
    """Return the files of a fixture that has no error, else None."""
    files = files_of(FIXTURES / case)
    return files if read(files).valid else None


def test_most_fixtures_have_no_error() -> None:
    assert sum(files_if_valid(case) is not None for case in CASES) > len(CASES) / 2


@pytest.mark.parametrize("case", CASES)
def test_the_order_stays_the_same_and_a_second_time_changes_nothing(case: str) -> None:
    files = files_if_valid(case)
    if files is None:
        return
    order = order_of(read(files))
    for form in Form:
        after, found = migrated(files, form)
        by_hand = {(item[3], item[4]) for item in order_of(read(after)) - order}
        # A loop by hand is no order until it is declared.
        assert order <= order_of(read(after)), form
        assert bool(by_hand) == (case in ("smells",) and bool(found.changes)), form
        again, second = migrated(after, form)
        assert (again, second.changes) == (after, {}), form
        assert [(item.words, item.why) for item in second.left] == [(item.words, item.why) for item in found.left]
