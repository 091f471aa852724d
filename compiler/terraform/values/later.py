"""What only Terraform computes: an unknown is always a right answer, since the wiring carries the expression to it."""

from __future__ import annotations

from compiler.terraform.values.marks import Reason, ReasonKind
from compiler.terraform.values.types import Type
from compiler.terraform.values.values import Value, unknown

__all__ = ["LaterError", "left_to_terraform"]


class LaterError(Exception):
    """The answer is left to Terraform; the message is a clause that says why, or empty.

    Whoever knows what was to be computed, and the type of its result, answers with :func:`left_to_terraform`.
    """


def left_to_terraform(what: str, type_: Type, why: LaterError) -> Value:
    """Return the unknown of that type whose reason names what is to be computed, such as ``timestamp()``."""
    address = f"{what} ({why})" if str(why) else what
    return unknown(type_, (Reason(address, kind=ReasonKind.FUNCTION),))
