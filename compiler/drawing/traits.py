"""What a unit says of itself, in the few words that a drawing has room for; ``unitc show`` tells all of it."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.order.model import Unit
from compiler.source.prose import counted
from compiler.terraform.configuration.address import quote


def titled(unit: Unit) -> str:
    """Return a unit's address with its display name, where that is known."""
    return f"{unit.address} {quote(unit.display_name)}" if unit.display_name else unit.address


def traits(unit: Unit) -> Iterator[str]:
    """Yield what stands behind a unit's name in every drawing, in a fixed order."""
    conduct = unit.conduct
    if unit.mutexes:
        yield f"holds {', '.join(unit.mutexes)}"
    if unit.gate_timeout is not None:
        yield f"waits at most {unit.gate_timeout} s"
    if conduct.ready is not None:
        yield "says when it is ready"
    if conduct.unless is not None:
        yield "runs unless it has nothing to do"
    if conduct.retries:
        yield f"tries again up to {counted(conduct.retries, 'time')}"
    if conduct.optional:
        yield "optional"
