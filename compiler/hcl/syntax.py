"""The syntax tree of HCL's native syntax: located, immutable, exact.

Every node carries its span in the original text. Strings are already what they mean: escapes are resolved, ``~``
trimming and then ``<<-`` indentation have been applied, in HCL's order. Numbers keep their text, because Terraform
computes with more digits than a float holds.

Names follow HashiCorp's specification (https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final, TypeAlias

from compiler.records import dataclass, field, settle
from compiler.source.span import Source, Span

# How deep nodes may stand in one another, chained operators and nested blocks included; what is deeper is an error, so
# trees can be walked by recursion.
MAX_DEPTH: Final = 200


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """A number literal; ``text`` is its source, such as ``1e3`` or ``0.10``."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Literal:
    """``true``, ``false`` or ``null`` (``None``)."""

    value: bool | None
    span: Span


class TemplateKind(StrEnum):
    """How a template was written."""

    QUOTED = "quoted"
    HEREDOC = "heredoc"
    FLUSH_HEREDOC = "flush heredoc"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text of a template, after escapes, trimming and indentation. Its span is the raw source text."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Interpolation:
    """``${ expression }``; the span includes the markers."""

    expression: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class TemplateIf:
    """``%{ if condition }then%{ else }otherwise%{ endif }``."""

    condition: Expression
    then: tuple[TemplatePart, ...]
    otherwise: tuple[TemplatePart, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class TemplateFor:
    """``%{ for key, value in collection }body%{ endfor }``; ``key`` is None where only the value is named."""

    key: str | None
    value: str
    collection: Expression
    body: tuple[TemplatePart, ...]
    span: Span


TemplatePart: TypeAlias = Text | Interpolation | TemplateIf | TemplateFor


@dataclass(frozen=True, slots=True)
class Template:
    """A quoted string, a heredoc, or a whole template file.

    A quoted string without interpolation has no part (empty) or one :class:`Text`. A template that is exactly one
    :class:`Interpolation` yields that expression's value as it is, whatever its type (HCL's template wrapping).
    """

    parts: tuple[TemplatePart, ...]
    kind: TemplateKind
    span: Span

    @property
    def literal(self) -> str | None:
        """The string where the template holds literal text only, else None."""
        if len(self.parts) == 1:
            (part,) = self.parts
            return part.value if isinstance(part, Text) else None
        if all(isinstance(part, Text) for part in self.parts):
            return "".join(part.value for part in self.parts if isinstance(part, Text))
        return None


@dataclass(frozen=True, slots=True)
class Variable:
    """The root name of a traversal, such as ``var`` or ``coder_script``, or a name bound by ``for``."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class GetAttr:
    """``source.name``."""

    source: Expression
    name: str
    span: Span

    @property
    def name_span(self) -> Span:
        """The place of the name alone, with which the expression ends."""
        return Span(self.span.source, self.span.end - len(self.name), self.span.end)


@dataclass(frozen=True, slots=True)
class Index:
    """``source[key]``, or the legacy ``source.0`` (``legacy``), where the key is a :class:`NumberLiteral`."""

    source: Expression
    key: Expression
    legacy: bool
    span: Span


@dataclass(frozen=True, slots=True)
class SplatItem:
    """Stands in :attr:`Splat.each` for one element of the splat's source."""

    span: Span


@dataclass(frozen=True, slots=True)
class Splat:
    """``source[*]…`` (``full``) or ``source.*…`` (attribute-only).

    ``each`` is what is computed for one element: a chain of :class:`GetAttr` and :class:`Index` down to a
    :class:`SplatItem`. Attribute-only splats take in attribute accesses only, full ones indexes too.
    """

    source: Expression
    each: Expression
    full: bool
    span: Span


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function call; ``name`` holds its namespace (``core::upper``); ``expand`` is a final ``...``."""

    name: str
    name_span: Span
    arguments: tuple[Expression, ...]
    expand: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    """``condition ? then : otherwise``."""

    condition: Expression
    then: Expression
    otherwise: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right``; ``operator`` is one of ``|| && == != < > <= >= + - * / %``."""

    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """``-operand`` or ``!operand``."""

    operator: str
    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class TupleExpr:
    """``[a, b]``."""

    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class BareKey:
    """An object key written as a bare name: ``{ name = 1 }``. It means the string ``name``."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class ObjectItem:
    """One ``key = value`` or ``key : value``; a key in parentheses is a :class:`Parens`."""

    key: Expression
    value: Expression


@dataclass(frozen=True, slots=True)
class ObjectExpr:
    """``{ key = value }``."""

    items: tuple[ObjectItem, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ForTuple:
    """``[for key, value in collection : element if condition]``; ``key`` and ``condition`` may be None."""

    key: str | None
    value: str
    collection: Expression
    element: Expression
    condition: Expression | None
    span: Span


@dataclass(frozen=True, slots=True)
class ForObject:
    """``{for key, value in collection : element_key => element... if condition}``; ``grouping`` is the ``...``."""

    key: str | None
    value: str
    collection: Expression
    element_key: Expression
    element: Expression
    grouping: bool
    condition: Expression | None
    span: Span


@dataclass(frozen=True, slots=True)
class Parens:
    """``(expression)``."""

    expression: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Unread:
    """The value of an argument that has a syntax error: the argument is there, what it says isn't known.

    ``span`` is where the error is.
    """

    span: Span


_Plain: TypeAlias = NumberLiteral | Literal | Template | BareKey | Unread
_Access: TypeAlias = Variable | GetAttr | Index | SplatItem | Splat
_Operation: TypeAlias = FunctionCall | Conditional | Binary | Unary | Parens
_Collection: TypeAlias = TupleExpr | ObjectExpr | ForTuple | ForObject
Expression: TypeAlias = _Plain | _Access | _Operation | _Collection
"""Any expression."""


@dataclass(frozen=True, slots=True)
class BlockLabel:
    """A block's label: ``value`` is what it means, with escapes resolved."""

    value: str
    quoted: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Attribute:
    """``name = expression``; the expression's span is its exact source slice, without the final newline."""

    name: str
    name_span: Span
    expression: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its markers. ``alone``: nothing but blanks stands before it on its line.

    The span doesn't include the newline that ends a ``#`` or ``//`` comment.
    """

    text: str
    alone: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Body:
    """The attributes and blocks of a file or block, in source order."""

    attributes: tuple[Attribute, ...]
    blocks: tuple[Block, ...]
    span: Span
    named: Mapping[str, Attribute] = field(init=False)
    """The attributes by name; of several of one name the first."""

    def __post_init__(self) -> None:
        settle(self, "named", {attribute.name: attribute for attribute in reversed(self.attributes)})

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of that name, or None."""
        return self.named.get(name)

    def blocks_of(self, type_: str) -> Iterator[Block]:
        """Yield the nested blocks of one type, in source order."""
        return (block for block in self.blocks if block.type == type_)


@dataclass(frozen=True, slots=True)
class Block:
    """``type "label" … { body }``. ``header_span`` runs from the type to the last label; ``span`` to the ``}``."""

    type: str
    type_span: Span
    labels: tuple[BlockLabel, ...]
    body: Body
    header_span: Span
    span: Span


@dataclass(frozen=True, slots=True)
class File:
    """One file, parsed: what could be told of it, also where parts of it are wrong.

    ``comments`` holds every comment of the file in source order, wherever it stands (comments inside heredocs and
    strings are text, comments inside ``${ }`` count). ``unread`` is the text that was passed over after an error, in
    source order: whatever is declared there isn't known.
    """

    source: Source
    body: Body
    comments: tuple[Comment, ...]
    unread: tuple[Span, ...] = ()
