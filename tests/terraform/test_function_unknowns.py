"""What functions claim of arguments that aren't known, and whom they name as the source of their results.

Every call of the tables is made again with something in its arguments unknown: what is claimed then must hold for the
answer to the arguments that are known. And it is made again with something in its arguments marked as an input: where
another input makes another answer, the answer must carry the mark.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from compiler.hcl import read_expression, syntax
from compiler.source.span import Source
from compiler.terraform.evaluation.expressions import evaluate
from compiler.terraform.functions import Call, CallError, Function, apply, find
from compiler.terraform.values.budget import Budget
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.marks import Reason
from compiler.terraform.values.numbers import Number, number_text
from compiler.terraform.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    SetType,
    TupleType,
    Type,
    object_type,
)
from compiler.terraform.values.values import Unknown, Value, string, tuple_of, unknown
from tests.terraform.consistency import PROBE, broken_promise, shown, unmarked_difference, with_changes, with_holes
from tests.terraform.function_tables import FAMILIES, Case, cases
from tests.terraform.plans import UNKNOWN, planned
from tests.terraform.scopes import NO_FILES, NamedScope, local_scope, value_of

BY_FUNCTION: dict[str, list[Case]] = {}
for _case in (case for family in FAMILIES for case in cases(family)):
    BY_FUNCTION.setdefault(_case.function, []).append(_case)


@pytest.mark.parametrize("name", sorted(BY_FUNCTION))
def test_what_is_known_beside_an_unknown_stays_when_it_is_known(name: str) -> None:
    wrong = []
    for case, callee, values in _calls(name):
        actual = _outcome(callee, values)
        for index, value in enumerate(values):
            for hole in with_holes(value):
                claimed = _outcome(callee, (*values[:index], hole, *values[index + 1 :]))
                broken = _broken(claimed, actual)
                if broken:
                    wrong.append(f"{case.expression} with {shown(hole)} as argument {index}: {broken}")
    assert not wrong, "\n".join(wrong)


def _broken(claimed: Value | str, actual: Value | str) -> str:
    if isinstance(actual, str):
        return ""
    return claimed if isinstance(claimed, str) else broken_promise(claimed, actual)


@pytest.mark.parametrize("name", sorted(BY_FUNCTION))
def test_an_answer_names_every_input_that_it_hangs_on(name: str) -> None:
    wrong = []
    for case, callee, values in _calls(name):
        for index, value in enumerate(values):
            for marked, changed in with_changes(value):
                answer = _outcome(callee, (*values[:index], marked, *values[index + 1 :]))
                other = _outcome(callee, (*values[:index], changed, *values[index + 1 :]))
                if isinstance(answer, Value) and isinstance(other, Value):
                    difference = unmarked_difference(answer, other)
                    if difference:
                        wrong.append(f"{case.expression} with {shown(changed)} as argument {index}: {difference}")
    assert not wrong, "\n".join(wrong)


def _calls(name: str) -> Iterator[tuple[Case, Function, tuple[Value, ...]]]:
    """Yield the cases that are nothing but a call of the function, and its arguments."""
    callee = find(name)
    assert callee is not None
    for case in BY_FUNCTION[name]:
        node, _ = read_expression(Source("test.tf", case.expression))
        if not isinstance(node, syntax.FunctionCall) or node.name != name or node.expand:
            continue
        count = len(node.arguments)
        if count < len(callee.parameters) or (callee.variadic is None and count > len(callee.parameters)):
            continue
        values = [evaluate(argument, NamedScope()) for argument in node.arguments]
        if not any(problems for _, problems in values):
            yield case, callee, tuple(value for value, _ in values)


def _outcome(callee: Function, values: tuple[Value, ...]) -> Value | str:
    """Return the answer, or why there is none."""
    try:
        arguments = tuple(convert(value, callee.parameter(index).type) for index, value in enumerate(values))
        return apply(callee, Call(arguments, Budget(), NO_FILES, _no_templates))
    except (ConversionError, CallError) as exc:
        return str(exc) or "error"


def _no_templates(name: str, text: str, variables: Value) -> Value:
    raise AssertionError("no case of these tables renders a template")


TYPES: dict[str, tuple[str, Type]] = {
    "any": ("any", DYNAMIC),
    "bool": ("bool", BOOL),
    "list": ("list(string)", ListType(STRING)),
    "lists": ("list(list(string))", ListType(ListType(STRING))),
    "map": ("map(string)", MapType(STRING)),
    "number": ("number", NUMBER),
    "numbers": ("list(number)", ListType(NUMBER)),
    "object": ("object({ a = string, b = number })", object_type({"a": STRING, "b": NUMBER})),
    "set": ("set(string)", SetType(STRING)),
    "text": ("string", STRING),
    "tuple": ("tuple([string, number])", TupleType((STRING, NUMBER))),
}
"""The local values that the expressions below refer to: their types as Terraform code has them, and as we have them."""

SCOPE = local_scope({name: unknown(type_, [Reason(f"var.{name}")]) for name, (_, type_) in TYPES.items()})

PLANNED_OTHERWISE: dict[str, object] = {
    # What the unknown type turns out to be decides whether this is 1 or "1".
    "coalesce(1, local.any)": 1,
    "tolist([local.any, 1])": ["?", 1],
    # Nothing multiplied by anything is nothing.
    "setproduct(local.list, [])": "?",
    # Where an element of a set stands depends on what it is.
    'reverse(toset([local.text, "a"]))': ["?", "a"],
    # A set is united with others once all of it is known.
    'setunion(["a"], [local.text])': ["a", "?"],
    "setunion([], [local.text])": ["?"],
    # How many unknown texts there are is kept beside the list.
    'sort([local.text, "a"])': ["?", "?"],
}
"""What Terraform's plan says of the expressions where we say more, or keep silent because it may not stay so."""


def _open_cases() -> list[tuple[str, object]]:
    text = (Path(__file__).parent / "unknowns.txt").read_text(encoding="utf-8")
    pairs = (line.rsplit(" => ", 1) for line in text.splitlines())
    return [(expression, json.loads(answer)) for expression, answer in pairs]


OPEN_CASES = _open_cases()


@pytest.mark.parametrize(("expression", "answer"), OPEN_CASES)
def test_as_much_is_known_as_can_be(expression: str, answer: object) -> None:
    value, problems = value_of(expression, SCOPE)
    assert not problems
    assert value is not None
    assert _as_json(value) == answer
    assert value.is_wholly_known or value.reasons


@pytest.mark.terraform
def test_terraform_plans_what_is_known() -> None:
    plans = planned([expression for expression, _ in OPEN_CASES], {name: text for name, (text, _) in TYPES.items()})
    wrong = [
        f"{expression} is planned as {plan}, not {answer}"
        for (expression, answer), plan in zip(OPEN_CASES, plans, strict=True)
        if plan != PLANNED_OTHERWISE.get(expression, answer)
    ]
    assert not wrong, "\n".join(wrong)


def _as_json(value: Value) -> object:
    match value.data:
        case Unknown():
            return UNKNOWN
        case Number():
            return json.loads(number_text(value.data))
        case tuple():
            return [_as_json(item) for item in value.data]
        case Mapping():
            return {name: _as_json(item) for name, item in value.data.items()}
        case data:
            return data


def test_an_unknown_answer_names_the_inputs_that_decide_its_type() -> None:
    given = tuple_of([string("a"), string("b")]).with_marks(frozenset({PROBE}))
    scope = local_scope({"given": given, "later": unknown(NUMBER, [Reason("data.x.y.z")], not_null=True)})
    value, problems = value_of("element(tolist(local.given), local.later) == 1", scope)
    assert not problems
    assert value is not None
    assert not value.is_true
    assert PROBE in value.marks
