"""What is read without the grammar is read as the grammar reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.hcl.feed import feed_expression
from compiler.hcl.parser import parse
from compiler.hcl.plain import plain_expression
from compiler.hcl.scan import EOF, NEWLINE, scan_configuration
from compiler.hcl.syntax import Expression
from compiler.source.span import Source

PLAIN = (
    "name",
    "true",
    "null",
    "a.b.c-d",
    "a.true.for.if",
    "12",
    '""',
    '"text"',
    '"a $ b % {} $${c} %%{d}"',
    '"a\\n\\"\\u00e9"',
    "<<EOT\nEOT",
    "<<-EOT\n    a $${b}\n\n      c $ % d\n  EOT",
    "[]",
    '[a.b, true, 1, "x",]',
    "[\n  a.b,\n\n  c,\n]",
    "[<<-EOT\n  a\n  EOT\n  , b]",
)
OF_THE_GRAMMAR = (
    "true.a",
    "a[0]",
    "a.0",
    "a.*.b",
    "f(a)",
    "a + b",
    "-1",
    "1.5",
    "{}",
    "(a)",
    "[[a]]",
    "[for]",
    "[for a in b : a]",
    "[a\n.b]",
    "[a b]",
    "[,]",
    "[a,,]",
    "[a",
    "a.",
    "a::b()",
    '"${a}"',
    '"\\q"',
    '"a',
    "<<EOT\n${a}\nEOT",
    "<<EOT\na",
    "a }",
    "a" + ".b" * 201,
)


def _by_grammar(source: Source) -> tuple[Expression, int] | None:
    tokens = scan_configuration(source.text, 0, len(source.text)).tokens
    feed = feed_expression(source.text, tokens, 0, newlines=True)
    parsed = parse(source, feed.fed)
    ended = tokens[feed.stop][0] in (NEWLINE, EOF)
    right = parsed.expression is not None and not parsed.problems and ended
    return (parsed.expression, feed.stop) if right and parsed.expression is not None else None


def _plain(source: Source) -> tuple[Expression, int] | None:
    return plain_expression(source, scan_configuration(source.text, 0, len(source.text)).tokens, 0)


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_expression_is_read_without_the_grammar_and_alike(text: str) -> None:
    source = Source("main.tf", text + "\n")
    assert _plain(source) is not None
    assert _plain(source) == _by_grammar(source)


@pytest.mark.parametrize("text", OF_THE_GRAMMAR)
def test_everything_else_is_left_to_the_grammar(text: str) -> None:
    assert _plain(Source("main.tf", text + "\n")) is None


PIECES = st.sampled_from(
    [
        "a",
        "true",
        "for",
        "in",
        ".",
        ",",
        "[",
        "]",
        "(",
        "\n",
        " ",
        "1",
        "-",
        "#x\n",
        '"b"',
        '"$${b}"',
        "<<-E\n  a\n\n  E\n",
    ]
)


@given(st.lists(PIECES, max_size=9).map("".join))
def test_what_is_read_without_the_grammar_is_what_the_grammar_reads(text: str) -> None:
    source = Source("main.tf", text + "\n")
    read = _plain(source)
    assert read is None or read == _by_grammar(source)
