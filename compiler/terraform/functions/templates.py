"""Functions that render templates."""

from __future__ import annotations

from compiler.terraform.functions import TEMPLATE_STRING, ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.filesystem import READ_PATH, read_text
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.types import DYNAMIC, STRING, MapType, ObjectType
from compiler.terraform.values.values import Value, string, unknown

_VARS = Parameter("vars")


@function("templatefile", READ_PATH, _VARS, returns=DYNAMIC, not_null=False)
def _templatefile(call: Call) -> Value:
    text = string(read_text(call)).text
    _check_variables(call.args[1])
    return call.render(call.text(0), text, call.args[1], True).with_marks(call.args[0].marks)


# Terraform takes this argument as an expression, and lists it as a string.
_TEMPLATE = Parameter("template", null=True, unknown=True, dynamic=True)


@function("templatestring", _TEMPLATE, _VARS, returns=STRING)
def _templatestring(call: Call) -> Value:
    template = call.args[0]
    if not template.is_known:
        return unknown(STRING)
    if template.type != STRING or template.is_null:
        raise ArgumentError(0, "invalid template value: a string is required")
    _check_variables(call.args[1])
    result = call.render(TEMPLATE_STRING, template.text, call.args[1], False)
    try:
        return convert(result, STRING)
    except ConversionError as exc:
        raise CallError(f"invalid template result: {exc}") from None


def _check_variables(variables: Value) -> None:
    """Hold that the value has names that a template can refer to."""
    if not isinstance(variables.type, MapType | ObjectType):
        raise ArgumentError(1, "invalid vars value: must be a map")
    for name in variables.mapping:
        if name.startswith("-") or not name.replace("-", "_").isidentifier():
            raise ArgumentError(
                1,
                f"invalid template variable name {go_quote(name)}: must start with a letter, followed by zero or more "
                "letters, digits, and underscores",
            )
