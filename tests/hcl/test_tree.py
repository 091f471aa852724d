"""The tree: what stands where, and that every node is its own slice of the source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from compiler.hcl import read, read_expression
from compiler.hcl.syntax import (
    BareKey,
    Binary,
    Body,
    Conditional,
    Expression,
    File,
    FunctionCall,
    GetAttr,
    Index,
    Interpolation,
    Literal,
    NumberLiteral,
    ObjectExpr,
    Parens,
    Splat,
    SplatItem,
    Template,
    TemplateKind,
    TupleExpr,
    Unary,
    Variable,
)
from compiler.hcl.tree import children
from compiler.source.span import Source, Span
from tests.hcl.cases import ACCEPTED, table


def _file(text: str) -> File:
    file, problems = read(Source("main.tf", text))
    assert problems == ()
    return file


def _expression(text: str) -> Expression:
    expression, problems = read_expression(Source("main.tf", text))
    assert problems == ()
    assert expression is not None
    return expression


def _drawn(node: Expression) -> str:
    """Return an expression with a parenthesis for every operation, so that its shape can be seen."""
    match node:
        case Variable(name=name):
            return name
        case NumberLiteral(text=text):
            return text
        case Literal():
            return node.span.text
        case Binary(operator=operator, left=left, right=right):
            return f"({_drawn(left)} {operator} {_drawn(right)})"
        case Unary(operator=operator, operand=operand):
            return f"({operator}{_drawn(operand)})"
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return f"({_drawn(condition)} ? {_drawn(then)} : {_drawn(otherwise)})"
        case GetAttr(source=source, name=name):
            return f"{_drawn(source)}.{name}"
        case Index(source=source, key=key, legacy=legacy):
            return f"{_drawn(source)}.{_drawn(key)}" if legacy else f"{_drawn(source)}[{_drawn(key)}]"
        case Splat(source=source, each=each, full=full):
            return f"splat({_drawn(source)}{'[*]' if full else '.*'}, {_drawn(each)})"
        case SplatItem():
            return "_"
        case Parens(expression=expression):
            return f"<{_drawn(expression)}>"
        case FunctionCall(name=name, arguments=arguments, expand=expand):
            return f"{name}({', '.join(map(_drawn, arguments))}{'...' if expand else ''})"
        case TupleExpr(items=items):
            return f"[{', '.join(map(_drawn, items))}]"
        case ObjectExpr(items=items):
            return "{" + ", ".join(f"{_drawn(item.key)} = {_drawn(item.value)}" for item in items) + "}"
        case BareKey(name=name):
            return f"'{name}'"
        case _:
            raise AssertionError(f"{node} isn't drawn")


_SHAPES = (
    ("a || b && c", "(a || (b && c))"),
    ("a && b || c", "((a && b) || c)"),
    ("a == b && c != d", "((a == b) && (c != d))"),
    ("a == b < c", "(a == (b < c))"),
    ("a < b + c", "(a < (b + c))"),
    ("a + b * c", "(a + (b * c))"),
    ("a * b + c", "((a * b) + c)"),
    ("a - b - c", "((a - b) - c)"),
    ("a / b * c % d", "(((a / b) * c) % d)"),
    ("-a + b", "((-a) + b)"),
    ("-a.b[0]", "(-a.b[0])"),
    ("!a == b", "((!a) == b)"),
    ("!-!a", "(!(-(!a)))"),
    ("1--1", "(1 - (-1))"),
    ("a-b", "a-b"),
    ("a -b", "(a - b)"),
    ("1-10", "(1 - 10)"),
    ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
    ("a ? b ? c : d : e", "(a ? (b ? c : d) : e)"),
    ("a || b ? c + d : e", "((a || b) ? (c + d) : e)"),
    ("(a + b) * c", "(<(a + b)> * c)"),
    ("a.b.c", "a.b.c"),
    ("a[b.c].d", "a[b.c].d"),
    ("a.0.b", "a.0.b"),
    ("a[*]", "splat(a[*], _)"),
    ("a[*].b[0].c", "splat(a[*], _.b[0].c)"),
    ("a.b[*].c[*].d", "splat(a.b[*], splat(_.c[*], _.d))"),
    ("a.*.b.0", "splat(a.*, _.b.0)"),
    ("a.*.b[0].c", "splat(a.*, _.b)[0].c"),
    ("a[*].b.*.c[0]", "splat(a[*], splat(_.b.*, _.c)[0])"),
    ("(a[*]).b", "<splat(a[*], _)>.b"),
    ("f(a, b...)", "f(a, b...)"),
    ("a :: b :: c (1)", "a::b::c(1)"),
    ("f()[0].b", "f()[0].b"),
    ("{a = 1, (b) = 2, true = 3, 4 = 5}", "{'a' = 1, <b> = 2, 'true' = 3, 4 = 5}"),
    ("[a, [b]][0]", "[a, [b]][0]"),
    ("true.a", "true.a"),
    ("if.in.for", "if.in.for"),
)


@pytest.mark.parametrize(("text", "drawn"), _SHAPES, ids=[text for text, _ in _SHAPES])
def test_an_expression_has_hashicorps_shape(text: str, drawn: str) -> None:
    expression = _expression(text)
    assert _drawn(expression) == drawn
    assert expression.span.text == text


def _expressions(body: Body) -> Iterator[Expression]:
    for attribute in body.attributes:
        yield attribute.expression
    for block in body.blocks:
        yield from _expressions(block.body)


def _nodes(expression: Expression) -> Iterator[Expression]:
    """Yield a node and all below it that can stand alone: bare keys and what belongs to a splat can't."""
    todo: list[Any] = [expression]
    while todo:
        node = todo.pop()
        if isinstance(node, BareKey):
            continue
        if isinstance(node, Splat):
            todo.append(node.source)
        else:
            todo.extend(children(node))
        if isinstance(node, Expression):
            yield node


def _plain(value: Any) -> Any:
    """Return a node without its places."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if isinstance(value, Span):
        return None
    if hasattr(value, "span") or hasattr(value, "key"):
        return (type(value).__name__, *(_plain(getattr(value, name)) for name in type(value).__match_args__))
    return value


def test_every_node_is_what_its_own_slice_of_the_source_says() -> None:
    nodes = 0
    for text in table(ACCEPTED):
        for expression in _expressions(_file(text).body):
            for node in _nodes(expression):
                # A heredoc's span ends with its marker, but a heredoc needs the newline behind it.
                again = _expression(node.span.text + "\n")
                assert _plain(again) == _plain(node), repr(node.span.text)
                nodes += 1
    assert nodes > 800


def test_children_stand_inside_their_parent_in_source_order() -> None:
    for text in table(ACCEPTED):
        for expression in _expressions(_file(text).body):
            for node in _nodes(expression):
                spans = [child.span for child in children(node)]
                assert [span.key for span in spans] == sorted(span.key for span in spans)
                for span in spans:
                    assert node.span.start <= span.start <= span.end <= node.span.end, repr(text)


def test_blocks_attributes_and_labels_know_their_places() -> None:
    text = '# x\nresource "coder_script" "a\\u0062" {\n  run = [1,\n    2] # c\n\n  nested {}\n} // y\n'
    source = Source("main.tf", text)
    file, problems = read(source)
    assert problems == ()
    (block,) = file.body.blocks
    assert (block.type, [label.value for label in block.labels]) == ("resource", ["coder_script", "ab"])
    assert block.type_span.text == "resource"
    assert [label.span.text for label in block.labels] == ['"coder_script"', '"a\\u0062"']
    assert block.header_span.text == 'resource "coder_script" "a\\u0062"'
    assert block.span.text == text[4:-6]
    assert block.body.span.text == text[text.index("{") : -6]
    (attribute,) = block.body.attributes
    assert attribute.name_span.text == "run"
    assert attribute.expression.span.text == "[1,\n    2]"
    assert attribute.span.text == "run = [1,\n    2]"
    (nested,) = block.body.blocks_of("nested")
    assert nested.span.text == "nested {}"
    assert nested.header_span.text == "nested"
    assert nested.body.span.text == "{}"
    assert file.body.span.text == text


def test_bare_labels_are_told_from_quoted_ones() -> None:
    (block,) = _file('a "b" c {}').body.blocks
    assert [(label.value, label.quoted) for label in block.labels] == [("b", True), ("c", False)]


def test_a_heredoc_ends_with_its_marker() -> None:
    (attribute,) = _file("a = <<-E\n  x\n  E  \n").body.attributes
    assert attribute.expression.span.text == "<<-E\n  x\n  E  "
    assert isinstance(attribute.expression, Template)
    assert attribute.expression.kind is TemplateKind.FLUSH_HEREDOC


def test_attributes_and_blocks_that_have_keywords_as_names_know_their_places() -> None:
    file = _file("for = 1\nif {}\ntrue = 2\n")
    assert [attribute.name_span.start_pos for attribute in file.body.attributes] == [(1, 1), (3, 1)]
    assert [block.span.text for block in file.body.blocks] == ["if {}"]


def test_line_endings_and_a_byte_order_mark_leave_places_right() -> None:
    file = _file("\ufeffa = 1\r\nb = [\r\n  x\r\n]\r\n")
    first, second = file.body.attributes
    assert first.name_span.start_pos == (1, 1)
    assert second.name_span.start_pos == (2, 1)
    assert second.expression.span.end_pos == (4, 2)


def test_the_reference_inside_an_escaped_shell_expansion_is_there() -> None:
    expression = _expression('"$${FOO:-${local.x}}"')
    assert isinstance(expression, Template)
    text, reference, rest = expression.parts
    assert isinstance(reference, Interpolation)
    assert reference.expression.span.text == "local.x"
    assert [text.span.text, rest.span.text] == ["$${FOO:-", "}"]


# A file, and its comments: the text, the line, and whether it stands alone.
_COMMENTS = (
    ("# a", [("# a", 1, True)]),
    ("// a\r\n# b\n", [("// a", 1, True), ("# b", 2, True)]),
    ("a = 1 # b\n  # c\n", [("# b", 1, False), ("# c", 2, True)]),
    ("/* a */ # b\n", [("/* a */", 1, True), ("# b", 1, False)]),
    ("/* a\n */ b = 1 /* c */\n", [("/* a\n */", 1, True), ("/* c */", 2, False)]),
    ("\ufeff# a\n", [("# a", 1, True)]),
    ("a = [ # b\n  # c\n  1, // d\n]\n", [("# b", 1, False), ("# c", 2, True), ("// d", 3, False)]),
    ('a = "# b" # c\n', [("# c", 1, False)]),
    ("a = <<E\n# b\nE\n# c\n", [("# c", 4, True)]),
    ('a = "${ # b\n  # c\n  x }" # d\n', [("# b", 1, False), ("# c", 2, True), ("# d", 3, False)]),
    ("a {\n\t# b\n}\n# c", [("# b", 2, True), ("# c", 4, True)]),
)


@pytest.mark.parametrize(("text", "comments"), _COMMENTS, ids=[repr(text) for text, _ in _COMMENTS])
def test_every_comment_of_a_file_is_kept(text: str, comments: list[tuple[str, int, bool]]) -> None:
    found = _file(text).comments
    assert [(comment.text, comment.span.start_pos.line, comment.alone) for comment in found] == comments
    assert all(comment.span.text == comment.text for comment in found)
