"""No expression over unknowns is a mistake where Terraform finds none, or says that it is known after apply."""

from __future__ import annotations

import pytest

from compiler.terraform.values.values import Value
from tests.every import some
from tests.terraform.grammar import drawn
from tests.terraform.inputs import INPUTS, NAMES, undecided
from tests.terraform.plans import outcomes
from tests.terraform.scopes import value_of

DRAWN = 500

TOLD_BY_TERRAFORM = (
    *("length([]) > 0 ? [][0] : local.d", 'try(try([][0].output, "q"), "z")'),
    *('try(coalesce(try([][0].output, ""), "a"), "")', 'coalesce(toset([[]]), toset(split(",", local.s)))'),
    *('coalesce(tolist([[]]), tolist(split(",", local.s)))', "coalesce(toset([[]]), toset(local.l))"),
    *("setunion(toset(local.l), toset([[]]))", "tolist(local.l) == tolist([[]])", "true ? [1] : [][0]"),
    *('lookup(zipmap(["a"], [local.s]), "a", local.d)', 'lookup(zipmap([local.s], ["a"]), "b", local.d)'),
    *('lookup(zipmap(["a", "b"], [1, []]), "c", local.d)', 'lookup(zipmap(["a", "b"], [[], 1]), local.s, "x")'),
    *(
        "[for k, v in { a = local.s } : v if v]",
        "[for k, v in { a = local.d } : v if v.x]",
        "[for v in local.m : v if v]",
    ),
    *("[for v in [local.n] : 1 if v]", "{ for v in [local.l] : v => 1 }"),
    *("false ? [][0] : [local.d]", "local.t ? [][0] : 1", "true ? local.d : [][0]", "true ? { a = 1 } : { b = [][0] }"),
)
"""Expressions that Terraform plans, each a kind that went wrong once or may."""


def _is_mistake(text: str) -> bool:
    value, problems = value_of(f"jsonencode(\n{text}\n)", undecided())
    return bool(problems) or (isinstance(value, Value) and value.is_poisoned)


@pytest.mark.parametrize("text", TOLD_BY_TERRAFORM)
def test_what_terraform_plans_is_no_mistake(text: str) -> None:
    assert not _is_mistake(text)


@pytest.mark.terraform
def test_terraform_finds_no_mistake_in_what_it_is_said_to_plan() -> None:
    assert "error" not in outcomes(TOLD_BY_TERRAFORM, {name: given.written for name, given in INPUTS.items()})


@pytest.mark.terraform
@pytest.mark.parametrize("seed", some(1, range(2)))
def test_a_drawn_expression_is_no_mistake_where_terraform_finds_none(seed: int) -> None:
    wrapped = [text for text in drawn(DRAWN, 40 + seed, NAMES) if "local." in text]
    expressions = [*wrapped, *(f'try({text}, "z")' for text in wrapped), *(f"true ? 1 : {text}" for text in wrapped)]
    theirs = outcomes(expressions, {name: given.written for name, given in INPUTS.items()})
    wrong = [text for text, their in zip(expressions, theirs, strict=True) if their != "error" and _is_mistake(text)]
    assert not wrong, f"{len(wrong)} differ; the shortest is {min(wrong, key=len)}"
    assert theirs.count("unknown") > 100
