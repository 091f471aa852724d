from __future__ import annotations

import pytest

from tests.terraform.scopes import value_of

HUGE = {
    "setproduct(range(1000), range(1000), range(1000))": "more than",
    'setproduct([for i in range(40) : ["a", "b"]]...)': "more than",
    "range(1e9)": "more than 1024 values",
    "range(5, 6, 0)": "more than 1024 values",
}
"""Expressions that would take too much, and words of what is said about them."""


@pytest.mark.parametrize("expression", HUGE)
def test_what_takes_too_much_is_refused(expression: str) -> None:
    value, problems = value_of(expression)
    assert [problem for problem in problems if HUGE[expression] in problem.detail]
    assert value is not None
    assert value.is_poisoned


@pytest.mark.parametrize(
    "expression",
    [
        "length(setproduct(range(1000), range(100)))",
        "length(distinct(concat(range(1000), range(1000), range(1000))))",
        "length(setintersection(range(1000), range(500, 1000)))",
        "length(flatten([for i in range(100) : [for j in range(100) : [i, j]]]))",
        'length(zipmap([for i in range(1000) : "k${i}"], range(1000)))',
    ],
)
def test_what_templates_really_need_is_computed(expression: str) -> None:
    value, problems = value_of(expression)
    assert not problems
    assert value is not None
    assert value.is_known
