"""``for`` expressions and splats."""

from __future__ import annotations

from typing import TypeAlias

from compiler.hcl import syntax
from compiler.records import dataclass, field
from compiler.terraform.evaluation.evaluator import Evaluator
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.marks import Marks, provenance_marks
from compiler.terraform.values.types import (
    BOOL,
    DYNAMIC,
    STRING,
    ListType,
    SetType,
    Type,
    friendly_name,
)
from compiler.terraform.values.values import EMPTY_TUPLE, Value, list_of, object_of, poison, tuple_of, unknown

SPLAT_ITEM = "*"
"""The name that the element is bound to that a splat looks at; no variable can have it."""


@dataclass(slots=True)
class Loop:
    """What a loop leaves behind besides its elements: marks, and the values that left its outcome open."""

    marks: list[Marks] = field(default_factory=list)
    open_: list[Value] = field(default_factory=list)

    def undecided(self, type_: Type = DYNAMIC) -> Value:
        """Return the result of a loop whose elements can't be told."""
        return unknown(type_).because_of(self.open_).with_marks(*self.marks)


_For: TypeAlias = syntax.ForTuple | syntax.ForObject | syntax.TemplateFor


def iterate(
    evaluator: Evaluator, node: _For, loop: Loop, condition: syntax.Expression | None = None
) -> list[dict[str, Value]]:
    """Return the bindings of each element that passes the condition.

    Marks of the collection and of the condition go to ``loop``. So does what leaves open which elements there are: a
    mistake, a collection or a condition that isn't known.
    """
    collection = evaluator.value_of(node.collection)
    span, kind = node.collection.span, friendly_name(collection.type)
    if collection.is_null:
        detail = "A null value cannot be used as the collection in a 'for' expression."
        loop.open_.append(evaluator.fail("UC157", span, "Iteration over null value", detail))
        return []
    loop.marks.append(collection.marks)
    if kind in ("string", "number", "bool"):
        detail = f"A value of type {kind} cannot be used as the collection in a 'for' expression."
        loop.open_.append(evaluator.fail("UC157", span, "Iteration over non-iterable value", detail))
    elif collection.type != DYNAMIC and condition is not None:
        _try_condition(evaluator, node, condition, loop)
    if not loop.open_ and not collection.is_known:
        loop.open_.append(collection)
    if loop.open_:
        return []
    rounds = []
    for key, value in collection.entries():
        evaluator.budget.spend_elements(1)
        names = _names(node, key, value)
        if condition is None or _passes(evaluator, condition, names, loop):
            rounds.append(names)
    return rounds


def _names(node: _For, key: Value, value: Value) -> dict[str, Value]:
    return {node.value: value} if node.key is None else {node.key: key, node.value: value}


def _try_condition(evaluator: Evaluator, node: _For, condition: syntax.Expression, loop: Loop) -> None:
    """Note once, and not each time, that the ``if`` clause is no bool for elements of any kind."""
    failures = evaluator.failures
    with evaluator.bound(_names(node, unknown(), unknown())):
        outcome = evaluator.value_of(condition)
    # Whether it is one is asked even where there are no elements.
    loop.marks.append(provenance_marks(outcome.marks))
    if evaluator.failures == failures:
        _included(evaluator, condition, outcome, "Condition is null")
    if evaluator.failures != failures:
        loop.open_.append(poison(condition.span))


def _included(evaluator: Evaluator, condition: syntax.Expression, outcome: Value, null_summary: str) -> Value:
    if outcome.is_null:
        detail = "The value of the 'if' clause must not be null."
        return evaluator.fail("UC153", condition.span, null_summary, detail, type_=BOOL)
    try:
        return convert(outcome, BOOL)
    except ConversionError as exc:
        detail = f"The 'if' clause value is invalid: {exc}."
        return evaluator.fail("UC153", condition.span, "Invalid 'for' condition", detail, type_=BOOL)


def _passes(evaluator: Evaluator, condition: syntax.Expression, names: dict[str, Value], loop: Loop) -> bool:
    with evaluator.bound(names):
        outcome = evaluator.value_of(condition)
    # Whether what isn't known can be a condition, Terraform asks once it is known; so it is with keys.
    included = _included(evaluator, condition, outcome, "Invalid 'for' condition") if outcome.is_known else outcome
    loop.marks.append(outcome.marks)
    if not included.is_known:
        loop.open_.append(included)
        return False
    return included.is_true


def for_tuple(evaluator: Evaluator, node: syntax.ForTuple) -> Value:
    """Return the value of ``[for ...]``."""
    loop = Loop()
    items = []
    for names in iterate(evaluator, node, loop, node.condition):
        with evaluator.bound(names):
            items.append(evaluator.value_of(node.element))
    if loop.open_:
        return loop.undecided()
    return tuple_of(items).with_marks(*loop.marks)


def for_object(evaluator: Evaluator, node: syntax.ForObject) -> Value:
    """Return the value of ``{for ...}``."""
    loop = Loop()
    groups: dict[str, list[Value]] = {}
    for names in iterate(evaluator, node, loop, node.condition):
        with evaluator.bound(names):
            key = _key(evaluator, node, loop)
            if not key.is_known:
                loop.open_.append(key)
                continue
            value = evaluator.value_of(node.element)
        group = groups.setdefault(key.text, [])
        if group and not node.grouping:
            detail = (
                f"Two different items produced the key {go_quote(key.text)} in this 'for' expression. If duplicates "
                "are expected, use the ellipsis (...) after the value expression to enable grouping by key."
            )
            evaluator.fail("UC158", node.element_key.span, "Duplicate object key", detail)
        group.append(value)
    if loop.open_:
        return loop.undecided()
    if node.grouping:
        return object_of({key: tuple_of(group) for key, group in groups.items()}).with_marks(*loop.marks)
    return object_of({key: group[0] for key, group in groups.items()}).with_marks(*loop.marks)


def _key(evaluator: Evaluator, node: syntax.ForObject, loop: Loop) -> Value:
    """Return the key of one element: a string, or unknown."""
    span = node.element_key.span
    key = evaluator.value_of(node.element_key)
    loop.marks.append(key.marks)
    if key.is_null:
        detail = "Key expression in 'for' expression must not produce a null value."
        return evaluator.fail("UC158", span, "Invalid object key", detail)
    try:
        return convert(key, STRING) if key.is_known else key
    except ConversionError as exc:
        detail = f"The key expression produced an invalid result: {exc}."
        return evaluator.fail("UC158", span, "Invalid object key", detail)


def splat(evaluator: Evaluator, node: syntax.Splat) -> Value:
    """Return the value of a splat."""
    failures = evaluator.failures
    source = evaluator.value_of(node.source)
    if evaluator.failures != failures:
        return poison(node.source.span)
    single = not source.is_sequence
    if source.is_null:
        if single:
            return EMPTY_TUPLE.with_marks(source.marks)
        detail = "Splat expressions (with the * symbol) cannot be applied to null sequences."
        return evaluator.fail("UC157", node.source.span, "Splat of null value", detail)
    if source.type == DYNAMIC:
        return unknown().because_of((source,)).with_marks(source.marks)
    # Anything that isn't a sequence counts as one element, or as none where it may yet turn out to be null.
    may_be_empty = single and not source.is_never_null
    if single:
        source = tuple_of((source,)).with_marks(source.marks)
    marks = source.marks
    if not source.is_known:
        return unknown().because_of((source,)).with_marks(marks)
    if may_be_empty:
        # Terraform looks for mistakes in what would be done with the element; if it turns out null, they are none.
        return unknown().because_of((source,)).with_marks(marks)
    items = [_each(evaluator, node, item) for item in source.items]
    if evaluator.failures != failures:
        return poison(node.span).with_marks(marks)
    if not isinstance(source.type, ListType | SetType):
        return tuple_of(items).with_marks(marks)
    element = DYNAMIC if items else _each(evaluator, node, unknown(source.type.element)).type
    return list_of(element, items).with_marks(marks)


def _each(evaluator: Evaluator, node: syntax.Splat, item: Value) -> Value:
    evaluator.budget.spend_elements(1)
    with evaluator.bound({SPLAT_ITEM: item}):
        return evaluator.value_of(node.each)
