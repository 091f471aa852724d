from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from compiler.terraform.functions import NAMES, Parameter, find
from compiler.terraform.values.types import DYNAMIC, ListType, MapType, Primitive, SetType, Type
from tests.terraform.binary import terraform
from tests.terraform.function_tables import FAMILIES, Case, cases
from tests.terraform.held import hold
from tests.terraform.oracle import ask
from tests.terraform.scopes import UNKNOWN, answer, value_of

BY_FUNCTION: dict[str, list[Case]] = {}
for _case in (case for family in FAMILIES for case in cases(family)):
    BY_FUNCTION.setdefault(_case.function, []).append(_case)

SPECIAL = {"can", "try"}
"""What takes expressions instead of values, and is part of the evaluator."""

UNKNOWN_CASES = {
    "abs": 1,
    "ceil": 2,
    "csvdecode": 8,
    "distinct": 1,
    "floor": 2,
    "element": 5,
    "format": 164,
    "formatlist": 2,
    "jsondecode": 16,
    "jsonencode": 1,
    "length": 8,
    "lower": 1,
    "max": 2,
    "merge": 2,
    "min": 2,
    "nonsensitive": 1,
    "range": 11,
    "regex": 1,
    "regexall": 4,
    "replace": 1,
    "strrev": 11,
    "substr": 3,
    "tonumber": 2,
    "tostring": 2,
    "upper": 7,
    "yamldecode": 88,
    "yamlencode": 61,
}
"""How many cases of a table aren't known here; a number that falls is a gain, one that grows a loss."""


@pytest.mark.parametrize("function", sorted(BY_FUNCTION))
def test_a_function_answers_as_its_table_says(function: str) -> None:
    held = hold([case.expression for case in BY_FUNCTION[function]], [case.answer for case in BY_FUNCTION[function]])
    assert held == ("", UNKNOWN_CASES.get(function, 0))


@pytest.mark.parametrize("function", sorted(BY_FUNCTION))
def test_a_refused_call_says_what_is_wrong(function: str) -> None:
    for case in BY_FUNCTION[function]:
        if case.answer is None and answer(case.expression) != UNKNOWN:
            _, problems = value_of(f"jsonencode({case.expression})")
            assert any(case.message in problem.detail for problem in problems), case.expression


@pytest.mark.terraform
@pytest.mark.parametrize("family", FAMILIES)
def test_terraform_answers_as_the_table_says(family: str) -> None:
    answers = ask([case.expression for case in cases(family)])
    wrong = [
        f"{case.expression}\n  is    {given}\n  not   {case.answer}"
        for case, given in zip(cases(family), answers, strict=True)
        if given != case.answer
    ]
    assert not wrong, "\n".join(wrong)


def test_each_function_of_a_table_has_many_cases() -> None:
    assert not {name for name, found in BY_FUNCTION.items() if len(found) < 15}


def test_a_function_declares_what_its_table_calls() -> None:
    assert set(BY_FUNCTION) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_leads_to_a_declared_function(name: str) -> None:
    function = find(name)
    assert function is not None
    assert function.name == name
    assert find(f"core::{name}") is function


@pytest.mark.terraform
def test_the_functions_are_those_that_terraform_lists() -> None:
    signatures = _signatures()
    assert {name for name in signatures if not name.startswith("core::")} == set(NAMES) | SPECIAL
    assert all(name.removeprefix("core::") in signatures for name in signatures)


@pytest.mark.terraform
@pytest.mark.parametrize("name", NAMES)
def test_the_signature_is_the_one_that_terraform_lists(name: str) -> None:
    signature, function = _signatures()[name], find(name)
    assert function is not None
    assert [_shown(parameter) for parameter in function.parameters] == signature.get("parameters", [])
    variadic = function.variadic
    assert (_shown(variadic) if variadic else None) == signature.get("variadic_parameter")
    # Terraform lists what comes back for arguments of unknown types.
    taken = (*function.parameters, *([variadic] if variadic else []))
    if not callable(function.returns) and all(parameter.type != DYNAMIC for parameter in taken):
        assert _type_text(function.returns) == signature["return_type"]


def _shown(parameter: Parameter) -> dict[str, object]:
    shown: dict[str, object] = {"name": parameter.name, "type": _type_text(parameter.type)}
    return {**shown, "is_nullable": True} if parameter.null else shown


def _type_text(type_: Type) -> object:
    """Return a type of a signature as Terraform writes types in JSON."""
    match type_:
        case Primitive(name):
            return name
        case ListType(element):
            return ["list", _type_text(element)]
        case SetType(element):
            return ["set", _type_text(element)]
        case MapType(element):
            return ["map", _type_text(element)]
        case other:
            raise TypeError(f"no signature has this type: {other}")


@cache
def _signatures() -> dict[str, dict[str, Any]]:
    listed = terraform(Path(__file__).parent, "metadata", "functions", "-json").stdout
    signatures: dict[str, dict[str, Any]] = json.loads(listed)["function_signatures"]
    for signature in signatures.values():
        for parameter in (*signature.get("parameters", ()), signature.get("variadic_parameter") or {}):
            parameter.pop("description", None)
    return signatures
