"""What only Terraform computes: an unknown is always a right answer, since the wiring carries the expression to it."""

from __future__ import annotations


class LaterError(Exception):
    """The answer is left to Terraform; the message is a clause that says why, or empty.

    A caller that knows what was to be computed, and the type of its result, answers with ``values.left_to_terraform``.
    """
