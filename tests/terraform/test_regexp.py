"""Regular expressions, with RE2 and with Python's ``re``, held against Terraform."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from compiler.terraform.functions.formats import FormatError, regexp
from compiler.terraform.functions.formats.regexp import Pattern
from compiler.terraform.values.budget import Budget, BudgetExceededError, LaterError
from compiler.terraform.values.go_text import go_quote
from tests.terraform.held import hold
from tests.terraform.oracle import ask
from tests.terraform.scopes import value_of

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


@pytest.fixture
def without_re2(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(regexp, "re2", None)
    regexp._compiled.cache_clear()
    yield
    regexp._compiled.cache_clear()


SURE = (
    "^[a-z]+-[0-9]{1}$",
    r"\.sh$",
    "[^a-z0-9]+",
    r"^\s*(\w+)",
    "^([a-z]+):",
    "v?([0-9]+)\\.([0-9]+)",
    "-+",
    "a.c",
    " *$",
)


@pytest.mark.terraform
@pytest.mark.usefixtures("without_re2")
def test_patterns_that_python_reads_the_same_need_no_extra() -> None:
    texts = ("ab-1", "run.sh", "v1.20\n", "abc: d", "a\nc", " x  y ", "", "--")
    calls = [f"regexall({go_quote(pattern)}, {go_quote(text)})" for pattern in SURE for text in texts]
    assert hold(calls, ask(calls)) == ("", 0)


@pytest.mark.usefixtures("without_re2")
@pytest.mark.parametrize("pattern", ["(a|b)", "(?i)a", "(a+)+$", "[[:alpha:]]", r"\bx", "a**", "(a)*", "[z-a]", "[a-"])
def test_any_other_pattern_names_the_extra(pattern: str) -> None:
    value, problems = value_of(f'regex({go_quote(pattern)}, "a")')
    assert not problems
    assert value is not None
    assert [reason.address for reason in value.reasons] == ["regex() (needs the extra unitc-coder[re2])"]


@pytest.mark.terraform
@pytest.mark.usefixtures("without_re2")
def test_random_patterns_without_the_extra_match_as_in_terraform_or_are_unknown() -> None:
    calls = [f"regexall({go_quote(pattern)}, {go_quote(text)})" for pattern, text in random_cases(4, 1_500)]
    assert hold(calls, ask(calls)) == ("", 1_131)


@pytest.mark.parametrize("pattern", [r"a\C", "(?P<x>a)(?P<x>b)", r"\pL{1000}"])
def test_what_the_engines_read_differently_is_unknown(pattern: str) -> None:
    with pytest.raises(LaterError):
        Pattern(pattern, Budget().spend)


def test_no_boundary_beside_letters_beyond_ascii_is_unknown() -> None:
    with pytest.raises(LaterError):
        list(Pattern(r"\B", Budget().spend).search_all("é"))


@pytest.mark.terraform
def test_random_patterns_match_as_in_terraform() -> None:
    calls = [f"regexall({go_quote(pattern)}, {go_quote(text)})" for pattern, text in random_cases(2, 1_500)]
    for pattern, text in random_cases(3, 700):
        calls.append(f'replace({go_quote(text)}, {go_quote(f"/{pattern}/")}, "<$1>")')
    assert hold(calls, ask(calls)) == ("", 0)


def test_nothing_that_looks_around_or_back_is_read() -> None:
    for pattern in ("(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", r"(a)\1", "(?>a)", "(?#a)", "a++", r"\K", r"\Z"):
        with pytest.raises(FormatError):
            Pattern(pattern, Budget().spend)


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
        list(Pattern("(a|b)*c", Budget(steps=1_000).spend).search_all("ab" * 1_000))
    with pytest.raises(BudgetExceededError):
        list(Pattern("x*", Budget(steps=1_000).spend).search_all("y" * 5_000))


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
        ("(", "missing ): ("),
        (")", "unexpected ): )"),
        ("[a", "missing ]: [a"),
        ("*", "no argument for repetition operator: *"),
        ("a**", "bad repetition operator: **"),
        ("a{1001}", "invalid repetition size: {1001}"),
        ("[z-a]", "invalid character class range: z-a"),
        (r"\8", r"invalid escape sequence: \8"),
        ("(?P<n", "invalid named capture group: (?P<n"),
        ("(?=a)", "invalid perl operator: (?="),
        ("a\\", "trailing"),
    ],
)
def test_a_malformed_pattern_is_refused_with_its_reason(pattern: str, message: str) -> None:
    _, problems = value_of(f'replace("x", {go_quote(f"/{pattern}/")}, "y")')
    assert any(message in problem.detail for problem in problems), problems
