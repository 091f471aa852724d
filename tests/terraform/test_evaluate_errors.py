"""Mistakes in expressions: Terraform's words, at the piece that is meant, and each once."""

from __future__ import annotations

import pytest

from compiler.hcl import read_expression
from compiler.source.span import Source
from compiler.terraform.values.marks import ReasonKind
from tests.terraform.language_tables import TABLES, cases
from tests.terraform.oracle import ask_mistakes
from tests.terraform.scopes import value_of

# Expressions whose mistake Terraform describes otherwise, and why ours is as it is.
_OTHERWISE = {
    'core::nope("a")': "Terraform takes core for the name of a provider",
    "try([][0], [][1])": "names the file",
    **dict.fromkeys(
        ("true || null", "false && [][0]", "true || [][0]", "false && true && [][0]"),
        "counts in Terraform before 1.12 only",
    ),
}


def _without_suggestion(detail: str) -> str:
    """Return the detail without the name that may have been meant, which ours gives as help.

    Of branches that don't fit, Terraform says how, and ours says so of the outermost types only.
    """
    if detail.startswith("The true and false result expressions"):
        return detail.split(". ")[0]
    return detail.split(" Did you mean")[0] if detail.startswith("There is no function") else detail


def _summaries(text: str) -> list[tuple[str, str]]:
    _, problems = value_of(text)
    return sorted((found.summary, _without_suggestion(found.detail)) for found in problems)


@pytest.mark.parametrize(
    "text",
    ["false && [][0]", "true || [][0]", "false && null", "false && true && [][0]", "length([]) > 0 && [][0].x"],
)
def test_a_mistake_on_the_side_that_decides_nothing_is_left_to_terraform(text: str) -> None:
    value, problems = value_of(text)
    assert problems == ()
    assert value is not None
    assert not value.is_known
    assert "before 1.12" in value.reasons[0].address


@pytest.mark.parametrize(("name", "instead"), [("list", "tolist([ ... ])"), ("map", "tomap({ ... })")])
def test_a_function_of_long_ago_is_told_with_what_to_write(name: str, instead: str) -> None:
    _, problems = value_of(f"{name}(1)")
    assert [(found.code, found.help) for found in problems] == [("UC150", (f"write {instead}",))]


@pytest.mark.parametrize("text", ["true && [][0]", "false || [][0]", "[][0] && false", "null && [][0]"])
def test_a_mistake_counts_where_its_side_decides(text: str) -> None:
    assert value_of(text)[1]


@pytest.mark.terraform
def test_a_mistake_is_described_as_by_terraform() -> None:
    expressions = [
        text
        for table in TABLES
        for text, answer in cases(table)
        if answer is None and text not in _OTHERWISE and not read_expression(Source("x", text))[1]
    ]
    assert len(expressions) > 100
    theirs = ask_mistakes(expressions)
    different = []
    for text, mistakes in zip(expressions, theirs, strict=True):
        # Ours says the same thing once.
        expected = sorted({(found.summary, _without_suggestion(found.detail)) for found in mistakes})
        if _summaries(text) != expected:
            different.append((text, _summaries(text), expected))
    assert not different, min(different, key=lambda case: len(case[0]))


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        ("1 + nope(2)", "UC150", "nope"),
        ("core::nope(2)", "UC150", "core::nope"),
        ("other::upper(2)", "UC150", "other::upper"),
        ("upper()", "UC151", ")"),
        ('upper("a", "b")', "UC151", '"b"'),
        ("upper([])", "UC151", "[]"),
        ("upper(null)", "UC151", "null"),
        ('max("a"...)', "UC151", '"a"'),
        ("max(null...)", "UC151", "null"),
        ("try()", "UC151", "try()"),
        ("can()", "UC151", ")"),
        ("can(1, 2)", "UC151", "2"),
        ('1 + "a"', "UC152", '"a"'),
        ("!5", "UC152", "5"),
        ("1 + null", "UC152", "1 + null"),
        ("true ? 1 : []", "UC153", "1 : []"),
        ("null ? 1 : 2", "UC153", "null"),
        ("[] ? 1 : 2", "UC153", "[]"),
        ("[for x in [1] : x if null]", "UC153", "null"),
        ("{a = 1}.b", "UC154", "b"),
        ("null.b", "UC154", "b"),
        ("[1][2]", "UC155", "[2]"),
        ("[1].2", "UC155", ".2"),
        ('"a${null}"', "UC156", "null"),
        ('"a${[]}"', "UC156", "[]"),
        ("[for x in 5 : x]", "UC157", "5"),
        ("tolist(null)[*]", "UC157", "tolist(null)"),
        ("{(null) = 1}", "UC158", "(null)"),
        ("[for a in [{b = 1}] : {a.b = 1}]", "UC158", "a.b"),
        ("{for x in [1, 1] : x => x}", "UC158", "x"),
    ],
)
def test_a_mistake_has_its_code_and_its_place(text: str, code: str, marked: str) -> None:
    value, problems = value_of(text)
    assert [(found.code, found.primary.span.text) for found in problems] == [(code, marked)]
    assert value is not None
    assert value.is_poisoned


def test_a_name_that_nearly_exists_is_suggested() -> None:
    _, functions = value_of('uper("a")')
    assert functions[0].help == ('did you mean "upper"?',)


def test_mistakes_in_all_parts_are_found_and_each_once() -> None:
    _, problems = value_of('[nope(), {a = 1}.b, [for x in [1, 2, 3] : x.c], "${null}x"]')
    assert [found.code for found in problems] == ["UC150", "UC154", "UC154", "UC156"]


def test_a_mistake_in_the_branch_that_is_not_taken_is_none() -> None:
    value, problems = value_of("true ? 1 : nope()")
    assert problems == ()
    assert value is not None
    assert value.is_known


def test_nothing_is_known_of_a_value_with_a_mistake() -> None:
    value, problems = value_of("[1, {a = 2}.b]")
    assert value is not None
    assert not value.is_wholly_known
    assert [reason.kind for reason in value.reasons] == [ReasonKind.ERROR]
    assert len(problems) == 1
