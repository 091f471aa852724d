"""Functions of numbers."""

from __future__ import annotations

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.numbers import Number
from compiler.terraform.types import NUMBER
from compiler.terraform.values import Value, integer, number

_NUM = Parameter("num", NUMBER)


@function("abs", _NUM, returns=NUMBER)
def _abs(call: Call) -> Value:
    return number(call.number(0).absolute())


@function("ceil", _NUM, returns=NUMBER)
def _ceil(call: Call) -> Value:
    return _whole(call.number(0), up=True)


@function("floor", _NUM, returns=NUMBER)
def _floor(call: Call) -> Value:
    return _whole(call.number(0), up=False)


def _whole(value: Number, *, up: bool) -> Value:
    """Return the next whole number above or below, at the number's own precision."""
    if value.is_infinite or value.is_integer:
        return number(value)
    whole = value.to_int()
    if value.negative != up:
        whole += 1 if up else -1
    return number(Number.of(whole).rounded(value.precision))


@function("max", variadic=Parameter("numbers", NUMBER), returns=NUMBER)
def _max(call: Call) -> Value:
    return _extreme(call, sign=1)


@function("min", variadic=Parameter("numbers", NUMBER), returns=NUMBER)
def _min(call: Call) -> Value:
    return _extreme(call, sign=-1)


def _extreme(call: Call, sign: int) -> Value:
    if not call.args:
        raise CallError("must pass at least one number")
    best = call.args[0]
    for value in call.args[1:]:
        if value.numeric.compare(best.numeric) == sign:
            best = value
    return best


@function("signum", _NUM, returns=NUMBER)
def _signum(call: Call) -> Value:
    if not call.number(0).is_integer:
        raise ArgumentError(0, "value must be a whole number")
    return integer(call.number(0).sign)
