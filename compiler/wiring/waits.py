"""What the wiring is asked for: which script waits for which, and how far both are in the same module instance."""

from __future__ import annotations

from collections.abc import Iterable

from compiler.order.claims import Claim
from compiler.order.inventory import Script, shared_steps
from compiler.order.model import Phase
from compiler.order.outcome import Requires
from compiler.records import dataclass
from compiler.source.span import Span
from compiler.terraform.configuration.address import InstanceKey


@dataclass(frozen=True, slots=True)
class Wait:
    """One script waits for another.

    ``scope``: that many steps on the way to both scripts name the same module instance, also where its key is unknown.
    A key is that of the one instance which is meant: it takes the place of the unknown one in the first step below
    the scope.
    """

    dependent: Script
    prerequisite: Script
    phase: Phase
    requires: Requires
    span: Span
    scope: int
    dependent_key: InstanceKey = None
    prerequisite_key: InstanceKey = None


def waits_of(explicit: Iterable[Claim], everyone: Iterable[Claim]) -> tuple[Wait, ...]:
    """Return what claims ask for.

    ``explicit`` claims are meant within the module instance in which both sides stand, those of the word ``all``
    across the whole runtime.
    """

    def wait(claim: Claim, scope: int) -> Wait:
        return Wait(
            claim.dependent,
            claim.prerequisite,
            claim.phase,
            claim.requires,
            claim.origin.item,
            scope,
            claim.dependent_key,
            claim.prerequisite_key,
        )

    return (
        *(wait(claim, shared_steps(claim.dependent, claim.prerequisite)) for claim in explicit),
        *(wait(claim, 0) for claim in everyone),
    )
