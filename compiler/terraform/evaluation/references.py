"""References: names, attributes, indexes."""

from __future__ import annotations

from compiler.hcl import syntax
from compiler.source.span import Span
from compiler.terraform.evaluation.evaluator import Evaluator, ReferenceStep, evaluates, poison
from compiler.terraform.values.operations import OperationError, attribute, element
from compiler.terraform.values.values import Value, unknown


@evaluates(syntax.Variable)
def _variable(evaluator: Evaluator, node: syntax.Variable) -> Value:
    return _reference(evaluator, node, ())


@evaluates(syntax.SplatItem)
def _splat_item(evaluator: Evaluator, _: syntax.SplatItem) -> Value:
    return unknown() if evaluator.item is None else evaluator.item


@evaluates(syntax.GetAttr)
def _get_attr(evaluator: Evaluator, node: syntax.GetAttr) -> Value:
    return _chain(evaluator, node)


@evaluates(syntax.Index)
def _index(evaluator: Evaluator, node: syntax.Index) -> Value:
    return _chain(evaluator, node)


def _chain(evaluator: Evaluator, node: syntax.GetAttr | syntax.Index) -> Value:
    """Return the value of a chain of attributes and indexes; it is walked from its root."""
    chain: list[syntax.GetAttr | syntax.Index] = []
    source: syntax.Expression = node
    while isinstance(source, syntax.GetAttr | syntax.Index):
        chain.append(source)
        source = source.source
    chain.reverse()
    if isinstance(source, syntax.Variable):
        return _reference(evaluator, source, tuple(chain))
    value = evaluator.value_of(source)
    for step in chain:
        value = follow(evaluator, value, step)
    return value


def _reference(evaluator: Evaluator, root: syntax.Variable, chain: tuple[syntax.GetAttr | syntax.Index, ...]) -> Value:
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
        value = follow(evaluator, value, step)
        if evaluator.failures != failures:
            # That there is no such element depends on the whole of it.
            evaluator.read(source)
    return evaluator.read(value)


def _plain_steps(chain: tuple[syntax.GetAttr | syntax.Index, ...]) -> tuple[ReferenceStep, ...]:
    """Return the steps up to the first whose key is computed."""
    steps: list[ReferenceStep] = []
    for link in chain:
        if isinstance(link, syntax.GetAttr):
            steps.append(ReferenceStep(link.name, False, link.name_span))
            continue
        key = link.key
        if isinstance(key, syntax.Number) and key.text.isdecimal():
            steps.append(ReferenceStep(int(key.text), True, key.span))
        elif isinstance(key, syntax.Template) and key.literal is not None:
            steps.append(ReferenceStep(key.literal, True, key.span))
        else:
            break
    return tuple(steps)


def follow(evaluator: Evaluator, value: Value, step: syntax.GetAttr | syntax.Index) -> Value:
    """Return what a step leads to from a value."""
    evaluator.budget.spend_elements(1)
    if isinstance(step, syntax.GetAttr):
        try:
            return attribute(value, step.name)
        except OperationError as exc:
            return evaluator.fail_operation("UC154", step.name_span, exc)
    key = evaluator.value_of(step.key)
    try:
        return element(value, key)
    except OperationError as exc:
        return evaluator.fail_operation("UC155", _brackets(step), exc)


def _brackets(step: syntax.Index) -> Span:
    source = step.source.span
    return source.source.span(source.end, step.span.end)
