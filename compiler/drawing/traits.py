"""What a unit says of itself: in the few words that a drawing has room for, and as ``unitc show`` tells all of it."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.order.model import Conduct, KnownBody, Notify, ScriptBody, Unit
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


def sentences(unit: Unit) -> Iterator[str]:
    """Yield what is to be known of a unit beside its names, place, gates and body, each as a few words."""
    if unit.group:
        yield "a group: how many instances there are is known only at apply"
    if unit.timeout is not None:
        yield f"timeout {unit.timeout} s"
    if unit.gate_timeout is not None:
        yield f"waits at most {unit.gate_timeout} s"
    if unit.mutexes:
        yield f"never runs beside units that hold {', '.join(map(repr, unit.mutexes))}"
    yield from _conduct(unit.conduct)


def _conduct(conduct: Conduct) -> Iterator[str]:
    """Yield what a unit says of itself."""
    match conduct.ready:
        case None:
            pass
        case Notify():
            yield 'says that it is ready by running "$UNITC_READY"'
        case command:
            yield f"is ready once {_shown(command)} succeeds, tried every {conduct.ready_interval} s"
    if conduct.unless is not None:
        yield f"isn't run where {_shown(conduct.unless)} succeeds"
    if conduct.retries:
        times = "once more" if conduct.retries == 1 else f"up to {conduct.retries} times more"
        yield f"is run {times} where it fails, after {conduct.retry_delay} s"
    if conduct.optional:
        yield "optional: its failure doesn't count"


def _shown(command: ScriptBody) -> str:
    return repr(command.text) if isinstance(command, KnownBody) else f"a command known only at apply ({command.reason})"
