"""What names stand for in a template: variables, locals, modules, resources, ``each`` and ``count``.

Every module instance has its own :class:`ModuleScope`; values are computed when they are asked for, once, and what is
wrong with them is reported where they stand. Resources and data sources are decided at apply: their attributes are
unknown, and say which they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from compiler.hcl import references
from compiler.hcl.syntax import Expression, GetAttr
from compiler.records import dataclass, field, replace
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.span import Span
from compiler.terraform.configuration.address import GROUP, InstanceKey, ModulePath, ModuleStep, module_address
from compiler.terraform.configuration.files import FileAccess
from compiler.terraform.configuration.module import Config, ModuleCall, Named
from compiler.terraform.evaluation.evaluator import ReferenceStep, Resolved
from compiler.terraform.evaluation.expressions import evaluate, written_out
from compiler.terraform.scope.expansion import (
    MAX_INSTANCES,
    ONCE,
    Expansion,
    Repetition,
    expand,
    repetition_of,
    too_many_instances,
)
from compiler.terraform.scope.inputs import Inputs
from compiler.terraform.scope.lookup import attribute_of, computed_by_provider
from compiler.terraform.values.budget import MAX_STEPS, Budget
from compiler.terraform.values.marks import Reason
from compiler.terraform.values.types import DYNAMIC, NUMBER, STRING, Type
from compiler.terraform.values.values import Value, integer, null, poison, string, unknown

# All evaluations of one run together may cost this many times what one of them may.
_TOTAL_BUDGETS = 10


_NO_BINDINGS: Mapping[str, Value] = MappingProxyType({})


@dataclass(slots=True)
class World:
    """What all module instances of one run share: files, inputs, the budgets, and what was found wrong."""

    files: FileAccess
    inputs: Inputs
    names: Callable[[ModuleScope, str, Sequence[ReferenceStep], Span], Resolved | None]
    """What a reference in a module stands for, by its root and the steps after it; see ``resolving``."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    spent: int = 0
    instances: int = 0
    used_inputs: bool = False
    """Whether a value was asked for that another input would change, that of a default included."""
    # By identity: equal expressions at different places are different ones, and comparing them would cost more.
    _naming: dict[int, tuple[Expression, bool]] = field(default_factory=dict)

    def note(self, span: Span, summary: str, detail: str, help_: str, code: str = "UC017") -> None:
        """Note an error, which is one in the value of a variable unless ``code`` says otherwise."""
        self.diagnostics.append(error(code, span, summary, detail, help=help_))

    def names_instance(self, expression: Expression) -> bool:
        """Return whether an expression may have another value in another instance of its block."""
        known = self._naming.get(id(expression))
        if known is None:
            names = any(reference.root in ("count", "each") for reference in references(expression))
            known = self._naming[id(expression)] = (expression, names)
        return known[1]

    def evaluate(self, expression: Expression, scope: InstanceScope) -> Value:
        """Return an expression's value; what is wrong with it is noted."""
        written = written_out(expression)
        if written is not None:
            return written
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
    bindings: Mapping[str, Value] = _NO_BINDINGS

    @property
    def files(self) -> FileAccess:
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
        if root in ("count", "each"):
            return attribute_of(self._repeated(root, span), steps, span)
        return self.module.resolve(root, steps, span)

    def _repeated(self, root: str, span: Span) -> Mapping[str, Value]:
        """Return what ``count`` or ``each`` holds, nothing where the block isn't repeated by it."""
        match root, self.key:
            case "count", int(at):
                return {"index": integer(at)}
            case "count", _ if self.key is GROUP:
                return {"index": unknown(NUMBER, [Reason("count.index", span)], not_null=True)}
            case "each", str(key):
                return {"key": string(key), "value": self.value or null()}
            case "each", _ if self.key is GROUP:
                key_ = unknown(STRING, [Reason("each.key", span)], not_null=True)
                return {"key": key_, "value": unknown(DYNAMIC, [Reason("each.value", span)])}
            case _:
                return {}


@dataclass(slots=True, eq=False)
class ModuleScope:
    """One module instance. ``call_scope`` is the scope of the call in its parent, None for the root module."""

    world: World
    config: Config
    path: ModulePath
    call: ModuleCall | None = None
    call_scope: InstanceScope | None = None
    computed: dict[str, tuple[str, Type]] = field(default_factory=dict)
    """What references to resources were found to name that providers compute, whatever stands in the template: by the
    words in the module, its full address and its type."""
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
        known = self._expansions.get(block)
        if known is None:
            repetition = repetition_of(block.block)
            known = ONCE if repetition is Repetition.NONE else self._expanded(block, repetition)
            self._expansions[block] = known
        return known

    def _expanded(self, block: Named, repetition: Repetition) -> Expansion:
        # A count that depends on its own instances would ask for itself.
        self._expansions[block] = Expansion.group(repetition)
        expansion, found = expand(block.block, self.scope.evaluate)
        self.world.diagnostics.extend(found)
        if len(expansion.keys) > 1:
            self.world.instances += len(expansion.keys)
            if self.world.instances > MAX_INSTANCES:
                self.world.diagnostics.append(too_many_instances(block.block))
                expansion = Expansion.group(expansion.repetition, doubtful=True)
        return expansion

    def instance(self, block: Named, key: InstanceKey) -> InstanceScope:
        """Return the scope of one instance of a block."""
        # What isn't repeated has no key, and so no value of its own.
        return InstanceScope(self, key, None if key is None else self.expansion(block).values.get(key))

    def children(self, call: ModuleCall) -> tuple[ModuleScope, ...]:
        """Return the instances of a module call, none where its module could not be read."""
        config = self.config.children.get(call.name)
        if config is None:
            return ()
        if call.name not in self._children:
            self._children[call.name] = tuple(
                ModuleScope(
                    self.world, config, (*self.path, ModuleStep(call.name, key)), call, self.instance(call, key)
                )
                for key in self.expansion(call).keys
            )
        return self._children[call.name]

    def resolve(self, root: str, steps: Sequence[ReferenceStep], span: Span) -> Resolved | None:
        """Return what a reference stands for in this module."""
        return self.world.names(self, root, steps, span)

    # Values

    def shared(self, expression: Expression) -> Value:
        """Return the value of an expression that is the same for every instance of its block, computed once."""
        known = self._shared.get(id(expression))
        if known is None:
            known = self._shared[id(expression)] = (expression, self._once_for_all(expression))
        return known[1]

    def _once_for_all(self, expression: Expression) -> Value:
        # The id of an agent is named by all of its scripts.
        computed = self.computed.get(expression.span.text) if type(expression) is GetAttr else None
        if computed is None:
            return self.world.evaluate(expression, InstanceScope(self))
        return computed_by_provider(*computed, expression.span)

    def once(self, name: str, span: Span, compute: Callable[[], Value]) -> Value:
        """Return the value under a name, computed once; one that asks for itself is reported."""
        if name not in self._values:
            self._values[name] = None
            self._values[name] = compute()
        value = self._values[name]
        if value is None:
            help_ = "break the cycle: one of the values must not refer to the others"
            self.world.note(span, "Cycle of values", f"{self.absolute(name)} is computed from itself.", help_, "UC102")
            return poison(span)
        return value
