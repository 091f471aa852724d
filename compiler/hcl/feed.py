"""From a scanner's tokens to the terminals of python-hcl2's grammar, for one expression.

What HashiCorp's parser decides while it parses is decided here, from the brackets around a token and from whether an
operand has just ended: which newlines count, whether ``for`` is a keyword, whether ``-`` is a sign, whether ``[*]`` is
a splat. A token that can't be right is sent as :data:`BAD` together with the words that say why.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from compiler.hcl import words
from compiler.hcl.scan import (
    CHEREDOC,
    CONTROL,
    CQUOTE,
    EOF,
    IDENT,
    INTERP,
    INVALID,
    LITERAL,
    MISTAKEN_HEREDOC,
    NEWLINE,
    NUMBER,
    OHEREDOC,
    OQUOTE,
    SEQUENCE_END,
    Token,
    is_bad_number,
)
from compiler.hcl.syntax import MAX_DEPTH
from compiler.hcl.words import Words
from compiler.records import dataclass

BAD: Final = "BAD"
# Sent where the text ends inside a bracket or template.
END: Final = "END"

_WORDS: Final = {"true": "TRUE", "false": "FALSE", "null": "NULL"}
_DIRECTIVES: Final = {"if": "IF", "else": "ELSE", "endif": "ENDIF", "for": "FOR", "endfor": "ENDFOR"}
# Opening token -> closing token. A directive's or interpolation's end is sent as RBRACE.
OPENERS: Final = {
    "LPAR": "RPAR",
    "LSQB": "RSQB",
    "LBRACE": "RBRACE",
    INTERP: SEQUENCE_END,
    CONTROL: SEQUENCE_END,
    OQUOTE: CQUOTE,
    OHEREDOC: CHEREDOC,
    MISTAKEN_HEREDOC: CHEREDOC,
}
_CLOSERS: Final = frozenset(OPENERS.values())
_OPERAND_STARTS: Final = frozenset({IDENT, NUMBER, OQUOTE, OHEREDOC, "LBRACE", "NOT"})
_PREFIX: Final = {"MINUS": "-", "NOT": "!"}


@dataclass(frozen=True, slots=True)
class Fed:
    """A terminal of the grammar and its place in the text."""

    kind: str
    start: int
    end: int
    # The signs of a run of prefix operators with their offsets, outermost first.
    signs: tuple[tuple[str, int], ...] = ()
    # Why a BAD token is wrong.
    words: Words | None = None


@dataclass(slots=True)
class Feed:
    """The terminals of one expression, and the index of the scanner's token that follows it."""

    fed: list[Fed]
    stop: int


class _Open(NamedTuple):
    """A bracket that is open: what closes it, and how it was around it.

    ``newlines`` says whether newlines counted there, ``in_value`` whether an object's value stood there.
    """

    closer: str
    newlines: bool
    in_value: bool


def feed_template(text: str, tokens: list[Token]) -> Feed:
    """Return the terminals of a whole template, as those of one string."""
    quote = Fed("DBLQUOTE", tokens[0][1], tokens[0][1])
    feed = feed_expression(text, tokens, 0, newlines=False)
    return Feed([quote, *feed.fed, Fed("DBLQUOTE", tokens[-1][1], tokens[-1][2])], feed.stop)


def feed_expression(text: str, tokens: list[Token], at: int, *, newlines: bool) -> Feed:
    """Return the terminals of the expression that starts at ``tokens[at]``.

    It ends where the text does, at a bracket that it didn't open, and, where ``newlines`` count, at a newline outside
    of all its brackets.
    """
    fed: list[Fed] = []
    add = fed.append
    stack: list[_Open] = []
    # Whether the last terminal ended an operand, so that an operator or separator must follow.
    ended = False
    # Whether the next token is the ``for`` of a ``for`` expression.
    is_for = False
    # Whether this is an object, behind the ``=`` of an item.
    in_value = False
    while True:
        kind, start, end = tokens[at]
        if kind == NEWLINE:
            at += 1
            if not newlines:
                continue
            if not stack:
                at -= 1
                break
            # In an object, a newline ends an item; after another separator it means nothing.
            if ended:
                add(Fed("COMMA", start, end))
                ended = in_value = False
            elif fed[-1].kind not in ("COMMA", "LBRACE"):
                add(Fed(BAD, start, end, words=words.INVALID_EXPRESSION))
            continue
        if kind == EOF:
            if stack:
                add(Fed(END, start, end))
            break
        if kind in _CLOSERS:
            if not stack:
                break
            if stack[-1].closer != kind:
                add(Fed("RBRACE" if kind == SEQUENCE_END else kind, start, end))
                break
            _, newlines, in_value = stack.pop()
            ended = kind != SEQUENCE_END
            if kind == SEQUENCE_END:
                add(Fed("RBRACE", start, end))
            else:
                add(Fed("DBLQUOTE" if kind in (CQUOTE, CHEREDOC) else kind, start, end))
            at += 1
            continue
        if ended and in_value and (kind in _OPERAND_STARTS or (kind == "LPAR" and not _ends_with_name(fed))):
            # The grammar takes this for the next item, separator or not.
            add(Fed(BAD, start, end, words=words.ATTRIBUTE_SEPARATOR))
        if kind == IDENT:
            at, token = _word(text, tokens, at, fed, ended=ended, is_for=is_for, newlines=newlines)
            add(token)
            is_for = False
            ended = token.kind in ("NAME", "TRUE", "FALSE", "NULL", "ELSE", "ENDIF", "ENDFOR")
            continue
        if kind == NUMBER:
            add(_number(text, start, end, legacy=bool(fed) and fed[-1].kind == "DOT"))
            ended = True
        elif kind == LITERAL:
            add(Fed("STRING_CHARS", start, end))
        elif kind == MISTAKEN_HEREDOC:
            add(Fed(BAD, start, end, words=words.mistaken_heredoc(text[start:end])))
            at += 2 if tokens[at + 1][0] == LITERAL else 0
            ended = True
        elif kind == INVALID:
            add(Fed(BAD, start, end, words=words.of_invalid(text[start:end])))
        elif kind in _PREFIX and not ended:
            at, token = _signs(tokens, at, newlines=newlines)
            add(token)
            continue
        elif kind == "DOT":
            after = _skip(tokens, at + 1, newlines=newlines)
            if tokens[after][0] == "ASTERISK":
                add(Fed("ATTR_SPLAT", start, tokens[after][2]))
                ended = True
                at = after
            else:
                add(Fed(kind, start, end))
                ended = False
        elif kind == "LSQB" and ended and (close := _splat(tokens, at, newlines=newlines)) is not None:
            at = close
            if tokens[close][0] != "RSQB":
                add(Fed(BAD, *tokens[close][1:], words=words.SPLAT_BRACKET))
                continue
            add(Fed("FULL_SPLAT_START", start, tokens[close][2]))
        elif kind in OPENERS:
            stack.append(_Open(OPENERS[kind], newlines, in_value))
            if len(stack) > MAX_DEPTH:
                add(Fed(BAD, start, end, words=words.TOO_DEEP))
                break
            in_value = False
            is_for = kind in ("LBRACE", "LSQB") and not ended and _is_for(text, tokens, at)
            newlines = kind == "LBRACE" and not is_for
            if kind in (OQUOTE, OHEREDOC):
                kind = "DBLQUOTE"
            elif kind == INTERP:
                kind = "INTERP_START"
            elif kind == CONTROL:
                kind = "DIRECTIVE_START"
            add(Fed(kind, start, end))
            ended = False
        else:
            add(Fed(kind, start, end))
            # Nothing but a bracket or an ``if`` follows an ellipsis.
            ended = kind == "ELLIPSIS"
            if newlines and stack and kind in ("EQ", "COLON", "COMMA"):
                in_value = kind != "COMMA"
        at += 1
    return Feed(fed, at)


def _skip(tokens: list[Token], at: int, *, newlines: bool) -> int:
    """Return the index of the first token from ``at`` on that counts."""
    if not newlines:
        while tokens[at][0] == NEWLINE:
            at += 1
    return at


def _is_for(text: str, tokens: list[Token], at: int) -> bool:
    """Return whether the bracket at ``at`` opens a ``for`` expression."""
    kind, start, end = tokens[_skip(tokens, at + 1, newlines=False)]
    return kind == IDENT and text[start:end] == "for"


def _splat(tokens: list[Token], at: int, *, newlines: bool) -> int | None:
    """Return the index of the token after a ``[*`` that starts at ``at``, None where there is no star."""
    star = _skip(tokens, at + 1, newlines=newlines)
    return _skip(tokens, star + 1, newlines=newlines) if tokens[star][0] == "ASTERISK" else None


def _ends_with_name(fed: list[Fed]) -> bool:
    """Return whether a parenthesis would make a function call of what came last."""
    return fed[-1].kind == "NAME" and fed[-2].kind != "DOT"


def _signs(tokens: list[Token], at: int, *, newlines: bool) -> tuple[int, Fed]:
    """Return a run of prefix operators as one terminal, since python-hcl2's grammar knows one at a time only."""
    signs: list[tuple[str, int]] = []
    start = tokens[at][1]
    while (kind := tokens[at][0]) in _PREFIX:
        signs.append((_PREFIX[kind], tokens[at][1]))
        end = tokens[at][2]
        at = _skip(tokens, at + 1, newlines=newlines)
    return at, Fed("NOT", start, end, signs=tuple(signs))


def _number(text: str, start: int, end: int, *, legacy: bool) -> Fed:
    number = text[start:end]
    if legacy and "." in number:
        return Fed(BAD, start, end, words=words.legacy_index(number))
    if not number.isdecimal() and is_bad_number(number):
        return Fed(BAD, start, end, words=words.INVALID_NUMBER)
    return Fed("INT_LITERAL", start, end)


def _word(
    text: str, tokens: list[Token], at: int, fed: list[Fed], *, ended: bool, is_for: bool, newlines: bool
) -> tuple[int, Fed]:
    """Return the index after the word at ``at`` and its terminal: most keywords are keywords in one place only."""
    _, start, end = tokens[at]
    word = text[start:end]
    before = fed[-1].kind if fed else ""
    after = _skip(tokens, at + 1, newlines=newlines)
    if before == "DIRECTIVE_START":
        kind = _DIRECTIVES.get(word)
        if kind is None:
            return at + 1, Fed(BAD, start, end, words=words.directive_keyword(word))
        return at + 1, Fed(kind, start, end)
    if is_for:
        return at + 1, Fed("FOR", start, end)
    if before == "DOT" or before == "FOR" or (before == "COMMA" and len(fed) > 2 and fed[-3].kind == "FOR"):
        return at + 1, Fed("NAME", start, end)
    if ended:
        return at + 1, Fed({"if": "IF", "in": "IN"}.get(word, "NAME"), start, end)
    if tokens[after][0] == "COLONS":
        return _namespaced(tokens, at, newlines=newlines)
    if word in _WORDS and tokens[after][0] != "LPAR":
        return at + 1, Fed(_WORDS[word], start, end)
    return at + 1, Fed("NAME", start, end)


def _namespaced(tokens: list[Token], at: int, *, newlines: bool) -> tuple[int, Fed]:
    """Return a function name with its namespaces, ``a::b``, as one NAME; only a call may have one."""
    start = tokens[at][1]
    while True:
        end = tokens[at][2]
        at = _skip(tokens, at + 1, newlines=newlines)
        if tokens[at][0] != "COLONS":
            break
        at = _skip(tokens, at + 1, newlines=newlines)
        if tokens[at][0] != IDENT:
            return at, Fed(BAD, tokens[at][1], tokens[at][2], words=words.MISSING_FUNCTION_NAME)
    if tokens[at][0] != "LPAR":
        return at, Fed(BAD, tokens[at][1], tokens[at][2], words=words.MISSING_OPEN_PARENTHESIS)
    return at, Fed("NAME", start, end)
