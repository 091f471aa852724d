"""What variables of a module instance stand for: what the caller or the user gives, or their defaults."""

from __future__ import annotations

from compiler.hcl import read_expression
from compiler.source.span import Source, Span
from compiler.terraform.configuration.constraints import ANY, Constraint, ConstraintError, apply, read_constraint
from compiler.terraform.configuration.module import Named
from compiler.terraform.scope.inputs import ENVIRONMENT_PREFIX, Given, TextValue
from compiler.terraform.scope.lookup import is_set
from compiler.terraform.scope.names import constant_mistakes
from compiler.terraform.scope.scope import ModuleScope
from compiler.terraform.values.convert import ConversionError
from compiler.terraform.values.marks import SENSITIVE, Mark, MarkKind, Reason
from compiler.terraform.values.types import Primitive
from compiler.terraform.values.values import Value, poison, string, unknown


def variable_value(module: ModuleScope, variable: Named) -> Value:
    """Return the value of a variable in a module instance, converted to its type; what is wrong with it is noted."""
    value = _value(module, variable, _constraint(module, variable))
    return value.with_marks(frozenset({SENSITIVE})) if is_set(variable.block, "sensitive") else value


def _constraint(module: ModuleScope, variable: Named) -> Constraint:
    attribute = variable.block.body.attribute("type")
    if attribute is None:
        return ANY
    try:
        return read_constraint(attribute.expression, module.scope.evaluate)
    except ConstraintError as exc:
        module.world.note(exc.node.span, "Invalid type specification", str(exc), "see Terraform's type constraints")
        return ANY


def _value(module: ModuleScope, variable: Named, constraint: Constraint) -> Value:
    address = module.absolute(f"var.{variable.name}")
    open_ = unknown(constraint.type, [Reason(address, variable.block.header_span)])
    if module.call is None and module.world.inputs.fixed_only:
        return open_
    body = variable.block.body
    default, nullable = body.attribute("default"), body.attribute("nullable")
    value, span = _argument(module, variable, constraint)
    if module.call is None and (value is not None or default is not None):
        module.world.used_inputs = True
    if value is not None and value.is_null and default and nullable and nullable.expression.span.text == "false":
        value = None
    if value is None:
        if default is None:
            return open_
        value, span = module.scope.evaluate(default.expression), default.expression.span
        # A child's default can't be replaced from outside: only editing the template changes it.
        if module.call is None:
            value = value.with_marks(frozenset({Mark(MarkKind.DEFAULT, f"var.{variable.name}")}))
    try:
        return apply(constraint, value)
    except ConversionError as exc:
        detail = f"The value of {address} doesn't fit its type: {exc}."
        help_ = "give a value of the type that the variable declares"
        module.world.note(span, "Unsuitable value for variable", detail, help_)
        return poison(span, constraint.type)


def _argument(module: ModuleScope, variable: Named, constraint: Constraint) -> tuple[Value | None, Span]:
    """Return what the caller, or the user for the root module, gives a variable; None for nothing."""
    span = variable.block.header_span
    if module.call is None or module.call_scope is None:
        given = module.world.inputs.variables.get(variable.name)
        return None if given is None else _given(module, variable, given, constraint), span
    attribute = module.call.block.body.attribute(variable.name)
    if attribute is None:
        return None, span
    return module.call_scope.evaluate(attribute.expression), attribute.expression.span


def _given(module: ModuleScope, variable: Named, given: Given, constraint: Constraint) -> Value | None:
    """Return the value that was given for a root variable, marked as given, None where it can't be read.

    Text is taken as it is where the variable has a primitive type or none, else it is an HCL expression, as Terraform
    reads ``--var`` and ``TF_VAR_*``.
    """
    mark = frozenset({Mark(MarkKind.GIVEN, f"var.{variable.name}")})
    if isinstance(given, Value):
        return given.with_marks(mark)
    if not isinstance(given, TextValue):
        return module.scope.evaluate(given).with_marks(mark)
    has_type = variable.block.body.attribute("type") is not None
    if not has_type or (isinstance(constraint.type, Primitive) and constraint.type.name != "dynamic"):
        return string(given.text).with_marks(mark)
    expression, diagnostics = read_expression(Source(given.origin, given.text))
    if expression is None or diagnostics:
        detail = f"The value of var.{variable.name} from {given.origin} is not an expression: {diagnostics[0].detail}"
        help_ = f"give a value in Terraform's syntax, such as {ENVIRONMENT_PREFIX}{variable.name}='[\"a\"]'"
        module.world.note(variable.block.header_span, "Value of a variable can't be read", detail, help_)
        return None
    module.world.diagnostics.extend(constant_mistakes(expression))
    return module.scope.evaluate(expression).with_marks(mark)
