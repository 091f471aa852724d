"""What most arguments are, read without the grammar: references, words, numbers, texts and lists of these.

An expression of another kind, or one in which anything is out of place, isn't read here: the grammar reads it, and
tells what is wrong. What both can read they read alike.
"""

from __future__ import annotations

from typing import Final

from compiler.hcl.scan import CHEREDOC, CQUOTE, EOF, IDENT, LITERAL, NEWLINE, NUMBER, OHEREDOC, OQUOTE, Token
from compiler.hcl.syntax import (
    MAX_DEPTH,
    Expression,
    GetAttr,
    Literal,
    NumberLiteral,
    TemplateKind,
    TupleExpr,
    Variable,
)
from compiler.hcl.templates import literal_template
from compiler.source.span import Source, Span

_WORDS: Final = {"true": True, "false": False, "null": None}
# What begins something else than an operand where it stands first in a list.
_FOR: Final = "for"
_AFTER_ARGUMENT: Final = frozenset({NEWLINE, EOF})
_AFTER_ITEM: Final = frozenset({NEWLINE, "COMMA", "RSQB"})


def plain_expression(source: Source, tokens: list[Token], at: int) -> tuple[Expression, int] | None:
    """Return the expression that starts at ``tokens[at]`` and the index of the end of its line behind it.

    None where it isn't plain, or doesn't end with its line.
    """
    read = _list(source, tokens, at) if tokens[at][0] == "LSQB" else _operand(source, tokens, at)
    return read if read is not None and tokens[read[1]][0] in _AFTER_ARGUMENT else None


def _list(source: Source, tokens: list[Token], at: int) -> tuple[Expression, int] | None:
    start = tokens[at][1]
    items: list[Expression] = []
    # Whether an item may come: at the start, and behind a comma.
    open_ = True
    at += 1
    while (kind := tokens[at][0]) != "RSQB":
        if kind == NEWLINE:
            at += 1
        elif kind == "COMMA" and not open_:
            open_ = True
            at += 1
        else:
            read = _operand(source, tokens, at) if open_ else None
            if read is None or tokens[read[1]][0] not in _AFTER_ITEM:
                return None
            item, at = read
            items.append(item)
            open_ = False
    return TupleExpr(tuple(items), Span(source, start, tokens[at][2])), at + 1


def _operand(source: Source, tokens: list[Token], at: int) -> tuple[Expression, int] | None:
    """Return an operand and the index of the token behind it."""
    kind, start, end = tokens[at]
    text = source.text
    if kind == IDENT:
        word = text[start:end]
        at += 1
        if tokens[at][0] != "DOT":
            if word in _WORDS:
                return Literal(_WORDS[word], Span(source, start, end)), at
            return None if word == _FOR else (Variable(word, Span(source, start, end)), at)
        if word in _WORDS or word == _FOR:
            return None
        result: Expression = Variable(word, Span(source, start, end))
        last = at + MAX_DEPTH
        while tokens[at][0] == "DOT":
            kind, name_start, end = tokens[at + 1]
            if kind != IDENT or at > last:
                return None
            result = GetAttr(result, text[name_start:end], Span(source, start, end))
            at += 2
        return result, at
    if kind in (OQUOTE, OHEREDOC):
        first = at + 1
        at = first
        while tokens[at][0] == LITERAL:
            at += 1
        if tokens[at][0] not in (CQUOTE, CHEREDOC):
            return None
        heredoc = TemplateKind.FLUSH_HEREDOC if text.startswith("<<-", start) else TemplateKind.HEREDOC
        of = TemplateKind.QUOTED if kind == OQUOTE else heredoc
        template, problems = literal_template(source, of, start, tokens[at][2], tokens[first:at])
        return None if problems else (template, at + 1)
    if kind == NUMBER and (number := text[start:end]).isdecimal():
        return NumberLiteral(number, Span(source, start, end)), at + 1
    return None
