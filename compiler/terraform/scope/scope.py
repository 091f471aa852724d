"""What names stand for in a template: variables, locals, modules, resources, ``each`` and ``count``.

Every module instance has its own :class:`ModuleScope`; values are computed when they are asked for, once, and what is
wrong with them is reported where they stand. Resources and data sources are decided at apply: their attributes are
unknown, and say which they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from compiler.hcl import references
from compiler.hcl.syntax import Expression
from compiler.records import dataclass, field, replace
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.span import Span
from compiler.terraform.configuration.address import GROUP, InstanceKey, ModulePath, Step, module_address
from compiler.terraform.configuration.module import Config, ModuleCall, Named
from compiler.terraform.evaluation.expressions import Resolved, evaluate
from compiler.terraform.evaluation.expressions import Step as ReferenceStep
from compiler.terraform.functions import Files as FunctionFiles
from compiler.terraform.scope.expansion import MAX_INSTANCES, Expansion, expand, repetition_of, too_many_instances
from compiler.terraform.scope.inputs import Inputs
from compiler.terraform.scope.lookup import gathered, nearest, nothing, spelled
from compiler.terraform.scope.resource_values import resolve_resource
from compiler.terraform.scope.variable_values import is_set, variable_value
from compiler.terraform.values.budget import MAX_STEPS, Budget
from compiler.terraform.values.marks import SENSITIVE, Reason, ReasonKind
from compiler.terraform.values.types import DYNAMIC, NUMBER, STRING
from compiler.terraform.values.values import Value, boolean, integer, null, object_of, string, unknown

__all__ = ["InstanceScope", "ModuleScope", "World"]

# All evaluations of one run together may cost this many times what one of them may.
_TOTAL_BUDGETS = 10


@dataclass(slots=True)
class World:
    """What all module instances of one run share: files, inputs, the budgets, and what was found wrong."""

    files: FunctionFiles
    inputs: Inputs
    diagnostics: list[Diagnostic] = field(default_factory=list)
    spent: int = 0
    instances: int = 0
    # By identity: equal expressions at different places are different ones, and comparing them would cost more.
    _naming: dict[int, tuple[Expression, bool]] = field(default_factory=dict)

    def names_instance(self, expression: Expression) -> bool:
        """Return whether an expression may have another value in another instance of its block."""
        known = self._naming.get(id(expression))
        if known is None:
            names = any(reference.root in ("count", "each") for reference in references(expression))
            known = self._naming[id(expression)] = (expression, names)
        return known[1]

    def evaluate(self, expression: Expression, scope: InstanceScope) -> Value:
        """Return an expression's value; what is wrong with it is noted."""
        budget = Budget(steps=max(1, min(MAX_STEPS, _TOTAL_BUDGETS * MAX_STEPS - self.spent)))
        start = budget.steps
        value, diagnostics = evaluate(expression, scope, budget=budget)
        self.spent += start - budget.steps
        self.diagnostics.extend(diagnostics)
        return value


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
        if self.bindings or (self.key is not None and self.module.world.names_instance(expression)):
            return self.module.world.evaluate(expression, self)
        # Every instance of a block sees the same value here.
        return self.module.shared(expression)

    def bound(self, name: str, value: Value) -> InstanceScope:
        """Return the scope with one more name, as an iterator of a dynamic block."""
        return replace(self, bindings={**self.bindings, name: value})

    def resolve(self, root: str, steps: Sequence[ReferenceStep], span: Span) -> Resolved | None:
        """Return what a reference stands for (see :class:`compiler.terraform.evaluation.evaluator.Scope`)."""
        if root in self.bindings:
            return Resolved(self.bindings[root])
        if root == "count":
            return self._count(steps, span)
        if root == "each":
            return self._each(steps, span)
        return self.module.resolve(root, steps, span)

    def _count(self, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
        if isinstance(self.key, int):
            return _attribute_of({"index": integer(self.key)}, steps, span)
        if self.key is GROUP:
            return _attribute_of({"index": unknown(NUMBER, [Reason("count.index", span)], not_null=True)}, steps, span)
        return nothing(span, steps)

    def _each(self, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
        if isinstance(self.key, str):
            return _attribute_of({"key": string(self.key), "value": self.value or null()}, steps, span)
        if self.key is GROUP:
            key = unknown(STRING, [Reason("each.key", span)], not_null=True)
            return _attribute_of({"key": key, "value": unknown(DYNAMIC, [Reason("each.value", span)])}, steps, span)
        return nothing(span, steps)


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
    # By identity, see World; the expressions are kept so that no other can take the identity over.
    _shared: dict[int, tuple[Expression, Value]] = field(default_factory=dict)

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
            # A count that depends on its own instances would ask for itself.
            self._expansions[block] = Expansion.group(repetition_of(block.block))
            expansion, found = expand(block.block, self.scope.evaluate)
            self.world.diagnostics.extend(found)
            if len(expansion.keys) > 1:
                self.world.instances += len(expansion.keys)
                if self.world.instances > MAX_INSTANCES:
                    self.world.diagnostics.append(too_many_instances(block.block, self.world.instances))
                    expansion = Expansion.group(expansion.repetition)
            self._expansions[block] = expansion
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

    # Names

    def resolve(self, root: str, steps: Sequence[ReferenceStep], span: Span) -> Resolved | None:
        """Return what a reference stands for in this module."""
        resolver = _ROOTS.get(root)
        if resolver is not None:
            return resolver(self, steps, span)
        if root in ("data", "ephemeral"):
            if len(steps) < 2 or steps[0].index or steps[1].index:
                return nothing(span, steps)
            address = f"{root}.{steps[0].name}.{steps[1].name}"
            return resolve_resource(self, address, steps, 2, span)
        if root == "resource":
            # The long spelling of a managed resource, whose type may then have any name.
            if len(steps) < 2 or steps[0].index or steps[1].index:
                return nothing(span, steps)
            return resolve_resource(self, f"{steps[0].name}.{steps[1].name}", steps, 2, span)
        if not steps or steps[0].index:
            return None
        return resolve_resource(self, f"{root}.{steps[0].name}", steps, 1, span)

    def _variable(self, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
        name = _first_name(steps)
        if name not in self.config.module.variables:
            return nothing(span, steps)
        return Resolved(
            self.once(f"var.{name}", span, lambda: variable_value(self, self.config.module.variables[name])), 1
        )

    def _local(self, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
        name = _first_name(steps)
        attribute = self.config.module.locals.get(name)
        if attribute is None:
            return nothing(span, steps)
        return Resolved(self.once(f"local.{name}", span, lambda: self.scope.evaluate(attribute.expression)), 1)

    def _module(self, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
        name = _first_name(steps)
        call = self.config.module.calls.get(name)
        if call is None:
            return nothing(span, steps)
        if name not in self.config.children:
            return Resolved(unknown(DYNAMIC, [Reason(self.absolute(spelled("module", steps)), span)]), len(steps))
        children = self.children(call)
        keys = self.expansion(call).keys
        if keys == (None,):
            if len(steps) > 1 and not steps[1].index:
                return self._output(children[0], str(steps[1].name), steps[1].span, 2)
            return Resolved(children[0].outputs(span), 1)
        if keys == (GROUP,):
            return self._group_output(children[0], steps, span)
        if len(steps) > 2 and steps[1].index and steps[1].name in keys and not steps[2].index:
            return self._output(children[keys.index(steps[1].name)], str(steps[2].name), steps[2].span, 3)
        return Resolved(gathered(keys, [child.outputs(span) for child in children]), 1)

    def _group_output(self, group: ModuleScope, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
        """Return what a reference to a module with a number of instances that can't be known stands for.

        It is unknown in any case, since the instance may not exist. Where an output is unknown by itself, it says why:
        an agent's id is that agent's, whichever instance it is.
        """
        reasons = [Reason(self.absolute(spelled("module", steps)), span)]
        if len(steps) > 2 and steps[1].index and not steps[2].index:
            resolved = self._output(group, str(steps[2].name), steps[2].span, 3)
            if resolved.mistake is not None:
                return resolved
            reasons = list(resolved.value.reasons) or reasons
        return Resolved(unknown(DYNAMIC, reasons), len(steps))

    def _output(self, child: ModuleScope, name: str, span: Span, used: int) -> Resolved:
        if f"output.{name}" in child.config.module.in_json:
            return Resolved(unknown(DYNAMIC, [Reason(child.absolute(f"output.{name}"), span)]), used)
        if name not in child.config.module.outputs:
            if child.config.module.may_hide(name):
                return Resolved(nothing(span, ()).value, used)
            mistake = error(
                "UC154",
                span,
                "Unsupported attribute",
                f'The module has no output named "{name}".',
                help=nearest(name, child.config.module.outputs),
            )
            return Resolved(nothing(span, ()).value, used, mistake)
        return Resolved(child.output(name, span), used)

    def output(self, name: str, span: Span) -> Value:
        """Return the value of one output."""
        block = self.config.module.outputs[name].block
        attribute = block.body.attribute("value")
        if attribute is None:
            return unknown(DYNAMIC, [Reason(self.absolute(f"output.{name}"), span)])
        value = self.once(f"output.{name}", span, lambda: self.scope.evaluate(attribute.expression))
        return value.with_marks(frozenset({SENSITIVE})) if is_set(block, "sensitive") else value

    def outputs(self, span: Span) -> Value:
        """Return all outputs as an object."""
        return object_of({name: self.output(name, span) for name in self.config.module.outputs})

    # Values

    def shared(self, expression: Expression) -> Value:
        """Return the value of an expression that is the same for every instance of its block, computed once."""
        known = self._shared.get(id(expression))
        if known is None:
            known = self._shared[id(expression)] = (expression, self.world.evaluate(expression, InstanceScope(self)))
        return known[1]

    def once(self, name: str, span: Span, compute: Callable[[], Value]) -> Value:
        """Return the value under a name, computed once; one that asks for itself is reported."""
        if name not in self._values:
            self._values[name] = None
            self._values[name] = compute()
        value = self._values[name]
        if value is None:
            self.world.diagnostics.append(
                error(
                    "UC102",
                    span,
                    "Cycle of values",
                    f"{self.absolute(name)} is computed from itself.",
                    help="break the cycle: one of the values must not refer to the others",
                )
            )
            return unknown(DYNAMIC, [Reason("", span, ReasonKind.ERROR)])
        return value


def _first_name(steps: Sequence[ReferenceStep]) -> str:
    """Return the name that follows an object such as ``var``, empty where none does."""
    return str(steps[0].name) if steps and not steps[0].index else ""


def _attribute_of(values: Mapping[str, Value], steps: Sequence[ReferenceStep], span: Span) -> Resolved:
    """Return what a reference to an object that Terraform provides stands for."""
    value = values.get(_first_name(steps))
    return nothing(span, steps) if value is None else Resolved(value, 1)


def _path(module: ModuleScope, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
    def unknown_path() -> Value:
        return unknown(STRING, [Reason("path.cwd", span, ReasonKind.MACHINE)], not_null=True)

    values = {"module": string(module.config.module.dir), "root": string("."), "cwd": unknown_path()}
    return _attribute_of(values, steps, span)


def _terraform(module: ModuleScope, steps: Sequence[ReferenceStep], span: Span) -> Resolved:
    # Coder's provisioner never selects another workspace than the default one.
    return _attribute_of({"workspace": string("default"), "applying": boolean(False)}, steps, span)


_ROOTS: Mapping[str, Callable[[ModuleScope, Sequence[ReferenceStep], Span], Resolved]] = MappingProxyType(
    {
        "var": ModuleScope._variable,
        "local": ModuleScope._local,
        "module": ModuleScope._module,
        "path": _path,
        "terraform": _terraform,
    }
)
