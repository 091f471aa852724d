"""Expressions of a template as the wiring takes them: verbatim copies, repetitions and their bounds."""

from __future__ import annotations

import math

from compiler.hcl.syntax import (
    Binary,
    Block,
    Conditional,
    Expression,
    GetAttr,
    NumberLiteral,
    Parens,
    Template,
    TemplateKind,
    TemplatePart,
    Variable,
)
from compiler.hcl.tree import children
from compiler.terraform.scope.expansion import Repetition, repetition_of
from compiler.wiring.model import Copied, RepeatedBy


def copied(expression: Expression) -> Copied:
    """Return an expression for a verbatim copy."""
    text = expression.span.text
    heredoc = _is_heredoc(expression)
    pending: list[Expression | TemplatePart] = [expression] if "<<" in text else []
    while pending and not heredoc:
        node = pending.pop()
        if node.span.end == expression.span.end:
            heredoc = _is_heredoc(node)
            pending.extend(children(node))
    return Copied(text, heredoc)


def _is_heredoc(node: Expression | TemplatePart) -> bool:
    return isinstance(node, Template) and node.kind in (TemplateKind.HEREDOC, TemplateKind.FLUSH_HEREDOC)


def repeated_by(block: Block) -> RepeatedBy | None:
    """Return what makes several instances of a block, None where nothing does."""
    kind = repetition_of(block)
    attribute = None if kind is Repetition.NONE else block.body.attribute(kind.value)
    return None if attribute is None else RepeatedBy(kind, copied(attribute.expression))


def greatest_count(expression: Expression) -> int | None:
    """Return the greatest value that a count can have, as far as its form tells; None where it doesn't.

    Most counts in templates are of the kind ``condition ? data.coder_workspace.me.start_count : 0``.
    """
    match expression:
        case NumberLiteral(text) if text.isdecimal():
            return int(text)
        case Parens(inner):
            return greatest_count(inner)
        case Conditional():
            sides = [greatest_count(side) for side in (expression.then, expression.otherwise)]
            return max(side for side in sides if side is not None) if None not in sides else None
        case Binary(operator="*"):
            factors = [greatest_count(factor) for factor in (expression.left, expression.right)]
            return math.prod(factor for factor in factors if factor is not None) if None not in factors else None
        case GetAttr(source=GetAttr(source=GetAttr(source=Variable(name="data"), name="coder_workspace"))):
            return 1 if expression.name in ("start_count", "prebuild_count") else None
        case _:
            return None


def may_be_several(block: Block) -> bool:
    """Return whether a block may have more than one instance."""
    count = block.body.attribute("count")
    if count is None:
        return block.body.attribute("for_each") is not None
    most = greatest_count(count.expression)
    return most is None or most > 1
