"""Functions that search strings: for regular expressions, and for the plain text that ``replace`` may also take."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.terraform.functions import ArgumentError, Call, CallError, function, texts
from compiler.terraform.functions.formats import FormatError
from compiler.terraform.functions.formats.regexp import Pattern
from compiler.terraform.values.types import DYNAMIC, STRING, ListType, ObjectType, TupleType, Type, object_type
from compiler.terraform.values.values import Value, list_of, null, object_of, string, tuple_of

_SEARCHED = texts("pattern string")


@function("replace", *texts("str substr replace"), returns=STRING)
def _replace(call: Call) -> Value:
    text, wanted, replacement = call.text(0), call.text(1), call.text(2)
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        try:
            return string(Pattern(wanted[1:-1], call.budget.spend).replace_all(text, replacement))
        except FormatError as exc:
            raise CallError(f"error parsing regexp: {exc}") from None
    count = text.count(wanted)
    call.budget.spend(len(text) + count * len(replacement))
    return string(text.replace(wanted, replacement))


def _match_type(call: Call) -> Type:
    """Return the type of a match: a string, or a tuple or object of the groups."""
    if not call.args[0].is_known:
        return DYNAMIC
    names = _pattern(call).names[1:]
    if not names:
        return STRING
    if all(names):
        return object_type(dict.fromkeys(names, STRING))
    if any(names):
        raise ArgumentError(0, "invalid regexp pattern: cannot mix both named and unnamed capture groups")
    return TupleType((STRING,) * len(names))


@function("regex", *_SEARCHED, returns=_match_type)
def _regex(call: Call) -> Value:
    pattern = _pattern(call)
    found = next(pattern.search_all(call.text(1)), None)
    if found is None:
        raise CallError("pattern did not match any part of the given string")
    return _match(found, pattern.names, call.returns)


@function("regexall", *_SEARCHED, returns=lambda call: ListType(_match_type(call)))
def _regexall(call: Call) -> Value:
    if not isinstance(call.returns, ListType):
        raise TypeError("regexall returns a list")
    element, pattern = call.returns.element, _pattern(call)
    return list_of(element, [_match(groups, pattern.names, element) for groups in pattern.search_all(call.text(1))])


def _pattern(call: Call) -> Pattern:
    try:
        return Pattern(call.text(0), call.budget.spend)
    except FormatError as exc:
        raise ArgumentError(0, f"invalid regexp pattern: {exc}") from None


def _match(found: Sequence[str | None], names: Sequence[str], type_: Type) -> Value:
    """Return a match as a value of the type; a group that takes no part is null."""
    values = [null(STRING) if group is None else string(group) for group in found]
    match type_:
        case TupleType():
            return tuple_of(values[1:])
        case ObjectType():
            return object_of(dict(zip(names[1:], values[1:], strict=True)))
        case _:
            return values[0]
