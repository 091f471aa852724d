"""Function calls, ``try`` and ``can``, and templates that functions render."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from compiler.hcl import Expansion, Traversal, escape_of, expansion_around, read_template, references, syntax
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, also, error
from compiler.source.span import Source, Span
from compiler.source.suggest import did_you_mean
from compiler.terraform.evaluation.callees import unknown_function
from compiler.terraform.evaluation.evaluator import Evaluator, ReferenceStep, Resolved, Scope, evaluates, poison
from compiler.terraform.functions import (
    READING,
    TEMPLATE_STRING,
    ArgumentError,
    Call,
    CallError,
    FileError,
    Function,
    FunctionFiles,
    Parameter,
    RenderError,
    apply,
    find,
)
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.marks import Marks, Reason, ReasonKind, provenance_marks
from compiler.terraform.values.types import BOOL, DYNAMIC, ListType, SetType, TupleType
from compiler.terraform.values.values import Value, boolean, unknown

__all__: list[str] = []


@dataclass(frozen=True, slots=True)
class _Argument:
    """An argument: its expression, or a value out of an expanded last one, and where it stands."""

    span: Span
    expression: syntax.Expression | None = None
    value: Value | None = None


@evaluates(syntax.FunctionCall)
def _call(evaluator: Evaluator, node: syntax.FunctionCall) -> Value:
    name = node.name.removeprefix("core::")
    if name in _SPECIAL:
        arguments = _arguments(evaluator, node)
        return arguments if isinstance(arguments, Value) else _SPECIAL[name](evaluator, node, arguments)
    callee = find(name)
    if callee is None:
        return _unknown_function(evaluator, node)
    arguments = _arguments(evaluator, node)
    if isinstance(arguments, Value):
        return arguments
    if not _count_fits(evaluator, node, callee, len(arguments)):
        return poison(node.span)
    if name == "templatestring" and arguments[0].expression is not None:
        mistake = _no_template_reference(arguments[0].expression)
        if mistake:
            return _bad_argument(evaluator, arguments[0].span, "template", mistake)
    failures = evaluator.failures
    values = tuple(_argument(evaluator, callee, index, argument) for index, argument in enumerate(arguments))
    if evaluator.failures != failures:
        return poison(node.span)
    reason = evaluator.forbidden.get(name)
    if reason is not None:
        return evaluator.fail("UC151", node.span, "Error in function call", _failed(node.name, reason))
    return _applied(evaluator, node, callee, arguments, values)


def _unknown_function(evaluator: Evaluator, node: syntax.FunctionCall) -> Value:
    mistake = unknown_function(node)
    if mistake is None:
        # Functions of providers need the provider; what they answer isn't known here.
        return unknown(DYNAMIC, (Reason(f"{node.name}()", node.span, ReasonKind.FUNCTION),))
    return evaluator.note(mistake)


def _arguments(evaluator: Evaluator, node: syntax.FunctionCall) -> list[_Argument] | Value:
    """Return the arguments with a last ``...`` expanded, or the call's value where that can't be done."""
    arguments = [_Argument(expression.span, expression) for expression in node.arguments]
    if not node.expand:
        return arguments
    last = node.arguments[-1]
    failures = evaluator.failures
    value = evaluator.value_of(last)
    if evaluator.failures != failures:
        return poison(last.span)
    summary = "Invalid expanding argument value"
    if value.is_null and (value.type == DYNAMIC or isinstance(value.type, TupleType | ListType | SetType)):
        detail = "The expanding argument (indicated by ...) must not be null."
        return evaluator.fail("UC151", last.span, summary, detail)
    if value.type == DYNAMIC or (not value.is_known and isinstance(value.type, TupleType | ListType | SetType)):
        return unknown().because_of((value,)).with_marks(value.marks)
    if not isinstance(value.type, TupleType | ListType | SetType):
        detail = "The expanding argument (indicated by ...) must be of a tuple, list, or set type."
        return evaluator.fail("UC151", last.span, summary, detail)
    expanded = [_Argument(last.span, value=item.with_marks(value.marks)) for item in value.items]
    return arguments[:-1] + expanded


def _count_fits(evaluator: Evaluator, node: syntax.FunctionCall, callee: Function, count: int) -> bool:
    wanted = len(callee.parameters)
    if count < wanted:
        qualifier = " at least" if callee.variadic else ""
        missing = callee.parameters[count].name
        detail = (
            f"Function {go_quote(node.name)} expects{qualifier} {wanted} argument(s). "
            f"Missing value for {go_quote(missing)}."
        )
        end = node.span.source.span(node.span.end - 1, node.span.end)
        evaluator.fail("UC151", end, "Not enough function arguments", detail)
        return False
    if callee.variadic is None and count > wanted:
        detail = f"Function {go_quote(node.name)} expects only {wanted} argument(s)."
        place = node.arguments[min(wanted, len(node.arguments) - 1)].span
        evaluator.fail("UC151", place, "Too many function arguments", detail)
        return False
    return True


def _argument(evaluator: Evaluator, callee: Function, index: int, argument: _Argument) -> Value:
    value = _given(evaluator, argument)
    parameter = callee.parameter(index)
    try:
        return convert(value, parameter.type)
    except ConversionError as exc:
        return _bad_argument(evaluator, argument.span, parameter.name, str(exc))


def _given(evaluator: Evaluator, argument: _Argument) -> Value:
    if argument.expression is not None:
        return evaluator.value_of(argument.expression)
    if argument.value is None:
        raise ValueError("an argument is an expression or a value")
    return argument.value


def _bad_argument(evaluator: Evaluator, span: Span, parameter: str, reason: str) -> Value:
    detail = f"Invalid value for {go_quote(parameter)} parameter: {reason}."
    return evaluator.fail("UC151", span, "Invalid function argument", detail)


def _failed(name: str, reason: str) -> str:
    return f"Call to function {go_quote(name)} failed: {reason}."


def _applied(
    evaluator: Evaluator,
    node: syntax.FunctionCall,
    callee: Function,
    arguments: Sequence[_Argument],
    values: tuple[Value, ...],
) -> Value:
    evaluator.budget.spend_elements(1 + len(values))
    call = Call(
        values,
        evaluator.budget,
        evaluator.scope.files,
        lambda name, text, variables, files: _rendered(evaluator, _template_source(name, text), variables, files=files),
    )
    try:
        return apply(callee, call)
    except ArgumentError as exc:
        if exc.index < len(arguments):
            return _bad_argument(evaluator, arguments[exc.index].span, callee.parameter(exc.index).name, str(exc))
        return evaluator.fail("UC151", node.span, "Error in function call", _failed(node.name, str(exc)))
    except FileError as exc:
        return _bad_file(evaluator, node, arguments, exc)
    except RenderError as exc:
        return _bad_template(evaluator, node, exc)
    except CallError as exc:
        return evaluator.fail("UC151", node.span, "Error in function call", _failed(node.name, str(exc)))


def _bad_file(evaluator: Evaluator, node: syntax.FunctionCall, arguments: Sequence[_Argument], exc: FileError) -> Value:
    span = arguments[0].span if arguments else node.span
    if exc.outside:
        return evaluator.fail(
            "UC160",
            span,
            "File outside of the template's folder",
            f"{_failed(node.name, str(exc))} What stands outside isn't uploaded with the template.",
            help="move the file into the template's folder, or pass --allow-outside",
        )
    return evaluator.fail("UC161", span, "File can't be read", _failed(node.name, str(exc)))


def _bad_template(evaluator: Evaluator, node: syntax.FunctionCall, exc: RenderError) -> Value:
    """Note what is wrong in a rendered template: where it is wrong in its file, or at the call if it has none."""
    for found in exc.diagnostics:
        place, detail, related = found.primary.span, found.detail, (*found.labels[1:], also(node.span, "rendered here"))
        if place.source.name == TEMPLATE_STRING:
            line, column = place.start_pos
            detail = f"On line {line}, column {column} of the rendered template: {detail}"
            place, related = node.arguments[0].span, ()
        evaluator.fail("UC163", place, found.summary, detail, help=found.help, related=related)
    return poison(node.span)


# try and can


def _caught(evaluator: Evaluator, argument: _Argument) -> tuple[Value, list[Diagnostic]]:
    """Return an argument's value, and the mistakes in it instead of telling them.

    Whether there are any depends on everything that was read on the way, so where that comes from goes to the value.
    Terraform takes an argument whose value is known although unknowns took part in it; here the value is unknown then,
    because what is computed from the unknowns may yet fail.
    """
    with evaluator.apart() as watch:
        value = _given(evaluator, argument)
        mistakes = evaluator.diagnostics
    if not mistakes and (watch.reasons or not value.is_wholly_known):
        seen = unknown(DYNAMIC, watch.reasons)
        value = unknown().because_of((value, seen)).with_marks(provenance_marks(value.deep_marks))
    return value.with_marks(watch.marks), mistakes


def _try(evaluator: Evaluator, node: syntax.FunctionCall, arguments: Sequence[_Argument]) -> Value:
    """Return the first argument that can be evaluated; which one that is depends on those before it, too."""
    if not arguments:
        return evaluator.fail(
            "UC151", node.span, "Error in function call", _failed(node.name, "at least one argument is required")
        )
    mistakes: list[Diagnostic] = []
    marks: list[Marks] = []
    for argument in arguments:
        value, found = _caught(evaluator, argument)
        if not found:
            return value.with_marks(*marks)
        marks.append(provenance_marks(value.marks))
        mistakes.extend(found)
    lines = [f"no expression succeeded:\n{''.join(_listed(found) for found in mistakes)}"]
    lines.append("At least one expression must produce a successful result")
    value = evaluator.fail("UC151", node.span, "Error in function call", _failed(node.name, "\n".join(lines)))
    return value.with_marks(*marks)


def _listed(diagnostic: Diagnostic) -> str:
    span = diagnostic.primary.span
    start, end = span.start_pos, span.end_pos
    place = f"{span.source.name}:{start.line},{start.column}-{end.column}"
    return f"- {diagnostic.summary} (at {place})\n  {diagnostic.detail}\n"


_CAN = Function("can", (Parameter("expression"),), None, BOOL, True, lambda call: call.args[0])
"""Stands for ``can`` where arguments are counted."""


def _can(evaluator: Evaluator, node: syntax.FunctionCall, arguments: Sequence[_Argument]) -> Value:
    """Return whether the argument can be evaluated."""
    if not _count_fits(evaluator, node, _CAN, len(arguments)):
        return poison(node.span, BOOL)
    value, mistakes = _caught(evaluator, arguments[0])
    marks = provenance_marks(value.deep_marks)
    if not mistakes and not value.is_wholly_known:
        return unknown(BOOL).because_of((value,)).with_marks(marks)
    return boolean(not mistakes).with_marks(marks)


# Templates


_TEMPLATE_FUNCTIONS = ("templatefile", "templatestring")

_NO_NESTED_TEMPLATES = {
    name: f"cannot recursively call {name} from inside another template function" for name in _TEMPLATE_FUNCTIONS
}

_NO_FILES = {
    name: f"cannot use filesystem access functions like {name} in templatestring templates; consider passing the "
    "function result as a template variable instead"
    for name in READING
} | _NO_NESTED_TEMPLATES


@dataclass(frozen=True, slots=True)
class _TemplateScope:
    """In a template there is nothing but its variables, which are bound like those of ``for``."""

    files: FunctionFiles

    def resolve(self, root: str, steps: Sequence[ReferenceStep], span: Span) -> Resolved | None:
        """Return None: whatever a template may name is bound."""
        return None


def _template_source(name: str, text: str) -> Source:
    """Return a template's text under the name of its file as diagnostics write it, without ``./``."""
    return Source(name if name == TEMPLATE_STRING else posixpath.normpath(name), text)


def _rendered(evaluator: Evaluator, source: Source, variables: Value, *, files: bool) -> Value:
    template, found = read_template(source)
    if template is None or found:
        raise RenderError(found)
    missing = _missing_variables(template, variables)
    if missing:
        raise RenderError(missing)
    scope: Scope = _TemplateScope(evaluator.scope.files)
    inner = Evaluator(
        scope,
        evaluator.budget,
        bindings=variables.mapping,
        forbidden=_NO_NESTED_TEMPLATES if files else _NO_FILES,
        diagnostics=[],
        depth=evaluator.depth,
    )
    value = inner.value_of(template)
    if value.is_null:
        detail = "The result of the template is null, which is not a valid result for a templatestring call."
        inner.fail("UC163", template.span, "Template result is null", detail)
    if inner.diagnostics:
        raise RenderError(inner.diagnostics)
    return value


def _missing_variables(template: syntax.Template, variables: Value) -> list[Diagnostic]:
    missing: dict[str, Diagnostic] = {}
    told: Expansion | None = None
    for reference in references(template):
        if reference.root in variables.mapping or reference.root in missing:
            continue
        expansion = expansion_around(reference.span)
        if expansion is None or expansion != told:
            missing[reference.root] = _missing_variable(reference, expansion, variables)
        told = expansion
    return list(missing.values())


def _missing_variable(reference: Traversal, expansion: Expansion | None, variables: Value) -> Diagnostic:
    near = did_you_mean(reference.root, variables.mapping)
    hint = [f'did you mean "{near}"?'] if near else []
    if expansion is None or expansion.is_bare:
        hint.append(f"pass {reference.root} to the template")
    if expansion is not None:
        hint.append(escape_of(expansion))
    detail = f'The vars map does not contain key "{reference.root}", referenced here.'
    return error("UC163", reference.span, "Template variable that isn't passed", detail, help=hint)


def _no_template_reference(node: syntax.Expression) -> str:
    """Return why an expression can't be the first argument of ``templatestring``, or nothing."""
    if isinstance(node, syntax.Template):
        return (
            "invalid template expression: templatestring is only for rendering templates retrieved dynamically from "
            "elsewhere; to render an inline template, consider using a plain template string expression"
        )
    while isinstance(node, syntax.GetAttr | syntax.Index):
        node = node.source
    if isinstance(node, syntax.Variable):
        return ""
    return (
        "invalid template expression: must be a direct reference to a single string from elsewhere, containing valid "
        "Terraform template syntax"
    )


_SPECIAL = {"try": _try, "can": _can}
