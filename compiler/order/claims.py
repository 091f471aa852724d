"""What a declaration claims: this script waits for that one, in this phase.

Claims are made by the declaration forms, one file each, and merged to edges in ``resolve``.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from compiler.order.inventory import Script
from compiler.order.model import Origin, Phase
from compiler.order.outcome import Requires
from compiler.records import dataclass, field, replace
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.limits import MAX_PAIRS
from compiler.source.span import Span
from compiler.terraform.configuration.address import InstanceKey

_address = attrgetter("address")

# Which requirement is the stronger one, where several are asked for and one is kept.
STRENGTH = {requires: place for place, requires in enumerate(Requires)}


@dataclass(frozen=True, slots=True)
class Claim:
    """``dependent`` waits for ``prerequisite`` in ``phase``; both belong to one runtime.

    Where a script stands for instances that are known only at apply, its key is that of the one instance which is
    meant, None where all are: the key of the script, or of the module call that the declaration names.
    """

    dependent: Script
    prerequisite: Script
    phase: Phase
    requires: Requires
    origin: Origin
    dependent_key: InstanceKey = None
    prerequisite_key: InstanceKey = None


@dataclass(frozen=True, slots=True)
class Involved:
    """An order names a module that could not be read: ``call`` is its address without indexes."""

    call: str
    span: Span


@dataclass(slots=True)
class Collected:
    """What is read of one declaration form; ``addresses`` and ``pairs`` count towards the bounds."""

    claims: list[Claim] = field(default_factory=list)
    involved: list[Involved] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    addresses: int = 0
    pairs: int = 0

    def has_room(self, pairs: int, span: Span) -> bool:
        """Count some more pairs and return whether there may be so many; the first that are too many are told."""
        before, self.pairs = self.pairs, self.pairs + pairs
        if before <= MAX_PAIRS < self.pairs:
            found = error(
                "UC215",
                span,
                "Too many ordered pairs",
                f"This declaration alone, or with those before it, orders {self.pairs:,} pairs of scripts; "
                f"a template may have {MAX_PAIRS:,}.",
                help="name fewer scripts, or put one script between the two groups that both can name",
            )
            self.diagnostics.append(found)
        return self.pairs <= MAX_PAIRS


def without_edits_to(found: Diagnostic, names: Iterable[str]) -> Diagnostic:
    """Return a diagnostic without the edits that write one of these names; a script can't wait for itself."""
    written = {edit.text.removeprefix(".") for edit in found.edits}
    return replace(found, edits=()) if written & set(names) else found


def shared_phases(one: Script, other: Script) -> tuple[Phase, ...]:
    """Return the phases in which both scripts run on the same runtime."""
    if one.runtime is None or other.runtime is None or one.runtime.address != other.runtime.address:
        return ()
    ours, theirs = one.triggers.phases, other.triggers.phases
    return theirs if ours is theirs else tuple(phase for phase in ours if phase in theirs)


def itself(script: Script, origin: Origin) -> Diagnostic:
    """Return the error for a script that would wait for itself."""
    return error(
        "UC201",
        origin.item,
        "Script waits for itself",
        f"{script.address} would wait for itself and never start.",
        label=f"names {script.address} itself",
        help="remove the reference, or name the instances that it should wait for",
    )


def pairs(
    dependents: Iterable[Script],
    prerequisites: tuple[Script, ...],
    requires: Requires,
    origin: Origin,
    *,
    dependent_key: InstanceKey = None,
    prerequisite_key: InstanceKey = None,
) -> tuple[Claim, ...] | Diagnostic:
    """Return the claims of a full product, one for each phase that a pair shares, or what is wrong with it.

    No script may be on both sides. The keys are those of :class:`Claim`.
    """
    claims = []
    both = []
    for dependent in dependents:
        for prerequisite in prerequisites:
            if dependent is prerequisite:
                both.append(dependent)
            claims += [
                Claim(dependent, prerequisite, phase, requires, origin, dependent_key, prerequisite_key)
                for phase in shared_phases(dependent, prerequisite)
            ]
    return itself(min(both, key=_address), origin) if both else tuple(claims)
