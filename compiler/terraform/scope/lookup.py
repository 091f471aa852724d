"""What the lookup of a name answers, and what a repeated block as a whole stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from compiler.hcl.syntax import Block
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.span import Span
from compiler.source.suggest import did_you_mean
from compiler.terraform.configuration.address import InstanceKey, index
from compiler.terraform.configuration.module import Module
from compiler.terraform.evaluation.evaluator import ReferenceStep, Resolved
from compiler.terraform.values.marks import Reason
from compiler.terraform.values.types import DYNAMIC, Type
from compiler.terraform.values.values import Value, object_of, poison, tuple_of, unknown


def nothing(span: Span, steps: Sequence[ReferenceStep]) -> Resolved:
    """Return the answer for a name that stands for nothing; :mod:`compiler.terraform.scope.names` tells."""
    return Resolved(poison(span), len(steps))


def nearest(name: str, known: Iterable[str], root: str = "") -> str:
    """Return the help that names the known name nearest to ``name``, behind its root, or an empty string."""
    near = did_you_mean(name, known)
    return f"did you mean {root}{near}?" if near else ""


def undeclared_output(module: Module, name: str, span: Span) -> Diagnostic | None:
    """Return the error for a reference to an output that a module doesn't have, None where it has or may have it."""
    if name in module.outputs or f"output.{name}" in module.in_json or module.may_hide(name):
        return None
    return error(
        "UC154",
        span,
        "Unsupported attribute",
        f'The module has no output named "{name}".',
        help=nearest(name, module.outputs),
    )


def spelled(address: str, steps: Sequence[ReferenceStep]) -> str:
    """Return the address that ``address`` and the steps after it spell."""
    return address + "".join(index(step.name) if step.index else f".{step.name}" for step in steps)


def computed_by_provider(address: str, type_: Type, span: Span) -> Value:
    """Return what a provider computes, which is unknown for itself; ``span`` is where it is named."""
    return unknown(type_, [Reason(address, span)], not_null=type_ != DYNAMIC)


def gathered(keys: Sequence[InstanceKey], values: Sequence[Value]) -> Value:
    """Return what a counted or keyed block as a whole stands for: a tuple, or an object by key."""
    if any(isinstance(key, str) for key in keys):
        return object_of({str(key): value for key, value in zip(keys, values, strict=True)})
    return tuple_of(values)


def first_name(steps: Sequence[ReferenceStep]) -> str:
    """Return the name that follows an object such as ``var``, empty where none does."""
    return str(steps[0].name) if steps and not steps[0].index else ""


def attribute_of(values: Mapping[str, Value], steps: Sequence[ReferenceStep], span: Span) -> Resolved:
    """Return what a reference to an object that Terraform provides stands for."""
    value = values.get(first_name(steps))
    return nothing(span, steps) if value is None else Resolved(value, 1)


def is_set(block: Block, name: str) -> bool:
    """Return whether an argument is literally ``true``, as Terraform wants ``sensitive`` to be."""
    attribute = block.body.attribute(name)
    return attribute is not None and attribute.expression.span.text == "true"
