"""What is given to a template from outside: values of variables, and values of what only an apply would know.

Values of variables come in Terraform's precedence: ``TF_VAR_*``, ``terraform.tfvars``, ``*.auto.tfvars``, then
``--var`` and ``--var-file`` in the order of the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compiler.hcl.syntax import Expression
from compiler.records import dataclass, field
from compiler.source.span import Span
from compiler.terraform.functions.formats import FormatError
from compiler.terraform.functions.formats.json_text import decode
from compiler.terraform.values.budget import Budget, BudgetExceededError
from compiler.terraform.values.later import LaterError
from compiler.terraform.values.values import Value, string


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
class GivenValue:
    """A variable's value in a tfvars file that is JSON, where there are no expressions."""

    value: Value


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that was given. ``attributes`` maps addresses such as ``data.coder_parameter.repo.value`` to values.

    ``assume_defaults``: a ``coder_parameter`` that wasn't given has its default, and something stands in for the
    workspace and its owner. ``fixed_only``: variables of the root
    module aren't known, whatever their defaults are, so that only what no input can change is.
    """

    variables: Mapping[str, TextValue | Given | GivenValue] = field(default_factory=lambda: MappingProxyType({}))
    attributes: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    assume_defaults: bool = False
    fixed_only: bool = False


def attribute_value(text: str) -> Value:
    """Return what ``--set ADDRESS=VALUE`` means: the JSON value where the text is JSON, else the text itself."""
    try:
        return decode(text, Budget())
    except (FormatError, LaterError, BudgetExceededError):
        return string(text)
