"""What an argument of a resource is worth where something else refers to it.

Terraform holds a provider to what the configuration says, so an argument is known from its expression. Where a
provider may still write it another way, and where it is decided at apply, the value is unknown but depends on what the
expression depends on: so an agent is found behind whatever carries its id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compiler.terraform.configuration.address import InstanceKey
from compiler.terraform.configuration.module import Mode, Resource
from compiler.terraform.configuration.schema import META_ARGUMENTS, RESOURCES
from compiler.terraform.evaluation.evaluator import ReferenceStep
from compiler.terraform.scope.scope import ModuleScope
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.marks import Reason
from compiler.terraform.values.operations import OperationError, attribute, element
from compiler.terraform.values.types import DYNAMIC, SetType
from compiler.terraform.values.values import Value, integer, object_of, string, tuple_of, unknown

# The wiring writes these anew where a script is ordered.
_REWRITTEN = frozenset(
    {"cron", "run_on_start", "run_on_stop", "script", "shutdown_script", "startup_script", "timeout"}
)

# Attributes that hold what an argument of another name was given, once it is applied.
_COPIES: Mapping[tuple[str, str], str] = {("terraform_data", "output"): "input"}
# Attributes of other providers than Coder's that come out exactly as they were given.
_EXACT = frozenset({("terraform_data", "input"), ("terraform_data", "triggers_replace"), ("null_resource", "triggers")})


def argument_value(module: ModuleScope, resource: Resource, address: str, key: InstanceKey, name: str) -> Value | None:
    """Return what an argument is worth for certain, None where only an apply tells."""
    exact = resource.type.startswith("coder_") or (resource.type, name) in _EXACT
    value = _said(module, resource, address, key, name) if exact and name not in _REWRITTEN else None
    # A provider gives null another meaning: the argument's default.
    if value is None or value.is_null:
        return None
    schema = RESOURCES.get(resource.type)
    try:
        return value if schema is None else convert(value, schema.arguments.get(name, DYNAMIC))
    except ConversionError:
        return None


def carried_value(
    module: ModuleScope, resource: Resource, address: str, key: InstanceKey, rest: Sequence[ReferenceStep], own: Reason
) -> Value | None:
    """Return what an attribute and the steps after it carry from an argument, unknown; None where they carry nothing.

    ``rest`` begins with the attribute's name, and ``own`` is the reason of what depends on nothing else.
    """
    name = str(rest[0].name)
    if resource.type.startswith("coder_") and name in _REWRITTEN:
        return None
    value = _said(module, resource, address, key, _COPIES.get((resource.type, name), name))
    for step in rest[1:]:
        if value is None:
            return None
        try:
            value = _follow(value, step)
        except OperationError:
            return None
    if value is None or value.is_wholly_known or value.is_poisoned:
        return None
    if (resource.type, name) in _COPIES:
        return _at_apply(value, own)
    return unknown(DYNAMIC, value.reasons)


def _follow(value: Value, step: ReferenceStep) -> Value:
    if not step.index:
        return attribute(value, str(step.name))
    return element(value, integer(step.name) if isinstance(step.name, int) else string(step.name))


def _said(module: ModuleScope, resource: Resource, address: str, key: InstanceKey, name: str) -> Value | None:
    """Return the value of an argument's expression, None where the block doesn't set it."""
    said = resource.block.body.attribute(name)
    if resource.mode is not Mode.MANAGED or said is None or name in META_ARGUMENTS:
        return None
    expression = said.expression
    return module.once(f"{address}.{name}", said.span, lambda: module.instance(resource, key).evaluate(expression))


def _at_apply(value: Value, own: Reason) -> Value:
    """Return a value of the same shape in which everything is unknown until apply."""
    if not value.is_known:
        return value
    if isinstance(value.data, Mapping):
        return object_of({name: _at_apply(item, own) for name, item in value.mapping.items()})
    if isinstance(value.data, tuple) and not isinstance(value.type, SetType):
        return tuple_of([_at_apply(item, own) for item in value.items])
    return unknown(value.type, value.reasons or [own])
