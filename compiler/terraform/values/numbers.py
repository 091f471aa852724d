"""Terraform's numbers: binary floating point with a precision of its own for every value.

Terraform computes with Go's ``big.Float`` (https://pkg.go.dev/math/big#Float): a literal or a number parsed from a
string has 512 bits, a count such as ``length(x)`` has 64, the result of ``pow`` has the 53 of a C double, and an
operation takes the larger precision of its operands. All roundings are to nearest, ties to even. Infinities, the sign
of zero and numbers beyond use are left to Terraform.

It prints a number as Go's ``Float.Text('f', -1)`` does (https://pkg.go.dev/math/big#Float.Text): the fewest digits that
still round to the number at its own precision, without an exponent. So both the value and the precision decide the
text, and two numbers that aren't whole are equal when their texts are.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from compiler.patterns import regex
from compiler.records import dataclass
from compiler.terraform.values.budget import LaterError

if TYPE_CHECKING:
    from decimal import Decimal

PARSED_PRECISION = 512
"""Bits of a number that was written down."""

INTEGER_PRECISION = 64
"""Bits of a number that counts something."""

_MAX_DIGITS = 20_000
_MAX_BITS = 66_000
"""The most places that a number may have before or after the binary point: :data:`_MAX_DIGITS` decimal ones."""
_MAX_PLACES = 200_000
"""More decimal places than any of these numbers takes."""
_MAX_PLAIN_BITS = 13_000
"""``int`` and ``str`` refuse numbers over 4,300 digits."""


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """``mantissa * 2 ** exponent``, rounded to ``precision`` bits; the mantissa is odd, or zero.

    Compare with :meth:`compare` (as ``<`` does) or :func:`same_number` (as ``==`` does). Operations raise
    :class:`LaterError` where the result is none of the numbers that are computed here.
    """

    mantissa: int
    exponent: int
    precision: int

    @staticmethod
    def of(value: int) -> Number:
        """Return a count: an integer with 64 bits, or as many as it needs."""
        return _rounded(value, 0, max(INTEGER_PRECISION, value.bit_length()))

    @property
    def is_integer(self) -> bool:
        """Whether this is a whole number."""
        return self.exponent >= 0

    @property
    def sign(self) -> int:
        """-1, 0 or 1."""
        return (self.mantissa > 0) - (self.mantissa < 0)

    def to_int(self) -> int:
        """Return the whole part, cut towards zero."""
        size = abs(self.mantissa)
        return self.sign * (size << self.exponent if self.exponent >= 0 else size >> -self.exponent)

    def to_float(self) -> float:
        """Return the nearest C double; infinite where it is too large."""
        try:
            # Python rounds the quotient of two whole numbers correctly, subnormal ones too.
            return (
                float(self.mantissa << self.exponent) if self.exponent >= 0 else self.mantissa / (1 << -self.exponent)
            )
        except OverflowError:
            return self.sign * math.inf

    def rounded(self, precision: int) -> Number:
        """Return the number rounded to ``precision`` bits."""
        return _rounded(self.mantissa, self.exponent, precision)

    def negated(self) -> Number:
        """Return the number with the other sign."""
        if not self.mantissa:
            raise LaterError("the sign of zero")
        return Number(-self.mantissa, self.exponent, self.precision)

    def absolute(self) -> Number:
        """Return the number without its sign."""
        return Number(abs(self.mantissa), self.exponent, self.precision)

    def plus(self, other: Number) -> Number:
        """Return the sum."""
        exponent = min(self.exponent, other.exponent)
        total = (self.mantissa << (self.exponent - exponent)) + (other.mantissa << (other.exponent - exponent))
        return _rounded(total, exponent, max(self.precision, other.precision))

    def minus(self, other: Number) -> Number:
        """Return the difference."""
        return self.plus(Number(-other.mantissa, other.exponent, other.precision))

    def times(self, other: Number) -> Number:
        """Return the product, with more precision where it is needed to be exact, up to 512 bits."""
        if (not self.mantissa and other.mantissa < 0) or (not other.mantissa and self.mantissa < 0):
            raise LaterError("the sign of zero")
        exact = self.times_at(other, PARSED_PRECISION)
        return exact.rounded(max(self.precision, other.precision, exact.mantissa.bit_length()))

    def times_at(self, other: Number, precision: int) -> Number:
        """Return the product rounded to ``precision`` bits."""
        return _rounded(self.mantissa * other.mantissa, self.exponent + other.exponent, precision)

    def divided_by(self, other: Number, precision: int | None = None) -> Number:
        """Return the quotient."""
        bits = max(self.precision, other.precision) if precision is None else precision
        if not other.mantissa:
            raise LaterError("division by zero")
        if not self.mantissa and other.mantissa < 0:
            raise LaterError("the sign of zero")
        # Two bits more than are kept, and a last bit that says whether anything was cut off, round correctly.
        shift = max(bits + 2 + other.mantissa.bit_length() - self.mantissa.bit_length(), 0)
        quotient, rest = divmod(abs(self.mantissa) << shift, abs(other.mantissa))
        quotient = (quotient << 1 | (rest != 0)) * self.sign * other.sign
        return _rounded(quotient, self.exponent - other.exponent - shift - 1, bits)

    def modulo(self, other: Number) -> Number:
        """Return what is left of a division that is cut towards zero, as ``%`` computes it.

        The modulus zero leaves the number as it is.
        """
        if not other.mantissa:
            return self
        whole = _rounded(self.divided_by(other).to_int(), 0, self.precision)
        return self.minus(other.times_at(whole, self.precision)).rounded(self.precision)

    def compare(self, other: Number) -> int:
        """Return -1, 0 or 1: how this number lies to ``other``."""
        if self.sign != other.sign:
            return 1 if self.sign > other.sign else -1
        # Exponents far apart are decided by the size alone, without aligning the mantissas.
        mine, theirs = self.mantissa.bit_length() + self.exponent, other.mantissa.bit_length() + other.exponent
        if mine != theirs:
            return self.sign if mine > theirs else -self.sign
        exponent = min(self.exponent, other.exponent)
        left, right = self.mantissa << (self.exponent - exponent), other.mantissa << (other.exponent - exponent)
        return (left > right) - (left < right)


def _rounded(value: int, exponent: int, precision: int) -> Number:
    """Return ``value * 2 ** exponent`` rounded to ``precision`` bits."""
    mantissa = abs(value)
    if not mantissa:
        return Number(0, 0, precision)
    extra = mantissa.bit_length() - precision
    if extra > 0:
        half = 1 << (extra - 1)
        rest = mantissa & ((1 << extra) - 1)
        mantissa >>= extra
        if rest > half or (rest == half and mantissa & 1):
            mantissa += 1
        exponent += extra
    if abs(exponent + mantissa.bit_length()) > _MAX_BITS:
        raise LaterError(f"a number of more than {_MAX_DIGITS:,} digits")
    zeros = (mantissa & -mantissa).bit_length() - 1
    mantissa >>= zeros
    return Number(-mantissa if value < 0 else mantissa, exponent + zeros, precision)


ZERO = Number.of(0)


_LITERAL = regex(r"([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:([eEp])([+-]?\d+))?\Z", re.ASCII)
_INFINITE = regex(r"[+-]?(?:Inf|inf)\Z")


def parse_number(text: str) -> Number | None:
    """Return the number that ``text`` writes in decimal, at 512 bits, or None where it isn't one.

    The grammar is that of Go's ``big.ParseFloat`` for base 10. Raises :class:`LaterError` for a binary exponent
    (``p``), ``Inf``, ``-0``, and numbers beyond use.
    """
    match = _LITERAL.match(text)
    if not match:
        if _INFINITE.match(text):
            raise LaterError("an infinite number")
        return None
    sign, whole, places, only_places, mark, exponent_text = match.groups()
    places = only_places or places or ""
    digits = (whole or "") + places
    exponent_text = exponent_text or "0"
    if mark == "p" or len(digits) > _MAX_DIGITS or len(exponent_text) > 7 or abs(int(exponent_text)) > _MAX_DIGITS:
        raise LaterError(f"a number of more than {_MAX_DIGITS:,} digits, or with a binary exponent")
    value = _integer(digits)
    if not value:
        if sign == "-":
            raise LaterError("the sign of zero")
        return Number(0, 0, PARSED_PRECISION)
    power = int(exponent_text) - len(places)
    # The digits are taken whole and rounded once.
    value = -value if sign == "-" else value
    if power >= 0:
        return _rounded(value * 5**power, power, PARSED_PRECISION)
    number = _rounded(value, power, value.bit_length())
    divisor = 5**-power
    return number.divided_by(_rounded(divisor, 0, divisor.bit_length()), PARSED_PRECISION)


def _integer(digits: str) -> int:
    if len(digits) <= 4000:
        return int(digits)
    from decimal import Decimal

    return int(Decimal(digits))


# Numbers as text


def number_text(number: Number) -> str:
    """Return the number as ``tostring`` and ``jsonencode`` print it."""
    size = number.mantissa.bit_length() + number.exponent
    # A whole number that its precision holds to the last digit needs all of them.
    if number.is_integer and size <= min(number.precision, _MAX_PLAIN_BITS):
        return str(number.to_int())
    exact = _exact(number.mantissa, number.exponent)
    return format(exact if number.is_integer and size <= number.precision else _shortest(number, exact), "f")


def same_number(left: Number, right: Number) -> bool:
    """Return whether ``==`` holds: whole numbers are compared as they are, others by their text."""
    if left.sign != right.sign or left.is_integer != right.is_integer:
        return False
    if left.is_integer:
        return left.compare(right) == 0
    return number_text(left) == number_text(right)


def fixed(number: Number, places: int) -> str:
    """Return the number's size without exponent, rounded to ``places`` after the point."""
    from decimal import Context

    last = _exact(1, 0).scaleb(-places)
    return format(_exact(abs(number.mantissa), number.exponent).quantize(last, context=Context(_MAX_PLACES)), "f")


# Only numbers that aren't whole need the import.
def _exact(mantissa: int, exponent: int) -> Decimal:
    """Return ``mantissa * 2 ** exponent``; m / 2**k is m * 5**k / 10**k."""
    from decimal import Context, Decimal

    if exponent >= 0:
        return Decimal(mantissa << exponent)
    return Decimal(mantissa * 5**-exponent).scaleb(exponent, Context(_MAX_PLACES))


def _shortest(number: Number, exact: Decimal) -> Decimal:
    """Return the decimal of the fewest digits that still rounds to ``number`` at its precision."""
    from decimal import Context

    # Half a unit in the last place lies between the number and the midpoints to both neighbours, which round to the one
    # whose last bit is 0.
    shift = number.precision - number.mantissa.bit_length()
    half, wide = _exact(1, number.exponent - shift - 1), Context(_MAX_PLACES)
    inclusive = shift > 0

    def rounds_back(digits: int) -> bool:
        error = wide.abs(wide.subtract(Context(digits).create_decimal(exact), exact))
        return error < half or (inclusive and error == half)

    digits = bisect_left(range(1, len(exact.as_tuple().digits)), True, key=rounds_back) + 1
    return Context(digits).create_decimal(exact)
