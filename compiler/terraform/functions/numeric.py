"""Functions of numbers."""

from __future__ import annotations

from functools import partial

from compiler.patterns import regex
from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.later import LaterError
from compiler.terraform.values.numbers import FLOAT_PRECISION, Number
from compiler.terraform.values.types import NUMBER, STRING, friendly_name
from compiler.terraform.values.values import Value, integer, number

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
    whole = value.to_int()
    if not value.is_integer and (value.sign < 0) != up:
        whole += 1 if up else -1
    return number(Number.of(whole).rounded(value.precision))


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


@function("signum", _NUM, returns=NUMBER)
def _signum(call: Call) -> Value:
    call.whole(0)
    return integer(call.number(0).sign)


@function("pow", _NUM, Parameter("power", NUMBER), returns=NUMBER)
def _pow(call: Call) -> Value:
    base, power = call.number(0), call.number(1)
    # What takes no more bits than a C double has is computed without rounding.
    exact = base.is_integer and power.is_integer and power.sign >= 0 and _fits(base) and _fits(power)
    if not exact or base.to_int().bit_length() * power.to_int() > FLOAT_PRECISION:
        raise LaterError
    return number(Number.of(base.to_int() ** power.to_int()).rounded(FLOAT_PRECISION))


def _fits(value: Number) -> bool:
    return abs(value.to_int()).bit_length() <= FLOAT_PRECISION


@function("parseint", Parameter("number", marked=True), Parameter("base", NUMBER), returns=NUMBER)
def _parseint(call: Call) -> Value:
    text, base = call.args[0], call.whole(1)
    if text.type != STRING:
        raise ArgumentError(0, f"first argument must be a string, not {friendly_name(text.type)}")
    if not 2 <= base <= 62:
        raise ArgumentError(1, "base must be a whole number between 2 and 62 inclusive")
    written = _WRITTEN.fullmatch(text.text)
    if base > 36 or written is None:
        raise LaterError
    try:
        # The zero keeps Python from reading a prefix such as 0x.
        return integer(int(f"{written[1]}0{written[2]}", base)).with_marks(text.marks)
    except ValueError:
        shown = "(sensitive value)" if text.is_sensitive else go_quote(text.text)
        raise ArgumentError(0, f"cannot parse {shown} as a base {base} integer") from None


_WRITTEN = regex(r"([+-]?)([0-9A-Za-z]{1,1000})")
