"""Templates and conditionals."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.hcl import syntax
from compiler.source.diagnostics import Diagnostic
from compiler.source.span import Span
from compiler.terraform.evaluation.evaluator import Deferred, Evaluator, Watch
from compiler.terraform.evaluation.loops import Loop, iterate
from compiler.terraform.values.budget import LaterError
from compiler.terraform.values.convert import ConversionError, convert, type_is_uncertain
from compiler.terraform.values.marks import Marks, Reason, ReasonKind, provenance_marks
from compiler.terraform.values.types import (
    BOOL,
    DYNAMIC,
    STRING,
    Type,
    element_type,
    friendly_name,
    inner_types,
    kind_of,
    unify,
)
from compiler.terraform.values.values import Value, left_to_terraform, null, poison, reasons_of, string, unknown

# Templates


def template(evaluator: Evaluator, node: syntax.Template) -> Value:
    """Return the value of a template: a string, or what its only interpolation gives."""
    if len(node.parts) == 1 and isinstance(node.parts[0], syntax.Interpolation):
        return evaluator.value_of(node.parts[0].expression)
    return _joined(evaluator, node.parts)


def _joined(evaluator: Evaluator, parts: Sequence[syntax.TemplatePart]) -> Value:
    """Return the text of the parts; unknown where a part is."""
    failures = evaluator.failures
    texts: list[str] = []
    marks: list[Marks] = []
    open_: list[Value] = []
    for part in parts:
        if isinstance(part, syntax.Text):
            value, span = string(part.value), part.span
        else:
            value, span = _part(evaluator, part)
        marks.append(value.marks)
        if not value.is_known:
            open_.append(value)
            continue
        text = _as_text(evaluator, value, span)
        # After a mistake nothing more is added; what was there before it is what Terraform goes on with.
        if not open_ and evaluator.failures == failures:
            evaluator.budget.spend(len(text.text))
            texts.append(text.text)
    if open_:
        return unknown(STRING, not_null=True).because_of(open_).with_marks(*marks)
    return string("".join(texts)).with_marks(*marks)


def _as_text(evaluator: Evaluator, value: Value, span: Span) -> Value:
    summary = "Invalid template interpolation value"
    if value.is_null:
        detail = "The expression result is null. Cannot include a null value in a string template."
        return evaluator.fail("UC156", span, summary, detail, type_=STRING)
    try:
        return convert(value, STRING)
    except ConversionError as exc:
        detail = f"Cannot include the given value in a string template: {exc}."
        return evaluator.fail("UC156", span, summary, detail, type_=STRING)


def _part(
    evaluator: Evaluator, part: syntax.Interpolation | syntax.TemplateIf | syntax.TemplateFor
) -> tuple[Value, Span]:
    """Return the value of a part that isn't plain text, and where a mistake in it is."""
    match part:
        case syntax.Interpolation(expression):
            return evaluator.value_of(expression), expression.span
        case syntax.TemplateIf():
            branches = (
                Deferred(part.span, lambda: _joined(evaluator, part.then)),
                Deferred(part.span, lambda: _joined(evaluator, part.otherwise)),
            )
            return _chosen(evaluator, part.condition, branches, part.span), part.span
        case syntax.TemplateFor():
            return _repeated(evaluator, part), part.span


def _repeated(evaluator: Evaluator, node: syntax.TemplateFor) -> Value:
    loop = Loop()
    texts: list[str] = []
    for names in iterate(evaluator, node, loop):
        with evaluator.bound(names):
            text = _joined(evaluator, node.body)
        loop.marks.append(text.marks)
        if text.is_known:
            texts.append(text.text)
        else:
            loop.open_.append(text)
    if loop.open_:
        return loop.undecided(STRING)
    evaluator.budget.spend(sum(map(len, texts)))
    return string("".join(texts)).with_marks(*loop.marks)


# Conditionals


def conditional(evaluator: Evaluator, node: syntax.Conditional) -> Value:
    """Return the value of a conditional."""
    branches = (evaluator.deferred(node.then), evaluator.deferred(node.otherwise))
    return _chosen(evaluator, node.condition, branches, node.span)


def _chosen(
    evaluator: Evaluator, condition: syntax.Expression, branches: tuple[Deferred, Deferred], span: Span
) -> Value:
    """Return the result of a conditional: both branches are computed, the mistakes of the chosen one count."""
    values: list[Value] = []
    mistakes: list[list[Diagnostic]] = []
    watches: list[Watch] = []
    for branch in branches:
        with evaluator.apart() as watch:
            values.append(branch.compute())
            mistakes.append(evaluator.diagnostics)
            watches.append(watch)
    first, second = values
    result = _common_type(first, second)
    if result is None:
        where = branches[0].span.to(branches[1].span)
        names = friendly_name(first.type), friendly_name(second.type)
        differing = (
            f"The 'true' value is {names[0]}, but the 'false' value is {names[1]}"
            if names[0] != names[1]
            else "At least one deeply-nested attribute or element is not compatible across both of them"
        )
        detail = f"The true and false result expressions must have consistent types. {differing}."
        return evaluator.fail("UC153", where, "Inconsistent conditional result types", detail)
    failures = evaluator.failures
    decision = evaluator.value_of(condition)
    if decision.is_null:
        detail = "The condition value is null. Conditions must either be true or false."
        return _of_type(evaluator.fail("UC153", condition.span, "Null condition", detail), result, values)
    marks = (decision.marks, first.marks, second.marks)
    try:
        # Whether a condition that isn't known can be one, Terraform asks once it is known.
        decision = convert(decision, BOOL) if decision.is_known else decision
    except ConversionError:
        detail = "The condition expression must be of type bool."
        return _of_type(evaluator.fail("UC153", condition.span, "Incorrect condition type", detail), result, values)
    if evaluator.failures != failures:
        return _of_type(poison(span), result, values)
    if not decision.is_known:
        # What holds for both values holds for the result.
        if first.is_null and second.is_null and decision.type == BOOL:
            return null(result).with_marks(*marks)
        not_null = first.is_never_null and second.is_never_null
        return unknown(result, not_null=not_null).because_of((decision,)).with_marks(*marks)
    index = 0 if decision.is_true else 1
    evaluator.diagnostics.extend(mistakes[index])
    evaluator.failures += len(mistakes[index])
    value, other = values[index], values[1 - index]
    outcome = _as_result(evaluator, value, other, result, branches[index].span, index).with_marks(*marks)
    # A string stays what it is whatever the other branch is. Anything else, null included, may be converted to what
    # both have in common, so all that the other branch read takes part in it.
    return outcome if value.type == STRING else outcome.with_marks(watches[1 - index].marks)


def _of_type(mistake: Value, result: Type, values: Sequence[Value]) -> Value:
    """Return what stands for a mistake as one of the type that the branches have in common, and so depends on them."""
    return unknown(result, (*mistake.reasons, *reasons_of(values)))


def _is_literal_null(value: Value) -> bool:
    # A sensitive null isn't one to Terraform; where a null comes from makes no difference.
    return value.is_null and value.type == DYNAMIC and value.marks == provenance_marks(value.marks)


def _common_type(first: Value, second: Value) -> Type | None:
    if _is_literal_null(first):
        return second.type
    if _is_literal_null(second):
        return first.type
    if DYNAMIC in (first.type, second.type):
        return DYNAMIC
    return unify((first.type, second.type))


def _as_result(evaluator: Evaluator, value: Value, other: Value, result: Type, span: Span, index: int) -> Value:
    """Return the chosen value as one of the type that both branches have in common."""
    if value.type == STRING and result in (STRING, DYNAMIC):
        return value
    if value.type == other.type != DYNAMIC:
        return value
    undecided = type_is_uncertain(other) or (type_is_uncertain(value) and not _is_literal_null(other))
    if undecided:
        # What the known parts are converted to depends on a type that isn't known yet. Terraform shows them as they are
        # in the plan and may convert them when it applies. What is wrong in the other branch is no mistake.
        others = (reason for reason in other.reasons if reason.kind is not ReasonKind.ERROR)
        return unknown(DYNAMIC, (*value.reasons, *others) or (Reason("", span),))
    if value.type == result or result == DYNAMIC:
        return value
    if _takes_a_detour(value.type, other.type, result):
        return left_to_terraform("a list or map of mixed elements", result, LaterError())
    try:
        return convert(value, result)
    except ConversionError as exc:
        which = "false" if index else "true"
        detail = f"The {which} result value has the wrong type: {exc}."
        return evaluator.fail("UC153", span, "Inconsistent conditional result types", detail, type_=result)


def _takes_a_detour(given: Type, other: Type, result: Type) -> bool:
    """Return whether Terraform may not get from a tuple (object) to a list (map) of the result.

    Beside a list, a tuple becomes a list of its own elements' common type first. Where that isn't the result yet, the
    second step is made for elements of that common type, but Terraform gives it the tuple's own elements.
    """
    own = {type_ for type_ in inner_types(given) if type_ != DYNAMIC}
    gathers = (kind_of(given), kind_of(other)) in (("tuple", "list"), ("object", "map"))
    return gathers and len(own) > 1 and unify(inner_types(given)) != element_type(result)
