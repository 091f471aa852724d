"""From the grammar's reductions to syntax nodes: an action for each rule of python-hcl2's grammar that makes one.

Also here: what the grammar lets pass and HCL doesn't, and the shape of splats, where the grammar's tree isn't HCL's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from compiler.hcl.feed import Fed
from compiler.hcl.syntax import (
    BareKey,
    Binary,
    Conditional,
    Expression,
    ForObject,
    ForTuple,
    FunctionCall,
    GetAttr,
    Index,
    Literal,
    NumberLiteral,
    ObjectExpr,
    ObjectItem,
    Parens,
    Splat,
    SplatItem,
    Template,
    TemplateKind,
    TupleExpr,
    Unary,
    Variable,
)
from compiler.hcl.templates import TemplateMark, build_template
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.span import Source, Span

# What stands on the parser's stack: terminals, nodes, and what actions hand to one another.
Made: TypeAlias = Any
Action: TypeAlias = "Callable[[Builder, list[Made]], Made]"

_LITERALS: Final = {"TRUE": True, "FALSE": False, "NULL": None}


@dataclass(frozen=True, slots=True)
class _ChainStep:
    """One step of a traversal: an attribute, an index, or the mark of a splat."""

    kind: str
    start: int
    end: int
    key: Expression | None = None


@dataclass(frozen=True, slots=True)
class _AccessChain:
    """An expression and the steps after it. Nodes are made at its end, since a splat takes in what follows it."""

    base: Expression
    steps: list[_ChainStep]


class Builder:
    """What the actions work on, for one source. ``problems`` collects what the grammar can't see."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Diagnostic] = []
        # How many nodes were made by runs of prefix operators, each of which is one terminal.
        self.signs = 0

    def _span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)

    def _name(self, token: Fed) -> tuple[str, Span]:
        return self.source.text[token.start : token.end], self._span(token.start, token.end)

    def finished(self, value: Made) -> Expression:
        """Return a finished expression: the end of a chain is known now."""
        if isinstance(value, _AccessChain):
            return self._finish(value)
        expression: Expression = value
        return expression

    def _number(self, c: list[Made]) -> Expression:
        return NumberLiteral(*self._name(c[0]))

    def operand(self, token: Fed) -> Expression:
        """Return what a name or a keyword stands for by itself."""
        if token.kind == "NAME":
            return Variable(*self._name(token))
        return Literal(_LITERALS[token.kind], self._span(token.start, token.end))

    def _parens(self, c: list[Made]) -> Expression:
        return Parens(self.finished(c[1]), self._span(c[0].start, c[2].end))

    def _string(self, c: list[Made]) -> Template:
        opening, closing = c[0], c[-1]
        text = self.source.text
        if opening.start == opening.end:
            kind = TemplateKind.FILE
        elif text[opening.start] == '"':
            kind = TemplateKind.QUOTED
        elif text.startswith("<<-", opening.start):
            kind = TemplateKind.FLUSH_HEREDOC
        else:
            kind = TemplateKind.HEREDOC
        template, problems = build_template(self.source, kind, opening, c[1:-1], closing)
        self.problems += problems
        return template

    def _template_for(self, c: list[Made]) -> TemplateMark:
        key, value = self._names(c)
        return TemplateMark("for", c[0].start, c[-1].end, self.finished(c[-2]), key, value)

    def _tuple(self, c: list[Made]) -> Expression:
        items = [self.finished(item) for item in c[1:-1] if not isinstance(item, Fed)]
        return TupleExpr(tuple(items), self._span(c[0].start, c[-1].end))

    def _object(self, c: list[Made]) -> Expression:
        items = tuple(item for item in c[1:-1] if not isinstance(item, Fed))
        return ObjectExpr(items, self._span(c[0].start, c[-1].end))

    def _key(self, c: list[Made]) -> Expression:
        key = self.finished(c[0])
        if isinstance(key, Variable | Literal):
            return BareKey(key.span.text, key.span)
        return key

    def _conditional(self, c: list[Made]) -> Expression:
        condition, then, otherwise = (self.finished(value) for value in c[::2])
        return Conditional(condition, then, otherwise, condition.span.to(otherwise.span))

    def _binary(self, c: list[Made]) -> Expression:
        left = self.finished(c[0])
        operator, right = c[1]
        return Binary(self._name(operator)[0], left, right, left.span.to(right.span))

    def _unary(self, c: list[Made]) -> Expression:
        operand = self.finished(c[1])
        self.signs += len(c[0].signs)
        for sign, start in reversed(c[0].signs):
            operand = Unary(sign, operand, self._span(start, operand.span.end))
        return operand

    def _call(self, c: list[Made]) -> Expression:
        name, span = self._name(c[0])
        arguments = c[2] if len(c) == 4 else []
        if "::" in name or not name.isidentifier():
            # Blanks and comments may stand around the colons.
            name = self._plain_name(c[0])
        return FunctionCall(
            name,
            span,
            tuple(self.finished(value) for value in arguments if not isinstance(value, Fed)),
            bool(arguments) and isinstance(arguments[-1], Fed) and arguments[-1].kind == "ELLIPSIS",
            self._span(c[0].start, c[-1].end),
        )

    def _plain_name(self, token: Fed) -> str:
        from compiler.hcl.scan import IDENT, scan_configuration

        text = self.source.text
        scanned = scan_configuration(text, token.start, token.end).tokens
        return "::".join(text[start:end] for kind, start, end in scanned if kind == IDENT)

    def _extend(self, c: list[Made]) -> _AccessChain:
        base, more = c
        steps = more if isinstance(more, list) else [more]
        if not isinstance(base, _AccessChain):
            return _AccessChain(base, steps)
        base.steps.extend(steps)
        return base

    def _finish(self, chain: _AccessChain) -> Expression:
        """Return the nodes of a chain. A full splat takes in all that follows, an attribute-only one dots alone."""
        starts = [at for at, step in enumerate(chain.steps) if step.kind == "full splat"]
        ends = [*starts[1:], len(chain.steps)] if starts else []
        each: Expression | None = None
        for at, end in zip(reversed(starts), reversed(ends), strict=True):
            mark = chain.steps[at]
            item = self._apply(SplatItem(self._span(mark.start, mark.end)), chain.steps[at + 1 : end])
            each = item if each is None else Splat(item, each, True, item.span.to(each.span))
        base = self._apply(chain.base, chain.steps[: starts[0]] if starts else chain.steps)
        return base if each is None else Splat(base, each, True, base.span.to(each.span))

    def _apply(self, base: Expression, steps: list[_ChainStep]) -> Expression:
        """Return ``base`` with steps applied that hold no full splat."""
        result = base
        # Where an attribute-only splat is open: what it is applied to, while ``result`` is its element.
        splatted: Expression | None = None
        for step in steps:
            if splatted is not None and step.kind not in ("attribute", "legacy"):
                if step.kind == "attribute splat":
                    self.problems.append(
                        error(
                            "UC002",
                            self._span(step.start, step.end),
                            "Nested splat expression not allowed",
                            "A splat expression (*) cannot be used inside another attribute-only splat expression.",
                        )
                    )
                result = Splat(splatted, result, False, splatted.span.to(result.span))
                splatted = None
            span = self._span(base.span.start if splatted is None else result.span.start, step.end)
            if step.kind == "attribute splat":
                splatted = result
                result = SplatItem(self._span(step.start, step.end))
            elif step.kind == "attribute":
                assert isinstance(step.key, Variable)
                result = GetAttr(result, step.key.name, span)
            else:
                assert step.key is not None
                result = Index(result, step.key, step.kind == "legacy", span)
        if splatted is not None:
            result = Splat(splatted, result, False, splatted.span.to(result.span))
        return result

    def _for_intro(self, c: list[Made]) -> tuple[str | None, str, Expression]:
        return (*self._names(c), self.finished(c[-2]))

    def _names(self, c: list[Made]) -> tuple[str | None, str]:
        """Return the key's and the value's name of a ``for``."""
        names = [self._name(token)[0] for token in c if isinstance(token, Fed) and token.kind == "NAME"]
        return names[0] if len(names) == 2 else None, names[-1]

    def _for_tuple(self, c: list[Made]) -> Expression:
        key, value, collection = c[1]
        condition = c[3] if len(c) == 5 else None
        return ForTuple(key, value, collection, self.finished(c[2]), condition, self._span(c[0].start, c[-1].end))

    def _for_object(self, c: list[Made]) -> Expression:
        key, value, collection = c[1]
        rest = c[5:-1]
        grouping = bool(rest) and isinstance(rest[0], Fed)
        condition = rest[-1] if len(rest) > grouping else None
        return ForObject(
            key,
            value,
            collection,
            self.finished(c[2]),
            self.finished(c[4]),
            grouping,
            condition,
            self._span(c[0].start, c[-1].end),
        )


ACTIONS: Final[Mapping[str, Action]] = {
    "int_lit": Builder._number,
    "string": Builder._string,
    "interpolation": lambda b, c: TemplateMark("", c[0].start, c[2].end, b.finished(c[1])),
    "template_if_start": lambda b, c: TemplateMark("if", c[0].start, c[3].end, b.finished(c[2])),
    "template_else": lambda b, c: TemplateMark("else", c[0].start, c[2].end),
    "template_endif": lambda b, c: TemplateMark("endif", c[0].start, c[2].end),
    "template_for_start": Builder._template_for,
    "template_endfor": lambda b, c: TemplateMark("endfor", c[0].start, c[2].end),
    "expr_term": Builder._parens,
    "tuple": Builder._tuple,
    "object": Builder._object,
    "object_elem": lambda b, c: ObjectItem(c[0], b.finished(c[2])),
    "object_elem_key": Builder._key,
    "conditional": Builder._conditional,
    "binary_term": lambda b, c: (c[0], b.finished(c[1])),
    "binary_op": Builder._binary,
    "unary_op": Builder._unary,
    "function_call": Builder._call,
    "arguments": lambda _, c: list(c),
    "get_attr": lambda b, c: _ChainStep("attribute", c[0].start, c[1].end, Variable(*b._name(c[1]))),
    "braces_index": lambda b, c: _ChainStep("index", c[0].start, c[2].end, b.finished(c[1])),
    "short_index": lambda b, c: _ChainStep("legacy", c[0].start, c[1].end, b._number([c[1]])),
    "attr_splat": lambda b, c: [_ChainStep("attribute splat", c[0].start, c[0].end), *c[1:]],
    "full_splat": lambda b, c: [_ChainStep("full splat", c[0].start, c[0].end), *c[1:]],
    "get_attr_expr_term": Builder._extend,
    "index_expr_term": Builder._extend,
    "attr_splat_expr_term": Builder._extend,
    "full_splat_expr_term": Builder._extend,
    "for_intro": Builder._for_intro,
    "for_cond": lambda b, c: b.finished(c[1]),
    "for_tuple_expr": Builder._for_tuple,
    "for_object_expr": Builder._for_object,
}
"""The action for each name in the parser's table."""
