"""Functions of numbers."""

from __future__ import annotations

import math

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.later import answered_later
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.marks import SENSITIVE
from compiler.terraform.values.numbers import MAX_DIGITS, Number, NumberTooLargeError
from compiler.terraform.values.types import NUMBER, STRING, Type, friendly_name
from compiler.terraform.values.values import Value, integer, number, unknown

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
    """Return the next whole number above or below, at the number's own precision; zero loses its sign."""
    if value.is_infinite:
        return number(value)
    whole = value.to_int()
    if not value.is_integer and value.negative != up:
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
    whole = call.whole(0)
    return integer((whole > 0) - (whole < 0))


@function("log", _NUM, Parameter("base", NUMBER), returns=NUMBER)
def _log(call: Call) -> Value:
    given, base = call.number(0), call.number(1)
    if base.compare(_TWO) == 0 and _is_power_of_two(given):
        # Here the last digit is sure: the logarithms of these are multiples of that of 2.
        return _of_float(math.log(given.to_float()) / math.log(2))
    return answered_later("log", NUMBER)


@function("pow", _NUM, Parameter("power", NUMBER), returns=NUMBER)
def _pow(call: Call) -> Value:
    base, power = call.number(0), call.number(1)
    if not (base.is_integer and power.is_integer) or base.is_zero:
        return answered_later("pow", NUMBER)
    # What takes no more bits than a C double has is computed without rounding, and so is a power of two.
    bits = power.absolute()
    if base.compare(_TWO) == 0:
        exact = bits.compare(Number.of(_GREATEST_EXPONENT)) <= 0
    else:
        exact = (
            power.sign >= 0
            and bits.compare(Number.of(_EXACT_BITS)) <= 0
            and base.absolute().compare(Number.of(1 << _EXACT_BITS)) <= 0
            and base.to_int().bit_length() * power.to_int() <= _EXACT_BITS
        )
    return _of_float(float(base.to_int()) ** power.to_int()) if exact else answered_later("pow", NUMBER)


_TWO = Number.of(2)
_EXACT_BITS = 53
_GREATEST_EXPONENT = 1022


def _is_power_of_two(given: Number) -> bool:
    if not given.is_integer or given.sign <= 0 or given.compare(Number.of(1 << _GREATEST_EXPONENT)) > 0:
        return False
    return given.to_int().bit_count() == 1


def _of_float(result: float) -> Value:
    return number(Number.of_float(result))


def _parsed_type(call: Call) -> Type:
    given = call.args[0].type
    if given != STRING:
        raise ArgumentError(0, f"first argument must be a string, not {friendly_name(given)}")
    return NUMBER


@function(
    "parseint",
    Parameter("number", unknown=True, marked=True),
    Parameter("base", NUMBER, unknown=True, marked=True),
    returns=_parsed_type,
)
def _parseint(call: Call) -> Value:
    text, base = call.args
    if not (text.is_known and base.is_known):
        return unknown(NUMBER).with_marks(text.marks, base.marks)
    radix = call.whole(1)
    if not 2 <= radix <= 62:
        raise ArgumentError(1, "base must be a whole number between 2 and 62 inclusive")
    call.budget.spend(len(text.text))
    value = _parsed(text.text, radix)
    if value is None:
        shown = [
            "(sensitive value)" if SENSITIVE in given.marks else plain
            for given, plain in ((text, go_quote(text.text)), (base, str(radix)))
        ]
        raise ArgumentError(0, f"cannot parse {shown[0]} as a base {shown[1]} integer")
    return integer(value).with_marks(text.marks, base.marks)


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _parsed(text: str, base: int) -> int | None:
    """Return the integer that the text writes, or None. Only bases above 36 tell capital letters from small ones."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if base <= 36:
        digits = digits.lower() if digits.isascii() else ""
    if not digits or not set(digits) <= set(_DIGITS[:base]):
        return None
    if len(digits) > MAX_DIGITS:
        raise NumberTooLargeError(f"the number has more than {MAX_DIGITS} digits")
    value = 0
    for digit in digits:
        value = value * base + _DIGITS.index(digit)
    return -value if text[0] == "-" else value
