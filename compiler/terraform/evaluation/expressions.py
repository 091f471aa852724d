"""The value of an expression, as Terraform would compute it.

:func:`evaluate` is the entrance. Semantics are those of HCL
(https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md) as Terraform 1.11 has them: both sides of ``&&``, ``||``
and of a conditional are always evaluated, and only the mistakes of a conditional's chosen side count.
"""

from __future__ import annotations

from typing import TypeAlias

from compiler.hcl import root_of, syntax
from compiler.source.diagnostics import Diagnostic, error, sort_diagnostics
from compiler.terraform.evaluation.calls import call
from compiler.terraform.evaluation.evaluator import EVALUATORS, Evaluator, ReferenceStep, Scope
from compiler.terraform.evaluation.loops import SPLAT_ITEM, for_object, for_tuple, splat
from compiler.terraform.evaluation.templates import conditional, template
from compiler.terraform.values.budget import Budget, BudgetExceededError, LaterError
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.numbers import parse_number
from compiler.terraform.values.operations import BINARY, UNARY, OperationError, Operator, attribute, element, operate
from compiler.terraform.values.types import BOOL, NUMBER, STRING
from compiler.terraform.values.values import (
    Value,
    boolean,
    left_to_terraform,
    null,
    number,
    object_of,
    poison,
    string,
    tuple_of,
    unknown,
)


def evaluate(
    expression: syntax.Expression, scope: Scope, *, budget: Budget | None = None
) -> tuple[Value, tuple[Diagnostic, ...]]:
    """Return the expression's value where it stands, and what is wrong with it.

    Where something is wrong the value, or the part of it that couldn't be computed, is unknown and
    poisoned (``Value.is_poisoned``). Pass the ``budget`` of an outer evaluation so that what one
    expression costs through others counts once for all.
    """
    written = written_out(expression)
    if written is not None:
        return written, ()
    budget = budget or Budget()
    evaluator = Evaluator(scope, budget, bindings={}, forbidden={}, diagnostics=[])
    try:
        value = evaluator.value_of(expression)
    except (BudgetExceededError, RecursionError) as exc:
        reason = "values are nested too deep" if isinstance(exc, RecursionError) else str(exc)
        exceeded = error(
            "UC162",
            expression.span,
            "Evaluation takes too much",
            f"This expression isn't evaluated to the end: {reason}.",
            help="make it smaller, or move the work to the script that runs in the workspace",
        )
        return poison(expression.span), (exceeded,)
    if evaluator.diagnostics and value.is_wholly_known:
        # A mistake may leave a value of which nothing is missing, such as the first of two attributes of one name.
        value = poison(expression.span, value.type)
    return value, sort_diagnostics(evaluator.diagnostics)


def written_out(expression: syntax.Expression) -> Value | None:
    """Return the value of a word or text that is written out, as most arguments are; None for anything else."""
    # isinstance() takes four times as long where the answer is no.
    if type(expression) is syntax.Template:
        text = expression.literal
        return None if text is None else string(text)
    return _of_literal(expression) if type(expression) is syntax.Literal else None


def _number(_: Evaluator, node: syntax.NumberLiteral) -> Value:
    try:
        value = parse_number(node.text)
    except LaterError as exc:
        return left_to_terraform(node.text[:20], NUMBER, exc)
    if value is None:
        raise ValueError(f"not a number literal: {node.text}")
    return number(value)


def _of_literal(node: syntax.Literal) -> Value:
    return null() if node.value is None else boolean(node.value)


def _object(evaluator: Evaluator, node: syntax.ObjectExpr) -> Value:
    attributes: dict[str, Value] = {}
    keys: list[Value] = []
    unknown_keys: list[Value] = []
    for item in node.items:
        key = _object_key(evaluator, item.key)
        value = evaluator.value_of(item.value)
        keys.append(key)
        if key.is_known:
            attributes[key.text] = value
        else:
            unknown_keys.append(key)
    marks = [key.marks for key in keys]
    if unknown_keys:
        return unknown().because_of(unknown_keys).with_marks(*marks)
    return object_of(attributes).with_marks(*marks)


def _object_key(evaluator: Evaluator, node: syntax.Expression) -> Value:
    """Return an object's key: a string, or unknown."""
    failures = evaluator.failures
    if isinstance(node, syntax.GetAttr) and root_of(node):
        if evaluator.value_of(node).is_poisoned:
            # That it stands for nothing has been told; Terraform doesn't come to this either.
            return poison(node.span)
        return evaluator.fail(
            "UC158",
            node.span,
            "Ambiguous attribute key",
            "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a "
            "literal name containing periods, wrap it in quotes to create a string literal.",
        )
    key = evaluator.value_of(node)
    if evaluator.failures != failures:
        return poison(node.span)
    if key.is_null:
        return evaluator.fail("UC158", node.span, "Null value as key", "Can't use a null value as a key.")
    try:
        return convert(key, STRING)
    except ConversionError as exc:
        return evaluator.fail("UC158", node.span, "Incorrect key type", f"Can't use this value as a key: {exc}.")


def _binary(evaluator: Evaluator, node: syntax.Binary) -> Value:
    # A chain such as ``a + b + c`` leans to the left; it is walked without recursion, however long it is.
    chain = [node]
    while isinstance(chain[-1].left, syntax.Binary):
        chain.append(chain[-1].left)
    failures = evaluator.failures
    left = evaluator.value_of(chain[-1].left)
    for link in reversed(chain):
        failed = evaluator.failures != failures
        failures = evaluator.failures
        operator = BINARY[link.operator]
        evaluator.budget.spend_elements(1)
        left_operand = _operand(evaluator, left, link.left, operator, "left")
        if left_operand.data is not None and left_operand.data is _DECIDING.get(link.operator):
            left = _decided(evaluator, link, operator, left_operand)
            continue
        right_operand = _operand(evaluator, evaluator.value_of(link.right), link.right, operator, "right")
        if failed or evaluator.failures != failures:
            left = poison(link.span, operator.result)
        else:
            left = _operated(evaluator, link, operator, left_operand, right_operand)
    return left


_DECIDING = {"&&": False, "||": True}
"""What the left side must be for the right side to make no difference."""

_BEFORE_1_12 = LaterError("an error on its right side counts in Terraform before 1.12 only")


def _decided(evaluator: Evaluator, node: syntax.Binary, operator: Operator, left: Value) -> Value:
    """Return what the left side of ``&&`` or ``||`` decides, unknown where the right side is wrong.

    Such a mistake counts in Terraform 1.11 and doesn't from 1.12 on (https://github.com/hashicorp/hcl/pull/713).
    """
    with evaluator.apart() as watch:
        right = _operand(evaluator, evaluator.value_of(node.right), node.right, operator, "right")
        is_wrong = bool(evaluator.diagnostics) or right.is_null
    if is_wrong:
        return left_to_terraform(node.operator, BOOL, _BEFORE_1_12).with_marks(left.marks, watch.marks)
    return _operated(evaluator, node, operator, left, right)


def _unary(evaluator: Evaluator, node: syntax.Unary) -> Value:
    failures = evaluator.failures
    operator = UNARY[node.operator]
    operand = _operand(evaluator, evaluator.value_of(node.operand), node.operand, operator, "unary")
    if evaluator.failures != failures:
        return poison(node.span, operator.result)
    return _operated(evaluator, node, operator, operand)


def _operand(evaluator: Evaluator, value: Value, node: syntax.Expression, operator: Operator, side: str) -> Value:
    try:
        return convert(value, operator.operands)
    except ConversionError as exc:
        detail = f"Unsuitable value for {side} operand: {exc}."
        return evaluator.fail("UC152", node.span, "Invalid operand", detail, type_=operator.operands)


def _operated(evaluator: Evaluator, node: syntax.Binary | syntax.Unary, operator: Operator, *operands: Value) -> Value:
    try:
        return operate(operator, *operands)
    except OperationError as exc:
        evaluator.fail("UC152", node.span, exc.summary, exc.detail)
        return poison(node.span, operator.result)


# References: names, attributes, indexes

_Link: TypeAlias = syntax.GetAttr | syntax.Index


def _chain(evaluator: Evaluator, node: syntax.Variable | syntax.GetAttr | syntax.Index) -> Value:
    """Return the value of a name, or of a chain of attributes and indexes; it is walked from its root."""
    links: list[_Link] = []
    source: syntax.Expression = node
    while isinstance(source, syntax.GetAttr | syntax.Index):
        links.append(source)
        source = source.source
    links.reverse()
    if isinstance(source, syntax.Variable):
        return _reference(evaluator, source, tuple(links))
    value = evaluator.value_of(source)
    for step in links:
        value = _follow(evaluator, value, step)
    return value


def _reference(evaluator: Evaluator, root: syntax.Variable, chain: tuple[_Link, ...]) -> Value:
    used = 0
    bound = evaluator.bindings.get(root.name)
    if bound is not None:
        value = bound
    else:
        steps = _plain_steps(chain)
        span = root.span.to(chain[len(steps) - 1].span) if steps else root.span
        resolved = evaluator.scope.resolve(root.name, steps, span)
        if resolved is None:
            return evaluator.read(poison(root.span))
        if resolved.mistake is not None:
            return evaluator.read(evaluator.note(resolved.mistake))
        value, used = resolved.value, resolved.used
    for step in chain[used:]:
        failures, source = evaluator.failures, value
        value = _follow(evaluator, value, step)
        if evaluator.failures != failures:
            # That there is no such element depends on the whole of it.
            evaluator.read(source)
    return evaluator.read(value)


def _plain_steps(chain: tuple[_Link, ...]) -> tuple[ReferenceStep, ...]:
    """Return the steps up to the first whose key is computed."""
    steps: list[ReferenceStep] = []
    for link in chain:
        if isinstance(link, syntax.GetAttr):
            steps.append(ReferenceStep(link.name, False, link.name_span))
            continue
        key = link.key
        if isinstance(key, syntax.NumberLiteral) and key.text.isdecimal():
            steps.append(ReferenceStep(int(key.text), True, key.span))
        elif isinstance(key, syntax.Template) and key.literal is not None:
            steps.append(ReferenceStep(key.literal, True, key.span))
        else:
            break
    return tuple(steps)


def _follow(evaluator: Evaluator, value: Value, step: _Link) -> Value:
    """Return what a step leads to from a value."""
    evaluator.budget.spend_elements(1)
    if isinstance(step, syntax.GetAttr):
        try:
            return attribute(value, step.name)
        except OperationError as exc:
            return evaluator.fail("UC154", step.name_span, exc.summary, exc.detail)
    key = evaluator.value_of(step.key)
    try:
        return element(value, key)
    except OperationError as exc:
        brackets = step.span.source.span(step.source.span.end, step.span.end)
        return evaluator.fail("UC155", brackets, exc.summary, exc.detail)


EVALUATORS.update(
    {
        syntax.BareKey: lambda _, node: string(node.name),
        syntax.Binary: _binary,
        syntax.Conditional: conditional,
        syntax.ForObject: for_object,
        syntax.ForTuple: for_tuple,
        syntax.FunctionCall: call,
        syntax.GetAttr: _chain,
        syntax.Index: _chain,
        syntax.Literal: lambda _, node: _of_literal(node),
        syntax.NumberLiteral: _number,
        syntax.ObjectExpr: _object,
        syntax.Parens: lambda evaluator, node: evaluator.value_of(node.expression),
        syntax.Splat: splat,
        syntax.SplatItem: lambda evaluator, _: evaluator.bindings[SPLAT_ITEM],
        syntax.Template: template,
        syntax.TupleExpr: lambda evaluator, node: tuple_of(map(evaluator.value_of, node.items)),
        syntax.Unary: _unary,
        syntax.Unread: lambda _, node: poison(node.span),
        syntax.Variable: _chain,
    }
)
