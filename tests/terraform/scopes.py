"""Scopes to evaluate expressions in, and answers in the form in which Terraform gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from compiler.hcl import read_expression
from compiler.source.diagnostics import Diagnostic
from compiler.source.span import Source, Span
from compiler.terraform.configuration.files import FileAccess, MemoryFiles
from compiler.terraform.evaluation.evaluator import ReferenceStep, Resolved
from compiler.terraform.evaluation.expressions import evaluate
from compiler.terraform.values.budget import Budget
from compiler.terraform.values.values import Value, object_of

__all__ = ["NO_FILES", "UNKNOWN", "NamedScope", "answer", "files_of", "local_scope", "value_of"]


def files_of(contents: Mapping[str, bytes]) -> FileAccess:
    """Return files that exist in memory only, by their path without ``./``."""
    return FileAccess(MemoryFiles(contents), frozenset({"."}))


NO_FILES = files_of({})


@dataclass(frozen=True, slots=True)
class NamedScope:
    """A scope of fixed names and nothing behind them."""

    names: Mapping[str, Value] = field(default_factory=dict)
    files: FileAccess = NO_FILES

    def resolve(self, root: str, steps: Sequence[ReferenceStep], span: Span) -> Resolved | None:
        """Return the value of the name, with no step used."""
        return Resolved(self.names[root]) if root in self.names else None


def local_scope(values: Mapping[str, Value]) -> NamedScope:
    """Return a scope with local values."""
    return NamedScope({"local": object_of(values)})


def value_of(
    text: str, scope: NamedScope | None = None, budget: Budget | None = None
) -> tuple[Value | None, tuple[Diagnostic, ...]]:
    """Return what an expression evaluates to, None where it can't be read, and what is wrong with it."""
    expression, problems = read_expression(Source("test.tf", text))
    if expression is None or problems:
        return None, problems
    return evaluate(expression, scope or NamedScope(), budget=budget)


UNKNOWN = "unknown"
"""The answer of what isn't known here, which is right for whatever Terraform answers."""


def answer(text: str, scope: NamedScope | None = None) -> str | None:
    """Return what ``jsonencode`` of an expression is, None where it is wrong, and ``unknown`` where it isn't known."""
    value, problems = value_of(f"jsonencode(\n{text}\n)", scope)
    if problems or value is None:
        return None
    return value.text if value.is_known else UNKNOWN
