"""Texts that are no file: one expression, one template, one traversal."""

from __future__ import annotations

from compiler.hcl import words
from compiler.hcl.feed import END, Fed, feed_expression, feed_template
from compiler.hcl.parser import parse
from compiler.hcl.scan import (
    CQUOTE,
    EOF,
    IDENT,
    INVALID,
    LITERAL,
    NEWLINE,
    NUMBER,
    OQUOTE,
    Token,
    is_bad_number,
    scan_configuration,
    scan_template,
)
from compiler.hcl.syntax import Expression, NumberLiteral, Template
from compiler.hcl.templates import unescape
from compiler.hcl.traversal import AttrStep, IndexStep, Step, Traversal
from compiler.hcl.words import Words
from compiler.records import replace
from compiler.source.diagnostics import Diagnostic
from compiler.source.span import Source


def expression_at(source: Source, start: int, end: int) -> tuple[Expression | None, list[Diagnostic]]:
    """Return the expression between two offsets; newlines count nowhere outside of objects."""
    tokens = scan_configuration(source.text, start, end).tokens
    feed = feed_expression(source.text, tokens, 0, newlines=False)
    parsed = parse(source, feed.fed)
    problems = parsed.problems
    following = Fed(*tokens[feed.stop])
    if parsed.failed_at is not None:
        from compiler.hcl.errors import explain

        if following.kind == EOF:
            following = replace(following, kind=END)
        problems.append(explain(source, feed.fed, parsed.failed_at, following, "expression").diagnostic)
    elif following.kind != EOF:
        problems.append(words.OUTSIDE["expression"].at(source.span(following.start, following.end)))
    return (None, problems) if problems else (parsed.expression, [])


def template_of(source: Source) -> tuple[Template | None, list[Diagnostic]]:
    """Return the source as a template."""
    tokens = scan_template(source.text).tokens
    feed = feed_template(source.text, tokens)
    parsed = parse(source, feed.fed)
    problems = parsed.problems
    if parsed.failed_at is not None:
        from compiler.hcl.errors import explain

        following = Fed(*tokens[feed.stop])
        problems.append(explain(source, feed.fed, parsed.failed_at, following, "expression").diagnostic)
    if problems:
        return None, problems
    assert isinstance(parsed.expression, Template)
    return parsed.expression, []


def traversal_text(source: Source) -> tuple[Traversal | None, list[Diagnostic]]:
    """Return the traversal that the source is, by the rules of ``hclsyntax.ParseTraversalAbs``."""
    reader = _TraversalReader(source)
    try:
        return reader.read(), reader.problems
    except _Refused as refused:
        return None, [*reader.problems, refused.diagnostic]


class _Refused(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


class _TraversalReader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Diagnostic] = []
        scanned = scan_configuration(source.text, 0, len(source.text)).tokens
        self.tokens = [token for token in scanned if token[0] != NEWLINE]
        self.at = 0

    def read(self) -> Traversal | None:
        root = self._take(IDENT, words.VARIABLE_NAME)
        steps: list[Step] = []
        while (token := self.tokens[self.at])[0] != EOF:
            self.at += 1
            if token[0] == "DOT":
                star = self.tokens[self.at][0] == "ASTERISK"
                name = self._take(IDENT, words.NO_ATTRIBUTE_SPLAT if star else words.ATTRIBUTE_AFTER_DOT)
                steps.append(AttrStep(self._text(name), self.source.span(token[1], name[2])))
            elif token[0] == "LSQB":
                key = self._key()
                close = self._take("RSQB", words.UNCLOSED_INDEX)
                steps.append(IndexStep(key, self.source.span(token[1], close[2])))
            else:
                self._refuse(token, words.NO_STEP)
        if self.problems:
            return None
        return Traversal(self._text(root), tuple(steps), self.source.span(root[1], self.tokens[self.at - 1][2]))

    def _text(self, token: Token) -> str:
        return self.source.text[token[1] : token[2]]

    def _refuse(self, token: Token, chosen: Words) -> None:
        if token[0] == INVALID:
            chosen = words.of_invalid(self._text(token))
        raise _Refused(chosen.at(self.source.span(token[1], token[2])))

    def _take(self, kind: str, otherwise: Words) -> Token:
        token = self.tokens[self.at]
        if token[0] != kind:
            self._refuse(token, otherwise)
        self.at += 1
        return token

    def _key(self) -> str | NumberLiteral:
        token = self.tokens[self.at]
        self.at += 1
        if token[0] == NUMBER:
            text = self._text(token)
            if is_bad_number(text):
                self._refuse(token, words.INVALID_NUMBER)
            return NumberLiteral(text, self.source.span(token[1], token[2]))
        if token[0] != OQUOTE:
            self._refuse(token, words.NO_INDEX_SPLAT if token[0] == "ASTERISK" else words.INDEX_VALUE)
        value: list[str] = []
        while (part := self.tokens[self.at])[0] == LITERAL:
            text, problems = unescape(self.source, part[1], part[2])
            value.append(text)
            self.problems += problems
            self.at += 1
        self._take(CQUOTE, words.in_quotes(part[0], self._text(part)))
        return "".join(value)
