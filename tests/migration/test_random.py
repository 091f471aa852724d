"""Random templates in every form and on to the next one: the order stays the same."""

from __future__ import annotations

from itertools import permutations

import pytest

from compiler.migration.form import Form
from compiler.source.diagnostics import Severity
from tests.every import some
from tests.migration.harness import migrated, order_of, read
from tests.migration.random_templates import random_template

WAYS = tuple(permutations(Form))
SEEDS = range(60)
AT_ONCE = 6
"""Seeds in one test; of 60 about 40 give a template without errors."""


@pytest.mark.parametrize("first", some(5, SEEDS[::AT_ONCE]))
def test_the_order_stays_the_same_from_form_to_form(first: int) -> None:
    templates = {seed: random_template(seed) for seed in SEEDS[first : first + AT_ONCE]}
    valid = {seed: files for seed, files in templates.items() if read(files).valid}
    assert len(valid) > 1
    assert sum(len(order_of(read(files))) for files in valid.values()) > 12 * len(valid)
    for seed, files in valid.items():
        wanted = order_of(read(files))
        for form in WAYS[seed % len(WAYS)]:
            files, found = migrated(files, form)  # noqa: PLW2901  # the next form begins where this one ended
            analysis = read(files)
            assert order_of(analysis) == wanted, seed
            assert not [item for item in analysis.diagnostics if item.severity is Severity.ERROR]
            again, second = migrated(files, form)
            assert (again, second.changes) == (files, {})
            assert [item.words for item in second.left] == [item.words for item in found.left]
