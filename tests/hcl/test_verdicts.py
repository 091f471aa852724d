"""What is HCL and what isn't: every verdict, and what was read, held against HashiCorp's parser."""

from __future__ import annotations

import random

import pytest

from compiler.hcl import read
from compiler.source.span import Source
from tests.hcl.cases import ACCEPTED, REFUSED, table
from tests.hcl.mutations import mutate
from tests.hcl.oracle import accepts, findings, is_printable, our_picture, picture

# Accepted, but pygohcl has no picture of it: it panics at a null in a key.
_UNDRAWN = {"a = {true = 1, null = 2}"}


def _ids(texts: tuple[str, ...]) -> list[str]:
    return [repr(text) for text in texts]


@pytest.mark.parametrize("text", table(ACCEPTED), ids=_ids(table(ACCEPTED)))
def test_what_terraform_accepts_is_accepted_and_read_alike(text: str) -> None:
    assert accepts(text), "HashiCorp's parser refuses this case"
    _, problems = read(Source("main.tf", text))
    assert problems == ()
    if text in _UNDRAWN:
        assert picture(text) is None
    else:
        assert our_picture(text) == picture(text)


@pytest.mark.parametrize("text", table(REFUSED), ids=_ids(table(REFUSED)))
def test_what_terraform_refuses_is_refused(text: str) -> None:
    assert not accepts(text), "HashiCorp's parser accepts this case"
    _, problems = read(Source("main.tf", text))
    assert problems != ()
    assert {problem.code for problem in problems} <= {"UC002", "UC003", "UC005"}


def test_no_case_is_there_twice() -> None:
    cases = table(ACCEPTED) + table(REFUSED)
    assert len(cases) == len(set(cases)) >= 700


@pytest.mark.parametrize("seed", range(16))
def test_mutations_get_the_same_verdict_and_are_read_alike(seed: int) -> None:
    """Delete, double, move and insert characters and tokens, in accepted and in refused cases."""
    chance = random.Random(seed)
    cases = table(ACCEPTED) + table(REFUSED)
    for _ in range(800):
        text = mutate(chance, chance.choice(cases), cases)
        if not is_printable(text):
            continue
        found = findings(text)
        _, problems = read(Source("main.tf", text))
        assert bool(problems) == bool(found), f"{text!r}: {found or problems}"
        # pygohcl takes comments out of source texts by their look.
        drawable = not any(mark in text for mark in ("#", "//", "/*"))
        if not found and drawable and (drawn := picture(text)) is not None:
            assert our_picture(text) == drawn, repr(text)


def test_the_first_error_mostly_has_hashicorps_words_and_place() -> None:
    """Where two parsers see several errors in one line, they needn't agree on the first; on single ones they do."""
    alike = 0
    for text in table(REFUSED):
        first = findings(text)[0]
        _, problems = read(Source("main.tf", text))
        place = problems[0].primary.span.start_pos
        alike += (problems[0].summary, *place) == (first.summary, first.line, first.column)
    assert alike / len(table(REFUSED)) > 0.8
