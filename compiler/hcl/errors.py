"""Why a terminal can't stand where it does: the rules by which HashiCorp's parser chooses its words.

The parser says only which terminal it couldn't take. What is open around it, and whether an operand has ended before
it, tell the rest.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from compiler.hcl import words
from compiler.hcl.expansions import ShellExpansion, escape_of, expansion_at, kept_directive
from compiler.hcl.feed import BAD, END, Fed
from compiler.hcl.words import Words
from compiler.patterns import regex
from compiler.records import dataclass, replace
from compiler.source.diagnostics import Diagnostic, Label, also, error
from compiler.source.span import Source

_QUOTE: Final = regex(r'(?<!\\)"')
_OPEN: Final = frozenset({"LPAR", "LSQB", "LBRACE", "INTERP_START", "DIRECTIVE_START"})
_CLOSE: Final = frozenset({"RPAR", "RSQB", "RBRACE"})
_OPERANDS: Final = frozenset(
    {"NAME", "TRUE", "FALSE", "NULL", "INT_LITERAL", "RPAR", "RSQB", "RBRACE", "ATTR_SPLAT", "FULL_SPLAT_START"}
    | {"ELSE", "ENDIF", "ENDFOR"}
)


@dataclass(slots=True)
class _Enclosure:
    """What is open: ``what`` names it as :data:`words.UNCLOSED` does; ``last`` is the latest mark that stood in it."""

    what: str
    start: Fed
    last: str = ""


class Explained(NamedTuple):
    """An error, and where a ``${`` stands with which as text the rest can be read, None where there is none."""

    diagnostic: Diagnostic
    literal: int | None = None


def explain(source: Source, fed: list[Fed], failed_at: int, following: Fed, outside: str) -> Explained:
    """Return the error for the terminal at ``failed_at``, or for ``following`` where all of ``fed`` was taken.

    ``outside`` says what the expression is part of: a key of :data:`words.OUTSIDE`.
    """
    frames, ended = _opened(source.text, fed[:failed_at])
    token = fed[failed_at] if failed_at < len(fed) else following
    frame = frames[-1] if frames else None
    if token.kind == BAD and token.words is not None:
        chosen = token.words
    elif token.kind == END and frame is not None:
        chosen = words.UNCLOSED[frame.what]
        if frame.what == "heredoc":
            marker = source.text[frame.start.start : frame.start.end].lstrip("<-").rstrip()
            chosen = replace(chosen, help=f"end the heredoc with a line that holds {marker} and nothing else")
    elif ended:
        chosen = _after_operand(frame, token, outside)
    else:
        chosen = _before_operand(frame, token, fed[failed_at - 1].kind if failed_at else "")
    help_ = chosen.help
    expansion = _expansion(source.text, frames) or _without_its_end(source.text, fed[:failed_at])
    # A quote in it may be the end of the string for all that HCL knows.
    literal = expansion.start if expansion is not None and not _QUOTE.search(expansion.text) else None
    if expansion is not None:
        help_ = escape_of(expansion)
        if token.start >= expansion.end:
            detail = (
                f'In Terraform "{expansion.comment}" starts a comment, which takes in the brace that is to end '
                "the sequence."
            )
            span = source.span(expansion.start, expansion.end)
            summary = words.UNCLOSED["interpolation"].summary
            return Explained(error("UC003", span, summary, detail, help=help_), literal)
    elif frame is not None and frame.what == "directive" and fed[failed_at - 1].kind == "DIRECTIVE_START":
        help_ = kept_directive(source.text, frame.start.start)
    if token.kind == END:
        token = _last_place(source, token)
    span = source.span(token.start, token.end)
    related: list[Label] = []
    if frame is not None and frame.what in words.NAMES:
        opening = source.span(frame.start.start, frame.start.end)
        line = opening.start_pos.line
        # A heredoc's opening holds its newline.
        text = opening.text.rstrip("\r\n")
        opening = source.span(opening.start, opening.start + len(text))
        related.append(also(opening, f"this {words.NAMES[frame.what]} starts here, on line {line}"))
    return Explained(replace(chosen, help=help_).at(span, related), literal)


def _expansion(text: str, frames: list[_Enclosure]) -> ShellExpansion | None:
    """Return the outermost of the open interpolations that a shell would expand."""
    starts = (frame.start.start for frame in frames if frame.what == "interpolation")
    return next((found for start in starts if (found := expansion_at(text, start)) is not None), None)


def _without_its_end(text: str, fed: list[Fed]) -> ShellExpansion | None:
    """Return the first sequence that a shell would expand and whose own brace HCL takes for part of a comment."""
    ends = {token.start for token in fed if token.kind == "RBRACE"}
    starts = (token.start for token in fed if token.kind == "INTERP_START")
    found = (expansion for start in starts if (expansion := expansion_at(text, start)) is not None)
    return next((each for each in found if each.comment and each.end - 1 not in ends), None)


def _last_place(source: Source, token: Fed) -> Fed:
    """Return the place just after the last character that isn't white space: the end of a file shows nothing."""
    at = len(source.text[: token.start].rstrip())
    return replace(token, start=at, end=at)


def _opened(text: str, fed: list[Fed]) -> tuple[list[_Enclosure], bool]:
    """Walk over what was taken; return what is open at its end, and whether an operand has just ended there."""
    frames: list[_Enclosure] = []
    ended = False
    for at, token in enumerate(fed):
        kind = token.kind
        if kind == "DBLQUOTE":
            if frames and frames[-1].what in ("string", "heredoc", "template"):
                frames.pop()
                ended = True
            else:
                opening = text[token.start : token.end]
                what = "heredoc" if opening.startswith("<<") else "string" if opening else "template"
                frames.append(_Enclosure(what, token))
                ended = False
            continue
        if kind in _OPEN:
            follows = fed[at + 1].kind if at + 1 < len(fed) else ""
            what = _what(kind, follows, fed[at - 1].kind if at else "", ended=ended)
            frames.append(_Enclosure(what, fed[at - 1] if what == "function call" else token))
            ended = False
            continue
        if kind in _CLOSE:
            while frames and frames[-1].what == "conditional":
                frames.pop()
            frame = frames.pop() if frames else None
            ended = frame is None or frame.what not in ("interpolation", "directive")
            continue
        if kind == "QMARK":
            frames.append(_Enclosure("conditional", token))
        elif kind == "COLON" and frames and frames[-1].what == "conditional":
            frames.pop()
        elif frames and kind in _MARKS:
            frames[-1].last = kind
        ended = kind in _OPERANDS
    return frames, ended


_MARKS: Final = frozenset(
    {"COMMA", "EQ", "COLON", "FOR", "IN", "IF", "ELSE", "ENDIF", "ENDFOR", "FOR_OBJECT_ARROW", "ELLIPSIS"}
)


def _what(kind: str, follows: str, before: str, *, ended: bool) -> str:
    if kind == "LPAR":
        return "function call" if ended and before == "NAME" else "parentheses"
    if kind == "LSQB":
        return "index" if ended else "tuple for" if follows == "FOR" else "tuple"
    if kind == "LBRACE":
        return "object for" if follows == "FOR" else "object"
    return "interpolation" if kind == "INTERP_START" else "directive"


def _before_operand(frame: _Enclosure | None, token: Fed, before: str) -> Words:
    """Return the words where an operand was expected."""
    if before == "DOT":
        return words.ATTRIBUTE_NAME
    if frame is not None and frame.what in ("tuple for", "object for") and frame.last in ("FOR", "COMMA"):
        return words.FOR_NAME if frame.last == "FOR" else words.FOR_VALUE_NAME
    if frame is not None and frame.what == "directive":
        if before == "DIRECTIVE_START":
            return words.DIRECTIVE
        if frame.last in ("FOR", "COMMA"):
            return words.FOR_DIRECTIVE_NAME if frame.last == "FOR" else words.FOR_DIRECTIVE_VALUE_NAME
    if before == "ELLIPSIS":
        if frame is not None and frame.what == "function call":
            return words.CLOSING_PARENTHESIS
        return words.EXTRA_AFTER_FOR
    if token.kind == END:
        return words.MISSING_EXPRESSION
    return words.INVALID_EXPRESSION


def _after_operand(frame: _Enclosure | None, token: Fed, outside: str) -> Words:
    """Return the words where an operator, a separator or a closing bracket was expected."""
    kind = token.kind
    if frame is None:
        return words.COMMA_OUTSIDE.get(outside, words.OUTSIDE[outside]) if kind == "COMMA" else words.OUTSIDE[outside]
    if frame.what == "object":
        if frame.last in ("EQ", "COLON"):
            return words.ATTRIBUTE_SEPARATOR
        if kind == "COMMA":
            return words.ATTRIBUTE_VALUE
        return words.KEY_SEPARATOR_BEFORE_NAME if kind == "NAME" else words.KEY_SEPARATOR
    if frame.what in ("tuple for", "object for"):
        if frame.what == "tuple for" and frame.last == "COLON" and kind in words.NOT_IN_TUPLE_FOR:
            return words.NOT_IN_TUPLE_FOR[kind]
        if frame.what == "object for" and frame.last == "COLON" and kind in ("RBRACE", "IF", "ELLIPSIS"):
            return words.FOR_KEY
        return words.FOR_AFTER.get(frame.last, words.EXTRA_AFTER_FOR)
    if frame.what == "interpolation":
        return words.COLON_IN_INTERPOLATION if kind == "COLON" else words.EXTRA_IN_INTERPOLATION
    if frame.what == "directive":
        if frame.last in ("FOR", "COMMA"):
            return words.FOR_DIRECTIVE_IN
        keyword = "for" if frame.last == "IN" else frame.last.lower()
        return words.extra_in_directive(keyword)
    return words.AFTER_OPERAND[frame.what]
