"""What checks look at, and the words that they share.

A value that can't be known before apply is never reported. One that depends on the default of an input is
what happens unless another is given: that is worth a warning, not an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Unpack

from compiler.hcl import references
from compiler.hcl.syntax import Attribute
from compiler.order.bodies import Bodies
from compiler.order.extract import Located
from compiler.order.inventory import Inventory, Place, Script, shared_steps
from compiler.order.model import Edge, UnitGraph
from compiler.records import dataclass, field
from compiler.source.diagnostics import Diagnostic, Parts, error, warning
from compiler.source.span import Span
from compiler.terraform.configuration.address import GROUP, InstanceKey, index
from compiler.terraform.configuration.module import Config, Mode, Module, ModuleCall, Resource, walk
from compiler.terraform.configuration.schema import RESOURCES, Schema
from compiler.terraform.configuration.sources import is_local
from compiler.terraform.scope.scope import InstanceScope, ModuleScope
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.values import Value


@dataclass(frozen=True, slots=True)
class Subject:
    """A template with its values, its scripts and their order.

    ``wrapped``: ordered scripts carry what makes them wait. ``readings`` is the room in which
    :mod:`compiler.checks.reading.readings` keeps what it has read.
    """

    root: Config
    located: tuple[Located, ...]
    inventory: Inventory
    bodies: Bodies
    graphs: tuple[UnitGraph, ...]
    wrapped: bool = True
    readings: dict[str, list[object]] = field(default_factory=dict, init=False)
    _declared: list[Declared] = field(default_factory=list, init=False)

    @property
    def declared(self) -> Iterable[Declared]:
        """The instances of all blocks whose arguments are known; a block without instances once."""
        if not self._declared:
            self._declared.extend(_declared(self.located))
        return self._declared

    def scopes(self) -> Mapping[Place, ModuleScope]:
        """Return the values of each module instance."""
        return {item.place: item.scope for item in self.located}


@dataclass(frozen=True, slots=True)
class Declared:
    """One instance of a block of a type whose arguments are known.

    ``exists`` is False for a block without instances: Terraform checks its arguments all the same, as far as they are
    written out. ``group``: it stands for a number of instances that can't be known, ``doubtful``: because of a mistake.
    """

    address: str
    resource: Resource
    schema: Schema
    scope: InstanceScope
    exists: bool
    group: bool
    doubtful: bool
    _values: dict[str, Value | None] = field(default_factory=dict)

    def attribute(self, name: str) -> Attribute | None:
        """Return the merged argument of that name."""
        return self.resource.block.body.named.get(name)

    def raw(self, name: str) -> Value | None:
        """Return an argument's value as it is, None where it isn't set, its expression is wrong, or it can't be had."""
        attribute = self.resource.block.body.named.get(name)
        if attribute is None:
            return None
        if name not in self._values:
            self._values[name] = self._raw(attribute)
        return self._values[name]

    def _raw(self, attribute: Attribute) -> Value | None:
        # The null of an input may be the very reason why there is no instance; that is also why a group's count is
        # not known where an input has its default.
        if (not self.exists or self.doubtful) and references(attribute.expression):
            return None
        value = self.scope.evaluate(attribute.expression)
        return None if value.is_poisoned or (self.group and value.assumes) else value

    def value(self, name: str) -> Value | None:
        """Return an argument's value in its type, None where it isn't set or has no such value."""
        value = self.raw(name) if name in self.resource.block.body.named else None
        try:
            return None if value is None else convert(value, self.schema.arguments[name])
        except ConversionError:
            return None

    def span(self, name: str) -> Span:
        """Return the place of an argument's value, or the block's header where it isn't set."""
        attribute = self.attribute(name)
        return self.resource.block.header_span if attribute is None else attribute.expression.span


_CHECKED = frozenset(name for name, schema in RESOURCES.items() if schema.checked)


def _checked(config: Config) -> Iterator[Resource]:
    for resource in config.module.resources.values():
        if resource.type in _CHECKED and resource.mode is Mode.MANAGED:
            yield resource


def resources(subject: Subject) -> Iterator[tuple[str, Module, Resource, Schema]]:
    """Yield each block whose arguments are known, once, with its address without indexes and its module."""
    seen = set()
    for config in walk(subject.root):
        if config.module in seen:
            continue
        seen.add(config.module)
        prefix = "".join(f"module.{name}." for name in config.path)
        for resource in _checked(config):
            yield prefix + resource.address, config.module, resource, RESOURCES[resource.type]


def _declared(located: Iterable[Located]) -> Iterator[Declared]:
    for item in located:
        in_group = any(step.key is GROUP for step in item.place.path)
        for resource in _checked(item.place.config):
            expansion = item.scope.expansion(resource)
            keys: tuple[InstanceKey, ...] = expansion.keys
            for key in keys or (GROUP,):
                yield Declared(
                    item.scope.absolute(resource.address + index(key)),
                    resource,
                    RESOURCES[resource.type],
                    item.scope.instance(resource, key),
                    bool(keys),
                    key is GROUP or in_group,
                    expansion.doubtful,
                )


def mistake(
    code: str,
    span: Span,
    summary: str,
    detail: str,
    because: Iterable[Value],
    **parts: Unpack[Parts],
) -> Diagnostic:
    """Return an error that some values give, or a warning where one of them depends on an input's default."""
    assumed = sorted({address for value in because for address in value.assumes})
    if not assumed:
        return error(code, span, summary, detail, **parts)
    detail += f" That is so with the default of {' and '.join(assumed)}."
    return warning(code, span, summary, detail, **parts)


def attribute_of(script: Script) -> Attribute | None:
    """Return the argument that holds a script's text."""
    return script.resource.block.body.attribute(script.argument)


def far_call(subject: Subject, script: Script) -> ModuleCall | None:
    """Return the outermost call on the way to a script whose module is installed from elsewhere, if there is one."""
    config = subject.root
    for step in script.place.path:
        call = config.module.calls[step.name]
        if call.source is not None and not is_local(call.source):
            return call
        config = config.children[step.name]
    return None


# Order


def prerequisites(edges: Iterable[Edge]) -> Mapping[str, list[str]]:
    """Return what each unit waits for directly, by address."""
    steps: dict[str, list[str]] = {}
    for edge in edges:
        steps.setdefault(edge.dependent, []).append(edge.prerequisite)
    return steps


@dataclass(frozen=True, slots=True)
class OrderPlace:
    """Where one script is made to wait for another: in the module at ``depth``, in the block with this address."""

    depth: int
    owner: str
    reference: str

    @property
    def directive(self) -> str:
        """What to write there."""
        return f"depends_on_success = [{self.reference}]"


def order_hint(dependent: Script, prerequisite: Script) -> str:
    """Return the words that say which directive makes one script wait for another, and where to write it.

    Empty where no reference could tell the two apart.
    """
    place = order_place(dependent, prerequisite)
    return "" if place is None else f"write in {place.owner}: # unitc: {place.directive}"


def order_place(dependent: Script, prerequisite: Script) -> OrderPlace | None:
    """Return where one script is made to wait for another.

    References are resolved where they stand, so it goes into the innermost module that knows both. None where no
    reference could tell the two apart.
    """
    ours, theirs = dependent.place.path, prerequisite.place.path
    depth = shared_steps(dependent, prerequisite)
    owner = f"module.{ours[depth].name}" if len(ours) > depth else dependent.resource.address
    if len(theirs) > depth:
        reference = f"module.{theirs[depth].name}"
    else:
        suffix = "" if prerequisite.argument == "script" else f".{prerequisite.argument}"
        reference = f"{prerequisite.resource.address}{index(prerequisite.key)}{suffix}"
    return None if owner == reference.split("[")[0] else OrderPlace(depth, owner, reference)
