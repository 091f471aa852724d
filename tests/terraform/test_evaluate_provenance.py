"""Where a value comes from, and what an unknown depends on, goes through every operation."""

from __future__ import annotations

import pytest

from compiler.source.span import Source
from compiler.terraform.values.marks import SENSITIVE, Mark, MarkKind, Provenance, Reason
from compiler.terraform.values.sets import set_of
from compiler.terraform.values.types import BOOL, NUMBER, STRING, ListType, MapType, ObjectType
from compiler.terraform.values.values import (
    Value,
    boolean,
    integer,
    list_of,
    map_of,
    object_of,
    string,
    tuple_of,
    unknown,
)
from tests.terraform.scopes import local_scope, value_of


def _inputs(value: Value) -> tuple[str, ...]:
    return tuple(sorted(mark.address for mark in value.deep_marks if mark.kind is MarkKind.GIVEN))


def _marked(value: Value, *marks: Mark) -> Value:
    return value.with_marks(frozenset(marks))


_N = Mark(MarkKind.DEFAULT, "var.n")

_SCOPE = local_scope(
    {
        "n": _marked(integer(2), _N),
        "s": _marked(string("b"), _N),
        "t": _marked(boolean(True), _N),
        "list": _marked(list_of(STRING, [string("a"), string("b")]), _N),
        "set": _marked(set_of(STRING, [string("a")]), _N),
        "map": _marked(map_of(NUMBER, {"a": integer(1)}), _N),
        "object": object_of({"plain": integer(1), "marked": _marked(integer(2), _N)}),
        "tuple": tuple_of([integer(1), _marked(integer(2), _N)]),
        "plain": integer(1),
        "given": _marked(string("x"), Mark(MarkKind.GIVEN, "var.g")),
        "secret": _marked(string("x"), SENSITIVE, _N),
    }
)


@pytest.mark.parametrize(
    "text",
    [
        "local.n",
        "-local.n",
        "local.n + 1",
        "local.n == 2",
        "local.n != null",
        "1 < local.n",
        "local.t && true",
        "!local.t",
        '"x${local.n}"',
        '"%{ if local.t }a%{ else }b%{ endif }"',
        '"%{ for x in local.list }.%{ endfor }"',
        "local.t ? 1 : 2",
        "true ? local.n : 1",
        "false ? local.n : 1",
        "local.list[0]",
        "local.list[*]",
        "length(local.list)",
        "length(local.map)",
        "keys(local.map)",
        "values(local.map)[0]",
        "local.map.a",
        'local.map["a"]',
        "[for x in local.list : 1]",
        "{for x in local.list : x => 1}",
        "[for x in [1, 2] : x if x == local.n]",
        "[for x in [] : x if local.t]",
        "{(local.s) = 1}",
        "[10, 20, 30][local.n]",
        "{a = 1, b = 2}[local.s]",
        "max(local.list == [] ? 1 : 2, 3)",
        "toset([1, local.n])",
        "[local.n] == [2]",
        "upper(local.s)",
        "max([1, local.n]...)",
        "coalesce(null, local.n)",
        "lookup({b = 1}, local.s)",
        "try({a = 1}[local.s], 5)",
        "try(tonumber(local.s), 5)",
        "try(local.list[0], 5)",
        "can(tonumber(local.s))",
        "can(local.list[9])",
        'contains(local.list, "a")',
        "nonsensitive(local.secret)",
        "jsonencode({a = local.n})",
        "element([1, 2, 3], local.n)",
        "range(local.n)",
        "local.set",
        "local.object.marked",
        "local.object",
        "local.tuple[1]",
        "[for x in local.tuple : x][1]",
    ],
)
def test_a_default_that_takes_part_is_named(text: str) -> None:
    value, problems = value_of(text, _SCOPE)
    assert problems == ()
    assert value is not None
    assert value.assumes == ("var.n",)
    assert value.provenance is Provenance.DEFAULT


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "local.plain",
        "local.object.plain",
        "length(local.tuple)",
        "keys(local.object)",
        "local.tuple[0]",
        "[for x in local.tuple : x][0]",
        'local.object["plain"]',
        "length([local.n, local.n])",
        'true ? "a" : "b"',
        'false ? local.object : "b"',
    ],
)
def test_a_default_that_takes_no_part_is_not_named(text: str) -> None:
    value, problems = value_of(text, _SCOPE)
    assert [found.code for found in problems if found.code != "UC153"] == []
    assert value is not None
    assert value.assumes == ()


def test_a_given_input_is_told_apart_from_a_default() -> None:
    given, _ = value_of('"${local.given}y"', _SCOPE)
    both, _ = value_of('"${local.given}${local.n}"', _SCOPE)
    fixed, _ = value_of('"y"', _SCOPE)
    assert given is not None
    assert (given.provenance, _inputs(given), given.assumes) == (Provenance.GIVEN, ("var.g",), ())
    assert both is not None
    assert (both.provenance, _inputs(both), both.assumes) == (Provenance.DEFAULT, ("var.g",), ("var.n",))
    assert fixed is not None
    assert fixed.provenance is Provenance.FIXED


def test_taking_sensitivity_off_leaves_where_a_value_comes_from() -> None:
    value, _ = value_of("nonsensitive(local.secret)", _SCOPE)
    assert value is not None
    assert {mark.kind for mark in value.marks} == {MarkKind.DEFAULT}


# Unknowns


_REPO = Reason("data.coder_parameter.repo.value", Source("main.tf", "x").span(0, 1))
_UNKNOWN = local_scope(
    {
        "repo": unknown(STRING, [_REPO]),
        "count": unknown(NUMBER, [Reason("var.count")]),
        "flag": unknown(BOOL, [Reason("var.flag")]),
        "list": unknown(ListType(STRING), [Reason("var.list")]),
        "map": unknown(MapType(STRING), [Reason("var.map")]),
        "any": unknown(reasons=[Reason("var.any")]),
        "object": unknown(ObjectType({"a": STRING}), [Reason("var.object")]),
        "parts": tuple_of([string("x"), unknown(STRING, [_REPO])]),
    }
)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("local.repo", ["data.coder_parameter.repo.value"]),
        ('"a${local.repo}b${local.count}"', ["data.coder_parameter.repo.value", "var.count"]),
        ("local.count + 1", ["var.count"]),
        ("local.flag && false", ["var.flag"]),
        ("local.flag ? 1 : 2", ["var.flag"]),
        ('local.flag ? "a" : local.repo', ["var.flag"]),
        ("true ? local.repo : 1", ["data.coder_parameter.repo.value"]),
        ("true ? 1 : local.any", ["var.any"]),
        ("local.list[0]", ["var.list"]),
        ("[1, 2][local.count]", ["var.count"]),
        ("local.map.a", ["var.map"]),
        ("local.any.a.b", ["var.any"]),
        ("local.any[*].a", ["var.any"]),
        ("local.object.a", ["var.object"]),
        ("[for x in local.list : x]", ["var.list"]),
        ("[for x in [1, 2] : x if local.flag]", ["var.flag"]),
        ("{for x in [1] : local.repo => x}", ["data.coder_parameter.repo.value"]),
        ("{(local.repo) = 1}", ["data.coder_parameter.repo.value"]),
        ("upper(local.repo)", ["data.coder_parameter.repo.value"]),
        ("length(local.list)", ["var.list"]),
        ('join(",", local.parts)', ["data.coder_parameter.repo.value"]),
        ("jsonencode({a = local.repo, b = local.count})", ["data.coder_parameter.repo.value", "var.count"]),
        ("try(local.any.a, 1)", ["var.any"]),
        ("can(local.any.a)", ["var.any"]),
        ("tolist([1, local.any])", ["var.any"]),
        ("max(local.list...)", ["var.list"]),
        ('"%{ for x in local.list }${x}%{ endfor }"', ["var.list"]),
        ('"%{ if local.flag }x%{ endif }"', ["var.flag"]),
        ("local.repo == local.count", ["data.coder_parameter.repo.value", "var.count"]),
    ],
)
def test_an_unknown_says_what_it_hangs_on(text: str, addresses: list[str]) -> None:
    value, problems = value_of(text, _UNKNOWN)
    assert problems == ()
    assert value is not None
    assert not value.is_wholly_known
    assert [reason.address for reason in value.reasons] == addresses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("length(local.parts)", 2),
        ("length([local.repo, local.repo])", 2),
        ("local.parts[0]", "x"),
        ("length(local.object)", 1),
        ("keys(local.object)[0]", "a"),
        ("{a = local.repo, b = 1}.b", 1),
        ('"a${local.repo}" == null', False),
        ("[local.repo] == []", False),
        ("true ? 1 : local.count", 1),
        ("[for k, v in {a = local.repo} : k][0]", "a"),
    ],
)
def test_what_no_unknown_can_change_is_known(text: str, expected: object) -> None:
    value, problems = value_of(text, _UNKNOWN)
    assert problems == ()
    assert value is not None
    known = value.data if isinstance(value.data, bool | str) else value.numeric.to_int()
    assert known == expected


def test_a_reason_keeps_its_place() -> None:
    value, _ = value_of("upper(local.repo)", _UNKNOWN)
    assert value is not None
    assert value.reasons == (_REPO,)
