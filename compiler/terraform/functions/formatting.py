"""``format`` and ``formatlist``.

The verbs are those of https://developer.hashicorp.com/terraform/language/functions/format. Numbers in other bases and
with exponents, the flags for signs and prefixes, and arguments that are chosen by number are left to Terraform.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from compiler.patterns import regex
from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.formats import characters, json_text
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.later import LaterError
from compiler.terraform.values.numbers import Number, fixed
from compiler.terraform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType
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
    sequences = [(index, value) for index, value in enumerate(args, 1) if value.is_sequence and not value.is_null]
    if any(not value.is_known or value.count is None for _, value in sequences):
        return unknown(ListType(STRING))
    first, count = next(((index, value.count or 0) for index, value in sequences), (0, 1))
    for index, value in sequences:
        if value.count != count:
            raise ArgumentError(
                index,
                f"argument {index} has length {value.count}, which is inconsistent with argument {first} of length "
                f"{count}",
            )
    results = []
    for place in range(count):
        row = [value.items[place] if (index, value) in sequences else value for index, value in enumerate(args, 1)]
        if not all(value.is_wholly_known for value in row):
            results.append(unknown(STRING, not_null=True))
            continue
        try:
            results.append(string(_formatted(call, row)))
        except CallError as exc:
            raise CallError(f"error on format iteration {place}: {exc}") from exc
    return list_of(STRING, results)


# A verb, or the start of one. The groups: flags, width, precision, an argument's number, and the letter.
_VERB = regex(r"%([0# +-]*)([1-9][0-9]*)?(?:\.([0-9]*))?(\[(?:[1-9][0-9]*\]?)?)?([a-zA-Z]?)")
_LEFT_LETTERS = frozenset("boxXeEgG")
_LEFT_FLAGS = frozenset("#+ ")


def _formatted(call: Call, args: Sequence[Value]) -> str:
    """Return the format string with its verbs replaced, or raise :class:`CallError`."""
    text = call.text(0)
    call.budget.spend(len(text))
    parts: list[str] = []
    at = used = 0
    while (start := text.find("%", at)) >= 0:
        parts.append(text[at:start])
        at = start + 2
        if text.startswith("%%", start):
            parts.append("%")
            continue
        verb = _verb(text, start)
        at = verb.end()
        used += 1
        if used > len(args):
            raise CallError(
                f"not enough arguments for {go_quote(verb[0])} at {_offset(text, start)}: need index {used} but have "
                f"{len(args)} total"
            )
        try:
            parts.append(_written(call, verb, args[used - 1]))
        except ConversionError as exc:
            raise CallError(f"unsupported value for {go_quote(verb[0])} at {_offset(text, start)}: {exc}") from None
    if used < len(args):
        used_only = f"only {used} used by format string" if used else "no verbs in format string"
        raise ArgumentError(used + 1, f"too many arguments; {used_only}")
    return "".join((*parts, text[at:]))


def _offset(text: str, at: int) -> int:
    return len(text[:at].encode())


def _verb(text: str, start: int) -> re.Match[str]:
    """Return the verb at an offset. Raises :class:`CallError`, and :class:`LaterError` for one that is left."""
    verb = _VERB.match(text, start)
    if verb is None or not verb[5]:
        end = verb.end() if verb else start
        if end == len(text):
            raise CallError(f"invalid format string starting at offset {_offset(text, end)}")
        raise CallError(f"unrecognized format character '{text[end]}' at offset {_offset(text, end)}")
    if verb[4] or verb[5] in _LEFT_LETTERS or _LEFT_FLAGS & set(verb[1]):
        raise LaterError(verb[0])
    if verb[5] not in _WRITERS:
        offset = _offset(text, start)
        raise CallError(f"unsupported format verb '{verb[5]}' in {go_quote(verb[0])} at offset {offset}")
    return verb


def _written(call: Call, verb: re.Match[str], value: Value) -> str:
    """Return an argument as the verb asks for it. Raises :class:`ConversionError` where that isn't possible."""
    _, width, precision, _, letter = verb.groups()
    if value.is_null and letter != "v":
        raise ConversionError("null value cannot be formatted")
    call.budget.spend(int(width or 0) + int(precision or 0))
    written = _WRITERS[letter](call, verb, value)
    call.budget.spend(len(written))
    return written


def _write_any(call: Call, verb: re.Match[str], value: Value) -> str:
    if isinstance(value.data, str):
        return _padded(verb, value.text)
    if isinstance(value.data, Number) and not _is_short(value.data):
        raise LaterError("numbers that %v writes with an exponent")
    return _padded(verb, json_text.encode(value, call.budget))


def _is_short(number: Number) -> bool:
    # Six digits before the point are written without an exponent.
    return number.is_integer and abs(number.to_int()) < 10**6


def _write_bool(_: Call, __: re.Match[str], value: Value) -> str:
    return "true" if convert(value, BOOL).is_true else "false"


def _write_text(_: Call, verb: re.Match[str], value: Value) -> str:
    text = convert(value, STRING).text
    if verb[3] and int(verb[3]):
        text = characters.clusters(text)[: int(verb[3])]
    return _padded(verb, json_text.quote(text) if verb[5] == "q" else text)


def _padded(verb: re.Match[str], text: str) -> str:
    """Return the text padded to the verb's width, counted in characters as people see them."""
    if verb[2] is None:
        return text
    padding = ("0" if "0" in verb[1] else " ") * (int(verb[2]) - len(characters.clusters(text)))
    return text + padding if "-" in verb[1] else padding + text


def _write_integer(_: Call, verb: re.Match[str], value: Value) -> str:
    number = _numeric(value)
    if not number.is_integer:
        raise ConversionError("an integer is required")
    if verb[3] is not None:
        raise LaterError("integers with a precision")
    return _padded_number(verb, number, fixed(number, 0))


def _write_float(_: Call, verb: re.Match[str], value: Value) -> str:
    number = _numeric(value)
    return _padded_number(verb, number, fixed(number, 6 if verb[3] is None else int(verb[3] or 0)))


def _numeric(value: Value) -> Number:
    converted = convert(value, NUMBER)
    if not converted.is_known:
        raise LaterError
    return converted.numeric


def _padded_number(verb: re.Match[str], number: Number, size: str) -> str:
    sign, width = "-" if number.sign < 0 else "", int(verb[2] or 0)
    if "-" in verb[1] and "0" in verb[1]:
        raise LaterError(verb[0])
    if "-" in verb[1]:
        return (sign + size).ljust(width)
    return sign + size.rjust(width - len(sign), "0") if "0" in verb[1] else (sign + size).rjust(width)


_WRITERS: dict[str, Callable[[Call, re.Match[str], Value], str]] = {
    "v": _write_any,
    "t": _write_bool,
    "s": _write_text,
    "q": _write_text,
    "d": _write_integer,
    "f": _write_float,
}
