"""Functions of strings."""

from __future__ import annotations

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.formats import graphemes, letters
from compiler.terraform.values.types import BOOL, NUMBER, STRING, ListType
from compiler.terraform.values.values import Unknown, Value, boolean, list_of, string, unknown

_STR = Parameter("str", STRING)


@function("chomp", _STR, returns=STRING)
def _chomp(call: Call) -> Value:
    return string(call.text(0).rstrip("\r\n"))


@function("endswith", _STR, Parameter("suffix", STRING), returns=BOOL)
def _endswith(call: Call) -> Value:
    return boolean(call.text(0).endswith(call.text(1)))


@function("indent", Parameter("spaces", NUMBER), _STR, returns=STRING)
def _indent(call: Call) -> Value:
    spaces, text = call.whole(0), call.text(1)
    if spaces < 0:
        raise ArgumentError(0, "the number of spaces must not be negative")
    call.budget.spend(len(text) + spaces * text.count("\n"))
    return string(text.replace("\n", "\n" + " " * spaces) if "\n" in text else text)


@function("startswith", Parameter("str", STRING, unknown=True), Parameter("prefix", STRING), returns=BOOL)
def _startswith(call: Call) -> Value:
    prefix = call.text(1)
    data = call.args[0].data
    if not isinstance(data, Unknown):
        return boolean(call.text(0).startswith(prefix))
    # Every string starts with nothing; otherwise what is known of the string's beginning may be enough.
    if data.prefix.startswith(prefix):
        return boolean(True)
    if data.prefix and not prefix.startswith(data.prefix):
        return boolean(False)
    return unknown(BOOL)


@function("strcontains", _STR, Parameter("substr", STRING), returns=BOOL, not_null=False)
def _strcontains(call: Call) -> Value:
    return boolean(call.text(1) in call.text(0))


@function("lower", _STR, returns=STRING)
def _lower(call: Call) -> Value:
    return string(letters.lower(call.text(0)))


@function("upper", _STR, returns=STRING)
def _upper(call: Call) -> Value:
    return string(letters.upper(call.text(0)))


@function("title", _STR, returns=STRING)
def _title(call: Call) -> Value:
    return string(letters.capitalized(call.text(0)))


@function("strrev", _STR, returns=STRING)
def _strrev(call: Call) -> Value:
    return string(graphemes.clusters(call.text(0))[::-1])


@function("substr", _STR, Parameter("offset", NUMBER), Parameter("length", NUMBER), returns=STRING)
def _substr(call: Call) -> Value:
    offset, length = call.whole(1), call.whole(2)
    characters = graphemes.clusters(call.text(0))
    if offset < 0:
        # An offset before the start is the start, and then a length of nothing takes all the rest.
        offset = max(offset + len(characters), 0)
        length = length or -1
    end = len(characters) if length < 0 else offset + length
    return string(characters[offset:end])


@function("join", Parameter("separator", STRING), variadic=Parameter("lists", ListType(STRING)), returns=STRING)
def _join(call: Call) -> Value:
    separator, lists = call.text(0), call.args[1:]
    if not lists:
        raise CallError("at least one list is required")
    if not all(item.is_wholly_known for item in lists):
        return unknown(STRING)
    texts = []
    for index, item in enumerate(lists, start=1):
        for place, element in enumerate(item.items):
            if element.is_null:
                where = (
                    f"element {place} is null" if len(lists) == 1 else f"element {place} of list {index - 1} is null"
                )
                raise ArgumentError(index, f"{where}; cannot concatenate null values")
            texts.append(element.text)
    call.budget.spend(sum(len(text) + len(separator) for text in texts))
    return string(separator.join(texts))


@function("split", Parameter("separator", STRING), _STR, returns=ListType(STRING))
def _split(call: Call) -> Value:
    separator, text = call.text(0), call.text(1)
    # Without a separator each code point stands alone.
    parts = text.split(separator) if separator else list(text)
    call.budget.spend(len(text) + len(parts))
    return list_of(STRING, map(string, parts))


@function("trim", _STR, Parameter("cutset", STRING), returns=STRING)
def _trim(call: Call) -> Value:
    # ``strip`` would take an empty set of characters for white space.
    return string(call.text(0).strip(call.text(1)) if call.text(1) else call.text(0))


@function("trimspace", _STR, returns=STRING)
def _trimspace(call: Call) -> Value:
    return string(call.text(0).strip(letters.SPACES))


@function("trimprefix", _STR, Parameter("prefix", STRING), returns=STRING)
def _trimprefix(call: Call) -> Value:
    return string(call.text(0).removeprefix(call.text(1)))


@function("trimsuffix", _STR, Parameter("suffix", STRING), returns=STRING)
def _trimsuffix(call: Call) -> Value:
    return string(call.text(0).removesuffix(call.text(1)))
