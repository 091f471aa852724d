"""Function calls, ``try`` and ``can``, and templates that functions render."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from functools import partial

from compiler.hcl import (
    CATCHING,
    ShellExpansion,
    escape_of,
    expansion_around,
    read_template,
    references,
    syntax,
)
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, also, error
from compiler.source.span import Source, Span
from compiler.source.suggest import did_you_mean
from compiler.terraform.configuration.files import FileAccess, FileError
from compiler.terraform.evaluation.evaluator import Deferred, Evaluator, ReferenceStep, Resolved
from compiler.terraform.functions import (
    NAMES,
    ArgumentError,
    Call,
    CallError,
    Function,
    Parameter,
    apply,
    find,
)
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.marks import Marks, Reason, ReasonKind, provenance_marks
from compiler.terraform.values.types import BOOL, DYNAMIC
from compiler.terraform.values.values import Value, boolean, poison, unknown


def call(evaluator: Evaluator, node: syntax.FunctionCall) -> Value:
    """Return the value of a function call."""
    name = node.name.removeprefix("core::")
    callee = find(name)
    if callee is None and name not in _CATCHING:
        mistake = unknown_function(node)
        # Functions of providers need the provider; what they answer isn't known here.
        provided = Reason(f"{node.name}()", node.span, ReasonKind.FUNCTION)
        return unknown(DYNAMIC, (provided,)) if mistake is None else evaluator.note(mistake)
    arguments = _arguments(evaluator, node)
    if isinstance(arguments, Value):
        return arguments
    if callee is None:
        return _CATCHING[name](evaluator, node, arguments)
    if not _count_fits(evaluator, node, callee, len(arguments)):
        return poison(node.span)
    failures = evaluator.failures
    values = tuple(_argument(evaluator, callee.parameter(at), argument) for at, argument in enumerate(arguments))
    if evaluator.failures != failures:
        return poison(node.span)
    if name in evaluator.forbidden:
        return _failed(evaluator, node, evaluator.forbidden[name])
    return _applied(evaluator, node, callee, arguments, values)


def _arguments(evaluator: Evaluator, node: syntax.FunctionCall) -> list[Deferred] | Value:
    """Return the arguments with a last ``...`` expanded, or the call's value where that can't be done."""
    arguments = [evaluator.deferred(expression) for expression in node.arguments]
    if not node.expand:
        return arguments
    last = arguments.pop()
    failures = evaluator.failures
    value = last.compute()
    if evaluator.failures != failures:
        return poison(last.span)
    must = ""
    if value.type != DYNAMIC and not value.is_sequence:
        must = "be of a tuple, list, or set type"
    elif value.is_null:
        must = "not be null"
    if must:
        detail = f"The expanding argument (indicated by ...) must {must}."
        return evaluator.fail("UC151", last.span, "Invalid expanding argument value", detail)
    if not value.is_known:
        return unknown().because_of((value,)).with_marks(value.marks)
    return [*arguments, *(Deferred(last.span, partial(item.with_marks, value.marks)) for item in value.items)]


def _count_fits(evaluator: Evaluator, node: syntax.FunctionCall, callee: Function, count: int) -> bool:
    """Return whether a function takes so many arguments; if not, that is noted."""
    wanted = len(callee.parameters)
    if count < wanted:
        qualifier = " at least" if callee.variadic else ""
        place = node.span.source.span(node.span.end - 1, node.span.end)
        summary = "Not enough function arguments"
        missing = f" Missing value for {go_quote(callee.parameters[count].name)}."
    elif callee.variadic is None and count > wanted:
        qualifier = " only"
        place = node.arguments[min(wanted, len(node.arguments) - 1)].span
        summary, missing = "Too many function arguments", ""
    else:
        return True
    detail = f"Function {go_quote(node.name)} expects{qualifier} {wanted} argument(s).{missing}"
    evaluator.fail("UC151", place, summary, detail)
    return False


def _argument(evaluator: Evaluator, parameter: Parameter, argument: Deferred) -> Value:
    value = argument.compute()
    try:
        return convert(value, parameter.type)
    except ConversionError as exc:
        return _bad_argument(evaluator, argument, parameter, exc)


def _bad_argument(evaluator: Evaluator, argument: Deferred, parameter: Parameter, reason: Exception) -> Value:
    detail = f"Invalid value for {go_quote(parameter.name)} parameter: {reason}."
    return evaluator.fail("UC151", argument.span, "Invalid function argument", detail)


def _reason(node: syntax.FunctionCall, reason: object) -> str:
    return f"Call to function {go_quote(node.name)} failed: {reason}."


def _failed(evaluator: Evaluator, node: syntax.FunctionCall, reason: object) -> Value:
    return evaluator.fail("UC151", node.span, "Error in function call", _reason(node, reason))


def _applied(
    evaluator: Evaluator,
    node: syntax.FunctionCall,
    callee: Function,
    arguments: Sequence[Deferred],
    values: tuple[Value, ...],
) -> Value:
    evaluator.budget.spend_elements(1 + len(values))
    try:
        return apply(callee, Call(values, evaluator.budget, evaluator.scope.files, partial(_rendered, evaluator, node)))
    except ArgumentError as exc:
        if exc.index < len(arguments):
            return _bad_argument(evaluator, arguments[exc.index], callee.parameter(exc.index), exc)
        return _failed(evaluator, node, exc)
    except FileError as exc:
        return _bad_file(evaluator, node, arguments[0].span, exc)
    except CallError as exc:
        return _failed(evaluator, node, exc)


def _bad_file(evaluator: Evaluator, node: syntax.FunctionCall, span: Span, exc: FileError) -> Value:
    if exc.outside:
        return evaluator.fail(
            "UC160",
            span,
            "File outside of the template's folder",
            f"{_reason(node, exc)} What stands outside isn't uploaded with the template.",
            help="move the file into the template's folder, or pass --allow-outside",
        )
    return evaluator.fail("UC161", span, "File can't be read", _reason(node, exc))


# Functions up to Terraform 0.11.
_RETIRED = {"list": "write tolist([ ... ])", "map": "write tomap({ ... })"}


def unknown_function(node: syntax.FunctionCall) -> Diagnostic | None:
    """Return the error for a call of a function that isn't there, None where it may be there.

    Functions of providers may be: only the provider knows.
    """
    plain = node.name.removeprefix("core::")
    namespace, separator, _ = plain.rpartition("::")
    if namespace.startswith("provider::") or plain in NAMES or plain in CATCHING:
        return None
    if separator:
        detail = (
            f"The function namespace {go_quote(namespace)} is not valid. "
            'Provider function calls must use the "provider::" namespace prefix.'
        )
        return error("UC150", node.name_span, "Unknown provider function", detail)
    near = did_you_mean(plain, (*NAMES, *CATCHING))
    hint = _RETIRED.get(plain) or (f"did you mean {go_quote(near)}?" if near else "")
    detail = f"There is no function named {go_quote(plain)}."
    return error("UC150", node.name_span, "Call to unknown function", detail, help=hint)


# try and can


def _caught(evaluator: Evaluator, argument: Deferred) -> tuple[Value, list[Diagnostic]]:
    """Return an argument's value, and the mistakes in it instead of telling them.

    Whether there are any depends on everything that was read on the way, so where that comes from goes to the value.
    Terraform takes an argument whose value is known although unknowns took part in it; here the value is unknown then,
    because what is computed from the unknowns may yet fail.
    """
    with evaluator.apart() as watch:
        value = argument.compute()
        mistakes = evaluator.diagnostics
    if not mistakes and (watch.reasons or not value.is_wholly_known):
        seen = unknown(DYNAMIC, watch.reasons)
        value = unknown().because_of((value, seen)).with_marks(provenance_marks(value.deep_marks))
    return value.with_marks(watch.marks), mistakes


def _try(evaluator: Evaluator, node: syntax.FunctionCall, arguments: Sequence[Deferred]) -> Value:
    """Return the first argument that can be evaluated; which one that is depends on those before it, too."""
    if not arguments:
        return _failed(evaluator, node, "at least one argument is required")
    mistakes: list[Diagnostic] = []
    marks: list[Marks] = []
    for argument in arguments:
        value, found = _caught(evaluator, argument)
        if not found:
            return value.with_marks(*marks)
        marks.append(provenance_marks(value.marks))
        mistakes.extend(found)
    listed = "".join(map(_listed, mistakes))
    reason = f"no expression succeeded:\n{listed}\nAt least one expression must produce a successful result"
    return _failed(evaluator, node, reason).with_marks(*marks)


def _listed(diagnostic: Diagnostic) -> str:
    span = diagnostic.primary.span
    start, end = span.start_pos, span.end_pos
    place = f"{span.source.name}:{start.line},{start.column}-{end.column}"
    return f"- {diagnostic.summary} (at {place})\n  {diagnostic.detail}\n"


_CAN = Function("can", (Parameter("expression"),), None, BOOL, True, lambda call: call.args[0])
"""Stands for ``can`` where arguments are counted."""


def _can(evaluator: Evaluator, node: syntax.FunctionCall, arguments: Sequence[Deferred]) -> Value:
    """Return whether the argument can be evaluated."""
    if not _count_fits(evaluator, node, _CAN, len(arguments)):
        return poison(node.span, BOOL)
    value, mistakes = _caught(evaluator, arguments[0])
    marks = provenance_marks(value.deep_marks)
    if not mistakes and not value.is_wholly_known:
        return unknown(BOOL).because_of((value,)).with_marks(marks)
    return boolean(not mistakes).with_marks(marks)


# Templates


_NO_NESTED_TEMPLATES = {
    name: f"cannot recursively call {name} from inside another template function"
    for name in ("templatefile", "templatestring")
}


@dataclass(frozen=True, slots=True)
class _TemplateScope:
    """In a template there is nothing but its variables, which are bound like those of ``for``."""

    files: FileAccess

    def resolve(self, root: str, steps: Sequence[ReferenceStep], span: Span) -> Resolved | None:
        """Return None: whatever a template may name is bound."""
        return None


def _rendered(evaluator: Evaluator, node: syntax.FunctionCall, name: str, text: str, variables: Value) -> Value:
    """Return what a template gives; its file's name is written as diagnostics write it, without ``./``.

    What is wrong in it is noted where it is wrong in its file.
    """
    template, found = read_template(Source(posixpath.normpath(name), text))
    mistakes = list(found) if template is None or found else _missing_variables(template, variables)
    value = poison(node.span)
    if template is not None and not mistakes:
        inner = Evaluator(
            _TemplateScope(evaluator.scope.files),
            evaluator.budget,
            bindings=variables.mapping,
            forbidden=_NO_NESTED_TEMPLATES,
            diagnostics=mistakes,
            depth=evaluator.depth,
        )
        value = inner.value_of(template)
        if value.is_null:
            detail = "The result of the template is null, which is not a valid result for a templatestring call."
            inner.fail("UC163", template.span, "Template result is null", detail)
    for each in mistakes:
        related = (*each.labels[1:], also(node.span, "rendered here"))
        evaluator.fail("UC163", each.primary.span, each.summary, each.detail, help=each.help, related=related)
    return poison(node.span) if mistakes else value


def _missing_variables(template: syntax.Template, variables: Value) -> list[Diagnostic]:
    missing: dict[str, Diagnostic] = {}
    told: ShellExpansion | None = None
    for reference in references(template):
        if reference.root in variables.mapping or reference.root in missing:
            continue
        expansion = expansion_around(reference.span)
        if expansion is None or expansion != told:
            near = did_you_mean(reference.root, variables.mapping)
            hint = [f'did you mean "{near}"?'] if near else []
            if expansion is None or expansion.is_bare:
                hint.append(f"pass {reference.root} to the template")
            if expansion is not None:
                hint.append(escape_of(expansion))
            detail = f'The vars map does not contain key "{reference.root}", referenced here.'
            summary = "Template variable that isn't passed"
            missing[reference.root] = error("UC163", reference.span, summary, detail, help=hint)
        told = expansion
    return list(missing.values())


_CATCHING = {"try": _try, "can": _can}
