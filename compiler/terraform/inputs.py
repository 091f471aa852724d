"""What is given to a template from outside: values of variables, and values of what only an apply would know.

Values of variables come in Terraform's precedence: ``TF_VAR_*``, ``terraform.tfvars``, ``*.auto.tfvars``, then
``--var`` and ``--var-file`` in the order of the command line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from compiler.hcl.syntax import Expression
from compiler.span import Span
from compiler.terraform.numbers import Number, parse_number
from compiler.terraform.values import Value, boolean, null, number, object_of, string, tuple_of

__all__ = ["NO_INPUTS", "Given", "Inputs", "TextValue", "attribute_value"]


@dataclass(frozen=True, slots=True)
class TextValue:
    """A value given as text on the command line or in the environment. ``origin`` says where, for messages."""

    text: str
    origin: str


@dataclass(frozen=True, slots=True)
class Given:
    """A variable's value in a tfvars file."""

    expression: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that was given. ``attributes`` maps addresses such as ``data.coder_parameter.repo.value`` to values.

    ``assume_defaults``: a ``coder_parameter`` that wasn't given has its default. ``fixed_only``: variables of the root
    module aren't known, whatever their defaults are, so that only what no input can change is.
    """

    variables: Mapping[str, TextValue | Given] = field(default_factory=lambda: MappingProxyType({}))
    attributes: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    assume_defaults: bool = False
    fixed_only: bool = False


NO_INPUTS = Inputs()


def attribute_value(text: str) -> Value:
    """Return what ``--set ADDRESS=VALUE`` means: the JSON value where the text is JSON, else the text itself."""
    try:
        return _value(json.loads(text, parse_int=parse_number, parse_float=parse_number))
    except (ValueError, RecursionError):
        return string(text)


def _value(decoded: object) -> Value:
    match decoded:
        case None:
            return null()
        case bool():
            return boolean(decoded)
        case Number():
            return number(decoded)
        case list():
            return tuple_of(_value(item) for item in decoded)
        case dict():
            return object_of({name: _value(item) for name, item in decoded.items()})
        case _:
            return string(str(decoded))
