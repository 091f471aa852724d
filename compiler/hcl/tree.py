"""Walking over expressions, and how deep they are."""

from __future__ import annotations

from compiler.hcl.syntax import (
    MAX_DEPTH,
    Binary,
    Conditional,
    Expression,
    ForObject,
    ForTuple,
    FunctionCall,
    GetAttr,
    Index,
    Interpolation,
    ObjectExpr,
    Parens,
    Splat,
    Template,
    TemplateFor,
    TemplateIf,
    TemplatePart,
    TupleExpr,
    Unary,
)


def children(node: Expression | TemplatePart) -> tuple[Expression | TemplatePart, ...]:
    """Return the expressions and template parts right below a node, in source order."""
    match node:
        case Template():
            return node.parts
        case Interpolation() | Parens():
            return (node.expression,)
        case TemplateIf():
            return (node.condition, *node.then, *node.otherwise)
        case TemplateFor():
            return (node.collection, *node.body)
        case GetAttr():
            return (node.source,)
        case Index():
            return (node.source, node.key)
        case Splat():
            return (node.source, node.each)
        case FunctionCall():
            return node.arguments
        case Conditional():
            return (node.condition, node.then, node.otherwise)
        case Binary():
            return (node.left, node.right)
        case Unary():
            return (node.operand,)
        case TupleExpr():
            return node.items
        case ObjectExpr():
            return tuple(part for item in node.items for part in (item.key, item.value))
        case ForTuple():
            rest = () if node.condition is None else (node.condition,)
            return (node.collection, node.element, *rest)
        case ForObject():
            rest = () if node.condition is None else (node.condition,)
            return (node.collection, node.element_key, node.element, *rest)
        case _:
            return ()


def depth(expression: Expression) -> int:
    """Return how many nodes stand above one another at most, counted up to one more than :data:`MAX_DEPTH`."""
    level: list[Expression | TemplatePart] = [expression]
    deep = 0
    while level and deep <= MAX_DEPTH:
        deep += 1
        level = [child for node in level for child in children(node)]
    return deep
