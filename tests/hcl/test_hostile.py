"""Input that nobody would write: it ends in a diagnostic, in bounded time and depth, never in an exception."""

from __future__ import annotations

import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.hcl import MAX_BYTES, decode, read, read_attribute, read_expression, read_template, read_traversal
from compiler.hcl.syntax import MAX_DEPTH, Expression
from compiler.source.span import Source

# How often each piece is repeated: enough to end any recursion, and any work that grows with the square.
_MANY = 10_000

_TOO_DEEP = {
    "tuples": "a = " + "[" * _MANY + "]" * _MANY,
    "tuples that stay open": "a = " + "[" * _MANY,
    "parentheses": "a = " + "(" * _MANY + "1" + ")" * _MANY,
    "objects": "a = " + "{b=" * _MANY + "1" + "}" * _MANY,
    "calls": "a = " + "f(" * _MANY + ")" * _MANY,
    "for expressions": "a = " + "[for x in y : " * _MANY + "1" + "]" * _MANY,
    "interpolations": "a = " + '"${' * _MANY + "x" + '}"' * _MANY,
    "heredocs": "a = " + "<<E\n${" * _MANY + "x" + "}\nE\n" * _MANY,
    "blocks": "a {\n" * _MANY + "}\n" * _MANY,
    "blocks that stay open": 'resource "a" "b" {\n' * _MANY,
    "sums": "a = " + "1 + " * _MANY + "1",
    "signs": "a = " + "!" * _MANY + "b",
    "attributes": "a = b" + ".c" * _MANY,
    "indexes": "a = b" + "[0]" * _MANY,
    "splats": "a = b" + "[*]" * _MANY,
    "attribute splats": "a = b" + ".*[0]" * _MANY,
    "else-ifs": "a = " + "b ? c : " * _MANY + "d",
    "conditions in conditions": "a = " + "b ? " * _MANY + "c" + " : d" * _MANY,
    "if directives": 'a = "' + "%{ if b }" * _MANY + "%{ endif }" * _MANY + '"',
    "else directives": 'a = "' + "%{ if b }c%{ else }" * _MANY + "%{ endif }" * _MANY + '"',
}


@pytest.mark.parametrize("text", _TOO_DEEP.values(), ids=_TOO_DEEP.keys())
def test_what_is_nested_too_deep_is_an_error(text: str) -> None:
    _, problems = read(Source("main.tf", text))
    assert "UC004" in {problem.code for problem in problems}


_OTHER = {
    "NUL": "\0" * _MANY,
    "quotes": '"' * _MANY,
    "dollars": 'a = "' + "$" * _MANY + '"',
    "interpolations that stay open": 'a = "' + "${" * _MANY,
    "directives that stay open": 'a = "' + "%{ if x }" * _MANY,
    "comments on one line": "/**/" * _MANY,
    "comments that stay open": "/* " * _MANY,
    "comments that stay open in arguments": "a = /*\n" * _MANY,
    "arguments set again": "a = 1\n" * _MANY,
    "arguments without value": "a =\n" * _MANY,
    "brackets in blocks": 'resource "a" "b" {\n  c = [\n}\n' * _MANY,
    "heredocs that stay open": "a = <<E\n" * _MANY,
    "lines of a heredoc": "a = <<-E\n" + "  ${x ~}\n" * _MANY + "E\n",
    "words that are none": "a²" * _MANY,
    "carriage returns": "\r" * _MANY,
    "digits": "a = " + "1" * _MANY,
    "dots and digits": "a = " + "1." * _MANY,
    "exponents": "a = 1e" + "9" * _MANY,
    "items": "a = [" + "1," * _MANY + "]",
    "labels": "a " + '"b" ' * _MANY + "{}",
    "namespaces": "a = " + "b::" * _MANY + "c()",
    "less than": "a = " + "<" * _MANY,
    "heredocs without marker": "a = " + "<<-" * _MANY,
    "a marker without end": "a = <<" + "b" * _MANY,
    "bad escapes": 'a = "' + "\\q" * _MANY + '"',
    "surrogates": 'a = "\ud800"\n\udfff',
}


@pytest.mark.parametrize("text", _OTHER.values(), ids=_OTHER.keys())
def test_what_nobody_would_write_ends_in_bounded_errors(text: str) -> None:
    _, problems = read(Source("main.tf", text))
    assert len(problems) <= 100
    template, problems = read_template(Source("run.sh", text))
    assert (template is None) == (problems != ())
    for reader in (read_expression, read_traversal):
        found, problems = reader(Source("x", text))
        assert (found is None) == (problems != ())
        assert len(problems) <= 100


def test_the_deepest_tree_can_be_walked_by_recursion() -> None:
    """Every way to nest, as deep as it is let through, in one frame a node."""

    def height(node: Expression) -> int:
        below = [getattr(node, name) for name in ("expression", "left", "operand", "source", "otherwise")
                 if hasattr(node, name)]  # fmt: skip
        below += [item for name in ("items", "arguments") if hasattr(node, name) for item in getattr(node, name)]
        return 1 + max(map(height, below), default=0)

    for before, inner, after in (("(", "1", ")"), ("[", "", "]"), ("f(", "", ")"), ("", "1", " + 1"), ("-", "1", "")):
        deepest = 0
        for count in range(MAX_DEPTH - 5, MAX_DEPTH + 5):
            expression, problems = read_expression(Source("x", before * count + inner + after * count))
            assert (expression is None) == (problems != ())
            if expression is not None:
                deepest = max(deepest, height(expression))
        assert deepest == MAX_DEPTH < sys.getrecursionlimit() // 4


def test_a_file_of_five_megabytes_is_too_large() -> None:
    source, (problem,) = decode("main.tf", b"a = 1\n" * 900_000)
    assert source is None
    assert (problem.code, problem.summary) == ("UC004", "File is too large")
    assert problem.primary.span.source.name == "main.tf"


def test_a_file_of_the_greatest_size_is_read() -> None:
    source, problems = decode("main.tf", b"#" * MAX_BYTES)
    assert problems == ()
    assert source is not None
    assert read(source)[1] == ()


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_end_in_errors(seed: int) -> None:
    chance = random.Random(seed)
    for length in (1, 10, 1000, 50_000):
        source, problems = decode("main.tf", chance.randbytes(length))
        assert (source is None) == (problems != ())
        if source is not None:
            read(source)


@given(st.text())
def test_no_text_raises(text: str) -> None:
    source = Source("x", text)
    for reader in (read, read_expression, read_template, read_traversal):
        reader(source)
    read_attribute(source, 0, len(text))


@given(st.text(st.sampled_from(list("abE01 \n\t\"${}%~[]()=,.:?*-!<>&|/#\\'é")), max_size=60))
def test_no_text_of_meaningful_characters_raises(text: str) -> None:
    source = Source("x", text)
    for reader in (read, read_expression, read_template, read_traversal):
        reader(source)


@given(st.binary())
def test_no_bytes_raise(data: bytes) -> None:
    source, problems = decode("x", data)
    assert (source is None) == (problems != ())
