"""The parser's table: python-hcl2's grammar as an LALR(1) table, shipped as data.

python-hcl2's grammar is right and its lexer is not, so only the grammar is used: :mod:`compiler.hcl.grammar` has lark
compile it once, when the table is made, and :mod:`compiler.hcl.parser` runs the table over the tokens of our own
scanner. The table is ours from then on: which python-hcl2 or lark is installed changes nothing.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

# JSON, since nothing that is read can run, and at 1 ms it costs 0.6 ms more than the same as Python byte code.
FILE = Path(__file__).with_name("table.json")
# The files of the package that are read here.
DATA = (FILE,)

# Actions that are no rule's own: the symbols of a helper rule stand in for it; a single symbol stays; a single symbol
# that may be a name or a keyword becomes an expression.
SPLICE = "splice"
SAME = "same"
OPERAND = "operand"


class Production(NamedTuple):
    """A rule of the grammar: what it makes, from how many symbols, and the name of its action.

    ``spread``: what helper rules made is among the symbols.
    """

    origin: str
    size: int
    action: str
    spread: bool


class ParseTable(NamedTuple):
    """An LALR(1) table of an expression in parentheses.

    ``rows`` has a mapping for each state, the one behind the opening parenthesis first: from a terminal or rule to the
    next state, or from a terminal to ``~n``, which reduces by ``rules[n]``.
    """

    rows: list[dict[str, int]]
    rules: list[Production]


@lru_cache(maxsize=1)
def table() -> ParseTable:
    """Return the table."""
    rows, rules = json.loads(FILE.read_bytes())
    return ParseTable(rows, [Production(*rule) for rule in rules])
