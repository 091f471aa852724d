"""How the parser's table is made: python-hcl2's grammar, compiled by lark and written down as plain data.

``python -m compiler.hcl.grammar`` writes ``table.json`` anew, from the installed python-hcl2 and lark; a test tells
when that is due. No command imports this module or either library: compiling takes more than a second.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from compiler.hcl.table import FILE, OPERAND, SAME, SPLICE, ParseTable, Production

# What is never sent: newlines and comments are dealt with before, a heredoc is sent as a string is, a number is always
# an INT_LITERAL, a name with colons is one NAME, ``~`` belongs to the mark that it trims at, a keyword that is a name
# is sent as one, and blocks are read elsewhere.
_UNUSED = frozenset(
    {
        "NL_OR_COMMENT",
        "HEREDOC_TEMPLATE",
        "HEREDOC_TEMPLATE_TRIM",
        "TEMPLATE_STRING",
        "FLOAT_LITERAL",
        "COLONS",
        "STRIP_MARKER",
        "FOR_EACH",
        "ESCAPED_INTERPOLATION",
        "ESCAPED_DIRECTIVE",
        "keyword",
        "block",
    }
)
# What comes before an expression in parentheses, the only thing that is parsed: ``x = (``.
_BEFORE = ("_attribute_name", "EQ", "LPAR")
# Rules of one symbol that add nothing to what that symbol means.
_NAMES = frozenset({"binary_operator", "identifier", "literal_value", "string_part"})


def compiled() -> ParseTable:
    """Return the table of the installed grammar, without what only the tokens that we never send lead to.

    Raises ``ModuleNotFoundError`` where python-hcl2 or lark isn't installed.
    """
    from lark import Lark

    # Found without an import: python-hcl2 would build its own parser.
    spec = find_spec("hcl2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("python-hcl2 is not installed", name="hcl2")
    lark: Any = Lark.open(str(Path(spec.origin).with_name("hcl2.lark")), parser="lalr")
    # What lark itself writes into the stand-alone parsers that it generates.
    parse_table = lark.parser.parser._parse_table
    makes = _productive(lark.rules)
    rules: list[Production] = []
    numbers: dict[Any, int] = {}
    start = parse_table.start_states["start"]
    for symbol in _BEFORE:
        start = parse_table.states[start][symbol][1]
    order = {start: 0}
    rows: list[dict[str, int]] = []
    queue = [start]
    for state in queue:
        row: dict[str, int] = {}
        for symbol, (_, argument) in sorted(parse_table.states[state].items()):
            if symbol in _UNUSED or (symbol.islower() and symbol not in makes):
                continue
            if isinstance(argument, int):
                if argument not in order:
                    order[argument] = len(order)
                    queue.append(argument)
                row[symbol] = order[argument]
            elif argument.origin.name not in _UNUSED:
                if argument not in numbers:
                    numbers[argument] = len(rules)
                    rules.append(_rule(argument))
                row[symbol] = ~numbers[argument]
        rows.append(row)
    _prune(rows)
    return ParseTable(rows, rules)


def text(table: ParseTable) -> str:
    """Return a table as ``table.json`` holds it: a line for each state and each rule, so that changes can be read."""
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in table.rows)
    rules = ",\n".join(json.dumps(rule, separators=(",", ":")) for rule in table.rules)
    return f"[[\n{rows}\n],[\n{rules}\n]]\n"


def _prune(rows: list[dict[str, int]]) -> None:
    """Remove the ways into states from which there is no way on, so that errors are seen where they are."""
    dead: set[int] = set()
    while found := {state for state, row in enumerate(rows) if not row} - dead:
        dead |= found
        for row in rows:
            for symbol in [symbol for symbol, to in row.items() if to in found]:
                del row[symbol]


def _productive(rules: Iterable[Any]) -> frozenset[str]:
    """Return the names of the rules that can match some tokens without the unused ones."""
    makes: set[str] = set()
    while True:
        before = len(makes)
        for rule in rules:
            names = [symbol.name for symbol in rule.expansion if not symbol.is_term or symbol.name in _UNUSED]
            if rule.origin.name not in _UNUSED and makes.issuperset(names):
                makes.add(str(rule.origin.name))
        if len(makes) == before:
            return frozenset(makes)


def _rule(rule: Any) -> Production:
    origin = str(rule.origin.name)
    size = len(rule.expansion)
    spread = any(symbol.name.startswith("_") for symbol in rule.expansion)
    if origin.startswith("_"):
        return Production(origin, size, SPLICE, spread)
    action = str(rule.alias or origin)
    if size == 1 and ((rule.options.expand1 and not rule.alias) or action in _NAMES):
        action = SAME
    elif size == 1 and action == "expr_term":
        action = OPERAND
    return Production(origin, size, action, spread)


if __name__ == "__main__":
    FILE.write_text(text(compiled()), encoding="utf-8", newline="\n")
