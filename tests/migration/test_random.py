"""Random templates in every form and on to the next one: the order stays the same."""

from __future__ import annotations

from itertools import permutations

import pytest

from compiler.migration.form import Form
from compiler.source.diagnostics import Severity
from tests.migration.harness import migrated, order_of, read
from tests.migration.random_templates import random_template

WAYS = tuple(permutations(Form))
SEEDS = [seed for seed in range(100) if read(random_template(seed)).valid][:40]


def test_most_seeds_give_a_template_without_errors_and_many_edges() -> None:
    assert len(SEEDS) == 40
    assert sum(len(order_of(read(random_template(seed)))) for seed in SEEDS) > 500


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_stays_the_same_from_form_to_form(seed: int) -> None:
    files = random_template(seed)
    wanted = order_of(read(files))
    for form in WAYS[seed % len(WAYS)]:
        files, found = migrated(files, form)
        analysis = read(files)
        assert order_of(analysis) == wanted
        assert not [item for item in analysis.diagnostics if item.severity is Severity.ERROR]
        again, second = migrated(files, form)
        assert (again, second.changes) == (files, {})
        assert [item.words for item in second.left] == [item.words for item in found.left]
