"""Every fixture in every form: the order stays the same, and a second time changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.migration.form import Form
from tests.migration.harness import files_of, migrated, order_of, read

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
CASES = sorted(path.parent.name for path in FIXTURES.glob("*/main.tf"))
VALID = [case for case in CASES if read(files_of(FIXTURES / case)).valid]


def test_most_fixtures_have_no_error() -> None:
    assert len(VALID) > len(CASES) / 2


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("case", VALID)
def test_the_order_stays_the_same_and_a_second_time_changes_nothing(case: str, form: Form) -> None:
    files = files_of(FIXTURES / case)
    after, found = migrated(files, form)
    by_hand = {(item[3], item[4]) for item in order_of(read(after)) - order_of(read(files))}
    # A loop by hand is no order until it is declared.
    assert order_of(read(files)) <= order_of(read(after))
    assert bool(by_hand) == (case in ("smells",) and bool(found.changes))
    again, second = migrated(after, form)
    assert (again, second.changes) == (after, {})
    assert [(item.words, item.why) for item in second.left] == [(item.words, item.why) for item in found.left]
