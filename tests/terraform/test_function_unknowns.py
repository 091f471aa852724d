"""What functions claim of arguments that aren't known, and whom they name as the source of their results.

Every call of the tables is made again with something in its arguments unknown: what is claimed then must hold for the
answer to the arguments that are known. And it is made again with something in its arguments marked as an input: where
another input makes another answer, the answer must carry the mark.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from compiler.hcl import read_expression, syntax
from compiler.span import Source
from compiler.terraform.budget import Budget
from compiler.terraform.convert import ConversionError, convert
from compiler.terraform.evaluate import evaluate
from compiler.terraform.functions import Call, CallError, Function, NoFiles, apply, find
from compiler.terraform.values import Value
from tests.terraform.consistency import broken_promise, shown, unmarked_difference, with_changes, with_holes
from tests.terraform.function_tables import FAMILIES, Case, cases
from tests.terraform.scopes import NamedScope

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
        if not isinstance(node, syntax.Call) or node.name != name or node.expand:
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
        return apply(callee, Call(arguments, Budget(), NoFiles(), _no_templates))
    except (ConversionError, CallError) as exc:
        return str(exc) or "error"


def _no_templates(name: str, text: str, variables: Value, files: bool) -> Value:
    raise AssertionError("no case of these tables renders a template")
