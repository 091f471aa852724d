"""The parser: runs python-hcl2's table over the terminals of one expression."""

from __future__ import annotations

from typing import Any, NamedTuple

from compiler.hcl.build import Builder
from compiler.hcl.feed import Fed
from compiler.hcl.syntax import MAX_DEPTH, Expression, Parens
from compiler.hcl.table import SAME, SPLICE, table
from compiler.hcl.tree import depth, too_deep
from compiler.source.diagnostics import Diagnostic
from compiler.source.span import Source

__all__ = ["Parsed", "parse"]


class Parsed(NamedTuple):
    """What came of parsing: an expression, or why there is none.

    ``failed_at`` is the index of the first terminal that can't stand where it does, or the number of terminals where
    they end too early; None where all of them can stand. ``problems`` is what the grammar lets pass.
    """

    expression: Expression | None
    failed_at: int | None
    problems: list[Diagnostic]


def parse(source: Source, fed: list[Fed]) -> Parsed:
    """Parse one expression.

    The grammar's start is a file, so the expression is wrapped as the file ``x = (…)``: the parentheses see to it
    that nothing follows.
    """
    rows, rules, start, _ = table()
    builder = Builder(source)
    actions = builder.actions()
    nowhere = Fed("", 0, 0)
    before = [nowhere._replace(kind=kind) for kind in ("NAME", "EQ", "LPAR")]
    after = [nowhere._replace(kind=kind) for kind in ("RPAR", "$END")]
    states = [start]
    values: list[Any] = []
    at = -len(before)
    for token in (*before, *fed, *after):
        kind = token.kind
        while True:
            to = rows[states[-1]].get(kind)
            if to is None:
                return Parsed(None, min(at, len(fed)), builder.problems)
            if to >= 0:
                states.append(to)
                values.append(token)
                break
            origin, size, action = rules[~to]
            if action == SAME:
                states.pop()
            else:
                # Helper rules grow to the left, so their list is extended, never copied.
                first = values[-size]
                children = first if type(first) is _Splice else _Splice([first])
                for value in values[1 - size :] if size > 1 else ():
                    if type(value) is _Splice:
                        children.extend(value)
                    else:
                        children.append(value)
                del states[-size:]
                del values[-size:]
                values.append(children if action == SPLICE else actions[action](children))
            states.append(rows[states[-1]][origin])
            if kind == "$END" and origin == "start":
                break
        at += 1
    wrapped = values[0]
    assert isinstance(wrapped, Parens)
    expression = wrapped.expression
    # A tree is never deeper than it has terminals and signs.
    if len(fed) + sum(len(token.signs) for token in fed) > MAX_DEPTH and depth(expression) > MAX_DEPTH:
        return Parsed(None, None, [*builder.problems, too_deep(expression.span)])
    return Parsed(expression, None, builder.problems)


class _Splice(list[Any]):
    """The symbols of a helper rule, which stand in its place."""
