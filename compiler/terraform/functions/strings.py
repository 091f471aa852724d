"""Functions of strings."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import partial
from urllib.parse import quote_plus

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function, texts
from compiler.terraform.functions.formats import characters
from compiler.terraform.values.types import BOOL, NUMBER, STRING, ListType
from compiler.terraform.values.values import Value, boolean, list_of, string, unknown

_STR = Parameter("str", STRING)

_TEXTS: dict[str, tuple[str, Callable[..., str]]] = {
    "base64encode": ("str", lambda text: b64encode(text.encode()).decode()),
    "chomp": ("str", lambda text: text.rstrip("\r\n")),
    "lower": ("str", partial(characters.in_case, str.lower)),
    "strrev": ("str", lambda text: characters.clusters(text)[::-1]),
    # ``strip`` would take an empty set of characters for white space.
    "trim": ("str cutset", lambda text, cutset: text.strip(cutset) if cutset else text),
    "trimprefix": ("str prefix", str.removeprefix),
    "trimspace": ("str", lambda text: text.strip(characters.SPACES)),
    "trimsuffix": ("str suffix", str.removesuffix),
    "upper": ("str", partial(characters.in_case, str.upper)),
    "urlencode": ("str", quote_plus),
}
"""What makes a text of texts: the parameters, and what computes it."""

_TRUTHS: dict[str, tuple[str, Callable[[str, str], bool]]] = {
    "endswith": ("str suffix", str.endswith),
    "startswith": ("str prefix", str.startswith),
    "strcontains": ("str substr", str.__contains__),
}
"""What is asked of texts."""


def _text(compute: Callable[..., str], call: Call) -> Value:
    return string(compute(*(value.text for value in call.args)))


def _truth(compute: Callable[[str, str], bool], call: Call) -> Value:
    return boolean(compute(call.text(0), call.text(1)))


for _name, (_names, _makes) in _TEXTS.items():
    function(_name, *texts(_names), returns=STRING)(partial(_text, _makes))
for _name, (_names, _holds) in _TRUTHS.items():
    function(_name, *texts(_names), returns=BOOL)(partial(_truth, _holds))


_BREAKS = str.maketrans("", "", "\r\n")


@function("base64decode", _STR, returns=STRING)
def _base64decode(call: Call) -> Value:
    try:
        # As in Go, line breaks are skipped, and padding is required.
        return string(b64decode(call.text(0).translate(_BREAKS), validate=True).decode())
    except UnicodeDecodeError:
        raise CallError("the result of decoding the provided string is not valid UTF-8") from None
    except ValueError:
        raise CallError("failed to decode base64 data") from None


@function("indent", Parameter("spaces", NUMBER), _STR, returns=STRING)
def _indent(call: Call) -> Value:
    spaces, text = call.whole(0), call.text(1)
    if spaces < 0:
        raise ArgumentError(0, "the number of spaces must not be negative")
    call.budget.spend(len(text) + spaces * text.count("\n"))
    return string(text.replace("\n", "\n" + " " * spaces) if "\n" in text else text)


@function("substr", _STR, Parameter("offset", NUMBER), Parameter("length", NUMBER), returns=STRING)
def _substr(call: Call) -> Value:
    offset, length = call.whole(1), call.whole(2)
    text = characters.clusters(call.text(0))
    if offset < 0:
        # An offset before the start is the start, and then a length of nothing takes all the rest.
        offset = max(offset + len(text), 0)
        length = length or -1
    end = len(text) if length < 0 else offset + length
    return string(text[offset:end])


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
