"""The parser's table: python-hcl2's grammar, compiled by lark once, then kept as plain data.

python-hcl2's grammar is right and its lexer is not, so only the grammar is used: lark turns it into an LALR table, and
:mod:`compiler.hcl.grammar` runs that table over the tokens of our own scanner. Compiling takes more than a second, so
the table is cached (:mod:`compiler.hcl.cache`), as JSON: nothing that is read back can run. With a warm cache neither
library is imported.

This is the only module that imports lark or python-hcl2.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from compiler.hcl import cache

__all__ = ["SAME", "SPLICE", "Rule", "Table", "table"]

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

# Actions that are lark's, not the grammar's: the symbols of a helper rule stand in for it; a single symbol stays.
SPLICE = "splice"
SAME = "same"


class Rule(NamedTuple):
    """A rule of the grammar: what it makes, from how many symbols, and the name of its action."""

    origin: str
    size: int
    action: str


class Table(NamedTuple):
    """An LALR(1) table.

    ``rows`` has a mapping for each state: from a terminal or rule to the next state, or from a terminal to ``~n``,
    which reduces by ``rules[n]``. ``accept`` is the state in which a whole file has been read.
    """

    rows: list[dict[str, int]]
    rules: list[Rule]
    start: int
    accept: int


@lru_cache(maxsize=1)
def table() -> Table:
    """Return the table, from the cache where it is there, else compiled from the grammar and stored."""
    grammar = _package_file("hcl2", "hcl2.lark")
    # What the table is made from: the grammar, both libraries, which name their version in these files, and this one.
    key = 0
    for made_from in (grammar, _package_file("hcl2", "version.py"), _package_file("lark", "__init__.py"), __file__):
        key = crc32(Path(made_from).read_bytes(), key)
    name = f"hcl-{sys.version_info.major}.{sys.version_info.minor}-{key:08x}.json"
    stored = cache.load(name)
    if stored is not None:
        try:
            return _from_json(stored)
        except (ValueError, TypeError):
            # A damaged file is as good as none; the next line replaces it.
            pass
    compiled = _compile(grammar)
    cache.store(name, json.dumps(compiled, separators=(",", ":")).encode())
    return compiled


def _package_file(package: str, name: str) -> Path:
    """Return the path of an installed package's file, without importing the package."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed", name=package)
    return Path(spec.origin).with_name(name)


def _from_json(data: bytes) -> Table:
    rows, rules, start, accept = json.loads(data)
    return Table(rows, [Rule(*rule) for rule in rules], start, accept)


def _compile(grammar: Path) -> Table:
    """Return the table of a grammar file, without what only the tokens that we never send lead to."""
    from lark import Lark

    lark: Any = Lark.open(str(grammar), parser="lalr")
    # What lark itself writes into the stand-alone parsers that it generates.
    parse_table = lark.parser.parser._parse_table
    makes = _productive(lark.rules)
    rules: list[Rule] = []
    numbers: dict[Any, int] = {}
    start = parse_table.start_states["start"]
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
    accept = order[parse_table.end_states["start"]]
    _prune(rows, accept)
    return Table(rows, rules, order[start], accept)


def _prune(rows: list[dict[str, int]], accept: int) -> None:
    """Take away the ways into states from which there is no way on, so that errors are seen where they are."""
    dead: set[int] = set()
    while found := {state for state, row in enumerate(rows) if not row and state != accept} - dead:
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


def _rule(rule: Any) -> Rule:
    origin = str(rule.origin.name)
    size = len(rule.expansion)
    if origin.startswith("_"):
        return Rule(origin, size, SPLICE)
    if rule.options.expand1 and size == 1 and not rule.alias:
        return Rule(origin, size, SAME)
    return Rule(origin, size, str(rule.alias or origin))
