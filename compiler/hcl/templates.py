"""What a template means: escapes, ``~`` trimming, the indentation that ``<<-`` removes, directives.

HCL does these in this order, and token by token: ``~`` trims the one literal token next to it, which in a heredoc ends
with its line, and ``<<-`` counts white space in tokens that are already trimmed. The order and the tokens are those of
https://github.com/hashicorp/hcl, ``hclsyntax/parser_template.go``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from compiler.hcl.feed import Fed
from compiler.hcl.scan import WHITE_SPACE, Token
from compiler.hcl.syntax import (
    Expression,
    Interpolation,
    Template,
    TemplateFor,
    TemplateIf,
    TemplateKind,
    TemplatePart,
    Text,
)
from compiler.hcl.words import MAX_PROBLEMS
from compiler.patterns import regex
from compiler.records import dataclass, field
from compiler.source.diagnostics import Diagnostic, Label, also, error
from compiler.source.span import Source, Span

_ESCAPE = regex(r"\\(?:u[0-9a-fA-F]{0,4}|U[0-9a-fA-F]{0,8}|[^\r\n])")
# Signs are taken two by two, from the left: ``$$${`` holds no escape.
_TEMPLATE_ESCAPE = regex(r"\$\$\{?|%%\{?")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_HEX_DIGITS = {"u": (4, "four"), "U": (8, "eight")}


@dataclass(frozen=True, slots=True)
class TemplateMark:
    """An interpolation or directive before the directives are matched up; ``kind`` is its keyword or ``""``."""

    kind: str
    start: int
    end: int
    expression: Expression | None = None
    key: str | None = None
    value: str = ""


@dataclass(slots=True)
class _Piece:
    """A literal token, while it is being trimmed."""

    value: str
    start: int
    end: int


def build_template(
    source: Source,
    kind: TemplateKind,
    opening: Fed,
    parts: Iterable[Fed | TemplateMark],
    closing: Fed,
) -> tuple[Template, list[Diagnostic]]:
    """Return the template that the parts between two markers make, and what is wrong in them."""
    tokens, problems = _trim(source, kind, parts)
    if kind is TemplateKind.FLUSH_HEREDOC:
        _flush(tokens)
    matched, unmatched = _match_up(source, _meld(source, tokens), closing)
    template = Template(matched, kind, source.span(opening.start, closing.end))
    return template, problems if unmatched is None else [*problems, unmatched]


def literal_template(
    source: Source, kind: TemplateKind, start: int, end: int, literals: Sequence[Token]
) -> tuple[Template, list[Diagnostic]]:
    """Return the template between two offsets that holds literal tokens only, and what is wrong in them."""
    problems: list[Diagnostic] = []
    if kind is TemplateKind.QUOTED:
        read = [unescape(source, first, last) for _, first, last in literals]
        values = [value for value, _ in read]
        problems = [problem for _, found in read for problem in found]
    else:
        values = [_without_escapes(source.text[first:last]) for _, first, last in literals]
    if kind is TemplateKind.FLUSH_HEREDOC:
        least, places = _indentation(values)
        for place in places:
            values[place] = values[place][least:]
    value = "".join(values)
    parts = (Text(_normal(value), Span(source, literals[0][1], literals[-1][2])),) if value else ()
    return Template(parts, kind, Span(source, start, end)), problems


def _meaning(source: Source, kind: TemplateKind, start: int, end: int) -> tuple[str, list[Diagnostic]]:
    """Return what a literal token of a template means, and what is wrong in it."""
    if kind is TemplateKind.QUOTED:
        return unescape(source, start, end)
    return _without_escapes(source.text[start:end]), []


def _normal(value: str) -> str:
    """Return a text as Terraform keeps each string that it makes (cty.StringVal): in normal form C."""
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def unescape(source: Source, start: int, end: int) -> tuple[str, list[Diagnostic]]:
    """Return what a literal token of a quoted string means, and an error for each escape that means nothing."""
    raw = source.text[start:end]
    if "\\" not in raw:
        return _without_escapes(raw), []
    problems: list[Diagnostic] = []

    def meaning(found: re.Match[str]) -> str:
        escape = found[0]
        letter = escape[1]
        if letter in _SIMPLE:
            return _SIMPLE[letter]
        if letter not in _HEX_DIGITS:
            detail = f'The symbol "{escape[1:]}" is not a valid escape sequence selector.'
        elif len(escape) - 2 != _HEX_DIGITS[letter][0]:
            count = _HEX_DIGITS[letter][1]
            detail = f"The \\{letter} escape sequence must be followed by {count} hexadecimal digits."
        else:
            number = int(escape[2:], 16)
            if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF:
                return chr(number)
            detail = f"Cannot encode character U+{number:04x} in UTF-8."
        if len(problems) < MAX_PROBLEMS:
            place = source.span(start + found.start(), start + found.end())
            advice = 'write "\\\\" for a backslash'
            problems.append(error("UC002", place, "Invalid escape sequence", detail, help=advice))
        return escape[1:]

    return _ESCAPE.sub(meaning, raw), problems


def _without_escapes(raw: str) -> str:
    """Return what a literal token means in which a backslash is nothing special."""
    return _TEMPLATE_ESCAPE.sub(_without_escape, raw) if "{" in raw else raw


def _without_escape(found: re.Match[str]) -> str:
    return found[0][1:] if found[0].endswith("{") else found[0]


def _trim(
    source: Source, kind: TemplateKind, parts: Iterable[Fed | TemplateMark]
) -> tuple[list[_Piece | TemplateMark], list[Diagnostic]]:
    """Return the parts with literals resolved and ``~`` applied, and what is wrong with literals."""
    text = source.text
    problems: list[Diagnostic] = []
    tokens: list[_Piece | TemplateMark] = []
    trim_next = False
    for part in parts:
        if isinstance(part, TemplateMark):
            if tokens and text.startswith("~", part.start + 2):
                before = tokens[-1]
                if isinstance(before, _Piece):
                    before.value = before.value.rstrip(WHITE_SPACE)
            trim_next = text[part.end - 2] == "~"
            tokens.append(part)
            continue
        value, found = _meaning(source, kind, part.start, part.end)
        problems += found
        if trim_next:
            value = value.lstrip(WHITE_SPACE)
            trim_next = False
        tokens.append(_Piece(value, part.start, part.end))
    return tokens, problems


def _flush(tokens: list[_Piece | TemplateMark]) -> None:
    """Remove from every line the white space that all lines start with."""
    least, places = _indentation([token.value if isinstance(token, _Piece) else None for token in tokens])
    for place in places:
        piece = tokens[place]
        assert isinstance(piece, _Piece)
        piece.value = piece.value[least:]


def _indentation(values: Sequence[str | None]) -> tuple[int, list[int]]:
    """Return how much white space all lines start with, and the places of the literals with which they do.

    None stands for what is no literal. Blank lines don't count.
    """
    least: int | None = None
    places: list[int] = []
    starts_line = True
    for place, value in enumerate(values):
        if value is None:
            least = 0 if starts_line else least
            starts_line = False
            continue
        if starts_line:
            kept = value.lstrip(WHITE_SPACE)
            if kept or not value.endswith("\n"):
                spaces = len(value) - len(kept)
                places.append(place)
                least = spaces if least is None else min(least, spaces)
        starts_line = value.endswith("\n")
    return least or 0, places


def _meld(source: Source, tokens: list[_Piece | TemplateMark]) -> list[Text | TemplateMark]:
    """Return the tokens with neighbouring literals made one.

    A literal that was trimmed to nothing stays where it stands beside an interpolation: it makes the whole a string.
    """
    only_text = all(isinstance(token, _Piece) for token in tokens)
    melded: list[Text | TemplateMark] = []
    run: list[_Piece] = []

    def close_run() -> None:
        value = "".join(piece.value for piece in run)
        if value or not only_text:
            melded.append(Text(_normal(value), source.span(run[0].start, run[-1].end)))
        run.clear()

    for token in tokens:
        if isinstance(token, _Piece):
            run.append(token)
            continue
        if run:
            close_run()
        melded.append(token)
    if run:
        close_run()
    return melded


@dataclass(slots=True)
class _OpenDirective:
    """A directive whose end hasn't come yet, and the parts inside it."""

    mark: TemplateMark | None
    then: list[TemplatePart] | None = None
    parts: list[TemplatePart] = field(default_factory=list)


def _match_up(
    source: Source, tokens: list[Text | TemplateMark], closing: Fed
) -> tuple[tuple[TemplatePart, ...], Diagnostic | None]:
    """Return the parts with directives matched up; the first one that does not match ends them, with an error."""
    root = _OpenDirective(None)
    stack = [root]
    for token in tokens:
        top = stack[-1]
        if isinstance(token, Text):
            top.parts.append(token)
            continue
        here = source.span(token.start, token.end)
        if token.kind == "":
            assert token.expression is not None
            top.parts.append(Interpolation(token.expression, here))
        elif token.kind in ("if", "for"):
            stack.append(_OpenDirective(token))
        elif top.mark is None or not _belongs(token.kind, top):
            return tuple(root.parts), _unexpected(source, token, top, here)
        elif token.kind == "else":
            top.then, top.parts = top.parts, []
        else:
            stack.pop()
            stack[-1].parts.append(_close(source, top, token))
    return tuple(root.parts), _unclosed(source, stack[-1], closing) if len(stack) > 1 else None


def _belongs(kind: str, top: _OpenDirective) -> bool:
    """Return whether an ending directive may stand in the innermost open one."""
    assert top.mark is not None
    if kind == "else":
        return top.mark.kind == "if" and top.then is None
    return kind == "end" + top.mark.kind


def _close(source: Source, top: _OpenDirective, end: TemplateMark) -> TemplatePart:
    mark = top.mark
    assert mark is not None
    assert mark.expression is not None
    span = source.span(mark.start, end.end)
    if mark.kind == "for":
        return TemplateFor(mark.key, mark.value, mark.expression, tuple(top.parts), span)
    if top.then is None:
        return TemplateIf(mark.expression, tuple(top.parts), (), span)
    return TemplateIf(mark.expression, tuple(top.then), tuple(top.parts), span)


def _unexpected(source: Source, token: TemplateMark, top: _OpenDirective, here: Span) -> Diagnostic:
    summary = f"Unexpected {token.kind} directive"
    if top.mark is None:
        return error("UC002", here, summary, "The control directives within this template are unbalanced.")
    opening = _opening(source, top.mark)
    if token.kind == "else" and top.mark.kind == "if":
        detail = "Already in the else clause for the if directive."
    elif token.kind == "else":
        detail = "An else clause is not expected for a for directive."
    else:
        article = "an endif" if top.mark.kind == "if" else "an endfor"
        detail = f"Expecting {article} directive for the {top.mark.kind} directive that is open here."
    return error("UC002", here, summary, detail, related=(opening,))


def _unclosed(source: Source, top: _OpenDirective, closing: Fed) -> Diagnostic:
    assert top.mark is not None
    kind = top.mark.kind
    return error(
        "UC003",
        source.span(closing.start, closing.end),
        "Unexpected end of template",
        f"The {kind} directive is missing its corresponding end{kind} directive.",
        related=(_opening(source, top.mark),),
        help=f"write %{{ end{kind} }} where it ends",
    )


def _opening(source: Source, mark: TemplateMark) -> Label:
    line = source.pos(mark.start).line
    return also(source.span(mark.start, mark.end), f"this {mark.kind} directive starts here, on line {line}")
