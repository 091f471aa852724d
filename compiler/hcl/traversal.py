"""References: what an expression names.

A traversal is a root name and static steps, as HashiCorp's ``hcl.Traversal``. Three ways lead to one: from a text that
is nothing else (a selector), from an expression that is nothing else (an item of ``depends_on``), and from within any
expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from compiler.hcl.syntax import (
    Expression,
    ForObject,
    ForTuple,
    GetAttr,
    Index,
    Literal,
    Number,
    Template,
    TemplateFor,
    TemplatePart,
    Variable,
)
from compiler.hcl.tree import children
from compiler.source.span import Span

__all__ = ["AttrStep", "IndexStep", "Traversal", "references", "traversal_of"]


@dataclass(frozen=True, slots=True)
class AttrStep:
    """``.name``; the span includes the dot."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class IndexStep:
    """``[key]``; the key is a string, or a :class:`Number` with its text; the span includes the brackets."""

    key: str | Number
    span: Span


Step: TypeAlias = AttrStep | IndexStep


@dataclass(frozen=True, slots=True)
class Traversal:
    """A reference: ``root`` and the steps after it."""

    root: str
    steps: tuple[Step, ...]
    span: Span


def traversal_of(expression: Expression) -> Traversal | None:
    """Return the traversal that the expression is, or None if it is anything else (``hcl.AbsTraversalForExpr``).

    Parentheses make it something else; ``true``, ``false`` and ``null`` are names here, but no keys.
    """
    chain = _chain(expression)
    root = chain[0]
    if not isinstance(root, Variable | Literal) or len(steps := _steps(chain)) < len(chain) - 1:
        return None
    return Traversal(root.span.text, steps, expression.span)


def references(expression: Expression) -> tuple[Traversal, ...]:
    """Return every reference in the expression, in source order, each with its longest static prefix.

    Names that a ``for`` binds are no references where they are bound. Strings and heredocs are looked into.
    """
    found: list[Traversal] = []
    # Depth first, in source order: what is to be visited next is last.
    todo: list[tuple[Expression | TemplatePart, frozenset[str]]] = [(expression, frozenset())]
    while todo:
        node, bound = todo.pop()
        if isinstance(node, Variable | GetAttr | Index):
            chain = _chain(node)
            root = chain[0]
            steps: tuple[Step, ...] = ()
            if isinstance(root, Variable):
                steps = _steps(chain)
                if root.name not in bound:
                    found.append(Traversal(root.name, steps, root.span.to(chain[len(steps)].span)))
            below: list[Expression | TemplatePart] = [] if isinstance(root, Variable) else [root]
            below += [link.key for link in chain[1 + len(steps) :] if isinstance(link, Index)]
            todo.extend((child, bound) for child in reversed(below))
            continue
        if isinstance(node, ForTuple | ForObject | TemplateFor):
            inner = bound | {node.value} | ({node.key} if node.key is not None else set())
            collection, *rest = children(node)
            todo.extend((child, inner) for child in reversed(rest))
            todo.append((collection, bound))
            continue
        todo.extend((child, bound) for child in reversed(children(node)))
    return tuple(found)


def _chain(expression: Expression) -> list[Expression]:
    """Return the expression as a list: what it starts with, and each access that follows, in source order."""
    chain = [expression]
    while isinstance(chain[-1], GetAttr | Index):
        chain.append(chain[-1].source)
    chain.reverse()
    return chain


def _steps(chain: list[Expression]) -> tuple[Step, ...]:
    """Return the static steps with which the chain goes on after its start."""
    steps: list[Step] = []
    for before, link in pairwise(chain):
        span = Span(link.span.source, before.span.end, link.span.end)
        if isinstance(link, GetAttr):
            steps.append(AttrStep(link.name, span))
            continue
        assert isinstance(link, Index)
        key = link.key.literal if isinstance(link.key, Template) else link.key
        if not isinstance(key, str | Number):
            break
        steps.append(IndexStep(key, span))
    return tuple(steps)
