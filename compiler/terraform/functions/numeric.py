"""Functions of numbers."""

from __future__ import annotations

from functools import partial

from compiler.terraform.functions import Call, CallError, Parameter, function
from compiler.terraform.values.numbers import Number
from compiler.terraform.values.types import NUMBER
from compiler.terraform.values.values import Value, number

_NUM = Parameter("num", NUMBER)


@function("abs", _NUM, returns=NUMBER)
def _abs(call: Call) -> Value:
    return number(call.number(0).absolute())


def _whole(up: bool, call: Call) -> Value:
    """Return the next whole number above or below, at the number's own precision."""
    value = call.number(0)
    whole = value.to_int()
    if not value.is_integer and (value.sign < 0) != up:
        whole += 1 if up else -1
    return number(Number.of(whole).rounded(value.precision))


for _name, _up in (("ceil", True), ("floor", False)):
    function(_name, _NUM, returns=NUMBER)(partial(_whole, _up))


def _extreme(sign: int, call: Call) -> Value:
    if not call.args:
        raise CallError("must pass at least one number")
    best = call.args[0]
    for value in call.args[1:]:
        if value.numeric.compare(best.numeric) == sign:
            best = value
    return best


for _name, _sign in (("max", 1), ("min", -1)):
    function(_name, variadic=Parameter("numbers", NUMBER), returns=NUMBER)(partial(_extreme, _sign))
