"""``format`` and ``formatlist``.

The verbs are those of https://developer.hashicorp.com/terraform/language/functions/format; numbers come out as Go's
``fmt`` prints its big ones (https://pkg.go.dev/math/big#Int.Format and Float.Format).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from compiler.patterns import regex
from compiler.records import dataclass
from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.formats import graphemes, json_text
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.number_text import exponential, fixed, general
from compiler.terraform.values.numbers import Number
from compiler.terraform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, SetType, TupleType, Type
from compiler.terraform.values.values import Value, list_of, string, unknown

_FORMAT = Parameter("format", STRING)
_ARGS = Parameter("args", DYNAMIC, null=True, unknown=True)


@function("format", _FORMAT, variadic=_ARGS, returns=STRING)
def _format(call: Call) -> Value:
    if not all(value.is_wholly_known for value in call.args[1:]):
        return unknown(STRING)
    return string(_formatted(call, call.args[1:]))


@function("formatlist", _FORMAT, variadic=_ARGS, returns=ListType(STRING))
def _formatlist(call: Call) -> Value:
    args = call.args[1:]
    count = _common_length(args)
    if any(_is_sequence(value) and not _can_iterate(value) for value in args):
        return unknown(ListType(STRING))
    results = []
    for place in range(count):
        row = [value.items[place] if _is_sequence(value) else value for value in args]
        if not all(value.is_wholly_known for value in row):
            results.append(unknown(STRING, not_null=True))
            continue
        try:
            results.append(string(_formatted(call, row)))
        except CallError as exc:
            raise CallError(f"error on format iteration {place}: {exc}") from exc
    return list_of(STRING, results)


_SEQUENCES = (ListType, SetType, TupleType)


def _is_sequence(value: Value) -> bool:
    return isinstance(value.type, _SEQUENCES) and not value.is_null


def _can_iterate(value: Value) -> bool:
    """Return whether the elements are there; unknown elements of a set may turn out to be the same."""
    least, most = value.length_range
    return value.is_known and least == most


def _common_length(args: Sequence[Value]) -> int:
    """Return the length that all lists, sets and tuples have; 1 if there are none."""
    lengths: list[tuple[int, int]] = []
    for index, value in enumerate(args):
        if _is_sequence(value) and (_can_iterate(value) or isinstance(value.type, TupleType)):
            lengths.append((index, value.length_range[0]))
    first, length = lengths[0] if lengths else (0, 1)
    for index, other in lengths:
        if other != length:
            raise ArgumentError(
                index + 1,
                f"argument {index + 1} has length {other}, which is inconsistent with argument {first + 1} of length "
                f"{length}",
            )
    return length


@dataclass(frozen=True, slots=True)
class _Verb:
    """A formatting sequence as it is written, where it stands, and what it says."""

    raw: str
    offset: int
    flags: str
    width: int | None
    precision: int | None
    letter: str

    def fails(self, why: str) -> CallError:
        return CallError(f"unsupported value for {go_quote(self.raw)} at {self.offset}: {why}")

    def sign(self, negative: bool) -> str:
        return "-" if negative else "+" if "+" in self.flags else " " if " " in self.flags else ""


_VERB = regex(r"%([0# +-]*)([1-9][0-9]*)?(?:\.([0-9]*))?(?:\[([1-9][0-9]*)\])?([a-zA-Z])")
_VERB_START = regex(r"%[0# +-]*(?:[1-9][0-9]*)?(?:\.[0-9]*)?(?:\[(?:[1-9][0-9]*\]?)?)?")


def _formatted(call: Call, args: Sequence[Value]) -> str:
    """Return the format string with its verbs replaced, or raise :class:`CallError`."""
    text = call.text(0)
    call.budget.spend(len(text))
    parts: list[str] = []
    at = 0
    used = highest = 0
    while at < len(text):
        start = text.find("%", at)
        if start < 0:
            start = len(text)
        parts.append(text[at:start])
        at = start + 2
        if text.startswith("%%", start):
            parts.append("%")
        elif start < len(text):
            match = _VERB.match(text, start)
            if match is None:
                raise _no_verb(text, start)
            at = match.end()
            used = int(match[4]) if match[4] else used + 1
            highest = max(highest, used)
            parts.append(_written(call, _verb(text, match), args, used))
    if highest < len(args):
        used_only = f"only {highest} used by format string" if highest else "no verbs in format string"
        raise ArgumentError(highest + 1, f"too many arguments; {used_only}")
    return "".join(parts)


def _verb(text: str, match: re.Match[str]) -> _Verb:
    flags, width, precision, _, letter = match.groups()
    return _Verb(
        match[0],
        _bytes_before(text, match.start()),
        flags,
        int(width) if width else None,
        None if precision is None else int(precision or "0"),
        letter,
    )


def _bytes_before(text: str, at: int) -> int:
    return len(text[:at].encode())


def _no_verb(text: str, start: int) -> CallError:
    match = _VERB_START.match(text, start)
    end = match.end() if match else start
    offset = _bytes_before(text, end)
    if end == len(text):
        return CallError(f"invalid format string starting at offset {offset}")
    return CallError(f"unrecognized format character '{text[end]}' at offset {offset}")


def _written(call: Call, verb: _Verb, args: Sequence[Value], number: int) -> str:
    """Return the ``number``-th argument as the verb asks for it."""
    if number > len(args):
        raise CallError(
            f"not enough arguments for {go_quote(verb.raw)} at {verb.offset}: need index {number} but have {len(args)} "
            "total"
        )
    value = args[number - 1]
    if value.is_null and verb.letter != "v":
        raise verb.fails("null value cannot be formatted")
    write = _WRITERS.get(verb.letter)
    if write is None:
        raise CallError(f"unsupported format verb '{verb.letter}' in {go_quote(verb.raw)} at offset {verb.offset}")
    call.budget.spend((verb.width or 0) + (verb.precision or 0))
    written = write(call, verb, value)
    call.budget.spend(len(written))
    return written


def _as(verb: _Verb, value: Value, type_: Type) -> Value:
    try:
        return convert(value, type_)
    except ConversionError as exc:
        raise verb.fails(str(exc)) from None


def _write_any(call: Call, verb: _Verb, value: Value) -> str:
    if isinstance(value.data, str) and "#" not in verb.flags:
        return _padded(verb, value.text)
    if isinstance(value.data, Number) and "#" not in verb.flags:
        number = value.numeric
        sign = "-" if number.negative else "+" if number.is_infinite else ""
        return _padded(verb, sign + _size(number, lambda: general(number, None)))
    return _padded(verb, _json(call, verb, value))


def _json(call: Call, verb: _Verb, value: Value) -> str:
    try:
        return json_text.encode(value, call.budget)
    except json_text.JsonError as exc:
        raise verb.fails(str(exc)) from None


def _write_bool(_: Call, verb: _Verb, value: Value) -> str:
    return "true" if _as(verb, value, BOOL).is_true else "false"


def _write_text(_: Call, verb: _Verb, value: Value) -> str:
    text = _as(verb, value, STRING).text
    if verb.precision:
        text = "".join(graphemes.clusters(text)[: verb.precision])
    return _padded(verb, json_text.quote(text) if verb.letter == "q" else text)


def _padded(verb: _Verb, text: str) -> str:
    """Return the text padded to the verb's width, counted in characters as people see them."""
    padding = ("0" if "0" in verb.flags else " ") * ((verb.width or 0) - graphemes.count(text))
    return text + padding if "-" in verb.flags else padding + text


_BASES = {"b": 2, "o": 8, "d": 10, "x": 16, "X": 16}
_PREFIXES = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}
_DIGITS = {2: "b", 8: "o", 16: "x"}


def _write_integer(_: Call, verb: _Verb, value: Value) -> str:
    number = _as(verb, value, NUMBER).numeric
    if not number.is_integer:
        raise verb.fails("an integer is required")
    sign = verb.sign(number.sign < 0)
    digits = _in_base(number, _BASES[verb.letter])
    if verb.letter == "X":
        digits = digits.upper()
    if verb.precision == 0 and digits == "0":
        return ""
    prefix = _PREFIXES.get(verb.letter, "") if "#" in verb.flags else ""
    digits = digits.rjust(verb.precision or 0, "0")
    width = verb.width or 0
    if "-" in verb.flags:
        return f"{sign}{prefix}{digits}".ljust(width)
    if "0" in verb.flags and verb.precision is None:
        digits = digits.rjust(width - len(sign) - len(prefix), "0")
    return f"{sign}{prefix}{digits}".rjust(width)


def _in_base(number: Number, base: int) -> str:
    size = number.absolute()
    return fixed(size, 0) if base == 10 else format(size.to_int(), _DIGITS[base])


_FLOATS: dict[str, Callable[[Number, int | None, str], str]] = {
    "e": exponential,
    "f": lambda number, precision, _: fixed(number, precision),
    "g": general,
}


def _write_float(_: Call, verb: _Verb, value: Value) -> str:
    number = _as(verb, value, NUMBER).numeric
    kind = verb.letter.lower()
    precision = 6 if verb.precision is None and kind != "g" else verb.precision
    mark = "E" if verb.letter.isupper() else "e"
    size = _size(number, lambda: _FLOATS[kind](number, precision, mark))
    sign = verb.sign(number.negative)
    if number.is_infinite and not sign:
        sign = "+"
    width = verb.width or 0
    if "0" in verb.flags and not number.is_infinite:
        return sign + size.rjust(width - len(sign), "0")
    return (sign + size).ljust(width) if "-" in verb.flags else (sign + size).rjust(width)


def _size(number: Number, write: Callable[[], str]) -> str:
    return "Inf" if number.is_infinite else write()


_WRITERS: dict[str, Callable[[Call, _Verb, Value], str]] = {
    "v": _write_any,
    "t": _write_bool,
    "s": _write_text,
    "q": _write_text,
    **dict.fromkeys("bdoxX", _write_integer),
    **dict.fromkeys("eEfgG", _write_float),
}
