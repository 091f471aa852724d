"""Arguments of module calls, held against the variables of the module that is called.

Terraform says the same, but no longer of a call that an override file changes: there it passes over what it doesn't
know, and the module runs with the default of the variable that was meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.directive_help import directive_help
from compiler.checks.edits import renamed
from compiler.checks.subject import Subject
from compiler.order.directives.vocabulary import DIRECTIVES
from compiler.source.diagnostics import Diagnostic, Edit, also, error
from compiler.source.suggest import did_you_mean
from compiler.terraform.configuration.module import Config, Module, ModuleCall, walk
from compiler.terraform.configuration.schema import MODULE_ARGUMENTS
from compiler.terraform.evaluation.evaluator import ReferenceStep

# Nested blocks of a call: arguments whose names are Terraform's own stand in the first.
_BLOCKS = frozenset({"_"})


def _calls(subject: Subject) -> Iterator[tuple[str, Module, ModuleCall, Config]]:
    """Yield each call whose module is known, once, with its address without indexes and the module that calls."""
    seen = set()
    for config in walk(subject.root):
        for name, child in config.children.items():
            call = config.module.calls[name]
            # A variable may stand in the part of a file that a syntax error hides.
            if child.module.is_whole and (call, child.module) not in seen:
                seen.add((call, child.module))
                yield "module." + ".module.".join((*config.path, name)), config.module, call, child


def check_calls(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each argument that a module has no variable for, each block, and each missing argument."""
    for address, module, call, child in _calls(subject):
        yield from _unknown(address, call, child)
        if module.is_damaged(call.blocks):
            continue
        for name, variable in child.module.variables.items():
            if variable.block.body.attribute("default") is None and call.block.body.attribute(name) is None:
                yield error(
                    "UC105",
                    call.block.header_span,
                    "Missing required argument",
                    f"The variable {name} of {address} has no default, and the call doesn't set it.",
                    label=f"{name} is missing",
                    related=[also(variable.block.header_span, "the variable")],
                    help=f"add {name} = …",
                )


def _unknown(address: str, call: ModuleCall, child: Config) -> Iterator[Diagnostic]:
    known = (*child.module.variables, *MODULE_ARGUMENTS)
    for block in call.blocks:
        for attribute in block.body.attributes:
            name = attribute.name
            if name in known or (name in DIRECTIVES and name.startswith("depends_on_")):
                continue
            near = did_you_mean(name, known)
            edits: tuple[Edit, ...] = ()
            help_ = directive_help(attribute, near=near)
            if not help_:
                help_ = f"did you mean {near}?" if near else f"remove {name}; the module has no such variable"
                edits = renamed(attribute, known, call)
            yield error(
                "UC103",
                attribute.name_span,
                "Unsupported argument",
                f"{address} has an argument {name}, for which its module has no variable.",
                help=help_,
                edits=edits,
            )
        for nested in block.body.blocks:
            if nested.type not in _BLOCKS:
                argument = nested.type in known
                yield error(
                    "UC104",
                    nested.header_span,
                    "Unsupported block type",
                    f"{address} has a block {nested.type}, which module calls don't take.",
                    help=f"write {nested.type} = {{ … }}" if argument else f"remove {nested.type}",
                )


def check_call_values(subject: Subject) -> Iterator[Diagnostic]:
    """Yield nothing of its own: a value that a call gives for certain is converted to its variable's type.

    What doesn't fit is noted where all that is wrong with values is noted, once; without this, only a value that
    something reads would be converted.
    """
    for item in subject.located:
        scope = item.scope
        if scope.call is None or scope.call_scope is None:
            continue
        for name, variable in scope.config.module.variables.items():
            attribute = scope.call.block.body.attribute(name)
            if attribute is None or variable.block.body.attribute("type") is None:
                continue
            value = scope.call_scope.evaluate(attribute.expression)
            if value.is_known and not value.is_poisoned and not value.assumes:
                scope.resolve("var", (ReferenceStep(name, False, attribute.name_span),), attribute.expression.span)
    return iter(())
