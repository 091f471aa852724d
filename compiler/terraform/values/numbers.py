"""Terraform's numbers: binary floating point with a precision of its own for every value.

Terraform computes with Go's ``big.Float`` (https://pkg.go.dev/math/big#Float): a literal or a number parsed from a
string has 512 bits, a count such as ``length(x)`` has 64, the result of ``pow`` has the 53 of a C double, and an
operation takes the larger precision of its operands. All roundings are to nearest, ties to even.
:mod:`compiler.terraform.values.number_text` prints numbers.
"""

from __future__ import annotations

import math
import re
from enum import Enum
from fractions import Fraction

from compiler.patterns import regex
from compiler.records import dataclass

__all__ = [
    "INFINITY",
    "MAX_DIGITS",
    "NEGATIVE_INFINITY",
    "ONE",
    "ZERO",
    "NotANumberError",
    "Number",
    "NumberTooLargeError",
    "parse_number",
]

PARSED_PRECISION = 512
"""Bits of a number that was written down."""

INTEGER_PRECISION = 64
"""Bits of a number that counts something."""

FLOAT_PRECISION = 53
"""Bits of a number that came out of C's floating point."""

MAX_DIGITS = 20_000
"""The most decimal digits that a number may have, about; Terraform itself has no bound."""

_MAX_BITS = 66_000
"""The most places that a number may have before or after the binary point: :data:`MAX_DIGITS` decimal ones."""


class NotANumberError(ArithmeticError):
    """An operation has no result, such as zero divided by zero."""


class NumberTooLargeError(ArithmeticError):
    """A number has more digits than are worth computing with."""


class _Form(Enum):
    FINITE = "finite"
    INFINITE = "infinite"


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """``(-1 if negative else 1) * mantissa * 2 ** exponent``, rounded to ``precision`` bits.

    The mantissa is odd, or zero for zero and infinity. Compare with :meth:`compare` (as ``<`` does) or
    :func:`compiler.terraform.values.number_text.same_number` (as ``==`` does).
    """

    negative: bool
    mantissa: int
    exponent: int
    precision: int
    form: _Form = _Form.FINITE

    @staticmethod
    def of(value: int) -> Number:
        """Return a count: an integer with 64 bits, or as many as it needs."""
        return _finite(value, 0, max(INTEGER_PRECISION, value.bit_length()))

    @staticmethod
    def of_float(value: float) -> Number:
        """Return a C double as a number, or raise :class:`NotANumberError`."""
        if math.isnan(value):
            raise NotANumberError("not a number")
        if math.isinf(value):
            return NEGATIVE_INFINITY if value < 0 else INFINITY
        if value == 0:
            return Number(math.copysign(1, value) < 0, 0, 0, FLOAT_PRECISION)
        numerator, denominator = value.as_integer_ratio()
        return _finite(numerator, 1 - denominator.bit_length(), FLOAT_PRECISION)

    @property
    def is_infinite(self) -> bool:
        """Whether this is one of the two infinities."""
        return self.form is _Form.INFINITE

    @property
    def is_zero(self) -> bool:
        """Whether this is zero, of either sign."""
        return not self.mantissa and not self.is_infinite

    @property
    def is_integer(self) -> bool:
        """Whether this is a whole number."""
        return not self.is_infinite and self.exponent >= 0

    @property
    def sign(self) -> int:
        """-1, 0 or 1; zero has no sign here."""
        if self.is_zero:
            return 0
        return -1 if self.negative else 1

    def to_int(self) -> int:
        """Return the whole part, cut towards zero; the number must be finite."""
        whole = self.mantissa << self.exponent if self.exponent >= 0 else self.mantissa >> -self.exponent
        return -whole if self.negative else whole

    def to_float(self) -> float:
        """Return the nearest C double; infinite where it is too large."""
        if self.is_infinite:
            return -math.inf if self.negative else math.inf
        mantissa = -self.mantissa if self.negative else self.mantissa
        try:
            # Fraction divides with correct rounding, which a shift of the mantissa wouldn't do for subnormal results.
            value = float(Fraction(mantissa) * Fraction(2) ** self.exponent)
        except OverflowError:
            return -math.inf if self.negative else math.inf
        return math.copysign(value, -1.0) if self.negative else value

    def fraction(self) -> Fraction:
        """Return the exact value; the number must be finite."""
        mantissa = -self.mantissa if self.negative else self.mantissa
        return Fraction(mantissa) * Fraction(2) ** self.exponent

    def rounded(self, precision: int) -> Number:
        """Return the number rounded to ``precision`` bits."""
        if self.is_infinite or not self.mantissa:
            return Number(self.negative, self.mantissa, self.exponent, precision, self.form)
        return _finite(-self.mantissa if self.negative else self.mantissa, self.exponent, precision)

    def negated(self) -> Number:
        """Return the number with the other sign, zero included."""
        return Number(not self.negative, self.mantissa, self.exponent, self.precision, self.form)

    def absolute(self) -> Number:
        """Return the number without its sign."""
        return Number(False, self.mantissa, self.exponent, self.precision, self.form)

    def plus(self, other: Number) -> Number:
        """Return the sum; raises :class:`NotANumberError` for infinities that cancel out."""
        precision = max(self.precision, other.precision)
        if self.is_infinite or other.is_infinite:
            if self.is_infinite and other.is_infinite and self.negative != other.negative:
                raise NotANumberError("can't compute sum of opposing infinities")
            return self if self.is_infinite else other
        if not self.mantissa and not other.mantissa:
            return Number(self.negative and other.negative, 0, 0, precision)
        exponent = min(self.exponent, other.exponent)
        total = (self._signed << (self.exponent - exponent)) + (other._signed << (other.exponent - exponent))
        return _finite(total, exponent, precision)

    def minus(self, other: Number) -> Number:
        """Return the difference; raises :class:`NotANumberError` for equal infinities."""
        return self.plus(other.negated())

    def times(self, other: Number) -> Number:
        """Return the product, with more precision where it is needed to be exact, up to 512 bits.

        Raises :class:`NotANumberError` for zero times infinity.
        """
        negative = self.negative != other.negative
        precision = max(self.precision, other.precision)
        if self.is_infinite or other.is_infinite:
            if self.is_zero or other.is_zero:
                raise NotANumberError("can't multiply zero by infinity")
            return Number(negative, 0, 0, precision, _Form.INFINITE)
        if not self.mantissa or not other.mantissa:
            return Number(negative, 0, 0, precision)
        exact = _finite(self._signed * other._signed, self.exponent + other.exponent, PARSED_PRECISION)
        return exact.rounded(max(precision, exact.mantissa.bit_length()))

    def times_at(self, other: Number, precision: int) -> Number:
        """Return the product of finite numbers rounded to ``precision`` bits."""
        if not self.mantissa or not other.mantissa:
            return Number(self.negative != other.negative, 0, 0, precision)
        return _finite(self._signed * other._signed, self.exponent + other.exponent, precision)

    def divided_by(self, other: Number, precision: int | None = None) -> Number:
        """Return the quotient; a division by zero is infinite.

        Raises :class:`NotANumberError` for zero by zero and infinity by infinity.
        """
        negative = self.negative != other.negative
        bits = max(self.precision, other.precision) if precision is None else precision
        if (self.is_zero and other.is_zero) or (self.is_infinite and other.is_infinite):
            raise NotANumberError("can't divide zero by zero or infinity by infinity")
        if self.is_infinite or other.is_zero:
            return Number(negative, 0, 0, bits, _Form.INFINITE)
        if self.is_zero or other.is_infinite:
            return Number(negative, 0, 0, bits)
        # Two bits more than are kept, and a last bit that says whether anything was cut off, round correctly.
        shift = max(bits + 2 + other.mantissa.bit_length() - self.mantissa.bit_length(), 0)
        quotient, rest = divmod(self.mantissa << shift, other.mantissa)
        quotient = quotient << 1 | (rest != 0)
        return _finite(-quotient if negative else quotient, self.exponent - other.exponent - shift - 1, bits)

    def modulo(self, other: Number) -> Number:
        """Return what is left of a division that is cut towards zero, as ``%`` computes it.

        The modulus zero leaves the number as it is. Raises :class:`NotANumberError` for zero and infinity.
        """
        if other.is_zero:
            return self
        quotient = self.divided_by(other)
        if quotient.is_infinite:
            raise NotANumberError("can't use modulo with zero and infinity")
        if other.is_infinite:
            raise NotANumberError("can't use modulo with zero and infinity")
        whole = _finite(quotient.to_int(), 0, self.precision)
        return self.minus(other.times_at(whole, self.precision)).rounded(self.precision)

    def compare(self, other: Number) -> int:
        """Return -1, 0 or 1: how this number lies to ``other``."""
        if self.is_infinite or other.is_infinite:
            left = self.sign if self.is_infinite else 0
            right = other.sign if other.is_infinite else 0
            return (left > right) - (left < right)
        if self.sign != other.sign:
            return 1 if self.sign > other.sign else -1
        # Exponents far apart are decided by the size alone, without aligning the mantissas.
        mine, theirs = self.mantissa.bit_length() + self.exponent, other.mantissa.bit_length() + other.exponent
        if mine != theirs:
            return self.sign if mine > theirs else -self.sign
        exponent = min(self.exponent, other.exponent)
        left, right = self._signed << (self.exponent - exponent), other._signed << (other.exponent - exponent)
        return (left > right) - (left < right)

    @property
    def _signed(self) -> int:
        return -self.mantissa if self.negative else self.mantissa


def _finite(value: int, exponent: int, precision: int) -> Number:
    """Return ``value * 2 ** exponent`` rounded to ``precision`` bits."""
    mantissa = abs(value)
    if not mantissa:
        return Number(False, 0, 0, precision)
    extra = mantissa.bit_length() - precision
    if extra > 0:
        half = 1 << (extra - 1)
        rest = mantissa & ((1 << extra) - 1)
        mantissa >>= extra
        if rest > half or (rest == half and mantissa & 1):
            mantissa += 1
        exponent += extra
    if abs(exponent + mantissa.bit_length()) > _MAX_BITS:
        raise NumberTooLargeError(f"a number has more than {MAX_DIGITS:,} digits")
    zeros = (mantissa & -mantissa).bit_length() - 1
    return Number(value < 0, mantissa >> zeros, exponent + zeros, precision)


INFINITY = Number(False, 0, 0, 0, _Form.INFINITE)
NEGATIVE_INFINITY = Number(True, 0, 0, 0, _Form.INFINITE)
ZERO = Number.of(0)
ONE = Number.of(1)


_LITERAL = regex(r"([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:([eEp])([+-]?\d+))?\Z", re.ASCII)
_INFINITE = regex(r"([+-]?)(?:Inf|inf)\Z")


def parse_number(text: str) -> Number | None:
    """Return the number that ``text`` writes in decimal, at 512 bits, or None where it isn't one.

    The grammar is that of Go's ``big.ParseFloat`` for base 10: a binary exponent (``p``) and ``Inf`` are part of it.
    Raises :class:`NumberTooLargeError` where the exponent is beyond use.
    """
    match = _LITERAL.match(text)
    if not match:
        infinite = _INFINITE.match(text)
        return None if not infinite else NEGATIVE_INFINITY if infinite[1] == "-" else INFINITY
    sign, whole, places, only_places, mark, exponent_text = match.groups()
    places = only_places or places or ""
    digits = (whole or "") + places
    if len(digits) > MAX_DIGITS or len(exponent_text or "") > 7 or abs(int(exponent_text or "0")) > MAX_DIGITS:
        raise NumberTooLargeError(f"a number has more than {MAX_DIGITS:,} digits")
    value = _integer(digits)
    if not value:
        return Number(sign == "-", 0, 0, PARSED_PRECISION)
    power_of_two = -len(places)
    power_of_five = -len(places)
    if mark == "p":
        power_of_two += int(exponent_text)
    elif mark:
        power_of_two += int(exponent_text)
        power_of_five += int(exponent_text)
    negative = sign == "-"
    # The digits are taken whole and rounded once, by the multiplication or division that follows.
    number = _finite(-value if negative else value, power_of_two, value.bit_length())
    if not power_of_five:
        return number.rounded(PARSED_PRECISION)
    factor = _power_of_five(abs(power_of_five), PARSED_PRECISION + 64)
    if power_of_five < 0:
        return number.divided_by(factor, PARSED_PRECISION)
    return number.times_at(factor, PARSED_PRECISION)


def _integer(digits: str) -> int:
    """Return the integer written by any number of digits; ``int`` refuses those over 4,300."""
    if len(digits) <= 4000:
        return int(digits)
    half = len(digits) // 2
    shift: int = 10 ** (len(digits) - half)
    return _integer(digits[:half]) * shift + _integer(digits[half:])


def _power_of_five(power: int, precision: int) -> Number:
    """Return ``5 ** power`` as Go computes it: by squaring, rounded after each step."""
    if power <= 27:
        return _finite(5**power, 0, precision)
    result = _finite(5**27, 0, precision)
    power -= 27
    square = _finite(5, 0, precision + 64)
    while power:
        if power & 1:
            result = result.times_at(square, precision)
        power >>= 1
        if power:
            square = square.times_at(square, precision + 64)
    return result
