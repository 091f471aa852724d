"""Logarithms and powers as Go computes them, bit for bit.

C's library rounds better than Go's ``math`` package does, so that many results would differ in their last digit. The
methods are public: the logarithm is that of FreeBSD's ``e_log.c`` (https://pkg.go.dev/math#Log), powers are repeated
squares of the fraction (https://pkg.go.dev/math#Pow), and the exponential function is a Taylor series of an argument
that has been halved four times (N. Shibata, "Efficient evaluation methods of elementary functions suitable for SIMD
computation", 2010), computed as on a 64-bit x86 processor that multiplies and adds in one step. Go on other processors
may give another last digit for a power that isn't whole.
"""

from __future__ import annotations

import math
from fractions import Fraction

__all__ = ["log", "power"]

# log(2) in two parts: the first has few enough bits for its multiples to be exact.
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10

# A polynomial that approximates (log(1 + f) - 2 s) / s for s = f / (2 + f), by rising powers of s squared.
_LOG_SERIES = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)


def log(value: float) -> float:
    """Return the natural logarithm; not a number below zero."""
    if value < 0 or math.isnan(value):
        return math.nan
    if value == 0:
        return -math.inf
    if math.isinf(value):
        return value
    fraction, exponent = math.frexp(value)
    if fraction < math.sqrt(2) / 2:
        fraction *= 2
        exponent -= 1
    f = fraction - 1
    s = f / (2 + f)
    square = s * s
    fourth = square * square
    c1, c2, c3, c4, c5, c6, c7 = _LOG_SERIES
    odd = square * (c1 + fourth * (c3 + fourth * (c5 + fourth * c7)))
    even = fourth * (c2 + fourth * (c4 + fourth * c6))
    half = 0.5 * f * f
    return exponent * _LN2_HIGH - ((half - (s * (half + (odd + even)) + exponent * _LN2_LOW)) - f)


def power(base: float, exponent: float) -> float:
    """Return ``base`` to the power of ``exponent``; not a number where there is no real result."""
    if exponent == 0 or base == 1:
        return 1.0
    if exponent == 1:
        return base
    if base == 0 or math.isinf(base) or math.isinf(exponent):
        return _power_at_the_edge(base, exponent)
    if abs(exponent) == 0.5:
        if base < 0:
            return math.nan
        return math.sqrt(base) if exponent > 0 else 1 / math.sqrt(base)
    fraction, whole = math.modf(abs(exponent))
    if fraction and base < 0:
        return math.nan
    if whole >= 2.0**63:
        # So large a number is even.
        return 1.0 if base == -1 else 0.0 if (abs(base) < 1) == (exponent > 0) else math.inf
    count = int(whole)
    result = 1.0
    if fraction:
        if fraction > 0.5:
            fraction -= 1
            count += 1
        result = _exp(fraction * log(base))
    result, shift = _whole_power(base, count, result)
    if exponent < 0:
        result, shift = 1 / result, -shift
    try:
        return math.ldexp(result, shift)
    except OverflowError:
        return math.copysign(math.inf, result)


def _power_at_the_edge(base: float, exponent: float) -> float:
    """Return the power where zero or infinity takes part; C has the same rules."""
    if base == 0 and exponent < 0:
        odd = math.isfinite(exponent) and exponent % 2 == 1
        return math.copysign(math.inf, base) if odd else math.inf
    return math.pow(base, exponent)


def _whole_power(base: float, count: int, result: float) -> tuple[float, int]:
    """Return ``result * base ** count`` as a fraction and a power of two."""
    shift = 0
    square, doublings = math.frexp(base)
    while count:
        if abs(doublings) > 1 << 12:
            # This is out of a float's range whatever follows.
            return result, shift + doublings
        if count & 1:
            result *= square
            shift += doublings
        square *= square
        doublings *= 2
        if square < 0.5:
            square += square
            doublings -= 1
        count >>= 1
    return result, shift


# log(2) in two parts again, cut at another bit.
_LN2_UPPER = 0.69314718055966295651160180568695068359375
_LN2_LOWER = 0.28235290563031577122588448175013436025525412068e-12
_TAYLOR = tuple(1 / math.factorial(n) for n in range(8, 0, -1))


def _exp(value: float) -> float:
    """Return e to the power of ``value``, which is at most half of a float's logarithm and so can't overflow."""
    doublings = round(value * math.log2(math.e))
    value = _multiply_add(-doublings, _LN2_UPPER, value)
    value = _multiply_add(-doublings, _LN2_LOWER, value)
    value *= 0.0625
    total = _TAYLOR[0]
    for term in _TAYLOR[1:]:
        total = _multiply_add(value, total, term)
    value *= total
    # This is e**value - 1; each step turns it into that of twice the value.
    for _ in range(3):
        value *= value + 2
    return math.ldexp(_multiply_add(value, value + 2, 1.0), doublings)


def _multiply_add(left: float, right: float, addend: float) -> float:
    """Return ``left * right + addend``, rounded once."""
    return float(Fraction(left) * Fraction(right) + Fraction(addend))
