"""Calls with arguments drawn at random, held against the real Terraform.

The draw is the same on every run.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from tests.terraform.held import hold
from tests.terraform.oracle import ask

CALLS = 2_000

NUMBERS = (
    *("0", "1", "2", "3", "-1", "-2", "0.5", "1.5", "1e3", "10", "0.1", "1 / 3", "1e20", "9007199254740993"),
    # Numbers of few bits that have the text of another one, and the other way round.
    *("3.1622776601683795", "1e23", "99999999999999991611392"),
)
TEXTS = ("a", "b", "", "é", "e\\u0301", "1", "2", "01", "true", "10", "x y", "Z", "-1", "0.5")
KEYS = ("a", "b", "c", "1", "é")


class Draw:
    """Draws expressions of a kind."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def one_of(self, *choices: Callable[[], str]) -> str:
        return self.random.choice(choices)()

    def text(self) -> str:
        return f'"{self.random.choice(TEXTS)}"'

    def key(self) -> str:
        return f'"{self.random.choice(KEYS)}"'

    def plain(self) -> str:
        return self.one_of(self.text, self.text, lambda: self.random.choice(NUMBERS), self.truth, lambda: "null")

    def truth(self) -> str:
        return self.random.choice(("true", "false"))

    def number(self) -> str:
        return self.random.choice(NUMBERS) if self.random.random() < 0.9 else self.plain()

    def anything(self, depth: int = 2) -> str:
        if depth == 0:
            return self.plain()
        return self.one_of(self.plain, lambda: self.sequence(depth), lambda: self.mapping(depth))

    def sequence(self, depth: int = 2) -> str:
        draw = self.random.choice((self.text, self.number, lambda: self.anything(depth - 1)))
        items = ", ".join(draw() for _ in range(self.random.randint(0, 3)))
        return self.random.choice(("[{}]", "[{}]", "tolist([{}])", "toset([{}])")).format(items)

    def mapping(self, depth: int = 2) -> str:
        keys = self.random.sample(KEYS, self.random.randint(0, 3))
        items = ", ".join(f'"{key}" = {self.anything(depth - 1)}' for key in keys)
        text = f"{{ {items} }}"
        return text if self.random.random() < 0.6 else f"tomap({text})"

    def call(self) -> str:
        name = self.random.choice(tuple(ARGUMENTS))
        kinds = ARGUMENTS[name]
        if kinds[-1] == "*":
            kinds = (kinds[0],) * self.random.randint(1, 3)
        text = f"{name}({', '.join(getattr(self, kind)() for kind in kinds)})"
        if self.random.random() < 0.3:
            text = f"{self.random.choice(OUTER)}({text})"
        return text


# The kinds of a function's arguments; a star repeats the one before it.
ARGUMENTS: dict[str, Sequence[str]] = {
    "abs": ("number",),
    "alltrue": ("sequence",),
    "anytrue": ("sequence",),
    "ceil": ("number",),
    "coalesce": ("anything", "*"),
    "compact": ("sequence",),
    "concat": ("sequence", "*"),
    "contains": ("sequence", "anything"),
    "distinct": ("sequence",),
    "element": ("sequence", "number"),
    "flatten": ("sequence",),
    "floor": ("number",),
    "index": ("sequence", "anything"),
    "keys": ("mapping",),
    "length": ("anything",),
    "lookup": ("mapping", "key", "anything"),
    "max": ("number", "*"),
    "merge": ("mapping", "*"),
    "min": ("number", "*"),
    "one": ("sequence",),
    "range": ("number", "*"),
    "reverse": ("sequence",),
    "setintersection": ("sequence", "*"),
    "setproduct": ("sequence", "*"),
    "setsubtract": ("sequence", "sequence"),
    "setunion": ("sequence", "*"),
    "slice": ("sequence", "number", "number"),
    "sort": ("sequence",),
    "tobool": ("anything",),
    "tolist": ("anything",),
    "tomap": ("mapping",),
    "tonumber": ("anything",),
    "toset": ("anything",),
    "tostring": ("anything",),
    "values": ("mapping",),
    "zipmap": ("sequence", "sequence"),
}
OUTER = ("distinct", "flatten", "keys", "length", "reverse", "sort", "tolist", "toset", "values")


@pytest.mark.terraform
@pytest.mark.parametrize(("seed", "unknown"), [(0, 36), (1, 37)])
def test_calls_of_anything_answer_as_in_terraform(seed: int, unknown: int) -> None:
    draw = Draw(seed)
    calls = [draw.call() for _ in range(CALLS)]
    assert hold(calls, ask(calls)) == ("", unknown)
