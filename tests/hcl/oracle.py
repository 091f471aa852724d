"""HashiCorp's own parser, through pygohcl, as the judge of ours.

pygohcl says whether a text is HCL, where and why not, and gives a picture of what it read: values where they are
literal, and the source text of every other expression, without comments and with its white space squeezed. Our tree is
drawn in the same way here, so that the two pictures can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pygohcl  # type: ignore[import-untyped]  # it ships without types

from compiler.hcl import read
from compiler.hcl.syntax import (
    Attribute,
    BareKey,
    Block,
    Body,
    Comment,
    Conditional,
    Expression,
    Interpolation,
    Literal,
    NumberLiteral,
    ObjectExpr,
    Template,
    TemplateFor,
    TemplateIf,
    TemplateKind,
    TemplatePart,
    Text,
    TupleExpr,
    Unary,
)
from compiler.hcl.tree import children
from compiler.source.span import Source, Span

# One finding in pygohcl's error text: the place, the summary and the first words of the detail.
_FINDING = re.compile(r"tmp\.hcl:(\d+),(\d+)-[\d,]+: (.*?); ", re.DOTALL)
_LIKE_A_COMMENT = re.compile(r"(?:#|//)[^\n]*|/\*(?s:.*?)\*/")
_LARGE_NUMBER = re.compile(r"[eE]\+?[0-9]{4}")
_WHITE_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Finding:
    """What HashiCorp's parser says first: line and column from 1, and the summary."""

    line: int
    column: int
    summary: str


def findings(text: str) -> tuple[Finding, ...]:
    """Return what HashiCorp's parser has against the text, in its order; nothing where it accepts it."""
    try:
        pygohcl.loads(text)
    except pygohcl.HCLParseError as refused:
        return tuple(Finding(int(m[1]), int(m[2]), m[3]) for m in _FINDING.finditer(str(refused))) or _unread(refused)
    except (pygohcl.HCLInternalError, ValueError):
        # It was read; its values can't be computed or printed, which is another matter.
        pass
    return ()


def is_printable(text: str) -> bool:
    """Return whether pygohcl could print the text's numbers: it writes out every digit of ``1e999999999``."""
    return _LARGE_NUMBER.search(text) is None


def _unread(refused: Exception) -> tuple[Finding, ...]:
    raise AssertionError(f"no finding can be read in: {refused}")


def accepts(text: str) -> bool:
    """Return whether HashiCorp's parser accepts the text as a file."""
    return not findings(text)


def picture(text: str) -> Any:
    """Return HashiCorp's picture of an accepted text, or None where pygohcl can't draw it."""
    try:
        return _squeeze(pygohcl.loads(text))
    except (pygohcl.HCLInternalError, ValueError):
        return None


def our_picture(text: str) -> Any:
    """Return our picture of an accepted text, as HashiCorp's parser would draw it."""
    file, problems = read(Source("main.tf", text))
    assert problems == ()
    return _squeeze(_Painter(file.comments).body(file.body))


def _squeeze(value: Any) -> Any:
    """Leave out all white space, which pygohcl doesn't keep in source texts, and make numbers comparable."""
    if isinstance(value, str):
        return _WHITE_SPACE.sub("", value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return f"{Decimal(value):.9e}" if value else "0"
    if isinstance(value, list):
        return [_squeeze(item) for item in value]
    return {_squeeze(key): _squeeze(item) for key, item in value.items()}


class _Painter:
    def __init__(self, comments: Iterable[Comment]) -> None:
        self.comments = [comment.span for comment in comments]

    def body(self, body: Body) -> dict[str, Any]:
        drawn: dict[str, Any] = {}
        for attribute in body.attributes:
            self._put(drawn, [attribute.name], self.attribute(attribute))
        for block in body.blocks:
            self._put(drawn, [block.type, *(label.value for label in block.labels)], self.block(block))
        return drawn

    def _put(self, drawn: Any, keys: list[str], value: Any) -> None:
        """Put a value where pygohcl puts it: it merges blocks of one type, and lists what has the same labels."""
        *path, last = keys
        for key in path:
            drawn = drawn.setdefault(key, {})
            if isinstance(drawn, list):
                drawn = drawn[0]
        if last not in drawn:
            drawn[last] = value
        elif isinstance(drawn[last], list):
            drawn[last].append(value)
        else:
            drawn[last] = [drawn[last], value]

    def block(self, block: Block) -> dict[str, Any]:
        return self.body(block.body)

    def attribute(self, attribute: Attribute) -> Any:
        return self.value(attribute.expression)

    def value(self, expression: Expression) -> Any:
        match expression:
            case Literal(value=value):
                return value
            case NumberLiteral(text=text):
                return Decimal(text)
            case Unary(operator="-", operand=NumberLiteral(text=text)):
                return -Decimal(text)
            case Unary(operator="!", operand=Literal(value=bool(value))):
                return not value
            case TupleExpr(items=items):
                return [self.value(item) for item in items]
            case ObjectExpr(items=items):
                return {self.key(item.key): self.value(item.value) for item in items}
            case Template():
                return self.template(expression)
            case _:
                return self.source(expression.span, _like_comments(expression))

    def key(self, key: Expression) -> str:
        if isinstance(key, BareKey):
            return key.name
        return self.branch(key)

    def template(self, template: Template) -> Any:
        match template.parts:
            case (Interpolation(expression=expression),):
                return self.value(expression)
        return "".join(self.part(part) for part in template.parts)

    def part(self, part: TemplatePart) -> str:
        match part:
            case Text(value=value):
                return value
            case Interpolation(expression=expression):
                return self.branch(expression)
            case TemplateIf():
                then, otherwise = ("".join(map(self.part, parts)) for parts in (part.then, part.otherwise))
                return self.choice(part.condition, then, otherwise)
            case TemplateFor():
                names = part.value if part.key is None else f"{part.key}, {part.value}"
                body = "".join(map(self.part, part.body))
                return f"%{{for {names} in {self.source(part.collection.span)}}}{body}%{{endfor}}"

    def choice(self, condition: Expression, then: str, otherwise: str) -> str:
        otherwise = f"%{{else}}{otherwise}" if otherwise else ""
        return f"%{{if {self.source(condition.span)}}}{then}{otherwise}%{{endif}}"

    def branch(self, expression: Expression) -> str:
        if isinstance(expression, Conditional):
            # To HashiCorp's parser this and the directive are one and the same.
            return self.choice(expression.condition, self.branch(expression.then), self.branch(expression.otherwise))
        if isinstance(expression, ObjectExpr | TupleExpr):
            return self.source(expression.span)
        value = self.value(expression)
        return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)

    def source(self, span: Span, more: Iterable[Span] = ()) -> str:
        """Return the text of a span without the comments in it."""
        at = span.start
        pieces = []
        for comment in sorted([*self.comments, *more], key=lambda comment: comment.start):
            if at <= comment.start and comment.end <= span.end:
                pieces.append(span.source.text[at : comment.start])
                at = comment.end
        return "".join(pieces) + span.source.text[at : span.end]


def _like_comments(expression: Expression) -> Iterable[Span]:
    """Yield what pygohcl takes for comments in a source text, though it is text of a heredoc."""
    todo: list[Any] = [expression]
    while todo:
        node = todo.pop()
        todo.extend(children(node))
        if isinstance(node, Template) and node.kind is not TemplateKind.QUOTED:
            for part in node.parts:
                if isinstance(part, Text):
                    for found in _LIKE_A_COMMENT.finditer(part.span.text):
                        start = part.span.start + found.start()
                        yield Span(part.span.source, start, start + len(found[0]))
