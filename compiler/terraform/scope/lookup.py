"""What the lookup of a name answers, and what a repeated block as a whole stands for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from compiler.source.span import Span
from compiler.source.suggest import did_you_mean
from compiler.terraform.configuration.address import InstanceKey, index
from compiler.terraform.evaluation.evaluator import Resolved, Step
from compiler.terraform.values.marks import Reason, ReasonKind
from compiler.terraform.values.types import DYNAMIC
from compiler.terraform.values.values import Value, object_of, tuple_of, unknown

__all__ = ["gathered", "nearest", "nothing", "spelled"]


def nothing(span: Span, steps: Sequence[Step]) -> Resolved:
    """Return the answer for a name that stands for nothing; :mod:`compiler.terraform.scope.names` tells."""
    return Resolved(unknown(DYNAMIC, [Reason("", span, ReasonKind.ERROR)]), len(steps))


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the help that names the known name nearest to ``name``, or an empty string."""
    near = did_you_mean(name, known)
    return f"did you mean {near}?" if near else ""


def spelled(address: str, steps: Sequence[Step]) -> str:
    """Return the address that ``address`` and the steps after it spell."""
    return address + "".join(index(step.name) if step.index else f".{step.name}" for step in steps)


def gathered(keys: Sequence[InstanceKey], values: Sequence[Value]) -> Value:
    """Return what a counted or keyed block as a whole stands for: a tuple, or an object by key."""
    if any(isinstance(key, str) for key in keys):
        return object_of({str(key): value for key, value in zip(keys, values, strict=True)})
    return tuple_of(values)
