"""Functions whose answer is left to Terraform: it differs at each call, comes at apply, or decides no order."""

from __future__ import annotations

from compiler.terraform.functions import Call, CallError, Parameter, function
from compiler.terraform.functions.later import answered_later
from compiler.terraform.values.types import NUMBER, STRING
from compiler.terraform.values.values import Value


@function("timestamp", returns=STRING)
def _timestamp(_: Call) -> Value:
    return answered_later("timestamp", STRING)


@function("plantimestamp", returns=STRING, not_null=False)
def _plantimestamp(_: Call) -> Value:
    return answered_later("plantimestamp", STRING)


@function("uuid", returns=STRING)
def _uuid(_: Call) -> Value:
    return answered_later("uuid", STRING)


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
    return answered_later("bcrypt", STRING)


@function("base64gzip", Parameter("str", STRING), returns=STRING)
def _base64gzip(_: Call) -> Value:
    return answered_later("base64gzip", STRING)


@function("rsadecrypt", Parameter("ciphertext", STRING), Parameter("privatekey", STRING), returns=STRING)
def _rsadecrypt(_: Call) -> Value:
    return answered_later("rsadecrypt", STRING)
