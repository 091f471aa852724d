"""From text to tokens: one scanner for configurations, expressions and templates.

The tokens are those of HashiCorp's scanner (https://github.com/hashicorp/hcl, ``hclsyntax/scan_tokens.rl``), template
by template and line by line, since what ``~`` trims and what ``<<-`` removes is decided token by token. Comments
stand apart. Offsets are those of the source, so that nothing has to be found again later.

The scanner never fails: what can't be a token becomes one of kind :data:`INVALID`, and what isn't closed simply ends.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final, NamedTuple, TypeAlias

from compiler.patterns import regex
from compiler.records import dataclass

# A kind, and the offsets of the first character and of the first one after. A plain tuple, because files have many.
Token: TypeAlias = tuple[str, int, int]

# Kinds that the parser's grammar doesn't know by this name. All others are named as python-hcl2 names its terminals.
IDENT: Final = "ident"
NUMBER: Final = "number"
NEWLINE: Final = "newline"
OQUOTE: Final = "open quote"
CQUOTE: Final = "close quote"
OHEREDOC: Final = "open heredoc"
CHEREDOC: Final = "close heredoc"
# A heredoc's opening as other languages spell it. Where its end is found, one literal and a closing token follow, so
# that what comes after the heredoc can be read.
MISTAKEN_HEREDOC: Final = "mistaken heredoc"
LITERAL: Final = "literal"
INTERP: Final = "interpolation"
CONTROL: Final = "directive"
SEQUENCE_END: Final = "sequence end"
INVALID: Final = "invalid"
EOF: Final = "end"

# What Go's unicode.IsSpace counts as white space; Python's str.isspace has four more.
WHITE_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

_PUNCTUATION: Final = {
    "(": "LPAR",
    ")": "RPAR",
    "[": "LSQB",
    "]": "RSQB",
    ",": "COMMA",
    ".": "DOT",
    "*": "ASTERISK",
    "/": "SLASH",
    "%": "PERCENT",
    "+": "PLUS",
    "-": "MINUS",
    "=": "EQ",
    "<": "LT",
    ">": "GT",
    "!": "NOT",
    "?": "QMARK",
    ":": "COLON",
    "==": "DOUBLE_EQ",
    "!=": "NEQ",
    ">=": "GEQ",
    "<=": "LEQ",
    "&&": "DOUBLE_AMP",
    "||": "DOUBLE_PIPE",
    "::": "COLONS",
    "...": "ELLIPSIS",
    "=>": "FOR_OBJECT_ARROW",
}

# A word that goes on with characters beyond ASCII is measured by hand: not all word characters of Python's make one.
# References are long, and their steps nearly always follow without a blank.
_WORD = r"[A-Za-z_][A-Za-z0-9_-]*+(?![^\x00-\x7f])"
_NEXT = regex(
    rf"""[ \t]*+(?:
      (?P<word>{_WORD}(?:\.{_WORD})*+)
    | (?P<punctuation>==|!=|>=|<=|&&|\|\||::|\.\.\.|=>|[()\[\],.*+\-=>!?:%]|/(?![/*])|<(?!<))
    | (?P<newline>\r?\n)
    | (?P<open>\{{)
    | (?P<close>~?\}})
    | (?P<text>"[^"\\$%\r\n]*+")
    | (?P<quote>")
    | (?P<number>[0-9](?:(?:[0-9.]|[eE][+-]?[0-9])*(?:[0-9]|[eE][+-]?[0-9]))?)
    | (?P<comment>(?:\#|//)[^\r\n]*(?:\r(?!\n)[^\r\n]*)*)
    | (?P<long_comment>/\*)
    | (?P<heredoc><<-?(?=[^\s<]))
    | (?P<mistaken><<)
    | (?P<less><)
    | (?P<end>\Z)
    | (?P<other>(?s:.))
    )""",
    re.VERBOSE,
)

_ASCII = regex(r"[A-Za-z_][A-Za-z0-9_-]*+")

_SEQUENCE = r"(?P<interp>\$\{~?)|(?P<control>%\{~?)"
_ESCAPED = r"\$\$\{~?|%%\{~?"
# A dollar or percent sign that opens nothing is a token of its own; a run of them may be one, but for the last two.
_SIGN = r"(?:\$(?=\$\$[^{]))++|(?:%(?=%%[^{]))++|[$%]"
_IN_QUOTES = regex(
    rf"""(?P<literal>(?:[^"\\$%\r\n]|\\[^\r\n])++|{_ESCAPED})|{_SEQUENCE}|(?P<sign>{_SIGN})
    |(?P<close>")|(?P<invalid>[\r\n]+|\\)|(?P<end>\Z)""",
    re.VERBOSE,
)
# In HashiCorp's scanner the one byte between such a sign and the end of its line belongs to the sign, so that ``~``
# behind the line's end doesn't trim it; a carriage return there that ends no line stops the scanner.
# The class is told by what it holds: told by what it doesn't, :mod:`re` draws up a table of all of Unicode for it.
_BYTE = r"[\x00-\t\x0b-z|-\x7f]"
_IN_HEREDOC = regex(
    rf"""(?P<literal>[^$%\r\n]*+\r?\n|[^$%\r\n]++|{_ESCAPED})|{_SEQUENCE}
    |(?P<invalid>\r|[$%]{_BYTE}\r(?!\n))|(?P<sign>[$%]{_BYTE}(?=\r?\n)|{_SIGN})|(?P<end>\Z)""",
    re.VERBOSE,
)
_NEWLINE = regex(r"\r?\n")
_NUMBER = regex(r"([0-9]+)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?")
# The run of a merge's mark is no opening.
_MISTAKEN = regex(r"""(?<!<)<<[-~]?(?P<blank>[ \t]*)-?(?P<quote>['"\\]?)(?P<marker>[^\W\d][\w-]*)[^\r\n]*""")
# Each may cost a search through the text.
_MAX_MISTAKEN: Final = 100


@dataclass(frozen=True, slots=True)
class Scan:
    """The tokens of a text, closed by one of kind :data:`EOF`, and its comments, both in source order.

    A comment is its offsets, and whether nothing but blanks stands before it on its line.
    """

    tokens: list[Token]
    comments: list[tuple[int, int, bool]]


def scan_configuration(text: str, start: int, end: int, literal: Container[int] = ()) -> Scan:
    """Return the tokens of a file's text, or of one expression in it, between two offsets.

    A byte order mark at the very start of the text is passed over. A ``${`` at one of the offsets ``literal`` is taken
    for text.
    """
    return _scan(text, min(max(start, _behind_mark(text)), end), end, None, literal)


def scan_template(text: str) -> Scan:
    """Return the tokens of a text that is a template as a whole, as ``templatefile`` reads it."""
    return _scan(text, _behind_mark(text), len(text), _IN_HEREDOC)


def _behind_mark(text: str) -> int:
    """Return the offset behind a byte order mark."""
    return int(text.startswith("\ufeff"))


def identifier_end(text: str, start: int, end: int) -> int:
    """Return where the identifier that starts at ``start`` ends; ``start`` itself where none does.

    Identifiers are Unicode's, with ``-`` after the first character.
    """
    if start >= end or not text[start].isidentifier():
        return start
    ascii_ = _ASCII.match(text, start, end)
    at = start + 1 if ascii_ is None else ascii_.end()
    while at < end and (text[at] == "-" or ("_" + text[at]).isidentifier()):
        at += 1
    return at


def is_bad_number(text: str) -> bool:
    """Return whether Terraform can't take the text as a number.

    Its numbers are Go's ``big.Float``, whose binary exponent has 32 bits.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return True
    whole, fraction, exponent = found[1], found[2] or "", found[3]
    if exponent is None or len(exponent) < 9:
        return False
    if len(exponent.lstrip("+-0")) > 18:
        return True
    # A few digits more or less don't matter beside an exponent of nine.
    digits = (whole + fraction).lstrip("0")
    bits = int(digits[:1000] or "0").bit_length() + 3 * len(digits[1000:])
    return bits > 0 and not -(2**31) <= bits + int(exponent) - len(fraction) < 2**31


class _OuterTemplate(NamedTuple):
    """A template around the current place: how it goes on, its marker if a heredoc, and braces open around it."""

    pattern: re.Pattern[str] | None
    marker: str | None
    braces: int


def _scan(text: str, at: int, end: int, pattern: re.Pattern[str] | None, literal: Container[int] = ()) -> Scan:
    tokens: list[Token] = []
    comments: list[tuple[int, int, bool]] = []
    emit = tokens.append
    find = text.find
    # Templates that are open around an interpolation, innermost last.
    outer: list[_OuterTemplate] = []
    marker: str | None = None
    line_start = True
    braces = 0
    unclosed = False
    while True:
        if pattern is None:
            # Until something is read by other rules, tokens follow one another.
            for token in _NEXT.finditer(text, at, end):
                assert token.lastindex is not None
                start, at = token.span(token.lastindex)
                match token.lastgroup:
                    case "word":
                        while (dot := find(".", start, at)) >= 0:
                            emit((IDENT, start, dot))
                            start = dot + 1
                            emit(("DOT", dot, start))
                        emit((IDENT, start, at))
                    case "punctuation":
                        emit((_PUNCTUATION[text[start:at]], start, at))
                    case "newline":
                        emit((NEWLINE, start, at))
                    case "open":
                        braces += 1
                        emit(("LBRACE", start, at))
                    case "close" if braces == 0 and outer:
                        emit((SEQUENCE_END, start, at))
                        pattern, marker, braces = outer.pop()
                        line_start = False
                        break
                    case "close":
                        braces -= 1
                        emit(("RBRACE" if at - start == 1 else SEQUENCE_END, start, at))
                    case "text":
                        # Nearly all strings are plain: nothing in them means anything else than itself.
                        emit((OQUOTE, start, start + 1))
                        if at - start > 2:
                            emit((LITERAL, start + 1, at - 1))
                        emit((CQUOTE, at - 1, at))
                    case "quote":
                        emit((OQUOTE, start, at))
                        outer.append(_OuterTemplate(None, None, braces))
                        pattern, marker = _IN_QUOTES, None
                        break
                    case "number":
                        emit((NUMBER, start, at))
                    case "comment":
                        comments.append((start, at, _alone(tokens, comments)))
                    case "long_comment":
                        # Once there is no end there is none for later ones either.
                        close = -1 if unclosed else text.find("*/", at, end)
                        if close < 0:
                            unclosed = True
                            emit(("SLASH", start, start + 1))
                            at = start + 1
                        else:
                            at = close + 2
                            comments.append((start, at, _alone(tokens, comments)))
                        break
                    case "heredoc":
                        name_end = identifier_end(text, at, end)
                        line_end = _NEWLINE.match(text, name_end, end)
                        if name_end > at and line_end is not None:
                            marker = text[at:name_end]
                            at = line_end.end()
                            emit((OHEREDOC, start, at))
                            outer.append(_OuterTemplate(None, None, braces))
                            pattern, line_start = _IN_HEREDOC, True
                        else:
                            at = _mistaken(text, start, end, tokens)
                        break
                    case "mistaken":
                        at = _mistaken(text, start, end, tokens)
                        break
                    case "less":
                        emit(("LT", start, at))
                    case "other":
                        at = max(identifier_end(text, start, end), start + 1)
                        emit((IDENT if text[start].isidentifier() else INVALID, start, at))
                        break
                    case _:
                        emit((EOF, end, end))
                        return Scan(tokens, comments)
            continue
        found = pattern.match(text, at, end)
        assert found is not None
        start, at = found.span()
        match found.lastgroup:
            case "sign":
                emit((LITERAL, start, at))
                line_start = False
            case "literal":
                if marker is None:
                    emit((LITERAL, start, at))
                    continue
                ends_line = text[at - 1] == "\n"
                if ends_line and line_start and found[0].strip(WHITE_SPACE) == marker:
                    newline = at - 1 - (text[at - 2] == "\r" and at - 2 >= start)
                    emit((CHEREDOC, start, newline))
                    emit((NEWLINE, newline, at))
                    level = outer.pop()
                    pattern, marker, braces = None, None, level.braces
                else:
                    line_start = ends_line
                    emit((LITERAL, start, at))
            case "interp" if start in literal:
                emit((LITERAL, start, at))
                line_start = False
            case "interp" | "control" as group:
                emit((INTERP if group == "interp" else CONTROL, start, at))
                outer.append(_OuterTemplate(pattern, marker, braces))
                pattern, braces = None, 0
            case "close":
                emit((CQUOTE, start, at))
                level = outer.pop()
                pattern, marker, braces = None, None, level.braces
            case "invalid" if marker is None and not outer:
                # HashiCorp's scanner gives up at a carriage return that stands alone in a template file, and takes
                # all that is left for literal text.
                emit((LITERAL, start, end))
                at = end
            case "invalid":
                emit((INVALID, start, at))
            case _:
                emit((EOF, end, end))
                return Scan(tokens, comments)


def _mistaken(text: str, start: int, end: int, tokens: list[Token]) -> int:
    """Note the tokens of what isn't the opening of a heredoc, but may be meant as one; return where they end."""
    opening = _MISTAKEN.match(text, start, end)
    if opening is not None and sum(kind == MISTAKEN_HEREDOC for kind, _, _ in tokens) < _MAX_MISTAKEN:
        pattern = re.compile(rf"^[ \t]*{re.escape(opening['marker'])}(?=[ \t]*\r?$)", re.MULTILINE)
        close = pattern.search(text, opening.end(), end)
        if close is not None:
            content = min(opening.end() + 1, close.start())
            tokens.append((MISTAKEN_HEREDOC, start, opening.end()))
            tokens.append((LITERAL, content, close.start()))
            tokens.append((CHEREDOC, *close.span()))
            return close.end()
        if opening["quote"] or not opening["blank"]:
            tokens.append((MISTAKEN_HEREDOC, start, opening.end()))
            return opening.end()
    tokens.append(("LT", start, start + 1))
    return start + 1


def _alone(tokens: list[Token], comments: list[tuple[int, int, bool]]) -> bool:
    """Return whether what comes next is the first on its line."""
    if not tokens:
        return not comments
    return tokens[-1][0] == NEWLINE and (not comments or comments[-1][1] <= tokens[-1][1])
