"""The expression language, held against recorded answers, and those against the real Terraform."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest

from tests.every import some
from tests.terraform.grammar import drawn
from tests.terraform.held import hold
from tests.terraform.language_tables import TABLES, cases
from tests.terraform.oracle import ask

UNKNOWN_IN_TABLES: Mapping[str, int] = {"booleans": 4, "numbers": 5}
"""How many expressions of a table aren't known here."""


@pytest.mark.parametrize("table", TABLES)
def test_an_expression_means_what_was_recorded_of_terraform(table: str) -> None:
    expressions, answers = zip(*cases(table), strict=True)
    assert hold(expressions, answers) == ("", UNKNOWN_IN_TABLES.get(table, 0))


@pytest.mark.terraform
def test_what_was_recorded_is_what_terraform_answers() -> None:
    recorded = [case for table in TABLES for case in cases(table)]
    answers = ask([expression for expression, _ in recorded])
    assert [
        (expression, expected, got)
        for (expression, expected), got in zip(recorded, answers, strict=True)
        if expected != got
    ] == []


# One value of every shape that conversions and unification tell apart.
VALUES = (
    *("null", "true", "false", "0", "1", "2.5", '""', '"a"', '"1"', '"true"'),
    *("[]", "[1]", '[1, "a"]', '["b", "a", "b"]', "[null]", "[null, 1]", "[true, 1]", "[{}]", "[{a = 1}, null]"),
    *('[[1], ["x"]]', "[[1], [2, 3]]", "[{a = 1}, {b = 2}]", '[{a = 1}, {a = "x"}]', "[tolist([1]), [2]]"),
    *("{}", "{a = 1}", '{a = "x", b = 1}', "{b = true}", "{a = null}", '{a = [1], b = ["x"]}', "{a = {b = 1}}"),
    *("tolist([1, 2])", 'tolist(["a"])', "tolist([])", "tolist(null)", "tolist([null])", "tolist([[1, 2], [3]])"),
    *('toset(["b", "a"])', "toset([1, 2])", "toset([])", "toset([[1], [2]])", "toset([{a = 1}, {a = 2}])"),
    *("tomap({a = 1})", 'tomap({b = "x"})', "tomap({})", "tomap(null)", "tomap({a = [1]})", "{a = tolist([1])}"),
    *("tolist([{a = 1}])", "tostring(null)"),
)
KEYS = ("0", "1", "-1", "0.5", '"a"', '"0"', "null", "true", "[]", '"z"')
OPERANDS = ("null", "true", "0", "1", "-3", "2.5", '"a"', '"1"', '"2.5"', '"true"', "[]", "{}", "1e30", "0.1", '"-0"')
OPERATORS = ("+", "-", "*", "/", "%", "<", ">", "<=", ">=", "&&", "||", "!=")
AROUND = (
    *("tostring({})", "tonumber({})", "tobool({})", "tolist({})", "toset({})", "tomap({})", "length({})"),
    *('"${{{}}}"', '"x${{{}}}"', "({})[*]", "({})[*].a", "({}).*.a", "({}).a", "-({})", "!({})", "({}) ? 1 : 2"),
    *("[for x in {} : x]", "{{for k, x in {} : k => x}}", "[for k, x in {} : k]", "{{({}) = 1}}"),
)


@pytest.mark.terraform
@pytest.mark.parametrize(
    ("form", "parts", "unknown"),
    [
        ("true ? {} : {}", (VALUES, VALUES), 19),
        ("{} == {}", (VALUES, VALUES), 0),
        ("({})[{}]", (VALUES, KEYS), 0),
        ("{} {} {}", (OPERANDS, OPERATORS, OPERANDS), 201),
    ],
    ids=["conditional", "equality", "index", "operators"],
)
def test_every_pair_of_values_is_treated_as_by_terraform(
    form: str, parts: tuple[tuple[str, ...], ...], unknown: int
) -> None:
    expressions = [form.format(*chosen) for chosen in product(*parts)]
    assert hold(expressions, ask(expressions)) == ("", unknown)


@pytest.mark.terraform
def test_every_value_is_treated_as_by_terraform_wherever_it_stands() -> None:
    expressions = [form.format(value) for form, value in product(AROUND, VALUES)]
    assert hold(expressions, ask(expressions)) == ("", 1)


@pytest.mark.slow
@pytest.mark.terraform
@pytest.mark.parametrize("seed", some(1, range(3)))
def test_random_expressions_mean_what_they_mean_to_terraform(seed: int) -> None:
    expressions = drawn(900, seed)
    wrong, unknown = hold(expressions, ask(expressions))
    assert wrong == ""
    # Another release of the library that draws them draws others.
    assert unknown <= len(expressions) // 10
