"""Pairs are covered by as few full products as there are."""

from __future__ import annotations

import random
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.order.products import Product, products_of

PAIRS = st.frozensets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=30)


def said(products: tuple[Product, ...]) -> frozenset[tuple[int, int]]:
    return frozenset(pair for found in products for pair in product(*found))


def least(pairs: frozenset[tuple[int, int]], most: int) -> int:
    """Return the smallest number of products that hold some pairs, by trying all of the largest ones."""
    lefts, rights = ({pair[side] for pair in pairs} for side in (0, 1))
    full = set()
    for count in range(1, len(lefts) + 1):
        for left in combinations(sorted(lefts), count):
            right = frozenset(r for r in rights if all((one, r) in pairs for one in left))
            full.add(frozenset(product(left, right)))
    for count in range(most):
        if any(frozenset().union(*chosen) == pairs for chosen in combinations(full, count)):
            return count
    return most


@given(PAIRS)
def test_products_hold_the_pairs_and_nothing_else(pairs: frozenset[tuple[int, int]]) -> None:
    assert said(products_of(pairs)) == pairs


@given(PAIRS, st.randoms())
def test_the_order_of_the_pairs_makes_no_difference(pairs: frozenset[tuple[int, int]], chance: random.Random) -> None:
    shuffled = list(pairs)
    chance.shuffle(shuffled)
    assert products_of(shuffled) == products_of(sorted(pairs))


@given(st.frozensets(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=16))
def test_there_are_no_fewer_products_that_hold_the_pairs(pairs: frozenset[tuple[int, int]]) -> None:
    products = products_of(pairs)
    assert len(products) == least(pairs, len(products))


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ("", ""),
        ("ax", "a-x"),
        ("ax ay bx by", "ab-xy"),
        # By rows three, by columns two.
        ("ax bx by cy", "ab-x bc-y"),
        ("ax ay bx", "b-x a-xy"),
        ("ax by", "a-x b-y"),
    ],
)
def test_products_are_as_one_would_write_them(pairs: str, expected: str) -> None:
    found = products_of((pair[0], pair[1]) for pair in pairs.split())
    assert " ".join("".join(item.left) + "-" + "".join(item.right) for item in found) == expected


def test_a_tangle_beyond_the_bounds_is_covered_all_the_same() -> None:
    chance = random.Random(1)
    pairs = frozenset(pair for pair in product(range(60), range(60)) if chance.random() < 0.5)
    assert said(products_of(pairs)) == pairs
