"""What an evaluation carries from node to node, and how references leave it.

The evaluation of each kind of expression stands in the modules beside this one;
:mod:`compiler.terraform.evaluation.expressions` is the entrance, and names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from compiler.hcl import syntax
from compiler.records import dataclass, field
from compiler.source.diagnostics import Diagnostic, Label, error
from compiler.source.span import Span
from compiler.terraform.configuration.files import FileAccess
from compiler.terraform.values.budget import ELEMENT_COST, Budget, BudgetExceededError
from compiler.terraform.values.marks import NO_MARKS, Marks, Reason, ReasonKind, provenance_marks
from compiler.terraform.values.types import DYNAMIC, Type
from compiler.terraform.values.values import Value, poison


@dataclass(frozen=True, slots=True)
class ReferenceStep:
    """One step of a reference: ``.name``, or ``["name"]`` and ``[2]`` (``index``). ``span`` is the name or the key."""

    name: str | int
    index: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a reference stands for.

    ``value`` is the value after the first ``used`` steps; the evaluator takes the others. A mistake in what stands
    behind the name is told where that stands, and one in the name itself by
    :mod:`compiler.terraform.scope.names`: then the value is unknown with a reason of the kind ``ERROR``. ``mistake`` is
    what only evaluating tells, so that ``try`` and ``can`` catch it as Terraform's do.
    """

    value: Value
    used: int = 0
    mistake: Diagnostic | None = None


class Scope(Protocol):
    """What names stand for where an expression stands."""

    @property
    def files(self) -> FileAccess:
        """The files that functions may read."""

    def resolve(self, root: str, steps: Sequence[ReferenceStep], span: Span) -> Resolved | None:
        """Return what ``root`` followed by ``steps`` stands for, or None where no such root name exists.

        ``steps`` are those that are plain to see, up to the first computed key or splat: ``local.a.b[0]`` comes as
        ``local`` with three steps. Use as many of them as are needed so that nothing is evaluated which the reference
        doesn't name: one for ``local.a``, two for ``data.type.name``. ``span`` covers the root and all the steps.
        """


@dataclass(frozen=True, slots=True)
class Deferred:
    """Something that is computed where it is needed, as often as that is, and where it stands."""

    span: Span
    compute: Callable[[], Value]


@dataclass(slots=True)
class Watch:
    """Collects what was read while something was evaluated: where it comes from, and what of it is unknown."""

    marks: Marks = NO_MARKS
    reasons: set[Reason] = field(default_factory=set)

    def note(self, value: Value) -> None:
        """Take in a value that was read."""
        self.marks |= provenance_marks(value.deep_marks)
        # A mistake leaves nothing open: it is caught on the way here, or told where it is.
        self.reasons.update(reason for reason in value.reasons if reason.kind is not ReasonKind.ERROR)


@dataclass(slots=True)
class Evaluator:
    """The state of one evaluation. Mistakes are collected; evaluation goes on with an unknown in their place."""

    scope: Scope
    budget: Budget
    bindings: Mapping[str, Value]
    forbidden: Mapping[str, str]
    """Functions that may not be called here, and why."""
    diagnostics: list[Diagnostic]
    """Mistakes; ``try`` and ``can`` catch them."""
    failures: int = 0
    """How many mistakes there have been; compare before and after to know whether something failed."""
    watches: tuple[Watch, ...] = ()
    depth: int = 0

    def value_of(self, node: syntax.Expression) -> Value:
        """Return the value of an expression; a mistake in it has been noted."""
        self.budget.spend(ELEMENT_COST)
        self.depth += 1
        if self.depth > self.budget.depth:
            raise BudgetExceededError(f"expressions are nested more than {self.budget.depth} deep")
        try:
            return EVALUATORS[type(node)](self, node)
        finally:
            self.depth -= 1

    def deferred(self, node: syntax.Expression) -> Deferred:
        """Return an expression as something that is computed when it is asked for."""
        return Deferred(node.span, partial(self.value_of, node))

    def fail(
        self,
        code: str,
        span: Span,
        summary: str,
        detail: str,
        *,
        help: str | Sequence[str] = (),
        related: Sequence[Label] = (),
        type_: Type = DYNAMIC,
    ) -> Value:
        """Note a mistake and return the unknown that stands for what couldn't be computed."""
        return self.note(error(code, span, summary, detail, help=help, related=related), type_)

    def note(self, mistake: Diagnostic, type_: Type = DYNAMIC) -> Value:
        """Note a mistake and return the unknown that stands for what couldn't be computed."""
        self.failures += 1
        self.diagnostics.append(mistake)
        return poison(mistake.primary.span, type_)

    def read(self, value: Value) -> Value:
        """Return a value that a name stands for, and let those know who watch what is read."""
        for watch in self.watches:
            watch.note(value)
        return value

    @contextmanager
    def bound(self, names: Mapping[str, Value]) -> Iterator[None]:
        """Bind names, as ``for`` does, while the block runs."""
        outer = self.bindings
        self.bindings = {**outer, **names}
        try:
            yield
        finally:
            self.bindings = outer

    @contextmanager
    def apart(self) -> Iterator[Watch]:
        """Collect mistakes of the block apart from the others, and watch what it reads.

        The block decides what becomes of ``self.diagnostics``; afterwards the outer list is back.
        """
        outer, failures, watches = self.diagnostics, self.failures, self.watches
        watch = Watch()
        self.diagnostics, self.watches = [], (*watches, watch)
        try:
            yield watch
        finally:
            self.diagnostics, self.failures, self.watches = outer, failures, watches


EVALUATORS: dict[type, Callable[[Evaluator, Any], Value]] = {}
"""What evaluates each kind of expression."""
