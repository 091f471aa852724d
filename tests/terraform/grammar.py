"""Random expressions of the Terraform language, right ones mostly, and wrong ones among them.

Expressions are drawn by the kind of value that they should have, so that most of them mean something; now and then one
of another kind stands in its place, so that conversions and errors are met too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import hypothesis
from hypothesis import strategies as st

from compiler.terraform.functions import NAMES

__all__ = ["KINDS", "drawn", "expressions"]

KINDS = ("number", "string", "bool", "list", "object", "null")

_NUMBERS = (
    "0",
    "1",
    "2",
    "3",
    "7",
    "10",
    "-1",
    "0.1",
    "0.25",
    "1.5",
    "1e3",
    "1e-3",
    "12345678901234567890",
    "0.3",
)
_TEXTS = (
    "",
    "a",
    "b",
    "ab",
    "true",
    "false",
    "1",
    "2.50",
    "x y",
    "ä",
    "é",
    "$${x}",
    "%%{y}",
    "\\n",
    "<&>",
    "日本",
    "0x1f",
    "a,b,c",
)
_KEYS = ("a", "b", "c", "long_name", '"a b"', '"ä"', "1")

# name -> kinds of the arguments, kind of the result. "any" is any kind, "*" at the end repeats the last.
_FUNCTIONS: Mapping[str, tuple[str, str]] = {
    "abs": ("number", "number"),
    "alltrue": ("bools", "bool"),
    "anytrue": ("bools", "bool"),
    "ceil": ("number", "number"),
    "chomp": ("string", "string"),
    "coalesce": ("any any", "any"),
    "compact": ("strings", "list"),
    "concat": ("list list", "list"),
    "contains": ("list any", "bool"),
    "distinct": ("list", "list"),
    "element": ("list number", "any"),
    "endswith": ("string string", "bool"),
    "flatten": ("list", "list"),
    "floor": ("number", "number"),
    "format": ("format any", "string"),
    "indent": ("number string", "string"),
    "index": ("list any", "number"),
    "join": ("string strings", "string"),
    "jsonencode": ("any", "string"),
    "keys": ("object", "list"),
    "length": ("any", "number"),
    "lookup": ("object string any", "any"),
    "lower": ("string", "string"),
    "max": ("number number", "number"),
    "merge": ("object object", "object"),
    "min": ("number number", "number"),
    "one": ("list", "any"),
    "range": ("number", "list"),
    "replace": ("string string string", "string"),
    "reverse": ("list", "list"),
    "setintersection": ("list list", "list"),
    "setproduct": ("list list", "list"),
    "setsubtract": ("list list", "list"),
    "setunion": ("list list", "list"),
    "slice": ("list number number", "list"),
    "sort": ("strings", "list"),
    "split": ("string string", "list"),
    "startswith": ("string string", "bool"),
    "strcontains": ("string string", "bool"),
    "strrev": ("string", "string"),
    "substr": ("string number number", "string"),
    "tobool": ("any", "bool"),
    "tolist": ("list", "list"),
    "tomap": ("object", "object"),
    "tonumber": ("any", "number"),
    "toset": ("list", "list"),
    "tostring": ("any", "string"),
    "trim": ("string string", "string"),
    "trimprefix": ("string string", "string"),
    "trimspace": ("string", "string"),
    "trimsuffix": ("string string", "string"),
    "upper": ("string", "string"),
    "values": ("object", "list"),
    "zipmap": ("strings list", "object"),
}

_FORMATS = ('"%s"', '"%v"', '"%d"', '"%q"', '"%5s|"', '"%t"', '"%#v"', '"%05d"', '"%.2f"', '"%x"')


@st.composite
def expressions(
    draw: st.DrawFn,
    kind: str | None = None,
    depth: int = 3,
    names: Sequence[str] = (),
    functions: Sequence[str] = (),
) -> str:
    """Draw an expression, of ``kind`` if that is given, that may refer to ``names`` and call ``functions``."""
    kind = kind or draw(st.sampled_from(KINDS))
    if draw(st.integers(0, 19)) == 19:
        kind = draw(st.sampled_from(KINDS))
    if kind == "any":
        kind = draw(st.sampled_from(KINDS))
    if names and draw(st.integers(0, 5 if depth > 1 else 1)) == 0:
        return draw(st.sampled_from(names))
    if depth <= 0 or (kind in ("number", "string", "bool") and draw(st.integers(0, 3)) == 0):
        return draw(_leaf(kind))

    def inner(wanted: str, more: Sequence[str] = ()) -> str:
        return draw(expressions(wanted, depth - 1, (*names, *more), functions))

    form = draw(st.sampled_from(_FORMS[kind]))
    return _write(draw, form, kind, inner, functions)


def _leaf(kind: str) -> st.SearchStrategy[str]:
    match kind:
        case "number" | "numbers":
            return st.sampled_from(_NUMBERS)
        case "string":
            return st.sampled_from([f'"{text}"' for text in _TEXTS])
        case "bool":
            return st.sampled_from(("true", "false"))
        case "list":
            return st.sampled_from(
                ("[]", "[1]", '["a", "b"]', '[1, "x"]', '["b", "a", "b"]', "[true, null]", "[[1], [2, 3]]")
            )
        case "strings":
            return st.sampled_from(("[]", '["a"]', '["b", "", "a"]', '["a", null]', "[1, 2]"))
        case "object":
            return st.sampled_from(("{}", "{a = 1}", '{b = "x", a = 1}', "{a = {b = 2}}", "{a = null}", '{"1" = true}'))
        case "format":
            return st.sampled_from(_FORMATS)
        case _:
            return st.just("null")


_ANY_FORMS = ("conditional", "parens", "call", "call", "try", "index", "attribute")
_FORMS = {
    "number": ("arithmetic", "arithmetic", "negate", *_ANY_FORMS),
    "string": ("template", "template", "directive", "heredoc", *_ANY_FORMS),
    "bool": ("compare", "equal", "logic", "not", "can", *_ANY_FORMS),
    "list": ("tuple", "tuple", "for", "for", "splat", *_ANY_FORMS),
    "object": ("object", "object", "for_object", "group", *_ANY_FORMS),
    "null": ("conditional", "try", "index"),
    "strings": ("strings", "strings", "for", "call"),
    "numbers": ("numbers",),
    "bools": ("bools",),
    "format": ("formats",),
}


class _Inner(Protocol):
    """Draws a smaller expression of a kind, which may refer to more names."""

    def __call__(self, wanted: str, more: Sequence[str] = ()) -> str: ...


def _write(draw: st.DrawFn, form: str, kind: str, inner: _Inner, functions: Sequence[str]) -> str:
    def several(wanted: str) -> str:
        return ", ".join(inner(wanted) for _ in range(draw(st.integers(0, 3))))

    match form:
        case "conditional":
            return f"({inner('bool')} ? {inner(kind)} : {inner(kind)})"
        case "parens":
            return f"({inner(kind)})"
        case "try":
            return f"try({inner(kind)}, {inner(kind)})"
        case "index":
            if draw(st.booleans()):
                return f"[{several('any')}, {inner(kind)}][{inner('number')}]".replace("[, ", "[")
            return f"{{a = {inner(kind)}, b = {inner('any')}}}[{inner('string')}]"
        case "attribute":
            return f"{{a = {inner(kind)}, b = {inner('any')}}}.{draw(st.sampled_from('aabc'))}"
        case "arithmetic":
            operator = draw(st.sampled_from(("+", "-", "*", "/", "%")))
            return f"({inner('number')} {operator} {inner('number')})"
        case "negate":
            return f"-({inner('number')})"
        case "compare":
            return f"({inner('number')} {draw(st.sampled_from(('<', '>', '<=', '>=')))} {inner('number')})"
        case "equal":
            return f"({inner('any')} {draw(st.sampled_from(('==', '!=')))} {inner('any')})"
        case "logic":
            return f"({inner('bool')} {draw(st.sampled_from(('&&', '||')))} {inner('bool')})"
        case "not":
            return f"!({inner('bool')})"
        case "can":
            return f"can({inner('any')})"
        case "template":
            parts = [f"${{{inner('any')}}}" for _ in range(draw(st.integers(0, 2)))]
            texts = [draw(st.sampled_from(_TEXTS)) for _ in range(len(parts) + 1)]
            return '"' + "".join(text + part for text, part in zip(texts, [*parts, ""], strict=True)) + '"'
        case "directive":
            if draw(st.booleans()):
                text = draw(st.sampled_from(_TEXTS))
                return f'"%{{ if {inner("bool")} }}{text}%{{ else }}${{{inner("any")}}}%{{ endif }}"'
            return f'"%{{ for v in {inner("list")} }}[${{{inner("any", ["v"])}}}]%{{ endfor }}"'
        case "heredoc":
            flush = draw(st.sampled_from(("<<E", "<<-E")))
            trim = draw(st.sampled_from(("", "~")))
            return f'"${{{flush}\n  x ${{{inner("any")}{trim}}}\n    y\n  E\n}}"'
        case "tuple" | "strings" | "numbers" | "bools":
            wanted = {"tuple": "any", "strings": "string", "numbers": "number", "bools": "bool"}[form]
            return f"[{several(wanted)}]"
        case "for":
            collection = inner(draw(st.sampled_from(("list", "object"))))
            condition = f" if {inner('bool', ['v', 'k'])}" if draw(st.integers(0, 2)) == 0 else ""
            return f"[for k, v in {collection} : {inner('any', ['v', 'k'])}{condition}]"
        case "splat":
            marker = draw(st.sampled_from(("[*]", "[*].a", ".*.a", "[*][0]")))
            return f"({inner(draw(st.sampled_from(('list', 'object', 'any'))))}){marker}"
        case "object":
            pairs = [f"{draw(st.sampled_from(_KEYS))} = {inner('any')}" for _ in range(draw(st.integers(0, 3)))]
            if draw(st.integers(0, 5)) == 0:
                pairs.append(f"({inner('string')}) = {inner('any')}")
            return "{" + ", ".join(pairs) + "}"
        case "for_object" | "group":
            collection = inner(draw(st.sampled_from(("list", "object"))))
            group = "..." if form == "group" else ""
            return f"{{for k, v in {collection} : {inner('string', ['k', 'v'])} => {inner('any', ['v', 'k'])}{group}}}"
        case "formats":
            return draw(st.sampled_from(_FORMATS))
        case _:
            return _call(draw, kind, inner, functions)


def _call(draw: st.DrawFn, kind: str, inner: _Inner, functions: Sequence[str]) -> str:
    wanted = {"strings": "list"}.get(kind, kind)
    fitting = [name for name in functions if name in _FUNCTIONS and _FUNCTIONS[name][1] in (wanted, "any")]
    if not fitting:
        return f"({inner(kind)})"
    name = draw(st.sampled_from(fitting))
    arguments = [inner(argument) for argument in _FUNCTIONS[name][0].split()]
    if draw(st.integers(0, 29)) == 0:
        arguments = arguments[:-1]
    return f"{name}({', '.join(arguments)})"


def drawn(count: int, seed: int, names: Sequence[str] = ()) -> list[str]:
    """Return different random expressions, shortest first; the same ones each time for one seed."""
    found: list[str] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        phases=[hypothesis.Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(expressions(names=tuple(names), functions=NAMES))
    def draw(expression: str) -> None:
        found.append(expression)

    draw()
    return sorted(set(found), key=lambda text: (len(text), text))
