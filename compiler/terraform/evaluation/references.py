"""References: names, attributes, indexes."""

from __future__ import annotations

from compiler.hcl import syntax
from compiler.terraform.evaluation.evaluator import Evaluator, ReferenceStep
from compiler.terraform.values.operations import OperationError, attribute, element
from compiler.terraform.values.values import Value, poison

_LINKS = (syntax.GetAttr, syntax.Index)


def chain(evaluator: Evaluator, node: syntax.Variable | syntax.GetAttr | syntax.Index) -> Value:
    """Return the value of a name, or of a chain of attributes and indexes; it is walked from its root."""
    links: list[syntax.GetAttr | syntax.Index] = []
    source: syntax.Expression = node
    while isinstance(source, _LINKS):
        links.append(source)
        source = source.source
    links.reverse()
    if isinstance(source, syntax.Variable):
        return _reference(evaluator, source, tuple(links))
    value = evaluator.value_of(source)
    for step in links:
        value = _follow(evaluator, value, step)
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
        value = _follow(evaluator, value, step)
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
        if isinstance(key, syntax.NumberLiteral) and key.text.isdecimal():
            steps.append(ReferenceStep(int(key.text), True, key.span))
        elif isinstance(key, syntax.Template) and key.literal is not None:
            steps.append(ReferenceStep(key.literal, True, key.span))
        else:
            break
    return tuple(steps)


def _follow(evaluator: Evaluator, value: Value, step: syntax.GetAttr | syntax.Index) -> Value:
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
