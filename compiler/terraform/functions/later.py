"""What a function answers that only Terraform computes."""

from __future__ import annotations

from compiler.terraform.values.marks import Reason, ReasonKind
from compiler.terraform.values.types import Type
from compiler.terraform.values.values import Value, unknown

__all__ = ["answered_later"]


def answered_later(name: str, type_: Type, why: str = "") -> Value:
    """Return the unknown of that type whose reason names the function, and ``why`` where that helps."""
    address = f"{name}() ({why})" if why else f"{name}()"
    return unknown(type_, (Reason(address, kind=ReasonKind.FUNCTION),))
