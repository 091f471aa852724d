"""Reads the rules of ``data "coder_script_order"`` blocks: from arguments to selectors with their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from compiler.hcl.syntax import Attribute, Block, Body, Expression, Number, TupleExpr
from compiler.hcl.traversal import AttrStep, IndexStep, traversal_of
from compiler.order.directives.repeats import named_twice
from compiler.order.directives.vocabulary import intended_requirement
from compiler.order.extract import Located
from compiler.order.forms.selectors import Selector
from compiler.order.inventory import Place
from compiler.order.model import Phase
from compiler.order.outcome import Requires
from compiler.order.references import without_prefix
from compiler.records import dataclass, replace
from compiler.source.diagnostics import Diagnostic, Edit, error, warning
from compiler.source.span import Span
from compiler.source.suggest import did_you_mean, only_meant
from compiler.terraform.configuration.address import GROUP, quote
from compiler.terraform.configuration.module import Mode, Resource
from compiler.terraform.configuration.schema import RESOURCES
from compiler.terraform.scope.scope import InstanceScope
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.types import STRING, ListType, SetType, TupleType
from compiler.terraform.values.values import Value, object_of

__all__ = ["Rule", "order_resources", "read_rules"]

_ARGUMENTS = ("after", "phase", "requires", "run")
_META_ARGUMENTS = frozenset({"count", "depends_on", "for_each", "provider"})
_META_BLOCKS = frozenset({"lifecycle"})

_IN_RULE = 'it stands in a rule block: write rule { run = ["coder_script.NAME"], after = ["coder_script.NAME"] }'
_TURNED = "turn it around: run names the scripts that wait, after those that they wait for"
_WAITED = ("depends_on", "needs", "wait_for", "wants", "run_after")
# What people write in a data source or a rule, and the way out. Nearness alone would suggest other words.
_MEANT: Mapping[tuple[str, tuple[str, ...]], str] = MappingProxyType(
    {
        **{(name, ("rule",)): _IN_RULE for name in (*_ARGUMENTS, *_WAITED)},
        ("rule", ("rule",)): "rule is a block: write rule { … } without =",
        **dict.fromkeys(((name, _ARGUMENTS) for name in _WAITED), "did you mean after?"),
        **dict.fromkeys(
            ((name, _ARGUMENTS) for name in ("state", "status", "outcome", "on", "when", "condition")),
            "did you mean requires?",
        ),
        **dict.fromkeys(((name, _ARGUMENTS) for name in ("script", "scripts", "units")), "did you mean run?"),
        **dict.fromkeys(((name, _ARGUMENTS) for name in ("before", "then", "run_before")), _TURNED),
    }
)
_PHASES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("startup", "on_start", "run_on_start", "boot", "startup_script"), "start"),
        **dict.fromkeys(("shutdown", "on_stop", "run_on_stop", "shutdown_script"), "stop"),
    }
)

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Rule:
    """One ``rule`` block of one instance of a data source, in the module instance that declares it.

    ``whole`` says that all of it could be read. Where it couldn't, what is there is checked, but nothing is ordered.
    """

    place: Place
    run: tuple[Selector, ...]
    after: tuple[Selector, ...]
    requires: Requires
    phase: Phase | None
    span: Span
    whole: bool = True


def _quoted(words: tuple[str, ...]) -> str:
    return " or ".join(f'"{word}"' for word in words)


@dataclass(slots=True)
class _Reader:
    place: Place
    diagnostics: list[Diagnostic]

    def fail(self, span: Span, summary: str, detail: str, help_: str) -> None:
        self.diagnostics.append(error("UC216", span, summary, detail, help=help_))

    def unknown(self, kind: str, name: str, span: Span, known: tuple[str, ...], there: Body | None = None) -> str:
        """Report a name that the block doesn't take, and return the help."""
        near = did_you_mean(name, known)
        takes = f"write one of {', '.join(known)}" if len(known) > 1 else "remove it; only rule blocks stand here"
        help_ = _MEANT.get((name, known), f"did you mean {near}?" if near else takes)
        self.fail(span, f"Unsupported {kind}", f"{name} is no {kind} of this block.", help_)
        only = "" if there is None or (name, known) in _MEANT else only_meant(name, known)
        if there is not None and only and there.attribute(only) is None:
            self.diagnostics[-1] = replace(self.diagnostics[-1], edits=(Edit(span, only),))
        return help_

    def data_source(self, resource: Resource, scope: InstanceScope) -> Iterator[Rule]:
        body = resource.block.body
        before = len(self.diagnostics)
        told: set[str] = set()
        for attribute in body.attributes:
            # A rule whose block was forgotten is one mistake, however many arguments it has.
            if attribute.name not in _META_ARGUMENTS and not (attribute.name in _ARGUMENTS and _IN_RULE in told):
                told.add(self.unknown("argument", attribute.name, attribute.name_span, ("rule",)))
        rules = [found for block in body.blocks for found in self.expanded(block, scope)]
        if not rules and len(self.diagnostics) == before:
            self.fail(
                resource.block.header_span,
                "Insufficient rule blocks",
                f"{resource.address} holds no rule; at least one is required.",
                "add a rule block, or disable the data source with count = 0",
            )
        for rule, inner in rules:
            yield self.rule(rule, inner)

    def expanded(self, block: Block, scope: InstanceScope) -> Iterator[tuple[Block, InstanceScope]]:
        """Yield a ``rule`` block, or what a ``dynamic "rule"`` block generates, with the scope of each.

        Semantics: https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks.
        """
        if block.type in _META_BLOCKS:
            return
        if block.type == "rule":
            for label in block.labels:
                self.fail(
                    label.span, "Extraneous label for rule", "No labels are expected for rule blocks.", "remove it"
                )
            yield block, scope
        elif block.type == "dynamic":
            yield from self.generated(block, scope)
        else:
            self.unknown("block", block.type, block.type_span, ("rule",))

    def generated(self, block: Block, scope: InstanceScope) -> Iterator[tuple[Block, InstanceScope]]:
        label = block.labels[0] if block.labels else None
        if label is None or label.value != "rule" or len(block.labels) > 1:
            self.unknown("block", label.value if label else "dynamic", (label or block).span, ("rule",))
            return
        each = block.body.attribute("for_each")
        contents = tuple(block.body.blocks_of("content"))
        if each is None or len(contents) != 1:
            self.fail(
                block.header_span,
                "Incomplete dynamic block",
                "A dynamic block has one for_each argument and one content block.",
                'write dynamic "rule" { for_each = [...], then content { run = [...], after = [...] } }',
            )
            return
        iterator = block.body.attribute("iterator")
        name = iterator.expression.span.text if iterator is not None else "rule"
        value = scope.evaluate(each.expression)
        if value.is_poisoned:
            return
        if value.is_null or (value.is_known and not isinstance(value.data, tuple | Mapping)):
            self.fail(
                each.expression.span,
                "Invalid dynamic for_each value",
                f"for_each of a dynamic block takes a collection; {each.expression.span.text[:60]} is something else.",
                "give a list, a set or a map",
            )
        elif not value.is_known:
            # Whether its selectors can be known is told where they are read; how many rules there are doesn't matter.
            yield contents[0], scope.bound(name, value)
        else:
            for key, item in value.entries():
                yield contents[0], scope.bound(name, object_of({"key": key, "value": item}))

    def rule(self, block: Block, scope: InstanceScope) -> Rule:
        body = block.body
        before = len(self.diagnostics)
        told = [
            self.unknown("argument", attribute.name, attribute.name_span, _ARGUMENTS, body)
            for attribute in body.attributes
            if attribute.name not in _ARGUMENTS
        ]
        told += [self.unknown("block", nested.type, nested.type_span, _ARGUMENTS) for nested in body.blocks]
        # What was written under another name isn't missing besides.
        renamed = [name for name in ("run", "after") if {f"did you mean {name}?", _TURNED} & {*told}]
        run, after = (
            None
            if body.attribute(name) is None and name in renamed
            else self.selectors(block, body.attribute(name), name, scope)
            for name in ("run", "after")
        )
        requires = self.word(body.attribute("requires"), (Requires.SUCCESS, Requires.COMPLETION), scope)
        phase = self.word(body.attribute("phase"), (Phase.START, Phase.STOP), scope)
        whole = run is not None and after is not None and len(self.diagnostics) == before
        span = block.header_span
        for selectors in (run, after):
            if selectors and len({selector.span for selector in selectors}) == len(selectors):
                self.diagnostics.extend(
                    named_twice(selectors[0].argument, [(f'"{each.text}"', each.span) for each in selectors])
                )
        return Rule(self.place, run or (), after or (), requires or Requires.SUCCESS, phase, span, whole)

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
        if self.named(node, name):
            return None
        value = scope.evaluate(node)
        if value.is_poisoned:
            return None
        if not value.is_known:
            self.not_known(attribute, node.span, value)
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
                self.not_a_string(name, span)
                continue
            if not text.is_known:
                self.not_known(attribute, span, text)
            elif text.is_null:
                self.not_a_string(name, span)
            else:
                found.append(Selector(name, text.text, span))
        return tuple(found)

    def named(self, node: Expression, name: str) -> bool:
        """Report, and return True, where a list holds references rather than selectors."""
        items = node.items if isinstance(node, TupleExpr) else (node,)
        found = [(item, selector) for item in items if (selector := _selector_of(item))]
        for item, selector in found:
            if not self.declared(selector):
                # That is told of the reference already, as of every other one.
                continue
            self.fail(
                item.span,
                f"Reference in {name}",
                f"{name} takes selectors, which are strings; {item.span.text} is a reference.",
                f'write "{selector}"' if isinstance(node, TupleExpr) else f'write {name} = ["{selector}"]',
            )
        return bool(found)

    def declared(self, selector: str) -> bool:
        module = self.place.config.module
        root, _, name = selector.split("[")[0].partition(".")
        known = name in module.calls if root == "module" else f"{root}.{name}" in module.resources
        return known or module.may_hide(name)

    def not_known(self, attribute: Attribute, span: Span, value: Value) -> None:
        what = ", ".join(dict.fromkeys(reason.address for reason in value.reasons if reason.address))
        self.fail(
            span,
            f"{attribute.name} can't be known before apply",
            f"{attribute.name} depends on {what or 'something'}, which is known only at apply.",
            "write the value out, or compute it from variables and locals",
        )

    def not_a_list(self, attribute: Attribute) -> None:
        self.fail(
            attribute.expression.span,
            f"{attribute.name} is not a list of strings",
            f"{attribute.name} takes a list of strings; {attribute.expression.span.text[:60]} is something else.",
            f'write {attribute.name} = ["coder_script.NAME"]',
        )

    def not_a_string(self, name: str, span: Span) -> None:
        self.fail(
            span,
            f"{name} is not a list of strings",
            f"{name} takes a list of strings; {span.text[:60]} is something else.",
            'write a selector in quotes, such as "coder_script.NAME"',
        )

    def word(self, attribute: Attribute | None, words: tuple[Word, ...], scope: InstanceScope) -> Word | None:
        if attribute is None:
            return None
        value = scope.evaluate(attribute.expression)
        if value.is_null or value.is_poisoned:
            return None
        if not value.is_known:
            self.not_known(attribute, attribute.expression.span, value)
            return None
        for word in words:
            if value.data == word.value:
                return word
        text = value.data if isinstance(value.data, str) else attribute.expression.span.text
        allowed = tuple(word.value for word in words)
        near = _intended(text, words)
        self.fail(
            attribute.expression.span,
            f"Unknown value for {attribute.name}",
            f'{attribute.name} is {_quoted(allowed)}, not "{text}".',
            f'did you mean "{near}"?' if near else f"write {attribute.name} = {_quoted(allowed)}",
        )
        return None


def _intended(text: str, words: tuple[StrEnum, ...]) -> str:
    """Return the word that another one stands for, or an empty string where that can't be told."""
    requirements = tuple(word for word in words if isinstance(word, Requires))
    if requirements:
        return intended_requirement(text, requirements) or ""
    return _PHASES.get(text.casefold()) or did_you_mean(text, (word.value for word in words))


def _selector_of(node: Expression) -> str:
    """Return the selector for what an expression names, such as ``coder_script.a.id``; empty where it names none."""
    traversal = traversal_of(node)
    traversal = None if traversal is None else without_prefix(traversal)
    if traversal is None or traversal.root not in ("coder_script", "module") or not traversal.steps:
        return ""
    first, *rest = traversal.steps
    # A module's output may well hold a selector.
    if not isinstance(first, AttrStep) or (traversal.root == "module" and any(isinstance(s, AttrStep) for s in rest)):
        return ""
    # Only a number needs no quotes in the quotes of a selector; a module is selected as a whole.
    index = rest[0] if rest and traversal.root == "coder_script" else None
    number = f"[{index.key.text}]" if isinstance(index, IndexStep) and isinstance(index.key, Number) else ""
    return f"{traversal.root}.{first.name}{number}"


def _item_spans(node: Expression, count: int) -> tuple[Span, ...]:
    """Return the place of each item: its own where the list is written out, else that of the whole expression."""
    if isinstance(node, TupleExpr) and len(node.items) == count:
        return tuple(item.span for item in node.items)
    return (node.span,) * count


def order_resources(item: Located) -> Iterator[Resource]:
    """Yield the ``coder_script_order`` data sources of a module instance."""
    return item.place.config.module.resources_of(Mode.DATA, "coder_script_order")


def _mistaken_blocks(item: Located) -> Iterator[Block]:
    """Yield the blocks of a module that hold rules, or are named for them, and are no such data source."""
    for file in item.place.config.module.files:
        for block in file.body.blocks:
            if len(block.labels) != 2 or block.type not in ("resource", "ephemeral", "data"):
                continue
            type_ = block.labels[0].value
            if type_ == "coder_script_order":
                if block.type != "data":
                    yield block
            elif (
                type_.startswith("coder_")
                and type_ not in RESOURCES
                and any(inner.type in ("rule", "rules") for inner in block.body.blocks)
            ):
                yield block


def read_rules(located: tuple[Located, ...]) -> tuple[tuple[Rule, ...], tuple[Diagnostic, ...]]:
    """Return the rules of all instances of all data sources, and what is wrong with how they are written."""
    rules: list[Rule] = []
    diagnostics: list[Diagnostic] = []
    for item in located:
        reader = _Reader(item.place, diagnostics)
        for block in _mistaken_blocks(item):
            name = block.labels[1].value
            reader.fail(
                block.header_span,
                "coder_script_order is a data source",
                f"{block.labels[0].value}.{name} is written as another kind of block, which Coder's provider doesn't "
                "have; it orders nothing.",
                f"write data {quote('coder_script_order')} {quote(name)}",
            )
        for resource in order_resources(item):
            for key in item.scope.expansion(resource).keys:
                if key is GROUP:
                    diagnostics.append(_may_not_apply(resource))
                rules.extend(reader.data_source(resource, item.scope.instance(resource, key)))
    return tuple(rules), tuple(diagnostics)


def _may_not_apply(resource: Resource) -> Diagnostic:
    """Return the warning for rules whose data source may have no instance; unknown arguments have their own error."""
    attribute = resource.block.body.attribute("count") or resource.block.body.attribute("for_each")
    assert attribute is not None
    return warning(
        "UC206",
        attribute.expression.span,
        "Rules may not apply",
        f"Whether {resource.address} has instances depends on {attribute.expression.span.text[:60]}, which is not "
        "known or only a default; its rules are taken as if it had one.",
        help="give the value, or put the condition into the count of the scripts",
    )
