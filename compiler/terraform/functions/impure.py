"""Functions that answer otherwise at each call, or at apply only: what they answer isn't known here."""

from __future__ import annotations

from compiler.terraform.functions import Call, CallError, Parameter, function
from compiler.terraform.values.marks import Reason, ReasonKind
from compiler.terraform.values.types import NUMBER, STRING
from compiler.terraform.values.values import Value, unknown


def _answered_later(name: str) -> Value:
    return unknown(STRING, (Reason(f"{name}()", kind=ReasonKind.FUNCTION),))


@function("timestamp", returns=STRING)
def _timestamp(_: Call) -> Value:
    return _answered_later("timestamp")


@function("plantimestamp", returns=STRING, not_null=False)
def _plantimestamp(_: Call) -> Value:
    return _answered_later("plantimestamp")


@function("uuid", returns=STRING)
def _uuid(_: Call) -> Value:
    return _answered_later("uuid")


_LONGEST_PASSWORD = 72
_GREATEST_COST = 31


@function("bcrypt", Parameter("str", STRING), variadic=Parameter("cost", NUMBER), returns=STRING)
def _bcrypt(call: Call) -> Value:
    cost = call.whole(1) if len(call.args) > 1 else 0
    if len(call.args) > 2:
        raise CallError("bcrypt() takes no more than two arguments")
    if len(call.text(0).encode()) > _LONGEST_PASSWORD:
        raise CallError("error occured generating password bcrypt: password length exceeds 72 bytes")
    if cost > _GREATEST_COST:
        raise CallError(
            f"error occured generating password crypto/bcrypt: cost {cost} is outside allowed inclusive range 4..31"
        )
    return _answered_later("bcrypt")
