"""References: what an expression names.

A traversal is a root name and static steps, as HashiCorp's ``hcl.Traversal``. Three ways lead to one: from a text that
is nothing else (a selector), from an expression that is nothing else (an item of ``depends_on``), and from within any
expression.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from compiler.hcl.syntax import (
    Conditional,
    Expression,
    ForObject,
    ForTuple,
    FunctionCall,
    GetAttr,
    Index,
    Literal,
    NumberLiteral,
    Splat,
    Template,
    TemplateFor,
    TemplateIf,
    TemplatePart,
    Variable,
)
from compiler.hcl.tree import children
from compiler.records import dataclass
from compiler.source.span import Span

CATCHING: Final = ("try", "can")
"""The functions that catch the mistakes of their arguments; they are part of the language rather than of a library."""


@dataclass(frozen=True, slots=True)
class AttrStep:
    """``.name``; the span includes the dot."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class IndexStep:
    """``[key]``; the key is a string, or a :class:`NumberLiteral` with its text; the span includes the brackets."""

    key: str | NumberLiteral
    span: Span


Step: TypeAlias = AttrStep | IndexStep


@dataclass(frozen=True, slots=True)
class Traversal:
    """A reference: ``root`` and the steps after it."""

    root: str
    steps: tuple[Step, ...]
    span: Span


_NAMES: Final = (Variable, Literal)
# What names nothing.
_PLAIN: Final = (Literal, NumberLiteral)
_ACCESS: Final = (GetAttr, Index)


def traversal_of(expression: Expression) -> Traversal | None:
    """Return the traversal that the expression is, or None if it is anything else (``hcl.AbsTraversalForExpr``).

    Parentheses make it something else; ``true``, ``false`` and ``null`` are names here, but no keys.
    """
    root, links = _chain(expression)
    if not isinstance(root, _NAMES) or len(steps := _steps(root, links)) < len(links):
        return None
    return Traversal(root.name if isinstance(root, Variable) else root.span.text, steps, expression.span)


def root_of(expression: Expression) -> str:
    """Return the name with which accesses begin, of which the expression consists; empty where it is anything else."""
    while type(expression) is GetAttr or type(expression) is Index:
        expression = expression.source
    return expression.name if isinstance(expression, Variable) else ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A reference or a call that an expression mentions, and how it stands there.

    ``bound`` are the names that each ``for`` around it binds, those that it names itself included. ``certain``: it is
    evaluated, and its mistakes count, whenever the expression is. Not so is what ``try`` and ``can`` are given, a
    branch of a conditional, and what a loop computes for each element.
    """

    what: Traversal | FunctionCall
    bound: frozenset[str]
    certain: bool


def names_nothing(expression: Expression) -> bool:
    """Return whether an expression is a word, a number or a text that is written out."""
    return expression.literal is not None if isinstance(expression, Template) else isinstance(expression, _PLAIN)


def mentions(expression: Expression) -> Iterator[Mention]:
    """Yield every reference and every call in the expression, in source order.

    A reference comes with its longest static prefix. Strings and heredocs are looked into.
    """
    if names_nothing(expression):
        return
    # Depth first, in source order: what is to be visited next is last.
    todo: list[tuple[Expression | TemplatePart, frozenset[str], bool]] = [(expression, frozenset(), True)]
    while todo:
        node, bound, certain = todo.pop()
        below = children(node)
        names: frozenset[str] = frozenset()
        always = len(below) if certain else 0
        if isinstance(node, Variable | GetAttr | Index):
            root, links = _chain(node)
            steps: tuple[Step, ...] = ()
            below = () if isinstance(root, Variable) else (root,)
            if isinstance(root, Variable):
                steps = _steps(root, links)
                last = links[len(steps) - 1] if steps else root
                yield Mention(Traversal(root.name, steps, root.span.to(last.span)), bound, certain)
            below += tuple(link.key for link in links[len(steps) :] if isinstance(link, Index))
            always = len(below) if certain else 0
        elif isinstance(node, FunctionCall):
            yield Mention(node, bound, certain)
            if node.name.removeprefix("core::") in CATCHING:
                always = 0
        elif isinstance(node, ForTuple | ForObject | TemplateFor):
            names = frozenset({node.value} if node.key is None else {node.key, node.value})
            always = min(always, 1)
        elif isinstance(node, Conditional | TemplateIf | Splat):
            always = min(always, 1)
        todo += [
            (child, bound | names if place else bound, place < always)
            for place, child in reversed(tuple(enumerate(below)))
        ]


def references(expression: Expression) -> tuple[Traversal, ...]:
    """Return every reference in the expression, in source order, each with its longest static prefix.

    Names that a ``for`` binds are no references where they are bound. Strings and heredocs are looked into.
    """
    return tuple(
        mention.what
        for mention in mentions(expression)
        if isinstance(mention.what, Traversal) and mention.what.root not in mention.bound
    )


def _chain(expression: Expression) -> tuple[Expression, list[GetAttr | Index]]:
    """Return what the expression starts with, and each access that follows, in source order."""
    links: list[GetAttr | Index] = []
    while isinstance(expression, _ACCESS):
        links.append(expression)
        expression = expression.source
    links.reverse()
    return expression, links


def _steps(root: Expression, links: list[GetAttr | Index]) -> tuple[Step, ...]:
    """Return the static steps with which a chain goes on after its start."""
    steps: list[Step] = []
    source, end = root.span.source, root.span.end
    for link in links:
        start, end = end, link.span.end
        span = Span(source, start, end)
        if isinstance(link, GetAttr):
            steps.append(AttrStep(link.name, span))
            continue
        key = link.key.literal if isinstance(link.key, Template) else link.key
        if not isinstance(key, str | NumberLiteral):
            break
        steps.append(IndexStep(key, span))
    return tuple(steps)
