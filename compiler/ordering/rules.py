"""Reads the rules of ``data "coder_script_order"`` blocks: from arguments to selectors with their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from compiler.diagnostics import Diagnostic, error
from compiler.hcl.syntax import Attribute, Block, Expression, TupleExpr
from compiler.model import Phase
from compiler.ordering.extract import Located
from compiler.ordering.inventory import Place
from compiler.ordering.references import did_you_mean
from compiler.ordering.script_order import Rule, Selector
from compiler.outcome import Requires
from compiler.span import Span
from compiler.terraform.convert import ConversionError, convert
from compiler.terraform.module import Mode, Resource
from compiler.terraform.scope import InstanceScope
from compiler.terraform.types import STRING, ListType, SetType, TupleType
from compiler.terraform.values import Value, object_of

__all__ = ["order_resources", "read_rules"]

_ARGUMENTS = ("after", "phase", "requires", "run")
_META_ARGUMENTS = frozenset({"count", "depends_on", "for_each", "provider"})
_META_BLOCKS = frozenset({"lifecycle", "dynamic"})

Word = TypeVar("Word", bound=StrEnum)


def _quoted(words: tuple[str, ...]) -> str:
    return " or ".join(f'"{word}"' for word in words)


@dataclass(slots=True)
class _Reader:
    place: Place
    diagnostics: list[Diagnostic]

    def fail(self, span: Span, summary: str, detail: str, help_: str) -> None:
        self.diagnostics.append(error("UC216", span, summary, detail, help=help_))

    def unknown(self, kind: str, name: str, span: Span, known: tuple[str, ...]) -> None:
        near = did_you_mean(name, known)
        self.fail(
            span,
            f"Unsupported {kind}",
            f"{name} is no {kind} of this block.",
            f"did you mean {near}?" if near else f"write one of {', '.join(known)}",
        )

    def data_source(self, resource: Resource, scope: InstanceScope) -> Iterator[Rule]:
        body = resource.block.body
        for attribute in body.attributes:
            if attribute.name not in _META_ARGUMENTS:
                self.unknown("argument", attribute.name, attribute.name_span, ("rule",))
        for block in body.blocks:
            if block.type not in ("rule", *_META_BLOCKS):
                self.unknown("block", block.type, block.type_span, ("rule",))
            for rule, inner in _expanded(block, scope):
                read = self.rule(rule, inner)
                if read is not None:
                    yield read

    def rule(self, block: Block, scope: InstanceScope) -> Rule | None:
        body = block.body
        before = len(self.diagnostics)
        for attribute in body.attributes:
            if attribute.name not in _ARGUMENTS:
                self.unknown("argument", attribute.name, attribute.name_span, _ARGUMENTS)
        for nested in body.blocks:
            self.unknown("block", nested.type, nested.type_span, _ARGUMENTS)
        sides = [self.selectors(block, body.attribute(name), name, scope) for name in ("run", "after")]
        requires = self.word(body.attribute("requires"), (Requires.SUCCESS, Requires.COMPLETION), scope)
        phase = self.word(body.attribute("phase"), (Phase.START, Phase.STOP), scope)
        run, after = sides
        if run is None or after is None or len(self.diagnostics) > before:
            return None
        return Rule(self.place, run, after, requires or Requires.SUCCESS, phase, block.header_span)

    def selectors(
        self, block: Block, attribute: Attribute | None, name: str, scope: InstanceScope
    ) -> tuple[Selector, ...] | None:
        if attribute is None:
            self.fail(
                block.header_span,
                "Missing required argument",
                f"The argument {name} is required: a list of the scripts that "
                + ("wait." if name == "run" else "are waited for."),
                f'add {name} = ["coder_script.NAME"]',
            )
            return None
        node = attribute.expression
        value = scope.evaluate(node)
        if value.is_poisoned:
            return None
        if not value.is_known:
            self.not_known(attribute, value)
            return None
        if value.is_null or not isinstance(value.type, TupleType | ListType | SetType):
            self.not_a_list(attribute)
            return None
        if not value.items:
            self.fail(
                node.span,
                f"Empty {name} list",
                f"The list {name} is empty; it needs at least one selector.",
                f'name a script: {name} = ["coder_script.NAME"]',
            )
            return None
        found = []
        for item, span in zip(value.items, _item_spans(node, len(value.items)), strict=True):
            try:
                text = convert(item, STRING)
            except ConversionError:
                self.not_a_list(attribute)
                return None
            if not text.is_known:
                self.not_known(attribute, text)
                return None
            if text.is_null:
                self.not_a_list(attribute)
                return None
            found.append(Selector(name, text.text, span))
        return tuple(found)

    def not_known(self, attribute: Attribute, value: Value) -> None:
        what = ", ".join(dict.fromkeys(reason.address for reason in value.reasons if reason.address))
        self.fail(
            attribute.expression.span,
            f"{attribute.name} can't be known before apply",
            f"The list {attribute.name} hangs on {what or 'something'}, which is known only at apply.",
            "write the selectors out, or compute them from variables and locals",
        )

    def not_a_list(self, attribute: Attribute) -> None:
        self.fail(
            attribute.expression.span,
            f"{attribute.name} is not a list of strings",
            f"{attribute.name} takes a list of strings; {attribute.expression.span.text[:60]} is something else.",
            f'write {attribute.name} = ["coder_script.NAME"]',
        )

    def word(self, attribute: Attribute | None, words: tuple[Word, ...], scope: InstanceScope) -> Word | None:
        if attribute is None:
            return None
        value = scope.evaluate(attribute.expression)
        if value.is_null or value.is_poisoned:
            return None
        if not value.is_known:
            self.not_known(attribute, value)
            return None
        for word in words:
            if value.data == word.value:
                return word
        text = value.data if isinstance(value.data, str) else attribute.expression.span.text
        allowed = tuple(word.value for word in words)
        near = did_you_mean(text, allowed)
        self.fail(
            attribute.expression.span,
            f"Unknown value for {attribute.name}",
            f'{attribute.name} is {_quoted(allowed)}, not "{text}".',
            f'did you mean "{near}"?' if near else f"write {attribute.name} = {_quoted(allowed)}",
        )
        return None


def _item_spans(node: Expression, count: int) -> tuple[Span, ...]:
    """Return the place of each item: its own where the list is written out, else that of the whole expression."""
    if isinstance(node, TupleExpr) and len(node.items) == count:
        return tuple(item.span for item in node.items)
    return (node.span,) * count


def _expanded(block: Block, scope: InstanceScope) -> Iterator[tuple[Block, InstanceScope]]:
    """Yield a ``rule`` block, or what a ``dynamic "rule"`` block generates, with the scope of each.

    Semantics: https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks.
    """
    if block.type == "rule":
        yield block, scope
        return
    if block.type != "dynamic" or [label.value for label in block.labels] != ["rule"]:
        return
    each = block.body.attribute("for_each")
    iterator = block.body.attribute("iterator")
    name = iterator.expression.span.text if iterator is not None else "rule"
    contents = tuple(block.body.blocks_of("content"))
    if each is None or not contents:
        return
    value = scope.evaluate(each.expression)
    if not value.is_known or value.is_null or not isinstance(value.data, tuple | dict):
        # The rules that a list makes which can't be known are reported where their selectors are read.
        yield contents[0], scope.bound(name, value)
        return
    for key, item in value.entries():
        yield contents[0], scope.bound(name, object_of({"key": key, "value": item}))


def order_resources(item: Located) -> Iterator[Resource]:
    """Yield the ``coder_script_order`` data sources of a module instance."""
    return item.place.config.module.resources_of(Mode.DATA, "coder_script_order")


def read_rules(located: tuple[Located, ...]) -> tuple[tuple[Rule, ...], tuple[Diagnostic, ...]]:
    """Return the rules of all instances of all data sources, and what is wrong with how they are written."""
    rules: list[Rule] = []
    diagnostics: list[Diagnostic] = []
    for item in located:
        reader = _Reader(item.place, diagnostics)
        for resource in order_resources(item):
            for key in item.scope.expansion(resource).keys:
                rules.extend(reader.data_source(resource, item.scope.instance(resource, key)))
    return tuple(rules), tuple(diagnostics)
