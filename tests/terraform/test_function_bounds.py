"""What functions would make too much of, and what they must not show."""

from __future__ import annotations

import pytest

from compiler.terraform.values.marks import SENSITIVE
from compiler.terraform.values.values import string
from tests.terraform.scopes import NamedScope, value_of

HUGE = {
    "many lines indented far": 'indent(1000000, join("\\n", [for i in range(1000) : "a"]))',
    "a wide column": 'format("%100000000s", "a")',
    "a wide number": 'format("%0100000000d", 1)',
    "many digits": 'format("%.100000000f", 1.5)',
    "many formatted items": 'formatlist("%100000s", range(1000))',
    "a long replacement": f'replace(join("", [for i in range(1000) : "aaaaaaaaaa"]), "a", "{"b" * 5_000}")',
    "a long separator": f'join("{"x" * 30_000}", range(1000))',
    "deep JSON": f'jsondecode("{"[" * 500}{"]" * 500}")',
    "very deep JSON": f'jsondecode("{"[" * 30_000}")',
    "deep YAML": f'yamldecode("{"[" * 500}{"]" * 500}")',
    "nested aliases written out": 'jsonencode(yamldecode("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\\n'
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\\n" for n in range(1, 9))
    + '"))',
    "nested aliases as YAML": 'yamlencode(yamldecode("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\\n'
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\\n" for n in range(1, 9))
    + '"))',
    "a pattern that grows when it is counted out": 'regexall("(?:(?:a{1000}|b){0,1}(?:c{1000}|d)){1000}|x", "a")',
}
"""Expressions that would take too much."""


LONG = {
    "setproduct(range(1000), range(1000), range(1000))": "more than",
    'setproduct([for i in range(40) : ["a", "b"]]...)': "more than",
    "range(1e9)": "more than 1024 values",
    "range(5, 6, 0)": "more than 1024 values",
}
"""Expressions with too many values, and words of what is said about them."""


@pytest.mark.parametrize("expression", LONG)
def test_what_has_too_many_values_is_refused(expression: str) -> None:
    value, problems = value_of(expression)
    assert [problem for problem in problems if LONG[expression] in problem.detail]
    assert value is not None
    assert value.is_poisoned


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_what_takes_too_much_ends_in_a_diagnostic(text: str) -> None:
    value, problems = value_of(text)
    assert len(problems) == 1
    assert problems[0].code in ("UC162", "UC151"), problems
    assert value is not None
    assert value.is_poisoned


@pytest.mark.parametrize(
    "text",
    [
        "length(setproduct(range(1000), range(100)))",
        "length(distinct(concat(range(1000), range(1000), range(1000))))",
        "length(setintersection(range(1000), range(500, 1000)))",
        "length(flatten([for i in range(100) : [for j in range(100) : [i, j]]]))",
        'length(zipmap([for i in range(1000) : "k${i}"], range(1000)))',
        'length(jsonencode([for i in range(1000) : { name = "n${i}", on = true }]))',
        'length(yamlencode([for i in range(1000) : { name = "n${i}", on = true }]))',
        'length(yamldecode(yamlencode([for i in range(300) : { name = "n${i}" }])))',
        'length(csvdecode(join("\\n", concat(["a,b"], [for i in range(1000) : "${i},x"]))))',
        'length(regexall("[a-z]+", join(" ", [for i in range(1000) : "word${i}"])))',
        'length(replace(join(" ", [for i in range(1000) : "word ${i}"]), "/[^a-z]+/", "-"))',
        'length(split(",", join(",", range(1000))))',
    ],
)
def test_what_templates_really_need_is_computed(text: str) -> None:
    value, problems = value_of(text)
    assert not problems
    assert value is not None
    assert value.is_known


SECRET = NamedScope({"secret": string("hunter2-not-base64!").with_marks(frozenset({SENSITIVE}))})


@pytest.mark.parametrize("text", ["base64decode(secret)"])
def test_a_refused_secret_is_not_shown(text: str) -> None:
    _, problems = value_of(text, SECRET)
    assert problems
    assert not any("hunter2" in problem.detail for problem in problems)


@pytest.mark.parametrize(
    "text",
    [
        "upper(secret)",
        'split("-", secret)',
        'format("%s", secret)',
        'regexall("h", secret)',
        "jsonencode({ a = secret })",
        "yamlencode([secret])",
        "base64encode(secret)",
        "sha256(secret)",
        'replace("a", "a", secret)',
        "substr(secret, 0, 1)",
        'formatlist("%s", ["a", secret])',
    ],
)
def test_what_is_made_of_a_secret_is_one(text: str) -> None:
    value, problems = value_of(text, SECRET)
    assert not problems
    assert value is not None
    assert value.is_sensitive
