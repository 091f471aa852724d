"""References: as selectors, as whole expressions, and within expressions."""

from __future__ import annotations

import random

import pytest

from compiler.hcl import AttrStep, IndexStep, Traversal, read_expression, read_traversal, references, traversal_of
from compiler.hcl.syntax import NumberLiteral
from compiler.source.span import Source
from tests.hcl.mutations import mutate
from tests.hcl.targets import refused_as_traversals


def _shape(traversal: Traversal) -> tuple[object, ...]:
    """Return a traversal as its names and keys: ``.name`` for an attribute, a number's text, a string."""
    shape: list[object] = [traversal.root]
    for step in traversal.steps:
        match step:
            case AttrStep(name=name):
                shape.append(f".{name}")
            case IndexStep(key=NumberLiteral(text=text)):
                shape.append(float(text))
            case IndexStep(key=key):
                shape.append(key)
    return tuple(shape)


_SELECTORS = (
    ("a", ("a",)),
    ("coder_script.install", ("coder_script", ".install")),
    ("coder_script.x[2]", ("coder_script", ".x", 2.0)),
    ('coder_script.x["key"]', ("coder_script", ".x", "key")),
    (r'coder_script.x["\u0061pi"]', ("coder_script", ".x", "api")),
    ('coder_script.x["a\\"b]"]', ("coder_script", ".x", 'a"b]')),
    ('coder_script.x["$${y}"]', ("coder_script", ".x", "${y}")),
    ('coder_script.x[""]', ("coder_script", ".x", "")),
    ("module.größe", ("module", ".größe")),
    ("module.m", ("module", ".m")),
    ("a[1.5]", ("a", 1.5)),
    (" a . b [ 0 ] ", ("a", ".b", 0.0)),
    ("a\n.b", ("a", ".b")),
    ("a /* x */ .b # y", ("a", ".b")),
    ("for.if.true", ("for", ".if", ".true")),
    ("null", ("null",)),
    ("a-b.c-d", ("a-b", ".c-d")),
    ("\ufeffa.b", ("a", ".b")),
)
# The selector, and the summary of what is wrong with it.
_NO_SELECTORS = (
    ("", "Variable name required"),
    (" ", "Variable name required"),
    ("0", "Variable name required"),
    (".a", "Variable name required"),
    ('"a"', "Variable name required"),
    ("a.", "Attribute name required"),
    ("a.0", "Attribute name required"),
    ("a.*", "Attribute name required"),
    ("a[*]", "Attribute name required"),
    ("a..b", "Attribute name required"),
    ("a[", "Index value required"),
    ("a[]", "Index value required"),
    ("a[api]", "Index value required"),
    ("a[true]", "Index value required"),
    ("a[-1]", "Index value required"),
    ("a[b.c]", "Index value required"),
    ("a[<<E\nx\nE\n]", "Index value required"),
    ("a[0", "Unclosed index brackets"),
    ("a[0 1]", "Unclosed index brackets"),
    ('a["b"', "Unclosed index brackets"),
    ('a["b', "Unterminated string literal"),
    ('a["b\n"]', "Invalid multi-line string"),
    ('a["${b}"]', "Invalid string literal"),
    ('a["%{b}"]', "Invalid string literal"),
    ('a["\\q"]', "Invalid escape sequence"),
    ('a["\\ud800"]', "Invalid escape sequence"),
    ("a[1.2.3]", "Invalid number literal"),
    ("a[1e99999999999]", "Invalid number literal"),
    ("a b", "Invalid character"),
    ("a.b c", "Invalid character"),
    ("a.b()", "Invalid character"),
    ("a + b", "Invalid character"),
    ("a['b']", "Invalid character"),
    ("a; b", "Invalid character"),
)


@pytest.mark.parametrize(("text", "shape"), _SELECTORS, ids=[repr(text) for text, _ in _SELECTORS])
def test_a_selector_is_read(text: str, shape: tuple[object, ...]) -> None:
    traversal, problems = read_traversal(Source("selector", text))
    assert problems == ()
    assert traversal is not None
    assert _shape(traversal) == shape


@pytest.mark.parametrize(("text", "summary"), _NO_SELECTORS, ids=[repr(text) for text, _ in _NO_SELECTORS])
def test_what_is_no_selector_is_refused(text: str, summary: str) -> None:
    traversal, problems = read_traversal(Source("selector", text))
    assert traversal is None
    assert [problem.summary for problem in problems] == [summary]


def test_a_selector_knows_its_places() -> None:
    source = Source("selector", ' a.b["c"][0] ')
    traversal, _ = read_traversal(source)
    assert traversal is not None
    assert traversal.span.text == 'a.b["c"][0]'
    assert [step.span.text for step in traversal.steps] == [".b", '["c"]', "[0]"]


@pytest.mark.terraform
def test_selectors_get_terraforms_verdict() -> None:
    chance = random.Random(3)
    known = [text for text, _ in _SELECTORS] + [text for text, _ in _NO_SELECTORS]
    texts = [text for text in known if text.strip()]
    texts += [mutate(chance, chance.choice(known), known) for _ in range(1800)]
    # What Go prints in another way, and what the command line would take for something else.
    texts = [text for text in texts if text.strip() and not set(text) & set("\ufeff\u00a0\u0301")]
    texts = list(dict.fromkeys(texts))
    refused = refused_as_traversals(texts)
    assert 100 < sum(refused) < len(texts) - 100
    for text, is_refused in zip(texts, refused, strict=True):
        traversal, _ = read_traversal(Source("selector", text))
        assert (traversal is None) == is_refused, repr(text)


_WHOLE = (
    ("a", ("a",)),
    ("coder_script.x", ("coder_script", ".x")),
    ("coder_script.x[0]", ("coder_script", ".x", 0.0)),
    ('coder_script.x["k"]', ("coder_script", ".x", "k")),
    (r'coder_script.x["\u0061"].b', ("coder_script", ".x", "a", ".b")),
    ("a.0", ("a", 0.0)),
    ("a[<<E\nk\nE\n]", ("a", "k\n")),
    ("true", ("true",)),
    ("null.a", ("null", ".a")),
)
_NOT_WHOLE = (
    *("1", '"a"', '"${a}"', "(a)", "(a).b", "a[b]", "a[-1]", "a[1 + 1]", 'a["${b}"]', "a[*]", "a.*", "a[*].b", "f(a)"),
    *("f(a).b", "[a]", "[a][0]", "!a", "a ? b : c", "a + b", "a[true]", "a[null]", "a[b].c"),
)


@pytest.mark.parametrize(("text", "shape"), _WHOLE, ids=[text for text, _ in _WHOLE])
def test_an_expression_that_is_a_traversal_is_told(text: str, shape: tuple[object, ...]) -> None:
    expression, problems = read_expression(Source("main.tf", text))
    assert problems == ()
    assert expression is not None
    traversal = traversal_of(expression)
    assert traversal is not None
    assert _shape(traversal) == shape
    assert traversal.span.text == text


@pytest.mark.parametrize("text", _NOT_WHOLE)
def test_an_expression_that_is_more_than_a_traversal_is_none(text: str) -> None:
    expression, problems = read_expression(Source("main.tf", text))
    assert problems == ()
    assert expression is not None
    assert traversal_of(expression) is None


# An expression, and the text of each reference in it.
_REFERENCES: tuple[tuple[str, list[str]], ...] = (
    ("1", []),
    ('"x"', []),
    ("a", ["a"]),
    ("a.b.c", ["a.b.c"]),
    ('a.b["c"][0].d', ['a.b["c"][0].d']),
    ("a.0.b", ["a.0.b"]),
    ("a[b].c", ["a", "b"]),
    ("a.b[c.d].e[f]", ["a.b", "c.d", "f"]),
    ("a[*].b", ["a"]),
    ("a.b.*.c", ["a.b"]),
    ("a[*].b[c]", ["a", "c"]),
    ("a.b[*][c[d]]", ["a.b", "c", "d"]),
    ("(a.b).c", ["a.b"]),
    ("f(a, b.c...)", ["a", "b.c"]),
    ("core::f(a).b[c]", ["a", "c"]),
    ("[a, [b], {c = d}]", ["a", "b", "d"]),
    ('{a = 1, (b) = 2, "${c}" = 3, d.e = 4}', ["b", "c", "d.e"]),
    ("a ? b : c", ["a", "b", "c"]),
    ("!a && -b == c", ["a", "b", "c"]),
    ("true", []),
    ("null.a", []),
    ('"${a} ${b.c}"', ["a", "b.c"]),
    ('"$${a} %%{b}"', []),
    ('"$${FOO:-${a}}"', ["a"]),
    ('"${"${a}"}"', ["a"]),
    ('"%{ if a }${b}%{ else }${c}%{ endif }"', ["a", "b", "c"]),
    ('"%{ for a in b }${a}${c}%{ endfor }${a}"', ["b", "c", "a"]),
    ('"%{ for k, v in a }${k}${v.x}%{ endfor }"', ["a"]),
    ("<<E\n${a}\n  # ${b}\nE\n", ["a", "b"]),
    ("<<-E\n  ${<<F\n${a.b}\nF\n}\n  E\n", ["a.b"]),
    ("[for a in b : a]", ["b"]),
    ("[for a in a : a]", ["a"]),
    ("[for k, v in a.b : [k, v.x, c[k], d] if v != e]", ["a.b", "c", "d", "e"]),
    ("{for k, v in a : k => v...}", ["a"]),
    ("[for a in b : [for c in a : [a, c, d]]]", ["b", "d"]),
    ("[[for a in b : a], a]", ["b", "a"]),
    ("[for a in b : c[a].d]", ["b", "c"]),
    ("[for a in b : a[c]]", ["b", "c"]),
)


@pytest.mark.parametrize(("text", "texts"), _REFERENCES, ids=[text for text, _ in _REFERENCES])
def test_references_are_found_in_source_order_with_their_longest_static_prefix(text: str, texts: list[str]) -> None:
    expression, problems = read_expression(Source("main.tf", text))
    assert problems == ()
    assert expression is not None
    found = references(expression)
    assert [traversal.span.text for traversal in found] == texts
    assert [traversal.span.start for traversal in found] == sorted(traversal.span.start for traversal in found)


def test_a_references_steps_are_its_static_prefix() -> None:
    expression, _ = read_expression(Source("main.tf", 'x.y["k"][z].w'))
    assert expression is not None
    assert [_shape(traversal) for traversal in references(expression)] == [("x", ".y", "k"), ("z",)]
