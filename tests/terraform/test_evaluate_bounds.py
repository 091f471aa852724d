"""Whatever an expression asks for, evaluating it ends: with a value or with a diagnostic."""

from __future__ import annotations

import pytest

from compiler.terraform.values.budget import MAX_DEPTH, Budget
from tests.terraform.scopes import value_of

_SMALL = 200_000


@pytest.mark.parametrize(
    "text",
    [
        "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : 1]]]",
        "{for a in range(1000) : a => [for b in range(1000) : b]}",
        '"%{ for a in range(1000) }%{ for b in range(1000) }x%{ endfor }%{ endfor }"',
        'join("", [for a in range(1000) : join("", [for b in range(1000) : "abcdefgh"])])',
        "setproduct(range(1000), range(1000), range(1000))",
        "[for a in range(1000) : range(1000)][*][0]",
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        "try([for a in range(1000) : [for b in range(1000) : 1]], 1)",
        "can([for a in range(1000) : [for b in range(1000) : 1]])",
        "true ? 1 : length([for a in range(1000) : [for b in range(1000) : 1]])",
    ],
)
def test_what_would_take_too_much_ends_in_a_diagnostic(text: str) -> None:
    value, problems = value_of(text, budget=Budget(steps=_SMALL))
    assert [found.code for found in problems] == ["UC162"]
    assert value is not None
    assert value.is_poisoned


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100 + "1" + ")" * 100,
        "+".join(["1"] * 150),
        "[" * 100 + "]" * 100,
        'join("", [for a in range(1000) : "abcdefgh"])',
        "tostring(1e19000)",
        "tostring(1e-19000)",
    ],
)
def test_what_people_write_is_evaluated(text: str) -> None:
    value, problems = value_of(text)
    assert problems == ()
    assert value is not None
    assert value.is_wholly_known


@pytest.mark.parametrize(
    "text",
    [
        "1e20000 * 1e20000",
        "1e20001",
        "tostring(1e30000)",
        'tonumber("1e30000")',
        "abs(1e30000)",
        "1 / 0",
        "0 / 0",
        "-0",
    ],
)
def test_numbers_beyond_use_are_left_to_terraform(text: str) -> None:
    value, problems = value_of(text)
    assert problems == ()
    assert value is not None
    assert not value.is_known
    assert value.reasons


def test_evaluations_can_share_a_budget() -> None:
    budget = Budget(steps=1_000)
    outcomes = [value_of("[for a in range(10) : a]", budget=budget)[1] for _ in range(5)]
    assert outcomes[0] == ()
    assert [found.code for found in outcomes[-1]] == ["UC162"]
