"""What the wiring is asked for: claims, and how far both sides of each are in the same module instance."""

from __future__ import annotations

from collections.abc import Iterable

from compiler.order.claims import Claim
from compiler.order.inventory import shared_steps
from compiler.records import dataclass


@dataclass(frozen=True, slots=True)
class Wait:
    """One script waits for another, as a claim has it.

    ``scope``: that many steps on the way to both scripts name the same module instance, also where its key is unknown.
    A key of the claim takes the place of the unknown one in the first step below the scope.
    """

    claim: Claim
    scope: int


def waits_of(explicit: Iterable[Claim], everyone: Iterable[Claim]) -> tuple[Wait, ...]:
    """Return what claims ask for.

    ``explicit`` claims are meant within the module instance in which both sides stand, those of the word ``all``
    across the whole runtime.
    """
    return (
        *(Wait(claim, shared_steps(claim.dependent, claim.prerequisite)) for claim in explicit),
        *(Wait(claim, 0) for claim in everyone),
    )
