"""The two ways to match regular expressions, held against each other, and against Terraform."""

from __future__ import annotations

import random

import pytest

from compiler.terraform.functions.formats.regexp import Pattern, SyntaxMistake
from compiler.terraform.functions.formats.regexp.machine import Machine
from compiler.terraform.functions.formats.regexp.syntax import parse
from compiler.terraform.functions.formats.regexp.translation import translate
from compiler.terraform.values.budget import Budget, BudgetExceededError
from compiler.terraform.values.go_text import go_quote
from tests.terraform.oracle import ask
from tests.terraform.scopes import answer, value_of

ATOMS = ("a", "b", "c", ".", "[ab]", "[^a]", r"\w", r"\W", r"\b", r"\B", "^", "$", r"\d", "(?i:a)", r"\s", "(?m:^)")
COUNTS = ("*", "+", "?", "{2}", "{1,2}", "{0,3}", "{2,}", "{0}")
LETTERS = "aabbc 1A\n"


def random_pattern(source: random.Random, depth: int) -> str:
    if depth <= 0 or source.random() < 0.3:
        return source.choice(ATOMS)
    inner = random_pattern(source, depth - 1)
    match source.randrange(6):
        case 0:
            return inner + random_pattern(source, depth - 1)
        case 1:
            return f"{inner}|{random_pattern(source, depth - 1)}"
        case 2:
            return f"({inner})"
        case 3:
            return f"({inner}|)"
        case _:
            return source.choice(("(", "(?:")) + inner + ")" + source.choice(COUNTS) + source.choice(("", "", "?"))


def random_cases(seed: int, count: int) -> list[tuple[str, str]]:
    source = random.Random(seed)
    return [
        (random_pattern(source, source.randint(1, 5)), "".join(source.choices(LETTERS, k=source.randint(0, 9))))
        for _ in range(count)
    ]


def test_both_ways_of_matching_agree_wherever_pythons_is_used() -> None:
    compared = 0
    for pattern, text in random_cases(1, 3_000):
        parsed = parse(pattern)
        translated = translate(parsed.root)
        if translated is None:
            continue
        machine = Machine(parsed.root, len(parsed.names), Budget().spend)
        for start in range(len(text) + 1):
            assert translated.search(text, start) == machine.search(text, start), (pattern, text, start)
            compared += 1
    assert compared > 5_000


@pytest.mark.terraform
def test_random_patterns_match_as_in_terraform() -> None:
    calls = [f"regexall({go_quote(pattern)}, {go_quote(text)})" for pattern, text in random_cases(2, 1_500)]
    for pattern, text in random_cases(3, 700):
        calls.append(f'replace({go_quote(text)}, {go_quote(f"/{pattern}/")}, "<$1>")')
    wrong = [
        f"{call}\n  is    {given}\n  not   {wanted}"
        for call, wanted in zip(calls, ask(calls), strict=True)
        if (given := answer(call)) != wanted
    ]
    assert not wrong, min(wrong, key=len)


def test_nothing_that_looks_around_or_back_is_read() -> None:
    for pattern in ("(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", r"(a)\1", "(?>a)", "(?#a)", "a++", r"\K", r"\Z"):
        with pytest.raises(SyntaxMistake):
            parse(pattern)


HARD = (
    ("(a+)+$", "a" * 3_000 + "b"),
    ("(a|a)*b", "a" * 3_000),
    ("(?:a|a){30}b", "a" * 300),
    ("(?:a?){30}a{30}", "a" * 30),
    ("a*a*a*a*a*a*b", "a" * 2_000),
    (r"^(\w+\s?)*$", "word " * 300 + "!"),
    ("([a-z]+-?)*=", "a" * 3_000),
    (r"(x+x+)+y", "x" * 1_000),
)
"""Patterns and texts over which a matcher that tries one way after the other doesn't come to an end."""


@pytest.mark.parametrize(("pattern", "text"), HARD)
def test_a_search_takes_steps_in_proportion_to_the_text(pattern: str, text: str) -> None:
    budget = Budget()
    before = budget.steps
    list(Pattern(pattern, budget.spend).search_all(text))
    single = before - budget.steps
    budget = Budget()
    list(Pattern(pattern, budget.spend).search_all(text * 2))
    # The text has doubled; an endless search would not have returned at all.
    assert before - budget.steps <= 3 * single


def test_matching_is_paid_for() -> None:
    with pytest.raises(BudgetExceededError):
        Pattern("(a|b)*c", Budget(steps=1_000).spend).search("ab" * 1_000)
    with pytest.raises(BudgetExceededError):
        list(Pattern("x*", Budget(steps=1_000).spend).search_all("y" * 5_000))
    with pytest.raises(BudgetExceededError):
        Pattern("((a{30}|b){30})c", Budget(steps=1_000).spend).search("a")


def test_a_replacement_that_explodes_ends_in_a_diagnostic() -> None:
    group = "$1" * 2_000
    text = f'replace(join("", [for i in range(1000) : "aaaaaaaaaaaaaaaa"]), "/(.{{1000}})/", "{group}")'
    value, problems = value_of(text)
    assert [problem.code for problem in problems] == ["UC162"]
    assert value is not None
    assert value.is_poisoned


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "missing closing ): `(`"),
        (")", "unexpected ): `)`"),
        ("[a", "missing closing ]: `[a`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        ("(?P<n", "invalid named capture: `(?P<n`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("a\\", "trailing backslash at end of expression: ``"),
    ],
)
def test_a_malformed_pattern_is_refused_in_terraforms_words(pattern: str, message: str) -> None:
    _, problems = value_of(f'replace("x", {go_quote(f"/{pattern}/")}, "y")')
    assert any(message in problem.detail for problem in problems), problems
