"""The parser: runs python-hcl2's table over the terminals of one expression."""

from __future__ import annotations

from typing import Any, Final

from compiler.hcl.build import ACTIONS, Builder
from compiler.hcl.feed import Fed
from compiler.hcl.syntax import MAX_DEPTH, Expression
from compiler.hcl.table import OPERAND, SAME, SPLICE, table
from compiler.hcl.tree import depth
from compiler.hcl.words import TOO_DEEP
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic
from compiler.source.span import Source


@dataclass(frozen=True, slots=True)
class Parsed:
    """What came of parsing: an expression, or why there is none.

    ``failed_at`` is the index of the first terminal that can't stand where it does, or the number of terminals where
    they end too early; None where all of them can stand. ``problems`` is what the grammar lets pass.
    """

    expression: Expression | None
    failed_at: int | None
    problems: list[Diagnostic]


def parse(source: Source, fed: list[Fed]) -> Parsed:
    """Parse one expression, as if it stood in parentheses: they see to it that nothing follows."""
    rows, rules = table()
    builder = Builder(source)
    states = [0]
    values: list[Any] = []
    for at, token in enumerate((*fed, _CLOSING)):
        kind = token.kind
        while True:
            to = rows[states[-1]].get(kind)
            if to is None:
                return Parsed(None, at, builder.problems)
            if to >= 0:
                states.append(to)
                values.append(token)
                break
            origin, size, action, spread = rules[~to]
            if action in _OF_ONE:
                way = (states[-2], states[-1], kind)
                states[-1], is_operand = _passed.get(way) or _pass(way)
                if is_operand and type(values[-1]) is Fed:
                    values[-1] = builder.operand(values[-1])
                continue
            children = values[-size:]
            if spread:
                # Helper rules grow to the left, so their list is extended, never copied.
                children = children[0] if type(children[0]) is _Splice else _Splice(children[:1])
                for value in values[1 - size :] if size > 1 else ():
                    if type(value) is _Splice:
                        children.extend(value)
                    else:
                        children.append(value)
            elif action == SPLICE:
                children = _Splice(children)
            del states[-size:]
            del values[-size:]
            values.append(children if action == SPLICE else ACTIONS[action](builder, children))
            states.append(rows[states[-1]][origin])
    expression = builder.finished(values[0])
    # A tree is never deeper than it has terminals and signs.
    if len(fed) + builder.signs > MAX_DEPTH and depth(expression) > MAX_DEPTH:
        return Parsed(None, None, [*builder.problems, TOO_DEEP.at(expression.span)])
    return Parsed(expression, None, builder.problems)


_CLOSING: Final = Fed("RPAR", 0, 0)
# Actions of rules of one symbol.
_OF_ONE: Final = (SAME, OPERAND)

# Operators of ten precedences are ten rules, and most operands go through all of them unchanged, on one way: from two
# states and the terminal that follows to the state that all of these rules lead to, and whether an operand is made.
_passed: dict[tuple[int, int, str], tuple[int, bool]] = {}


def _pass(way: tuple[int, int, str]) -> tuple[int, bool]:
    """Return where a way of rules of one symbol leads; it is kept."""
    rows, rules = table()
    before, state, kind = way
    is_operand = False
    while (to := rows[state].get(kind)) is not None and to < 0 and rules[~to].action in _OF_ONE:
        is_operand = is_operand or rules[~to].action == OPERAND
        state = rows[before][rules[~to].origin]
    _passed[way] = (state, is_operand)
    return state, is_operand


class _Splice(list[Any]):
    """The symbols of a helper rule, which stand in its place."""
