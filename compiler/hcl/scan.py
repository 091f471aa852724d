"""From text to tokens: one scanner for configurations, expressions and templates.

The tokens are those of HashiCorp's scanner (https://github.com/hashicorp/hcl, ``hclsyntax/scan_tokens.rl``), template
by template and line by line, since what ``~`` trims and what ``<<-`` takes away is decided token by token. Comments
stand apart. Offsets are those of the source, so that nothing has to be found again later.

The scanner never fails: what can't be a token becomes one of kind :data:`INVALID`, and what isn't closed simply ends.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, TypeAlias

__all__ = [
    "CHEREDOC",
    "CONTROL",
    "CQUOTE",
    "EOF",
    "IDENT",
    "INTERP",
    "INVALID",
    "LITERAL",
    "NEWLINE",
    "NUMBER",
    "OHEREDOC",
    "OQUOTE",
    "SEQUENCE_END",
    "WHITE_SPACE",
    "Scan",
    "Token",
    "heredoc_marker",
    "is_identifier",
    "scan_configuration",
    "scan_template",
]

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
    "{": "LBRACE",
    "}": "RBRACE",
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
    "~}": SEQUENCE_END,
}

_WORD = r"[^\W\d][\w-]*"
_NEXT = re.compile(
    rf"""[ \t]*+(?:
      (?P<word>{_WORD})
    | (?P<punctuation>==|!=|>=|<=|&&|\|\||::|\.\.\.|=>|~\}}|[()\[\]{{}},.*+\-=>!?:%]|/(?![/*])|<(?!<))
    | (?P<newline>\r?\n)
    | (?P<quote>")
    | (?P<number>[0-9](?:(?:[0-9.]|[eE][+-]?[0-9])*(?:[0-9]|[eE][+-]?[0-9]))?)
    | (?P<comment>(?:\#|//)[^\r\n]*(?:\r(?!\n)[^\r\n]*)*|/\*(?s:.*?)\*/)
    | (?P<heredoc><<-?{_WORD}\r?\n)
    | (?P<less><)
    | (?P<slash>/)
    | (?P<end>\Z)
    | (?P<invalid>(?s:.))
    )""",
    re.VERBOSE,
)

_SEQUENCE = r"(?P<interp>\$\{~?)|(?P<control>%\{~?)"
# A dollar or percent sign that opens no sequence is a token of its own, as is an escaped opening.
_SIGN = r"\$\$\{~?|%%\{~?|\$(?!\{)|%(?!\{)"
_IN_QUOTES = re.compile(
    rf"""(?P<literal>(?:[^"\\$%\r\n]|\\[^\r\n])++|{_SIGN})|{_SEQUENCE}
    |(?P<close>")|(?P<invalid>[\r\n]+|\\)|(?P<end>\Z)""",
    re.VERBOSE,
)
_IN_HEREDOC = re.compile(
    rf"""(?P<literal>[^$%\r\n]*+\r?\n|[^$%\r\n]++|{_SIGN})|{_SEQUENCE}|(?P<invalid>\r)|(?P<end>\Z)""", re.VERBOSE
)
_IN_FILE = _IN_HEREDOC

_MARKER = re.compile(r"<<-?(.*?)\r?\n")


class Scan(NamedTuple):
    """The tokens of a text, closed by one of kind :data:`EOF`, and its comments, both in source order."""

    tokens: list[Token]
    comments: list[tuple[int, int]]


def scan_configuration(text: str, start: int, end: int) -> Scan:
    """Return the tokens of a file's text, or of one expression in it, between two offsets.

    A byte order mark at the very start of the text is passed over.
    """
    return _scan(text, start + text.startswith("\ufeff", start, end) * (start == 0), end, None)


def scan_template(text: str) -> Scan:
    """Return the tokens of a text that is a template as a whole, as ``templatefile`` reads it."""
    return _scan(text, int(text.startswith("\ufeff")), len(text), _IN_FILE)


def heredoc_marker(text: str, token: Token) -> str:
    """Return the marker that a heredoc's opening token names."""
    found = _MARKER.match(text, token[1], token[2])
    assert found is not None
    return found[1]


def is_identifier(word: str) -> bool:
    """Return whether the word is an identifier of HCL: Unicode's identifiers, and ``-`` after the first character."""
    return _identifier_length(word) == len(word) > 0


def _identifier_length(word: str) -> int:
    """Return how many characters of ``word`` make an identifier; it holds word characters and ``-`` only."""
    if word.isascii() and not word[:1].isdigit():
        return len(word)
    if not word[:1].isidentifier():
        return 0
    for at, character in enumerate(word):
        if character != "-" and not ("_" + character).isidentifier():
            return at
    return len(word)


class _Level(NamedTuple):
    """A template around the current place: how it goes on, its marker if a heredoc, and braces open around it."""

    pattern: re.Pattern[str] | None
    marker: str | None
    braces: int


def _scan(text: str, at: int, end: int, pattern: re.Pattern[str] | None) -> Scan:
    tokens: list[Token] = []
    comments: list[tuple[int, int]] = []
    emit = tokens.append
    # Templates that are open around an interpolation, innermost last.
    outer: list[_Level] = []
    marker: str | None = None
    line_start = True
    braces = 0
    while True:
        if pattern is None:
            found = _NEXT.match(text, at, end)
            assert found is not None
            group = found.lastgroup
            assert group is not None
            start = found.start(group)
            at = found.end()
            match group:
                case "word":
                    length = at - start
                    if not found[group].isascii():
                        length = _identifier_length(found[group])
                        at = start + max(length, 1)
                    emit((IDENT if length else INVALID, start, at))
                case "punctuation":
                    kind = _PUNCTUATION[found[group]]
                    if kind == "LBRACE":
                        braces += 1
                    elif kind == "RBRACE" or kind == SEQUENCE_END:
                        if braces == 0 and outer:
                            kind = SEQUENCE_END
                            pattern, marker, braces = outer.pop()
                            line_start = False
                        else:
                            braces -= 1
                    emit((kind, start, at))
                case "newline":
                    emit((NEWLINE, start, at))
                case "quote":
                    emit((OQUOTE, start, at))
                    outer.append(_Level(None, None, braces))
                    pattern, marker = _IN_QUOTES, None
                case "number":
                    emit((NUMBER, start, at))
                case "comment":
                    comments.append((start, at))
                case "heredoc":
                    name = heredoc_marker(text, (OHEREDOC, start, at)).removeprefix("-")
                    if is_identifier(name):
                        emit((OHEREDOC, start, at))
                        outer.append(_Level(None, None, braces))
                        pattern, marker, line_start = _IN_HEREDOC, name, True
                    else:
                        at = start + 1
                        emit(("LT", start, at))
                case "less":
                    emit(("LT", start, at))
                case "slash":
                    emit(("SLASH", start, at))
                case "invalid":
                    emit((INVALID, start, at))
                case _:
                    emit((EOF, end, end))
                    return Scan(tokens, comments)
            continue
        found = pattern.match(text, at, end)
        assert found is not None
        start, at = found.span()
        match found.lastgroup:
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
            case "interp" | "control" as group:
                emit((INTERP if group == "interp" else CONTROL, start, at))
                outer.append(_Level(pattern, marker, braces))
                pattern, braces = None, 0
            case "close":
                emit((CQUOTE, start, at))
                level = outer.pop()
                pattern, marker, braces = None, None, level.braces
            case "invalid":
                emit((INVALID, start, at))
            case _:
                emit((EOF, end, end))
                return Scan(tokens, comments)
