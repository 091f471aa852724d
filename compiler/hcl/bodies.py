"""Files and blocks: what stands around expressions.

python-hcl2's grammar lets through what HCL doesn't (two arguments on a line, a block's brace on the next line), so
bodies are read here, by the rules of HashiCorp's parser, and only expressions go through the grammar: those that aren't
read in :mod:`compiler.hcl.plain` first, as most are.

After an error, reading goes on with the next argument or block where the brackets say where that is, else at the next
line that can only be the start of one of Terraform's top-level blocks.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from compiler.hcl import words
from compiler.hcl.conflicts import merge_conflict
from compiler.hcl.feed import END, Fed, feed_expression
from compiler.hcl.parser import parse
from compiler.hcl.plain import plain_expression
from compiler.hcl.recovery import before_comments, item_end, next_block
from compiler.hcl.scan import (
    CQUOTE,
    EOF,
    IDENT,
    INVALID,
    LITERAL,
    MISTAKEN_HEREDOC,
    NEWLINE,
    OQUOTE,
    Token,
    scan_configuration,
)
from compiler.hcl.syntax import MAX_DEPTH, Attribute, Block, BlockLabel, Body, Comment, Expression, File, Unread
from compiler.hcl.templates import unescape
from compiler.hcl.words import MAX_PROBLEMS, Words
from compiler.records import dataclass, field, replace
from compiler.source.diagnostics import Diagnostic, Label, also, error
from compiler.source.span import Source, Span

# How many characters may be read again after errors that hide where the next argument starts.
_MAX_READ_AGAIN: Final = 4 * 1024 * 1024


@dataclass(slots=True)
class _OpenBlock:
    """A body that is being read, and the header of its block; a file's body has none."""

    start: int
    type: Token | None = None
    brace: Token | None = None
    one_line: bool = False
    attributes: list[Attribute] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    names: dict[str, Span] = field(default_factory=dict)
    labels: list[BlockLabel] = field(default_factory=list)


class _Stop(Exception):
    """An item can't be read any further; the diagnostic is there, and the token that it is about."""

    def __init__(self, at: int, *, lost: bool = False, lost_string: bool = False) -> None:
        self.at = at
        # Whether brackets don't tell where the item ends, and whether even the tokens after it are made up.
        self.lost = lost or lost_string
        self.lost_string = lost_string


def read_file(source: Source) -> tuple[File, list[Diagnostic]]:
    """Return the file and what is wrong with it, in the order in which it was found."""
    reader = _BodyReader(source)
    file = reader.read()
    conflict = merge_conflict(source) if reader.problems else None
    if conflict is not None:
        # The two sides of a conflict are never read together: what they declare twice, or cut in two, is no mistake.
        whole = source.span(0, len(source.text))
        return File(source, Body((), (), whole), (), (whole,)), [conflict]
    return file, reader.problems[:MAX_PROBLEMS]


def read_attribute_at(source: Source, start: int, end: int) -> tuple[Attribute | None, list[Diagnostic]]:
    """Return the one attribute that stands between two offsets, and what is wrong with it."""
    reader = _BodyReader(source, start, end)
    body = reader.read().body
    if reader.problems:
        return None, reader.problems
    if len(body.attributes) == 1 and not body.blocks:
        return body.attributes[0], []
    span = source.span(start, end)
    return None, [error("UC002", span, "Argument definition required", "Exactly one argument is expected here.")]


class _BodyReader:
    """Reads the bodies of one source, or of a slice of it."""

    def __init__(self, source: Source, start: int = 0, end: int | None = None) -> None:
        self.source = source
        self.end = len(source.text) if end is None else end
        self.problems: list[Diagnostic] = []
        self.comments: list[tuple[int, int, bool]] = []
        self.unread: list[Span] = []
        self.read_again = 0
        # Where a "${" that a shell would expand is taken for text, so that what follows it can be read.
        self.literal: set[int] = set()
        self.stack = [_OpenBlock(start)]
        self.tokens: list[Token] = []
        self.at = 0
        # The index of the token at which the item being read starts.
        self.item = 0
        self._scan(start)

    def _scan(self, start: int) -> None:
        scan = scan_configuration(self.source.text, start, self.end, self.literal)
        self.tokens, self.at = scan.tokens, 0
        self.comments = [comment for comment in self.comments if comment[0] < start] + scan.comments

    def read(self) -> File:
        """Read everything there is."""
        while True:
            kind = self.tokens[self.at][0]
            if len(self.problems) >= MAX_PROBLEMS:
                self._pass_over(self.tokens[self.at][1], self.end)
                break
            try:
                if kind == NEWLINE:
                    self.at += 1
                elif kind == EOF:
                    if len(self.stack) == 1:
                        break
                    self._unclosed()
                elif kind == "RBRACE" and len(self.stack) > 1:
                    self._close()
                elif kind == IDENT:
                    self._item()
                else:
                    self.item = self.at
                    chosen = words.QUOTED_ARGUMENT if kind == OQUOTE else words.ITEM_REQUIRED
                    self._fail(self.at, chosen)
            except _Stop as stop:
                if not self._recover(stop):
                    break
        while len(self.stack) > 1:
            self._pop(self.end)
        text, span = self.source.text, self.source.span
        comments = tuple(Comment(text[start:end], alone, span(start, end)) for start, end, alone in self.comments)
        return File(self.source, self._body(self.stack[0], self.end), comments, tuple(self.unread))

    def _span(self, token: Token) -> Span:
        return Span(self.source, token[1], token[2])

    def _text(self, token: Token) -> str:
        return self.source.text[token[1] : token[2]]

    def _report(self, token: Token, chosen: Words, related: tuple[Label, ...] = ()) -> None:
        if token[0] == INVALID:
            chosen = words.of_invalid(self._text(token))
        elif token[0] == "SLASH" and self.source.text.startswith("/*", token[1]):
            chosen = words.UNTERMINATED_COMMENT
        self.problems.append(chosen.at(self._span(token), related))

    def _fail(self, at: int, chosen: Words, related: tuple[Label, ...] = ()) -> None:
        self._report(self.tokens[at], chosen, related)
        raise _Stop(at)

    def _item(self) -> None:
        self.item = self.at
        name = self.tokens[self.at]
        following = self.tokens[self.at + 1][0]
        if following == "EQ":
            self._attribute(name)
        elif following in (OQUOTE, "LBRACE", IDENT) or (following == NEWLINE and self._brace_follows(self.at + 1)):
            if self.stack[-1].one_line:
                self._fail(self.at, words.single_line_block(self._text(name)))
            self._block(name)
        else:
            at = self.at + 1 if following == INVALID else self.at
            self._fail(at, words.EQUALS_REQUIRED)

    def _attribute(self, name: Token) -> None:
        body = self.stack[-1]
        plain = None if body.one_line else plain_expression(self.source, self.tokens, self.at + 2)
        if plain is not None:
            expression, self.at = plain
            self._add(body, name, expression)
            return
        feed = feed_expression(self.source.text, self.tokens, self.at + 2, newlines=True)
        following = self.tokens[feed.stop]
        outside = "one-line block" if body.one_line else "argument"
        parsed = parse(self.source, feed.fed)
        if parsed.failed_at is not None:
            from compiler.hcl.errors import explain

            bad = Fed(*following)
            if following[0] == EOF:
                bad = replace(bad, kind=END)
            problem, literal = explain(self.source, feed.fed, parsed.failed_at, bad, outside)
            if literal is not None and self._may_read_again(name[1]):
                self.problems.append(problem)
                self.literal.add(literal)
                self._scan(name[1])
                return
            self.problems += (*parsed.problems, problem)
            self._add(body, name, Unread(problem.primary.span))
            if problem.code == "UC003":
                # A string or heredoc that isn't closed takes in all that follows its start.
                raise _Stop(self._index_of(problem.labels[-1].span.start), lost_string=True)
            failed = feed.fed[parsed.failed_at] if parsed.failed_at < len(feed.fed) else bad
            at = self._index_of(failed.start)
            unclosed = self.tokens[at][0] == MISTAKEN_HEREDOC and self.tokens[at + 1][0] != LITERAL
            raise _Stop(at, lost_string=unclosed)
        self.problems.extend(parsed.problems)
        self.at = feed.stop
        unended = following[0] not in ((NEWLINE, "RBRACE", EOF) if body.one_line else (NEWLINE, EOF))
        known = None if unended else parsed.expression
        self._add(body, name, Unread(self._span(following)) if known is None else known)
        if body.one_line and following[0] == NEWLINE:
            # Read on as if the block had been opened on a line of its own.
            self._report(following, words.SINGLE_NEWLINE)
            body.one_line = False
        elif unended:
            self._fail(self.at, words.OUTSIDE[outside])

    def _index_of(self, offset: int) -> int:
        """Return the index of the first token that starts at an offset or after it."""
        return bisect_left(self.tokens, offset, key=lambda token: token[1])

    def _add(self, body: _OpenBlock, name: Token, expression: Expression) -> None:
        text = self._text(name)
        span = self._span(name)
        if text in body.names:
            earlier = body.names[text]
            self.problems.append(
                error(
                    "UC005",
                    span,
                    "Attribute redefined",
                    f'The argument "{text}" was already set at {self.source.name}:{earlier.start_pos.line}. Each '
                    "argument may be set only once.",
                    label="set again here",
                    related=(also(earlier, f"first set here, on line {earlier.start_pos.line}"),),
                )
            )
            return
        body.names[text] = span
        end = max(span.end, expression.span.end)
        body.attributes.append(Attribute(text, span, expression, self.source.span(span.start, end)))

    def _block(self, name: Token) -> None:
        block = _OpenBlock(name[1], name)
        at = self.at + 1
        while (kind := self.tokens[at][0]) != "LBRACE":
            if kind == OQUOTE:
                at = self._label(block, at)
            elif kind == IDENT:
                token = self.tokens[at]
                block.labels.append(BlockLabel(self._text(token), False, self._span(token)))
                at += 1
            elif kind == NEWLINE:
                self._report(self.tokens[at], words.BLOCK_WITHOUT_BRACE)
                if not self._brace_follows(at):
                    raise _Stop(at)
                while self.tokens[at][0] == NEWLINE:
                    at += 1
            else:
                self._fail(at, words.BLOCK_WITH_EQUALS if kind == "EQ" else words.BLOCK_HEADER)
        block.brace = self.tokens[at]
        self.at = at + 1
        first = self.tokens[self.at][0]
        block.one_line = first not in (NEWLINE, EOF, "RBRACE")
        if len(self.stack) > MAX_DEPTH:
            self.problems.append(words.TOO_DEEP.at(self._span(block.brace)))
            raise _Stop(at, lost=True)
        self.stack.append(block)
        if block.one_line and first != IDENT:
            self._fail(self.at, words.ITEM_REQUIRED)

    def _brace_follows(self, at: int) -> bool:
        """Return whether a brace stands behind newlines."""
        while self.tokens[at][0] == NEWLINE:
            at += 1
        return self.tokens[at][0] == "LBRACE"

    def _label(self, block: _OpenBlock, at: int) -> int:
        """Read a quoted label; return the index after it."""
        opening = self.tokens[at]
        value = []
        at += 1
        while (kind := self.tokens[at][0]) != CQUOTE:
            token = self.tokens[at]
            if kind == LITERAL:
                text, problems = unescape(self.source, token[1], token[2])
                value.append(text)
                self.problems += problems
            else:
                line = self.source.pos(opening[1]).line
                related = (also(self._span(opening), f"this label starts here, on line {line}"),)
                self._fail(at, words.in_quotes(kind, self._text(token)), related)
            at += 1
        span = self.source.span(opening[1], self.tokens[at][2])
        block.labels.append(BlockLabel("".join(value), True, span))
        return at + 1

    def _close(self) -> None:
        self.item = self.at + 1
        block = self._pop(self.tokens[self.at][2])
        self.at += 1
        following = self.tokens[self.at]
        if following[0] not in (NEWLINE, EOF):
            opening = also(block.header_span, "this block has just ended")
            self._fail(self.at, words.NEWLINE_AFTER_BLOCK, (opening,))

    def _pop(self, end: int) -> Block:
        """Close the innermost block at an offset."""
        open_ = self.stack.pop()
        assert open_.type is not None
        type_span = self._span(open_.type)
        header = type_span.to(open_.labels[-1].span) if open_.labels else type_span
        body = self._body(open_, end)
        span = self.source.span(open_.type[1], end)
        block = Block(self._text(open_.type), type_span, tuple(open_.labels), body, header, span)
        self.stack[-1].blocks.append(block)
        return block

    def _body(self, open_: _OpenBlock, end: int) -> Body:
        start = open_.start if open_.brace is None else open_.brace[1]
        return Body(tuple(open_.attributes), tuple(open_.blocks), self.source.span(start, end))

    def _unclosed(self) -> None:
        block = self.stack[-1]
        assert block.brace is not None
        line = self.source.pos(block.brace[1]).line
        opening = also(self._span(block.brace), f"this block starts here, on line {line}")
        at = len(self.source.text[: self.end].rstrip())
        self._report(("", at, at), words.UNCLOSED_BLOCK, (opening,))
        raise _Stop(self._index_of(block.brace[1]), lost=True)

    def _recover(self, stop: _Stop) -> bool:
        """Go on after the item that can't be read; return whether there is something to go on with."""
        if not stop.lost:
            following = item_end(self.tokens, self.item, stop.at, nested=len(self.stack) > 1)
            if following is not None:
                self._pass_over(self.tokens[self.item][1], self.tokens[following][1])
                self.at = following
                if self.stack[-1].one_line and self.tokens[following][0] != "RBRACE":
                    self._pop(self.tokens[following][1])
                return True
        start = next_block(self.source.text, self.tokens, stop.at, self.end, anywhere=stop.lost_string)
        # A large file isn't taken up again often.
        start = start if start is not None and self._may_read_again(start) else None
        self._pass_over(self.tokens[min(self.item, stop.at)][1], self.end if start is None else start)
        if start is None:
            return False
        # What stands after that line was read as a part of something else.
        self.problems = [p for p in self.problems if any(label.span.start < start for label in p.labels)]
        end = before_comments(self.source.text, start)
        while len(self.stack) > 1:
            self._pop(end)
            blocks = self.stack[-1].blocks
            block = blocks[-1]
            inside = replace(
                block.body,
                attributes=tuple(a for a in block.body.attributes if a.span.start < start),
                blocks=tuple(b for b in block.body.blocks if b.span.start < start),
            )
            blocks[-1] = replace(block, body=inside)
        self._scan(start)
        return True

    def _pass_over(self, start: int, end: int) -> None:
        if start < end:
            self.unread.append(self.source.span(start, end))

    def _may_read_again(self, start: int) -> bool:
        """Return whether what follows an offset may be read once more, and count it."""
        self.read_again += self.end - start
        return self.read_again <= _MAX_READ_AGAIN
