"""What is called known, or independent of an input, is so whatever the inputs turn out to be."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from compiler.terraform.values.values import Value
from tests.every import some
from tests.terraform.grammar import drawn
from tests.terraform.inputs import INPUTS, NAMES, choices, defaulted, setup, undecided
from tests.terraform.oracle import ask
from tests.terraform.scopes import NamedScope, value_of

ROUNDS = 3


def _json(text: str, scope: NamedScope) -> Value | None:
    """Return the JSON of an expression as a value, or None where the expression is wrong."""
    value, problems = value_of(f"jsonencode(\n{text}\n)", scope)
    return None if problems else value


def _drawn(seed: int) -> list[str]:
    return [text for text in drawn(700, seed, NAMES) if "local." in text]


@pytest.mark.slow
@pytest.mark.terraform
@pytest.mark.parametrize("seed", some(1, range(3)))
def test_what_is_known_beside_unknown_inputs_is_the_same_for_any_inputs(seed: int) -> None:
    expressions = _drawn(seed)
    rounds = [ask(expressions, setup=setup(choice)) for choice in choices(seed, ROUNDS)]
    scope = undecided()
    wrong = []
    known = 0
    for text, *theirs in zip(expressions, *rounds, strict=True):
        value = _json(text, scope)
        if value is None or not value.is_known:
            continue
        known += 1
        answers = {answer for answer in theirs if answer not in (None, "unknown")}
        if answers - {value.text}:
            wrong.append((text, value.text, theirs))
    assert not wrong, min(wrong, key=lambda case: len(case[0]))
    # The draw must hold such cases, else this test says nothing.
    assert known > 3


@pytest.mark.slow
@pytest.mark.terraform
@pytest.mark.parametrize("seed", some(1, range(10, 13)))
def test_a_value_that_names_no_default_is_the_same_for_any_default(seed: int) -> None:
    expressions = _drawn(seed)
    inputs = choices(seed, ROUNDS)
    rounds = [dict(zip(expressions, ask(expressions, setup=setup(choice)), strict=True)) for choice in inputs]
    wrong: list[tuple[str, object]] = []
    independent = 0
    for choice, answers in zip(inputs, rounds, strict=True):
        scope = defaulted(choice)
        for text in expressions:
            value = _json(text, scope)
            if value is None or not value.is_known:
                continue
            if value.text != answers[text]:
                wrong.append((text, (choice, value.text, answers[text])))
                continue
            # Wherever the defaults are the same that the value names, Terraform's answer must be the same too.
            alike = [other[text] for other, given in zip(rounds, inputs, strict=True) if _agree(choice, given, value)]
            independent += len(alike) - 1
            if set(alike) - {value.text, None, "unknown"}:
                wrong.append((text, (choice, value.text, alike)))
    assert not wrong, min(wrong, key=lambda case: len(case[0]))
    assert independent > 100


def _agree(one: Mapping[str, str], other: Mapping[str, str], value: Value) -> bool:
    return all(one[name] == other[name] for name in value.assumes)


def test_every_input_has_values_that_differ() -> None:
    assert all(len(set(given.values)) == len(given.values) > 1 for given in INPUTS.values())
