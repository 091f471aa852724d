"""What names stand for in a module: variables, locals, modules, resources, and what Terraform provides.

:func:`root_scope` is the door: every scope below it looks names up here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from compiler.source.span import Span
from compiler.terraform.configuration.address import GROUP
from compiler.terraform.configuration.files import FileAccess
from compiler.terraform.configuration.module import Config
from compiler.terraform.evaluation.evaluator import ReferenceStep, Resolved
from compiler.terraform.scope.inputs import Inputs
from compiler.terraform.scope.lookup import (
    attribute_of,
    first_name,
    gathered,
    is_set,
    nothing,
    spelled,
    undeclared_output,
)
from compiler.terraform.scope.resource_values import resolve_resource
from compiler.terraform.scope.scope import ModuleScope, World
from compiler.terraform.values.marks import SENSITIVE, Reason
from compiler.terraform.values.types import DYNAMIC, STRING
from compiler.terraform.values.values import Value, boolean, object_of, string, unknown


def root_scope(files: FileAccess, inputs: Inputs, config: Config) -> ModuleScope:
    """Return the scope of a root module, in a world of its own."""
    return ModuleScope(World(files, inputs, _resolve), config, ())


def _resolve(module: ModuleScope, root: str, steps: Sequence[ReferenceStep], span: Span) -> Resolved | None:
    """Return what a reference stands for in this module."""
    resolver = _ROOTS.get(root)
    if resolver is not None:
        return resolver(module, steps, span)
    if root in ("data", "ephemeral", "resource"):
        if len(steps) < 2 or steps[0].index or steps[1].index:
            return nothing(span, steps)
        # The long spelling of a managed resource, whose type may then have any name, is no part of its address.
        prefix = "" if root == "resource" else f"{root}."
        return resolve_resource(module, f"{prefix}{steps[0].name}.{steps[1].name}", steps, 2, span)
    if not steps or steps[0].index:
        return None
    return resolve_resource(module, f"{root}.{steps[0].name}", steps, 1, span)


def _variable(module: ModuleScope, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
    name = first_name(steps)
    if name not in module.config.module.variables:
        return nothing(span, steps)
    # Not every template has variables.
    from compiler.terraform.scope.variable_values import variable_value

    return Resolved(
        module.once(f"var.{name}", span, lambda: variable_value(module, module.config.module.variables[name])), 1
    )


def _local(module: ModuleScope, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
    name = first_name(steps)
    attribute = module.config.module.locals.get(name)
    if attribute is None:
        return nothing(span, steps)
    return Resolved(module.once(f"local.{name}", span, lambda: module.scope.evaluate(attribute.expression)), 1)


def _module(module: ModuleScope, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
    name = first_name(steps)
    call = module.config.module.calls.get(name)
    if call is None:
        return nothing(span, steps)
    if name not in module.config.children:
        return Resolved(unknown(DYNAMIC, [Reason(module.absolute(spelled("module", steps)), span)]), len(steps))
    children = module.children(call)
    keys = module.expansion(call).keys
    if keys == (None,):
        if len(steps) > 1 and not steps[1].index:
            return _output(children[0], str(steps[1].name), steps[1].span, 2)
        return Resolved(_outputs(children[0], span), 1)
    if keys == (GROUP,):
        return _group_output(module, children[0], steps, span)
    if len(steps) > 2 and steps[1].index and steps[1].name in keys and not steps[2].index:
        return _output(children[keys.index(steps[1].name)], str(steps[2].name), steps[2].span, 3)
    return Resolved(gathered(keys, [_outputs(child, span) for child in children]), 1)


def _group_output(module: ModuleScope, group: ModuleScope, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
    """Return what a reference to a module with a number of instances that can't be known stands for.

    It is unknown in any case, since the instance may not exist. Where an output is unknown by itself, it says why:
    an agent's id is that agent's, whichever instance it is.
    """
    reasons = [Reason(module.absolute(spelled("module", steps)), span)]
    if len(steps) > 2 and steps[1].index and not steps[2].index:
        resolved = _output(group, str(steps[2].name), steps[2].span, 3)
        if resolved.mistake is not None:
            return resolved
        reasons = list(resolved.value.reasons) or reasons
    return Resolved(unknown(DYNAMIC, reasons), len(steps))


def _output(child: ModuleScope, name: str, span: Span, used: int) -> Resolved:
    if f"output.{name}" in child.config.module.in_json:
        return Resolved(unknown(DYNAMIC, [Reason(child.absolute(f"output.{name}"), span)]), used)
    if name not in child.config.module.outputs:
        return Resolved(nothing(span, ()).value, used, undeclared_output(child.config.module, name, span))
    return Resolved(output_value(child, name, span), used)


def output_value(module: ModuleScope, name: str, span: Span) -> Value:
    """Return the value of one output."""
    block = module.config.module.outputs[name].block
    attribute = block.body.attribute("value")
    if attribute is None:
        return unknown(DYNAMIC, [Reason(module.absolute(f"output.{name}"), span)])
    value = module.once(f"output.{name}", span, lambda: module.scope.evaluate(attribute.expression))
    return value.with_marks(frozenset({SENSITIVE})) if is_set(block, "sensitive") else value


def _outputs(module: ModuleScope, span: Span) -> Value:
    """Return all outputs as an object."""
    return object_of({name: output_value(module, name, span) for name in module.config.module.outputs})


def _path(module: ModuleScope, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
    cwd = unknown(STRING, [Reason("path.cwd", span)], not_null=True)
    return attribute_of({"module": string(module.config.module.dir), "root": string("."), "cwd": cwd}, steps, span)


# Coder's provisioner never selects another workspace than the default one.
_TERRAFORM = {"workspace": string("default"), "applying": boolean(False)}
_ROOTS: Mapping[str, Callable[[ModuleScope, Sequence[ReferenceStep], Span], Resolved]] = MappingProxyType(
    {
        "var": _variable,
        "local": _local,
        "module": _module,
        "path": _path,
        "terraform": lambda _, steps, span: attribute_of(_TERRAFORM, steps, span),
    }
)
