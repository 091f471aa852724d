"""What names stand for in a template: variables, locals, modules, resources, ``each`` and ``count``.

Every module instance has its own :class:`ModuleScope`; values are computed when they are asked for, once, and what is
wrong with them is reported where they stand. Resources and data sources are decided at apply: their attributes are
unknown, and say which they are.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from compiler.diagnostics import Diagnostic, error
from compiler.hcl.syntax import Attribute, Block, Expression
from compiler.span import Span
from compiler.terraform.address import GROUP, InstanceKey, ModulePath, Step, index, module_address
from compiler.terraform.budget import MAX_STEPS, Budget
from compiler.terraform.constraints import ANY, Constraint, ConstraintError, apply, read_constraint
from compiler.terraform.convert import ConversionError, convert
from compiler.terraform.evaluate import Resolved, evaluate
from compiler.terraform.evaluate import Step as ReferenceStep
from compiler.terraform.functions import Files as FunctionFiles
from compiler.terraform.inputs import Inputs
from compiler.terraform.marks import SENSITIVE, Provenance, Reason, ReasonKind, default_mark, given_mark
from compiler.terraform.module import Config, Mode, ModuleCall, Named, Resource
from compiler.terraform.schema import FIXED_DATA, RESOURCES
from compiler.terraform.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, SetType, TupleType
from compiler.terraform.values import Value, boolean, integer, null, object_of, string, tuple_of, unknown
from compiler.terraform.variables import given_value

__all__ = ["MAX_INSTANCES", "Expansion", "InstanceScope", "ModuleScope", "World"]

# Coder's bound for the addresses that one rule may reach; nobody starts more scripts than that.
MAX_INSTANCES = 100_000

# All evaluations of one run together may cost this many times what one of them may.
_TOTAL_BUDGETS = 50


@dataclass(slots=True)
class World:
    """What all module instances of one run share: files, inputs, the budget, and what was found wrong."""

    files: FunctionFiles
    inputs: Inputs
    diagnostics: list[Diagnostic] = field(default_factory=list)
    spent: int = 0

    def evaluate(self, expression: Expression, scope: InstanceScope) -> Value:
        """Return an expression's value; what is wrong with it is noted."""
        budget = Budget(steps=max(1, min(MAX_STEPS, _TOTAL_BUDGETS * MAX_STEPS - self.spent)))
        start = budget.steps
        value, diagnostics = evaluate(expression, scope, budget=budget)
        self.spent += start - budget.steps
        self.diagnostics.extend(diagnostics)
        return value


@dataclass(frozen=True, slots=True)
class Expansion:
    """The instances of a block: their keys, and what ``each.value`` is for each.

    ``keys`` is ``(None,)`` without ``count`` and ``for_each`` and ``(GROUP,)`` where the number can't be known.
    """

    keys: tuple[InstanceKey, ...]
    values: Mapping[InstanceKey, Value]
    provenance: Provenance = Provenance.FIXED


_SINGLE = Expansion((None,), MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class InstanceScope:
    """The scope of one instance of a block: its module's names, and ``count`` or ``each``.

    ``key`` is None where the block has neither; ``repeated`` is the block whose ``count`` or ``for_each`` made it.
    """

    module: ModuleScope
    key: InstanceKey = None
    value: Value | None = None
    bindings: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def files(self) -> FunctionFiles:
        """The files that functions may read."""
        return self.module.world.files

    def evaluate(self, expression: Expression) -> Value:
        """Return an expression's value in this scope; what is wrong with it is noted."""
        return self.module.world.evaluate(expression, self)

    def bound(self, name: str, value: Value) -> InstanceScope:
        """Return the scope with one more name, as an iterator of a dynamic block."""
        return replace(self, bindings={**self.bindings, name: value})

    def resolve(self, root: str, steps: Sequence[ReferenceStep], span: Span) -> Resolved | None:
        """Return what a reference stands for (see :class:`compiler.terraform.evaluator.Scope`)."""
        if root in self.bindings:
            return Resolved(self.bindings[root])
        if root == "count":
            return self._count(steps, span)
        if root == "each":
            return self._each(steps, span)
        return self.module.resolve(root, steps, span)

    def _count(self, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
        if isinstance(self.key, int):
            return Resolved(object_of({"index": integer(self.key)}))
        if self.key is GROUP:
            return Resolved(object_of({"index": unknown(NUMBER, [Reason("count.index", span)], not_null=True)}))
        return _undeclared(span, 'Reference to "count" in non-counted context', "count stands only where count is set.")

    def _each(self, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
        if isinstance(self.key, str):
            return Resolved(object_of({"key": string(self.key), "value": self.value or null()}))
        if self.key is GROUP:
            key = unknown(STRING, [Reason("each.key", span)], not_null=True)
            return Resolved(object_of({"key": key, "value": unknown(DYNAMIC, [Reason("each.value", span)])}))
        summary = 'Reference to "each" in context without for_each'
        return _undeclared(span, summary, "each stands only where for_each is set.")


def _undeclared(span: Span, summary: str, detail: str, help_: str = "") -> Resolved:
    reason = Reason("", span, ReasonKind.ERROR)
    return Resolved(unknown(DYNAMIC, [reason]), 0, (error("UC164", span, summary, detail, help=help_),))


def _suggest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"did you mean {near[0]}?" if near else ""


@dataclass(slots=True, eq=False)
class ModuleScope:
    """One module instance. ``call_scope`` is the scope of the call in its parent, None for the root module."""

    world: World
    config: Config
    path: ModulePath
    call: ModuleCall | None = None
    call_scope: InstanceScope | None = None
    _values: dict[str, Value | None] = field(default_factory=dict)
    _expansions: dict[Named, Expansion] = field(default_factory=dict)
    _children: dict[str, tuple[ModuleScope, ...]] = field(default_factory=dict)

    @property
    def scope(self) -> InstanceScope:
        """The scope of what stands in the module without ``count`` and ``for_each``."""
        return InstanceScope(self)

    def absolute(self, address: str) -> str:
        """Return an address of this module as it is called from the root module."""
        return f"{module_address(self.path)}.{address}" if self.path else address

    # Instances

    def expansion(self, block: Named) -> Expansion:
        """Return the instances of a resource, data source or module call."""
        if block not in self._expansions:
            # A count that hangs on its own instances would ask for itself.
            self._expansions[block] = Expansion((GROUP,), MappingProxyType({}))
            self._expansions[block] = self._expand(block.block)
        return self._expansions[block]

    def instance(self, block: Named, key: InstanceKey) -> InstanceScope:
        """Return the scope of one instance of a block."""
        return InstanceScope(self, key, self.expansion(block).values.get(key))

    def children(self, call: ModuleCall) -> tuple[ModuleScope, ...]:
        """Return the instances of a module call, none where its module could not be read."""
        if call.name not in self._children:
            config = self.config.children.get(call.name)
            self._children[call.name] = (
                ()
                if config is None
                else tuple(
                    ModuleScope(self.world, config, (*self.path, Step(call.name, key)), call, self.instance(call, key))
                    for key in self.expansion(call).keys
                )
            )
        return self._children[call.name]

    def _expand(self, block: Block) -> Expansion:
        count, for_each = block.body.attribute("count"), block.body.attribute("for_each")
        if count is not None:
            return self._counted(count)
        return _SINGLE if for_each is None else self._each_of(for_each)

    def _counted(self, attribute: Attribute) -> Expansion:
        value = self.scope.evaluate(attribute.expression)
        group = Expansion((GROUP,), MappingProxyType({}), Provenance.DEFAULT)
        if value.is_poisoned:
            return group
        try:
            number = convert(value, NUMBER)
        except ConversionError as exc:
            self._fail(attribute, "Invalid count argument", f"The given count can't be used: {exc}.")
            return group
        if not number.is_known:
            return group
        if number.is_null or not number.numeric.is_integer or number.numeric.to_int() < 0:
            shown = "null" if number.is_null else attribute.expression.span.text
            self._fail(attribute, "Invalid count argument", f"count must be a whole number, at least 0; {shown} isn't.")
            return group
        wanted = number.numeric.to_int()
        if wanted > MAX_INSTANCES:
            self._fail(attribute, "Invalid count argument", f"count is {wanted:,}; at most {MAX_INSTANCES:,} are read.")
            return group
        if value.provenance is Provenance.DEFAULT:
            return group
        return Expansion(tuple(range(wanted)), MappingProxyType({}), value.provenance)

    def _each_of(self, attribute: Attribute) -> Expansion:
        value = self.scope.evaluate(attribute.expression)
        group = Expansion((GROUP,), MappingProxyType({}), Provenance.DEFAULT)
        if value.is_poisoned or not value.is_known:
            return group
        fits = not value.is_null and not isinstance(value.type, TupleType | ListType)
        if isinstance(value.type, SetType):
            fits = fits and (value.type.element == STRING or not value.items)
        if not fits or not isinstance(value.data, Mapping | tuple):
            self._fail(
                attribute,
                "Invalid for_each argument",
                "for_each takes a map or a set of strings; this is something else.",
                "convert a list with toset(...)",
            )
            return group
        if isinstance(value.type, SetType):
            if any(not item.is_known or item.is_null for item in value.items):
                return group
            values: dict[InstanceKey, Value] = {item.text: item for item in value.items}
        else:
            values = {key: item for key, item in value.mapping.items()}  # noqa: C416  # dict() would narrow the key type.
        # What an element is worth is its own affair; which elements there are hangs on the collection alone.
        provenance = Value(BOOL, True, value.marks).provenance
        if provenance is Provenance.DEFAULT or len(values) > MAX_INSTANCES:
            return group
        return Expansion(tuple(values), MappingProxyType(values), provenance)

    def _fail(self, attribute: Attribute, summary: str, detail: str, help_: str = "") -> None:
        self.world.diagnostics.append(error("UC101", attribute.expression.span, summary, detail, help=help_))

    # Names

    def resolve(self, root: str, steps: Sequence[ReferenceStep], span: Span) -> Resolved | None:
        """Return what a reference stands for in this module."""
        resolver = _ROOTS.get(root)
        if resolver is not None:
            return resolver(self, steps, span)
        if root == "data":
            if len(steps) < 2:
                return _undeclared(span, "Reference to a data source", "A data source has a type and a name.")
            address = f"data.{steps[0].name}.{steps[1].name}"
            return self._resource(address, steps, 2, span)
        if not steps or steps[0].index:
            return None
        return self._resource(f"{root}.{steps[0].name}", steps, 1, span)

    def _variable(self, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
        name = str(steps[0].name) if steps else ""
        if name not in self.config.module.variables:
            return _undeclared(
                span,
                "Reference to undeclared input variable",
                f'An input variable with the name "{name}" has not been declared in this module.',
                _suggest(f"var.{name}", (f"var.{known}" for known in self.config.module.variables)),
            )
        return Resolved(self._once(f"var.{name}", span, lambda: self._variable_value(name)), 1)

    def _local(self, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
        name = str(steps[0].name) if steps else ""
        attribute = self.config.module.locals.get(name)
        if attribute is None:
            return _undeclared(
                span,
                "Reference to undeclared local value",
                f'A local value with the name "{name}" has not been declared.',
                _suggest(f"local.{name}", (f"local.{known}" for known in self.config.module.locals)),
            )
        return Resolved(self._once(f"local.{name}", span, lambda: self.scope.evaluate(attribute.expression)), 1)

    def _module(self, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
        name = str(steps[0].name) if steps else ""
        call = self.config.module.calls.get(name)
        if call is None:
            return _undeclared(
                span,
                "Reference to undeclared module",
                f"No module call named {name!r} is declared in this module.".replace("'", '"'),
                _suggest(f"module.{name}", (f"module.{known}" for known in self.config.module.calls)),
            )
        if name not in self.config.children:
            return Resolved(unknown(DYNAMIC, [Reason(self.absolute(_text("module", steps)), span)]), len(steps))
        children = self.children(call)
        keys = self.expansion(call).keys
        if keys == (None,):
            if len(steps) > 1 and not steps[1].index:
                return self._output(children[0], str(steps[1].name), steps[1].span, 2)
            return Resolved(children[0].outputs(span), 1)
        if keys == (GROUP,):
            return Resolved(unknown(DYNAMIC, [Reason(self.absolute(_text("module", steps)), span)]), len(steps))
        if len(steps) > 2 and steps[1].index and steps[1].name in keys and not steps[2].index:
            return self._output(children[keys.index(steps[1].name)], str(steps[2].name), steps[2].span, 3)
        return Resolved(_instances(keys, [child.outputs(span) for child in children]), 1)

    def _output(self, child: ModuleScope, name: str, span: Span, used: int) -> Resolved:
        if name not in child.config.module.outputs:
            return _undeclared(
                span,
                "Unsupported attribute",
                f'The module has no output named "{name}".',
                _suggest(name, child.config.module.outputs),
            )
        return Resolved(child.output(name, span), used)

    def output(self, name: str, span: Span) -> Value:
        """Return the value of one output."""
        block = self.config.module.outputs[name].block
        attribute = block.body.attribute("value")
        if attribute is None:
            return unknown(DYNAMIC, [Reason(self.absolute(f"output.{name}"), span)])
        value = self._once(f"output.{name}", span, lambda: self.scope.evaluate(attribute.expression))
        return value.with_marks(frozenset({SENSITIVE})) if self._flag(block, "sensitive") else value

    def outputs(self, span: Span) -> Value:
        """Return all outputs as an object."""
        return object_of({name: self.output(name, span) for name in self.config.module.outputs})

    def _resource(self, address: str, steps: Sequence[ReferenceStep], named: int, span: Span) -> Resolved:
        resource = self.config.module.resources.get(address)
        if resource is None:
            kind = "data resource" if address.startswith("data.") else "resource"
            return _undeclared(
                span,
                f"Reference to undeclared {kind}",
                f'A {kind} "{address.removeprefix("data.")}" has not been declared in this module.',
                _suggest(address, self.config.module.resources),
            )
        keys = self.expansion(resource).keys
        rest = steps[named:]
        if keys == (GROUP,):
            return Resolved(unknown(DYNAMIC, [Reason(self.absolute(_text(address, rest, 0)), span)]), len(steps))
        if keys != (None,):
            if not rest or not rest[0].index or rest[0].name not in keys:
                items = [self._object(resource, f"{address}{index(key)}", span) for key in keys]
                return Resolved(_instances(keys, items), named)
            address += index(rest[0].name)
            rest = rest[1:]
        used = len(steps) - len(rest)
        if not rest or rest[0].index:
            return Resolved(self._object(resource, address, span), used)
        known = self._known_attribute(resource, address, str(rest[0].name))
        if known is not None:
            return Resolved(known, used + 1)
        computed = RESOURCES[resource.type].computed if self._is_ours(resource) else {}
        type_ = computed.get(str(rest[0].name), DYNAMIC)
        plain = len(rest) if type_ == DYNAMIC else 1
        reason = Reason(self.absolute(_text(address, rest[:plain], 0)), span)
        return Resolved(unknown(type_, [reason], not_null=type_ != DYNAMIC), used + plain)

    @staticmethod
    def _is_ours(resource: Resource) -> bool:
        return resource.mode is Mode.MANAGED and resource.type in RESOURCES

    def _object(self, resource: Resource, address: str, span: Span) -> Value:
        """Return a whole instance of a resource: what its schema computes, each attribute unknown for itself."""
        if not self._is_ours(resource):
            return unknown(DYNAMIC, [Reason(self.absolute(address), span)])
        schema = RESOURCES[resource.type]
        return object_of(
            {
                name: unknown(
                    type_, [Reason(self.absolute(f"{address}.{name}"), span)], not_null=name in schema.computed
                )
                for name, type_ in {**schema.arguments, **schema.computed}.items()
            }
        )

    def _known_attribute(self, resource: Resource, address: str, name: str) -> Value | None:
        """Return the value of an attribute that was given, or is the same in every build that runs scripts."""
        full = self.absolute(f"{address}.{name}")
        given = self.world.inputs.attributes.get(full)
        if given is not None:
            return given.with_marks(frozenset({given_mark(full)}))
        if resource.mode is not Mode.DATA:
            return None
        fixed = FIXED_DATA.get((resource.type, name))
        if fixed is not None:
            return integer(fixed) if isinstance(fixed, int) else string(fixed)
        if self.world.inputs.assume_defaults and (resource.type, name) == ("coder_parameter", "value"):
            default = resource.block.body.attribute("default")
            if default is not None:
                value = self._once(f"{address}.{name}", default.span, lambda: self.scope.evaluate(default.expression))
                return value.with_marks(frozenset({default_mark(full)}))
        return None

    # Values

    def _once(self, name: str, span: Span, compute: Callable[[], Value]) -> Value:
        """Return the value under a name, computed once; one that asks for itself is reported."""
        if name not in self._values:
            self._values[name] = None
            self._values[name] = compute()
        value = self._values[name]
        if value is None:
            self.world.diagnostics.append(
                error(
                    "UC163",
                    span,
                    "Cycle of values",
                    f"{self.absolute(name)} is computed from itself.",
                    help="break the cycle: one of the values must not refer to the others",
                )
            )
            return unknown(DYNAMIC, [Reason("", span, ReasonKind.ERROR)])
        return value

    def _flag(self, block: Block, name: str) -> bool:
        attribute = block.body.attribute(name)
        return attribute is not None and attribute.expression.span.text == "true"

    def _variable_value(self, name: str) -> Value:
        variable = self.config.module.variables[name]
        constraint = self._constraint(variable)
        value = self._raw_variable(variable, constraint)
        if self._flag(variable.block, "sensitive"):
            value = value.with_marks(frozenset({SENSITIVE}))
        return value

    def _constraint(self, variable: Named) -> Constraint:
        attribute = variable.block.body.attribute("type")
        if attribute is None:
            return ANY
        try:
            return read_constraint(attribute.expression, self.scope.evaluate)
        except ConstraintError as exc:
            self.world.diagnostics.append(
                error(
                    "UC017",
                    exc.node.span,
                    "Invalid type specification",
                    str(exc),
                    help="see Terraform's type constraints",
                )
            )
            return ANY

    def _raw_variable(self, variable: Named, constraint: Constraint) -> Value:
        body = variable.block.body
        default = body.attribute("default")
        nullable = body.attribute("nullable")
        value, span = self._argument(variable, constraint)
        if value is not None and value.is_null and default and nullable and nullable.expression.span.text == "false":
            value = None
        if value is None:
            if default is None:
                address = self.absolute(f"var.{variable.name}")
                return unknown(constraint.type, [Reason(address, variable.block.header_span)])
            value, span = self.scope.evaluate(default.expression), default.expression.span
            # A child's default can't be replaced from outside: only editing the template changes it.
            if self.call is None:
                value = value.with_marks(frozenset({default_mark(f"var.{variable.name}")}))
        try:
            return apply(constraint, value)
        except ConversionError as exc:
            self.world.diagnostics.append(
                error(
                    "UC017",
                    span,
                    "Unsuitable value for variable",
                    f"The value of {self.absolute(f'var.{variable.name}')} doesn't fit its type: {exc}.",
                    help="give a value of the type that the variable declares",
                )
            )
            return unknown(constraint.type, [Reason("", span, ReasonKind.ERROR)])

    def _argument(self, variable: Named, constraint: Constraint) -> tuple[Value | None, Span]:
        """Return what the caller, or the user for the root module, gives a variable; None for nothing."""
        span = variable.block.header_span
        if self.call is None or self.call_scope is None:
            given = self.world.inputs.variables.get(variable.name)
            if given is None:
                return None, span
            value, found = given_value(variable, given, constraint, self.scope.evaluate)
            self.world.diagnostics.extend(found)
            return value, span
        attribute = self.call.block.body.attribute(variable.name)
        if attribute is None:
            return None, span
        return self.call_scope.evaluate(attribute.expression), attribute.expression.span


def _path(module: ModuleScope, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
    def unknown_path() -> Value:
        return unknown(STRING, [Reason("path.cwd", span, ReasonKind.MACHINE)], not_null=True)

    return Resolved(object_of({"module": string(module.config.module.dir), "root": string("."), "cwd": unknown_path()}))


def _terraform(module: ModuleScope, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
    # Coder's provisioner never selects another workspace than the default one.
    return Resolved(object_of({"workspace": string("default"), "applying": boolean(False)}))


_ROOTS: Mapping[str, Callable[[ModuleScope, Sequence[ReferenceStep], Span], Resolved]] = MappingProxyType(
    {
        "var": ModuleScope._variable,
        "local": ModuleScope._local,
        "module": ModuleScope._module,
        "path": _path,
        "terraform": _terraform,
    }
)


def _text(address: str, steps: Sequence[ReferenceStep], from_: int = 0) -> str:
    """Return the address that a root and its steps spell."""
    return address + "".join(index(step.name) if step.index else f".{step.name}" for step in steps[from_:])


def _instances(keys: tuple[InstanceKey, ...], values: Sequence[Value]) -> Value:
    """Return what a counted or keyed block as a whole stands for: a tuple, or an object by key."""
    if any(isinstance(key, str) for key in keys):
        return object_of({str(key): value for key, value in zip(keys, values, strict=True)})
    return tuple_of(values)
