"""What resources and data sources stand for in expressions.

They are decided at apply: their attributes are unknown and say which they are. Known is what was given, what is the
same in every build that runs scripts, and what a block says of itself: Terraform holds a provider to what the
configuration says, so an argument is known from its expression. Where a provider may still write it another way, and
where it is decided at apply, the value is unknown but depends on what the expression depends on: so an agent is found
behind whatever carries its id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compiler.records import dataclass
from compiler.source.span import Span
from compiler.terraform.configuration.address import GROUP, InstanceKey, index
from compiler.terraform.configuration.module import Mode, Resource
from compiler.terraform.configuration.schema import DATA, FIXED_DATA, META_ARGUMENTS, RESOURCES
from compiler.terraform.evaluation.evaluator import ReferenceStep, Resolved
from compiler.terraform.scope.expansion import Repetition, repetition_of
from compiler.terraform.scope.inputs import attribute_value
from compiler.terraform.scope.lookup import computed_by_provider, gathered, nothing, spelled
from compiler.terraform.scope.scope import ModuleScope
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.marks import Mark, MarkKind, Reason
from compiler.terraform.values.operations import OperationError, attribute, element
from compiler.terraform.values.types import DYNAMIC, STRING, SetType, Type
from compiler.terraform.values.values import Value, integer, object_of, string, tuple_of, unknown

# All attributes of resources whose schema never changes.
_BUILT_IN = {"terraform_data": ("id", "input", "output", "triggers_replace"), "null_resource": ("id", "triggers")}
# The wiring writes these anew where a script is ordered.
_REWRITTEN = frozenset(
    {"cron", "run_on_start", "run_on_stop", "script", "shutdown_script", "startup_script", "timeout"}
)
# Attributes that hold what an argument of another name was given, once it is applied.
_COPIES: Mapping[tuple[str, str], str] = {("terraform_data", "output"): "input"}
# Attributes of other providers than Coder's that come out exactly as they were given.
_EXACT = frozenset({("terraform_data", "input"), ("terraform_data", "triggers_replace"), ("null_resource", "triggers")})


def resolve_resource(
    module: ModuleScope, address: str, steps: Sequence[ReferenceStep], named: int, span: Span
) -> Resolved:
    """Return what a reference to a resource or data source stands for.

    ``address`` is the resource's address within the module; the first ``named`` steps belong to it.
    """
    rest = steps[named:]
    resource = module.config.module.resources.get(address)
    own = Reason(module.absolute(spelled(address, rest)), span)
    if resource is None and (address in module.config.module.in_json or address.startswith("ephemeral.")):
        return Resolved(unknown(DYNAMIC, [own]), len(steps))
    if resource is None or not _fits(resource, rest):
        return nothing(span, steps)
    keys = module.expansion(resource).keys
    if keys == (GROUP,):
        # It is unknown in any case, since the instance may not exist; what it depends on is the same for all of them.
        said = None
        if len(rest) > 1 and rest[0].index and not rest[1].index:
            said = _ResourceInstance(module, resource, address, GROUP).carried(rest[1:], own)
        return Resolved(unknown(DYNAMIC, [own] if said is None else said.reasons), len(steps))
    key: InstanceKey = None
    if keys != (None,):
        if not rest or not rest[0].index or rest[0].name not in keys:
            items = [_ResourceInstance(module, resource, address + index(each), each).whole(span) for each in keys]
            return Resolved(gathered(keys, items), named)
        key = rest[0].name
        rest = rest[1:]
    instance = _ResourceInstance(module, resource, address + index(key), key)
    used = len(steps) - len(rest)
    if not rest or rest[0].index:
        return Resolved(instance.whole(span), used)
    name = str(rest[0].name)
    known = instance.known(name)
    if known is not None:
        return Resolved(known, used + 1)
    type_ = instance.type_of(name)
    # What lies inside an attribute of unknown type is part of the address: nothing else tells such values apart.
    plain = len(rest) if type_ == DYNAMIC else 1
    reason = instance.reason(rest[:plain], span)
    carried = instance.carried(rest[:plain], reason)
    if carried is not None:
        return Resolved(carried, used + plain)
    whole = key is None and plain == len(rest)
    if whole and name not in resource.block.body.named and (resource.type, name) not in _COPIES:
        module.computed[span.text] = (reason.address, type_)
    return Resolved(computed_by_provider(reason.address, type_, span), used + plain)


def _fits(resource: Resource, rest: Sequence[ReferenceStep]) -> bool:
    """Return whether the steps after a resource's name can be there at all, as Terraform sees before it evaluates."""
    repeated = repetition_of(resource.block) is not Repetition.NONE
    if rest and rest[0].index is not repeated:
        return False
    named = rest[1:2] if repeated else rest[:1]
    if not named or named[0].index or not _is_ours(resource):
        return True
    return str(named[0].name) in RESOURCES[resource.type].attributes


def _is_ours(resource: Resource) -> bool:
    return resource.mode is Mode.MANAGED and resource.type in RESOURCES


@dataclass(frozen=True, slots=True)
class _ResourceInstance:
    """One instance of a resource or data source; ``address`` is within its module."""

    module: ModuleScope
    resource: Resource
    address: str
    key: InstanceKey

    def reason(self, rest: Sequence[ReferenceStep], span: Span) -> Reason:
        """Return why what the steps lead to isn't known: it is what it is."""
        return Reason(self.module.absolute(spelled(self.address, rest)), span)

    def type_of(self, name: str) -> Type:
        """Return the type of an attribute that isn't known, dynamic where the schema isn't known either."""
        if self.resource.mode is Mode.DATA:
            return DATA.get(self.resource.type, {}).get(name, (DYNAMIC, None))[0]
        return RESOURCES[self.resource.type].computed.get(name, DYNAMIC) if _is_ours(self.resource) else DYNAMIC

    def whole(self, span: Span) -> Value:
        """Return the instance: its arguments, and what its schema computes, unknown for itself."""
        type_ = self.resource.type
        if not _is_ours(self.resource) and (self.resource.mode is Mode.DATA or type_ not in _BUILT_IN):
            return unknown(DYNAMIC, [self.reason((), span)])
        schema = RESOURCES.get(type_)
        names = dict.fromkeys(_BUILT_IN[type_], DYNAMIC) if schema is None else {**schema.arguments, **schema.computed}
        values: dict[str, Value] = {}
        for name, wanted in names.items():
            step = (ReferenceStep(name, False, span),)
            own = self.reason(step, span)
            value = self.argument(name)
            if value is None and schema is None:
                value = self.carried(step, own)
            if value is None:
                value = unknown(wanted, [own], not_null=schema is not None and name in schema.computed)
            values[name] = value
        return object_of(values)

    def known(self, name: str) -> Value | None:
        """Return the value of an attribute that was given, that its block sets, or that is the same in every build."""
        is_data = self.resource.mode is Mode.DATA
        local = f"{self.address}.{name}"
        full = self.module.absolute(local)
        # A data source such as the workspace's owner is the same in every module, so that once given it counts in all.
        for spelling in (full, local) if is_data else (full,):
            given = self.module.world.inputs.attributes.get(spelling)
            if given is not None:
                self.module.world.used_inputs = True
                return _converted(given, self.type_of(name)).with_marks(frozenset({Mark(MarkKind.GIVEN, spelling)}))
        if not is_data:
            return self.argument(name)
        fixed = FIXED_DATA.get((self.resource.type, name))
        if fixed is not None:
            return integer(fixed) if isinstance(fixed, int) else string(fixed)
        assumed = self._assumed(local, name) if self.module.world.inputs.assume_defaults else None
        if assumed is None:
            return None
        self.module.world.used_inputs = True
        return assumed.with_marks(frozenset({Mark(MarkKind.DEFAULT, full)}))

    def _assumed(self, local: str, name: str) -> Value | None:
        """Return what stands in for an attribute of a data source that wasn't given."""
        type_, stand_in = DATA.get(self.resource.type, {}).get(name, (DYNAMIC, None))
        if stand_in is not None:
            return _converted(attribute_value(stand_in), type_)
        default = self.resource.block.body.attribute("default")
        if (self.resource.type, name) != ("coder_parameter", "value") or default is None:
            return None
        evaluate = self.module.scope.evaluate
        return _converted(self.module.once(local, default.span, lambda: evaluate(default.expression)), STRING)

    def argument(self, name: str) -> Value | None:
        """Return what an argument is worth for certain, None where only an apply tells."""
        exact = self.resource.type.startswith("coder_") or (self.resource.type, name) in _EXACT
        value = self._said(name) if exact and name not in _REWRITTEN else None
        # A provider gives null another meaning: the argument's default.
        if value is None or value.is_null:
            return None
        schema = RESOURCES.get(self.resource.type)
        try:
            return value if schema is None else convert(value, schema.arguments.get(name, DYNAMIC))
        except ConversionError:
            return None

    def carried(self, rest: Sequence[ReferenceStep], own: Reason) -> Value | None:
        """Return what an attribute and the steps after it carry from an argument, unknown; None for nothing.

        ``own`` is the reason of what depends on nothing else.
        """
        name = str(rest[0].name)
        if self.resource.type.startswith("coder_") and name in _REWRITTEN:
            return None
        value = self._said(_COPIES.get((self.resource.type, name), name))
        try:
            for step in rest[1:]:
                key = integer(step.name) if isinstance(step.name, int) else string(step.name)
                if value is not None:
                    value = element(value, key) if step.index else attribute(value, str(step.name))
        except OperationError:
            return None
        if value is None or value.is_wholly_known or value.is_poisoned:
            return None
        return _at_apply(value, own) if (self.resource.type, name) in _COPIES else unknown(DYNAMIC, value.reasons)

    def _said(self, name: str) -> Value | None:
        """Return the value of an argument's expression, None where the block doesn't set it."""
        said = self.resource.block.body.attribute(name)
        if self.resource.mode is not Mode.MANAGED or said is None or name in META_ARGUMENTS:
            return None
        address, expression = f"{self.address}.{name}", said.expression
        return self.module.once(
            address, said.span, lambda: self.module.instance(self.resource, self.key).evaluate(expression)
        )


def _at_apply(value: Value, own: Reason) -> Value:
    """Return a value of the same shape in which everything is unknown until apply."""
    if not value.is_known:
        return value
    if isinstance(value.data, Mapping):
        return object_of({name: _at_apply(item, own) for name, item in value.mapping.items()})
    if isinstance(value.data, tuple) and not isinstance(value.type, SetType):
        return tuple_of([_at_apply(item, own) for item in value.items])
    return unknown(value.type, value.reasons or [own])


def _converted(value: Value, type_: Type) -> Value:
    """Return a value as the provider would hand it out: a parameter's value is a string, whatever was given."""
    try:
        return convert(value, type_)
    except ConversionError:
        return value
