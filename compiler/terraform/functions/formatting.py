"""``format`` and ``formatlist``.

The verbs are those of https://developer.hashicorp.com/terraform/language/functions/format. Numbers in other bases and
with exponents, the flags for signs and prefixes, arguments that are chosen by number, and what is no verb are left to
Terraform.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from compiler.patterns import regex
from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.formats import characters, json_text
from compiler.terraform.values.budget import LaterError
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.numbers import Number, fixed
from compiler.terraform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType
from compiler.terraform.values.values import Value, list_of, string

_FORMAT = Parameter("format", STRING)
_ARGS = Parameter("args", DYNAMIC, null=True, whole=True)


@function("format", _FORMAT, variadic=_ARGS, returns=STRING)
def _format(call: Call) -> Value:
    return string(_formatted(call, call.args[1:]))


@function("formatlist", _FORMAT, variadic=_ARGS, returns=ListType(STRING))
def _formatlist(call: Call) -> Value:
    args = call.args[1:]
    sequences = {index: value.items for index, value in enumerate(args, 1) if value.is_sequence and not value.is_null}
    first, count = next(((index, len(items)) for index, items in sequences.items()), (0, 1))
    for index, items in sequences.items():
        if len(items) != count:
            raise ArgumentError(
                index,
                f"argument {index} has length {len(items)}, which is inconsistent with argument {first} of length "
                f"{count}",
            )
    results = []
    for place in range(count):
        row = [sequences[index][place] if index in sequences else value for index, value in enumerate(args, 1)]
        try:
            results.append(string(_formatted(call, row)))
        except CallError as exc:
            raise CallError(f"error on format iteration {place}: {exc}") from exc
    return list_of(STRING, results)


# A verb; the groups: flag, width, precision, and the letter, which ``%%`` has none of.
_VERB = regex(r"%(?:%|([0-])?([1-9][0-9]*)?(?:\.([0-9]*))?([vtsqdf]))")


def _formatted(call: Call, args: Sequence[Value]) -> str:
    """Return the format string with its verbs replaced, or raise :class:`CallError`."""
    text = call.text(0)
    call.budget.spend(len(text))
    if "%" in _VERB.sub("", text):
        raise LaterError("an unusual verb")
    parts: list[str] = []
    at = used = 0
    for verb in _VERB.finditer(text):
        parts.append(text[at : verb.start()])
        at = verb.end()
        if verb[4] is None:
            parts.append("%")
            continue
        used += 1
        place = f"{go_quote(verb[0])} at {len(text[: verb.start()].encode())}"
        if used > len(args):
            raise CallError(f"not enough arguments for {place}: need index {used} but have {len(args)} total")
        try:
            parts.append(_written(call, verb, args[used - 1]))
        except ConversionError as exc:
            raise CallError(f"unsupported value for {place}: {exc}") from None
    if used < len(args):
        used_only = f"only {used} used by format string" if used else "no verbs in format string"
        raise ArgumentError(used + 1, f"too many arguments; {used_only}")
    return "".join((*parts, text[at:]))


def _written(call: Call, verb: re.Match[str], value: Value) -> str:
    """Return an argument as the verb asks for it. Raises :class:`ConversionError` where that isn't possible."""
    flag, width, precision, letter = verb.groups()
    if value.is_null and letter != "v":
        raise ConversionError("null value cannot be formatted")
    call.budget.spend(int(width or 0) + int(precision or 0))
    text = _WRITERS[letter](call, precision, value)
    call.budget.spend(len(text))
    # A truth isn't padded. The width counts characters as people see them.
    if width is None or letter == "t":
        return text
    missing = int(width) - len(characters.clusters(text))
    if flag == "0":
        return text.zfill(int(width)) if letter in "df" else "0" * missing + text
    return text + " " * missing if flag == "-" else " " * missing + text


def _write_any(call: Call, _: str | None, value: Value) -> str:
    if isinstance(value.data, str):
        return value.text
    # Six digits before the point are written without an exponent.
    if isinstance(value.data, Number) and not (value.data.is_integer and abs(value.data.to_int()) < 10**6):
        raise LaterError("numbers that %v writes with an exponent")
    return json_text.encode(value, call.budget)


def _write_text(_: Call, precision: str | None, value: Value) -> str:
    text = convert(value, STRING).text
    return characters.clusters(text)[: int(precision)] if precision and int(precision) else text


def _write_integer(_: Call, precision: str | None, value: Value) -> str:
    number = _numeric(value)
    if not number.is_integer:
        raise ConversionError("an integer is required")
    if precision is not None:
        raise LaterError("integers with a precision")
    return ("-" if number.sign < 0 else "") + fixed(number, 0)


def _write_float(_: Call, precision: str | None, value: Value) -> str:
    number = _numeric(value)
    return ("-" if number.sign < 0 else "") + fixed(number, 6 if precision is None else int(precision or 0))


def _numeric(value: Value) -> Number:
    converted = convert(value, NUMBER)
    if not converted.is_known:
        raise LaterError
    return converted.numeric


_WRITERS: dict[str, Callable[[Call, str | None, Value], str]] = {
    "v": _write_any,
    "t": lambda _, __, value: "true" if convert(value, BOOL).is_true else "false",
    "s": _write_text,
    "q": lambda call, precision, value: json_text.quote(_write_text(call, precision, value)),
    "d": _write_integer,
    "f": _write_float,
}
