"""Reads ``data "coder_script_order"`` blocks: the ``rule`` blocks of every instance, written out or generated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.hcl.syntax import Block
from compiler.order.extract import Located
from compiler.order.forms.rules import IN_RULE, RULE_ARGUMENTS, Rule, RuleFindings, read_rule
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, warning
from compiler.terraform.configuration.address import GROUP, quote
from compiler.terraform.configuration.module import Mode, Resource
from compiler.terraform.configuration.schema import RESOURCES
from compiler.terraform.scope.scope import InstanceScope
from compiler.terraform.values.values import object_of

_META_ARGUMENTS = frozenset({"count", "depends_on", "for_each", "provider"})
_META_BLOCKS = frozenset({"lifecycle"})


@dataclass(slots=True)
class _SourceReader(RuleFindings):
    def data_source(self, resource: Resource, scope: InstanceScope) -> Iterator[Rule]:
        body = resource.block.body
        told: set[str] = set()
        for attribute in body.attributes:
            # A rule whose block was forgotten is one mistake, however many arguments it has.
            if attribute.name not in _META_ARGUMENTS and not (attribute.name in RULE_ARGUMENTS and IN_RULE in told):
                told.add(self.unknown("argument", attribute.name, attribute.name_span, ("rule",)))
        rules = [found for block in body.blocks for found in self.expanded(block, scope)]
        if not rules and not self.diagnostics:
            self.fail(
                resource.block.header_span,
                "Insufficient rule blocks",
                f"{resource.address} holds no rule; at least one is required.",
                "add a rule block, or disable the data source with count = 0",
            )
        for rule, inner in rules:
            found, diagnostics = read_rule(rule, inner, self.place)
            self.diagnostics.extend(diagnostics)
            yield found

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
        mistaken = RuleFindings(item.place)
        for block in _mistaken_blocks(item):
            name = block.labels[1].value
            mistaken.fail(
                block.header_span,
                "coder_script_order is a data source",
                f"{block.labels[0].value}.{name} is written as another kind of block, which Coder's provider doesn't "
                "have; it orders nothing.",
                f"write data {quote('coder_script_order')} {quote(name)}",
            )
        diagnostics.extend(mistaken.diagnostics)
        for resource in order_resources(item):
            for key in item.scope.expansion(resource).keys:
                if key is GROUP:
                    diagnostics.append(_may_not_apply(resource))
                reader = _SourceReader(item.place)
                rules.extend(reader.data_source(resource, item.scope.instance(resource, key)))
                diagnostics.extend(reader.diagnostics)
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
