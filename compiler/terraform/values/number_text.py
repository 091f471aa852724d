"""Numbers as text: the shortest decimal that reads back the same, and as many digits as ``format`` asks for.

Terraform prints a number as Go's ``Float.Text('f', -1)`` does (https://pkg.go.dev/math/big#Float.Text): the fewest
digits that still round to the number at its own precision, without an exponent. So both the value and the precision
decide the text, and two numbers that aren't whole are equal when their texts are.
"""

from __future__ import annotations

from compiler.terraform.values.numbers import Number


def number_text(number: Number) -> str:
    """Return the number as ``tostring`` and ``jsonencode`` print it."""
    if not number.mantissa:
        return "0"
    return ("-" if number.mantissa < 0 else "") + _plain(*_shortest_digits(number))


def same_number(left: Number, right: Number) -> bool:
    """Return whether ``==`` holds: whole numbers are compared as they are, others by their text."""
    if left.sign != right.sign or left.is_integer != right.is_integer:
        return False
    if left.is_integer:
        return left.compare(right) == 0
    return number_text(left) == number_text(right)


def _shortest_digits(number: Number) -> tuple[str, int]:
    """Return the shortest digits of a number other than zero, and its point: ``0.DIGITS * 10 ** point``."""
    digits, point = _decimal(abs(number.mantissa), number.exponent)
    if number.exponent >= 0 and number.mantissa.bit_length() + number.exponent <= number.precision:
        # A whole number that its precision holds to the last digit needs all of them.
        return digits, point
    return _shorten(number, digits, point)


def fixed(number: Number, places: int) -> str:
    """Return the number's size without exponent, rounded to ``places`` after the point."""
    digits, point = _decimal(abs(number.mantissa), number.exponent) if number.mantissa else ("", 0)
    digits, point = _round_digits(digits, point, point + places) if point + places >= 0 else ("", 0)
    whole = (digits[:point] + "0" * (point - len(digits))) if point > 0 else "0"
    if not places:
        return whole
    fraction = ("0" * -point + digits) if point <= 0 else digits[point:]
    return f"{whole}.{fraction[:places].ljust(places, '0')}"


def _decimal(mantissa: int, exponent: int) -> tuple[str, int]:
    """Return the exact digits of ``mantissa * 2 ** exponent`` without outer zeros, and the place of the point."""
    if exponent >= 0:
        digits, point = _digits(mantissa << exponent), 0
    else:
        # m / 2**k is m * 5**k / 10**k.
        digits, point = _digits(mantissa * 5**-exponent), exponent
    point += len(digits)
    return digits.rstrip("0"), point


def _digits(value: int) -> str:
    """Return the decimal digits of a positive integer of any size; ``str`` refuses those over 4,300 digits."""
    if value.bit_length() < 13_000:
        return str(value)
    half = value.bit_length() * 3 // 20
    high, low = divmod(value, 10**half)
    return _digits(high) + (_digits(low) if low else "0").zfill(half)


def _plain(digits: str, point: int) -> str:
    """Return ``0.DIGITS * 10 ** point`` written without an exponent."""
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"


def _shorten(number: Number, digits: str, point: int) -> tuple[str, int]:
    """Return the fewest digits that still round to ``number`` at its precision.

    The digits of the number are cut, or rounded up, at the first place where the result lies between the midpoints to
    both neighbours: the method of Go's ``Float.Text`` with the precision -1.
    """
    # The number is ``mantissa * 2 ** exponent`` where the mantissa's last bit counts half a unit in the last place.
    shift = number.precision + 1 - number.mantissa.bit_length()
    mantissa, exponent = abs(number.mantissa) << shift, number.exponent - shift
    lower, _ = _decimal(mantissa - 1, exponent)
    upper, _ = _decimal(mantissa + 1, exponent)
    inclusive = not mantissa & 2
    for place, digit in enumerate(digits):
        low = lower[place] if place < len(lower) else "0"
        high = upper[place] if place < len(upper) else "0"
        may_cut = low != digit or (inclusive and place + 1 == len(lower))
        may_raise = digit != high and (inclusive or int(digit) + 1 < int(high) or place + 1 < len(upper))
        if may_cut and may_raise:
            return _round_digits(digits, point, place + 1)
        if may_cut:
            return digits[: place + 1].rstrip("0"), point
        if may_raise:
            return _raise_digits(digits, point, place + 1)
    return digits, point


def _round_digits(digits: str, point: int, count: int) -> tuple[str, int]:
    """Round to ``count`` digits, halves to even."""
    if count >= len(digits):
        return digits, point
    if digits[count] == "5" and count + 1 == len(digits):
        upwards = count > 0 and int(digits[count - 1]) % 2 == 1
    else:
        upwards = digits[count] >= "5"
    if upwards:
        return _raise_digits(digits, point, count)
    return digits[:count].rstrip("0"), point


def _raise_digits(digits: str, point: int, count: int) -> tuple[str, int]:
    """Cut to ``count`` digits and add one to the last."""
    kept = digits[:count].rstrip("9")
    if not kept:
        return "1", point + 1
    return kept[:-1] + str(int(kept[-1]) + 1), point
