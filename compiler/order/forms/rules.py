"""Reads a ``rule`` block: from arguments to selectors with their places."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from compiler.hcl.syntax import Attribute, Block, Body, Expression, NumberLiteral, TupleExpr
from compiler.hcl.traversal import AttrStep, IndexStep, traversal_of
from compiler.order.directives.repeats import named_twice
from compiler.order.directives.vocabulary import intended_requirement
from compiler.order.forms.selectors import Selector
from compiler.order.inventory import Place
from compiler.order.model import Phase
from compiler.order.outcome import Requires
from compiler.order.references import without_prefix
from compiler.records import dataclass, field
from compiler.source.diagnostics import Diagnostic, Edit, error
from compiler.source.span import Span
from compiler.source.suggest import did_you_mean, only_meant
from compiler.terraform.scope.scope import InstanceScope
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.types import STRING
from compiler.terraform.values.values import Value

RULE_ARGUMENTS = ("after", "phase", "requires", "run")

IN_RULE = 'it stands in a rule block: write rule { run = ["coder_script.NAME"], after = ["coder_script.NAME"] }'
_IN_QUOTES = 'write a selector in quotes, such as "coder_script.NAME"'
_TURNED = "turn it around: run names the scripts that wait, after those that they wait for"
_WAITED = ("depends_on", "needs", "wait_for", "wants", "run_after")
# What people write in a data source or a rule, and the way out. Nearness alone would suggest other words.
_MEANT: Mapping[tuple[str, tuple[str, ...]], str] = MappingProxyType(
    {
        **{(name, ("rule",)): IN_RULE for name in (*RULE_ARGUMENTS, *_WAITED)},
        ("rule", ("rule",)): "rule is a block: write rule { … } without =",
        **dict.fromkeys(((name, RULE_ARGUMENTS) for name in _WAITED), "did you mean after?"),
        **dict.fromkeys(
            ((name, RULE_ARGUMENTS) for name in ("state", "status", "outcome", "on", "when", "condition")),
            "did you mean requires?",
        ),
        **dict.fromkeys(((name, RULE_ARGUMENTS) for name in ("script", "scripts", "units")), "did you mean run?"),
        **dict.fromkeys(((name, RULE_ARGUMENTS) for name in ("before", "then", "run_before")), _TURNED),
    }
)
_PHASES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("startup", "on_start", "run_on_start", "boot", "startup_script"), "start"),
        **dict.fromkeys(("shutdown", "on_stop", "run_on_stop", "shutdown_script"), "stop"),
    }
)

_Word = TypeVar("_Word", bound=StrEnum)


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
class RuleFindings:
    """What is wrong with a block of rules, as it is found."""

    place: Place
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def fail(self, span: Span, summary: str, detail: str, help_: str, edits: tuple[Edit, ...] = ()) -> None:
        """Report an error."""
        self.diagnostics.append(error("UC216", span, summary, detail, help=help_, edits=edits))

    def unknown(self, kind: str, name: str, span: Span, known: tuple[str, ...], there: Body | None = None) -> str:
        """Report a name that the block doesn't take, and return the help."""
        near = did_you_mean(name, known)
        takes = f"write one of {', '.join(known)}" if len(known) > 1 else "remove it; only rule blocks stand here"
        help_ = _MEANT.get((name, known), f"did you mean {near}?" if near else takes)
        only = "" if there is None or (name, known) in _MEANT else only_meant(name, known)
        written = there is not None and only and there.attribute(only) is None
        edits = (Edit(span, only),) if written else ()
        self.fail(span, f"Unsupported {kind}", f"This block takes no {kind} {name}.", help_, edits)
        return help_


@dataclass(slots=True)
class _RuleReader(RuleFindings):
    def rule(self, block: Block, scope: InstanceScope) -> Rule:
        body = block.body
        told = [
            self.unknown("argument", attribute.name, attribute.name_span, RULE_ARGUMENTS, body)
            for attribute in body.attributes
            if attribute.name not in RULE_ARGUMENTS
        ]
        told += [self.unknown("block", nested.type, nested.type_span, RULE_ARGUMENTS) for nested in body.blocks]
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
        whole = run is not None and after is not None and not self.diagnostics
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
        if value.is_null or not value.is_sequence:
            self.not_strings(name, node.span, f'write {name} = ["coder_script.NAME"]')
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
                self.not_strings(name, span, _IN_QUOTES)
                continue
            if not text.is_known:
                self.not_known(attribute, span, text)
            elif text.is_null:
                self.not_strings(name, span, _IN_QUOTES)
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

    def not_strings(self, name: str, span: Span, help_: str) -> None:
        self.fail(
            span,
            f"{name} is not a list of strings",
            f"{name} takes a list of strings; {span.text[:60]} is something else.",
            help_,
        )

    def word(self, attribute: Attribute | None, words: tuple[_Word, ...], scope: InstanceScope) -> _Word | None:
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


def read_rule(block: Block, scope: InstanceScope, place: Place) -> tuple[Rule, tuple[Diagnostic, ...]]:
    """Return the rule that a block is, and what is wrong with how it is written."""
    reader = _RuleReader(place)
    return reader.rule(block, scope), tuple(reader.diagnostics)


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
    number = f"[{index.key.text}]" if isinstance(index, IndexStep) and isinstance(index.key, NumberLiteral) else ""
    return f"{traversal.root}.{first.name}{number}"


def _item_spans(node: Expression, count: int) -> tuple[Span, ...]:
    """Return the place of each item: its own where the list is written out, else that of the whole expression."""
    if isinstance(node, TupleExpr) and len(node.items) == count:
        return tuple(item.span for item in node.items)
    return (node.span,) * count
