"""What an evaluation doesn't compute: what would cost too much, and what is left to Terraform.

Every bound that keeps a template from hanging or filling the memory is here. What only Terraform computes is unknown,
which is always a right answer, since the wiring carries the expression to it.
"""

from __future__ import annotations

from compiler.records import dataclass

MAX_STEPS = 10_000_000
"""Units of work: about one character that is made each, which takes some ten nanoseconds at most."""

ELEMENT_COST = 20
"""What an element of a collection, or a node of an expression, counts for; it takes some microseconds."""

MAX_DEPTH = 120
"""How deep expressions, templates and values may be nested while they are evaluated."""


class BudgetExceededError(Exception):
    """An evaluation would take more than its budget; the message is a clause that says what ran out."""


class LaterError(Exception):
    """The answer is left to Terraform; the message is a clause that says why, or empty.

    A caller that knows what was to be computed, and the type of its result, answers with ``values.left_to_terraform``.
    """


@dataclass(slots=True)
class Budget:
    """A purse that evaluations share. Mutable, and not safe to share between threads."""

    steps: int = MAX_STEPS
    depth: int = MAX_DEPTH

    def spend(self, units: int) -> None:
        """Pay for work before it is done, or raise :class:`BudgetExceededError`."""
        if units > self.steps:
            raise BudgetExceededError(f"it takes more than {MAX_STEPS:,} steps")
        self.steps -= units

    def spend_elements(self, count: int) -> None:
        """Pay for elements, or nodes, before they are made, or raise :class:`BudgetExceededError`."""
        self.spend(count * ELEMENT_COST)
