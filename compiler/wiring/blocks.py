"""What the wiring takes from the blocks of a module folder: verbatim copies, triggers, repetitions."""

from __future__ import annotations

import math
from dataclasses import dataclass

from compiler.hcl.syntax import (
    Binary,
    Block,
    Conditional,
    Expression,
    GetAttr,
    Literal,
    Number,
    Parens,
    Template,
    TemplateKind,
    TemplatePart,
    Variable,
)
from compiler.hcl.tree import children
from compiler.model import Phase
from compiler.terraform.module import Module, Resource
from compiler.wiring.bodies import Bodies, ReadFile
from compiler.wiring.model import Copied, Repetition, RepetitionKind, Trigger
from compiler.wiring.sites import Site

__all__ = ["Blocks", "copied", "greatest_count", "repetition"]


def copied(expression: Expression) -> Copied:
    """Return an expression for a verbatim copy."""
    pending: list[Expression | TemplatePart] = [expression]
    heredoc = False
    while pending and not heredoc:
        node = pending.pop()
        if node.span.end == expression.span.end:
            heredoc = isinstance(node, Template) and node.kind in (TemplateKind.HEREDOC, TemplateKind.FLUSH_HEREDOC)
            pending.extend(children(node))
    return Copied(expression.span.text, heredoc)


def repetition(block: Block) -> Repetition | None:
    """Return what makes several instances of a block, None where nothing does."""
    for kind in RepetitionKind:
        attribute = block.body.attribute(kind)
        if attribute is not None:
            return Repetition(kind, copied(attribute.expression))
    return None


def greatest_count(expression: Expression) -> int | None:
    """Return the greatest value that a count can have, as far as its form tells; None where it doesn't.

    Most counts in templates are of the kind ``condition ? data.coder_workspace.me.start_count : 0``.
    """
    match expression:
        case Number(text) if text.isdecimal():
            return int(text)
        case Parens(inner):
            return greatest_count(inner)
        case Conditional():
            sides = [greatest_count(side) for side in (expression.then, expression.otherwise)]
            return max(side for side in sides if side is not None) if None not in sides else None
        case Binary(operator="*"):
            factors = [greatest_count(factor) for factor in (expression.left, expression.right)]
            return math.prod(factor for factor in factors if factor is not None) if None not in factors else None
        case GetAttr(source=GetAttr(source=GetAttr(source=Variable(name="data"), name="coder_workspace"))):
            return 1 if expression.name in ("start_count", "prebuild_count") else None
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Blocks:
    """The script blocks of one module folder."""

    module: Module
    read: ReadFile

    def resource(self, site: Site) -> Resource:
        """Return the block of a site, which must be one of this folder."""
        return self.module.resources[site.resource]

    def trigger(self, site: Site, phase: Phase) -> Trigger:
        """Return whether the agent runs a script in a phase.

        What isn't written out is left to Terraform, since a value that is known here may be an input's default.
        """
        if site.argument != "script":
            return (site.argument == "startup_script") is (phase is Phase.START)
        attribute = self.resource(site).block.body.attribute(f"run_on_{phase}")
        if attribute is None:
            return False
        if isinstance(attribute.expression, Literal):
            return bool(attribute.expression.value)
        return copied(attribute.expression)

    def body(self, site: Site) -> Copied:
        """Return the expression of a script's text."""
        return copied(self._body(site))

    def timeout(self, site: Site) -> Copied | None:
        """Return the expression of a script's timeout, None where it has none."""
        attribute = self.resource(site).block.body.attribute("timeout") if site.argument == "script" else None
        return None if attribute is None else copied(attribute.expression)

    def never_empty(self, site: Site) -> bool:
        """Return whether a script's text is certainly neither null nor empty."""
        return Bodies(self.module, self.read).never_empty(self._body(site))

    def _body(self, site: Site) -> Expression:
        attribute = self.resource(site).block.body.attribute(site.argument)
        assert attribute is not None, f"{site.resource} has no {site.argument}, so it is no script"
        return attribute.expression
