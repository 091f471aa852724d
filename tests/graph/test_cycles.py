"""One canonical cycle for each strongly connected component."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.order.graph import cycles
from tests.graph.strategies import VERTICES, pairs, reaches, simple_paths

# name -> (dependent, prerequisite) pairs written as "dependent prerequisite", and the cycles in running order.
CASES = {
    "no edges": ((), ()),
    "a chain": (("ba", "cb"), ()),
    "a diamond": (("ba", "ca", "db", "dc"), ()),
    "a vertex that waits for itself": (("aa",), ("aa",)),
    "two that wait for each other": (("ab", "ba"), ("aba",)),
    "a ring runs against its edges": (("ab", "bc", "ca"), ("acba",)),
    "it starts at the first vertex, whichever edge came first": (("cb", "dc", "bd"), ("bcdb",)),
    "a tail on either side is no part of it": (("ba", "cb", "bc", "dc"), ("bcb",)),
    "the shortest through the first vertex wins": (("ba", "cb", "dc", "ad", "ac"), ("abca",)),
    "a shorter cycle that misses the first vertex does not": (("ba", "cb", "ac", "db", "bd"), ("abca",)),
    "among equals the first in order wins": (("xa", "ax", "ba", "ab"), ("aba",)),
    "among equals an early vertex beats a late one": (("ba", "zb", "az", "ca", "yc", "ay"), ("abza",)),
    "among equals the order is looked at hop by hop": (("ca", "bc", "ab", "da", "ad"), ("ada",)),
    "components are sorted by their first vertex": (("zy", "yz", "cb", "bc", "bz"), ("bcb", "yzy")),
    "a self edge is the shortest of all": (("aa", "ab", "ba"), ("aa",)),
    "a self edge elsewhere is not through the first vertex": (("bb", "ab", "ba"), ("aba",)),
    "repeats change nothing": (("ab", "ba", "ab", "ab"), ("aba",)),
}


@pytest.mark.parametrize(("edges", "expected"), CASES.values(), ids=CASES)
def test_a_case_has_its_canonical_cycles(edges: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert cycles((edge[0], edge[1]) for edge in edges) == tuple(map(tuple, expected))


def test_order_is_by_code_point_and_not_by_letter() -> None:
    ring = ["coder_script.x[10]", "coder_script.x[2]", "coder_script.Z", "coder_script.\u00e4"]
    edges = [*zip(ring, [*ring[1:], ring[0]], strict=True)]
    assert cycles(edges)[0][0] == "coder_script.Z"


def test_another_key_gives_another_first_vertex() -> None:
    assert cycles([("ab", "a"), ("a", "ab")], key=lambda vertex: -len(vertex)) == (("ab", "a", "ab"),)


def test_the_key_decides_among_equals_too() -> None:
    edges = [("b", "a"), ("c", "a"), ("a", "b"), ("a", "c"), ("d", "c"), ("a", "d")]
    assert cycles(edges) == (("a", "b", "a"),)
    assert cycles(edges, key="acbd".index) == (("a", "c", "a"),)


def test_a_dense_graph_with_countless_cycles_has_one() -> None:
    everybody = range(150)
    assert cycles((a, b) for a in everybody for b in everybody if a != b) == ((0, 1, 0),)


def test_a_long_cycle_is_found_without_running_out_of_stack() -> None:
    length = 20_000
    assert cycles((n, (n + 1) % length) for n in range(length)) == ((0, *range(length - 1, -1, -1)),)


@given(st.lists(pairs, max_size=20))
def test_the_cycles_are_those_that_enumeration_finds(edges: list[tuple[str, str]]) -> None:
    expected = []
    for first in VERTICES:
        together = [other for other in VERTICES if reaches(edges, first, other) and reaches(edges, other, first)]
        if together and first == min(together):
            expected.append(min(simple_paths(edges, first, first), key=lambda path: (len(path), path)))
    assert cycles(edges) == tuple(expected)


@given(st.data())
def test_the_order_of_the_edges_does_not_matter(data: st.DataObject) -> None:
    edges = data.draw(st.lists(pairs, max_size=20))
    assert cycles(data.draw(st.permutations(edges))) == cycles(edges)
