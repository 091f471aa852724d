"""What resources and data sources stand for in expressions.

They are decided at apply: their attributes are unknown and say which they are. Known is what was given, and what is
the same in every build that runs scripts.
"""

from __future__ import annotations

from collections.abc import Sequence

from compiler.source.span import Span
from compiler.terraform.configuration.address import GROUP, InstanceKey, index
from compiler.terraform.configuration.module import Mode, Resource
from compiler.terraform.configuration.schema import DATA, FIXED_DATA, RESOURCES, STAND_INS
from compiler.terraform.evaluation.evaluator import ReferenceStep, Resolved
from compiler.terraform.scope.expansion import Repetition, repetition_of
from compiler.terraform.scope.inputs import attribute_value
from compiler.terraform.scope.lookup import gathered, nothing, spelled
from compiler.terraform.scope.own_arguments import argument_value, carried_value
from compiler.terraform.scope.scope import ModuleScope
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.marks import Reason, default_mark, given_mark
from compiler.terraform.values.types import DYNAMIC, STRING, Type
from compiler.terraform.values.values import Value, integer, object_of, string, unknown

# All attributes of resources whose schema never changes.
_BUILT_IN = {"terraform_data": ("id", "input", "output", "triggers_replace"), "null_resource": ("id", "triggers")}


def resolve_resource(
    module: ModuleScope, address: str, steps: Sequence[ReferenceStep], named: int, span: Span
) -> Resolved:
    """Return what a reference to a resource or data source stands for.

    ``address`` is the resource's address within the module; the first ``named`` steps belong to it.
    """
    resource = module.config.module.resources.get(address)
    if resource is None and (address in module.config.module.in_json or address.startswith("ephemeral.")):
        return Resolved(unknown(DYNAMIC, [Reason(module.absolute(spelled(address, steps[named:])), span)]), len(steps))
    rest = steps[named:]
    if resource is None or not _fits(resource, rest):
        return nothing(span, steps)
    keys = module.expansion(resource).keys
    if keys == (GROUP,):
        own = Reason(module.absolute(spelled(address, rest)), span)
        # It is unknown in any case, since the instance may not exist; what it depends on is the same for all of them.
        said = None
        if len(rest) > 1 and rest[0].index and not rest[1].index:
            said = carried_value(module, resource, address, GROUP, rest[1:], own)
        return Resolved(unknown(DYNAMIC, [own] if said is None else said.reasons), len(steps))
    instance: InstanceKey = None
    if keys != (None,):
        if not rest or not rest[0].index or rest[0].name not in keys:
            items = [_whole(module, resource, address + index(key), key, span) for key in keys]
            return Resolved(gathered(keys, items), named)
        instance = rest[0].name
        address += index(instance)
        rest = rest[1:]
    used = len(steps) - len(rest)
    if not rest or rest[0].index:
        return Resolved(_whole(module, resource, address, instance, span), used)
    name = str(rest[0].name)
    known = _known_attribute(module, resource, address, instance, name)
    if known is not None:
        return Resolved(known, used + 1)
    type_ = _type_of(resource, name)
    # What lies inside an attribute of unknown type is part of the address: nothing else tells such values apart.
    plain = len(rest) if type_ == DYNAMIC else 1
    reason = Reason(module.absolute(spelled(address, rest[:plain])), span)
    carried = carried_value(module, resource, address, instance, rest[:plain], reason)
    if carried is not None:
        return Resolved(carried, used + plain)
    return Resolved(unknown(type_, [reason], not_null=type_ != DYNAMIC), used + plain)


def _fits(resource: Resource, rest: Sequence[ReferenceStep]) -> bool:
    """Return whether the steps after a resource's name can be there at all, as Terraform sees before it evaluates."""
    repeated = repetition_of(resource.block) is not Repetition.NONE
    if rest and rest[0].index is not repeated:
        return False
    attribute = rest[1:2] if repeated else rest[:1]
    if not attribute or attribute[0].index or not _is_ours(resource):
        return True
    return str(attribute[0].name) in RESOURCES[resource.type].attributes


def _type_of(resource: Resource, name: str) -> Type:
    """Return the type of an attribute that isn't known, dynamic where the schema isn't known either."""
    if resource.mode is Mode.DATA:
        return DATA.get(resource.type, {}).get(name, DYNAMIC)
    return RESOURCES[resource.type].computed.get(name, DYNAMIC) if _is_ours(resource) else DYNAMIC


def _is_ours(resource: Resource) -> bool:
    return resource.mode is Mode.MANAGED and resource.type in RESOURCES


def _whole(module: ModuleScope, resource: Resource, address: str, key: InstanceKey, span: Span) -> Value:
    """Return a whole instance of a resource: its arguments, and what its schema computes, unknown for itself."""
    if resource.mode is Mode.MANAGED and resource.type in _BUILT_IN:
        return object_of(
            {name: _carried(module, resource, address, key, name, span) for name in _BUILT_IN[resource.type]}
        )
    if not _is_ours(resource):
        return unknown(DYNAMIC, [Reason(module.absolute(address), span)])
    schema = RESOURCES[resource.type]
    values: dict[str, Value] = {}
    for name, type_ in {**schema.arguments, **schema.computed}.items():
        known = argument_value(module, resource, address, key, name)
        own = Reason(module.absolute(f"{address}.{name}"), span)
        values[name] = unknown(type_, [own], not_null=name in schema.computed) if known is None else known
    return object_of(values)


def _carried(module: ModuleScope, resource: Resource, address: str, key: InstanceKey, name: str, span: Span) -> Value:
    own = Reason(module.absolute(f"{address}.{name}"), span)
    known = argument_value(module, resource, address, key, name)
    if known is None:
        known = carried_value(module, resource, address, key, (ReferenceStep(name, False, span),), own)
    return unknown(DYNAMIC, [own]) if known is None else known


def _known_attribute(
    module: ModuleScope, resource: Resource, address: str, key: InstanceKey, name: str
) -> Value | None:
    """Return the value of an attribute that was given, that its block sets, or that is the same in every build."""
    full = module.absolute(f"{address}.{name}")
    inputs = module.world.inputs
    # A data source such as the workspace's owner is the same in every module, so that once given it counts in all.
    for spelling in (full, f"{address}.{name}") if resource.mode is Mode.DATA else (full,):
        given = inputs.attributes.get(spelling)
        if given is not None:
            module.world.used_inputs = True
            return _converted(given, _type_of(resource, name)).with_marks(frozenset({given_mark(spelling)}))
    if resource.mode is not Mode.DATA:
        return argument_value(module, resource, address, key, name)
    fixed = FIXED_DATA.get((resource.type, name))
    if fixed is not None:
        return integer(fixed) if isinstance(fixed, int) else string(fixed)
    if not inputs.assume_defaults:
        return None
    stand_in = STAND_INS.get((resource.type, name))
    if stand_in is not None:
        module.world.used_inputs = True
        return _converted(attribute_value(stand_in), _type_of(resource, name)).with_marks(
            frozenset({default_mark(full)})
        )
    if (resource.type, name) == ("coder_parameter", "value"):
        default = resource.block.body.attribute("default")
        if default is not None:
            module.world.used_inputs = True
            value = module.once(f"{address}.{name}", default.span, lambda: module.scope.evaluate(default.expression))
            return _converted(value, STRING).with_marks(frozenset({default_mark(full)}))
    return None


def _converted(value: Value, type_: Type) -> Value:
    """Return a value as the provider would hand it out: a parameter's value is a string, whatever was given."""
    try:
        return convert(value, type_)
    except ConversionError:
        return value
