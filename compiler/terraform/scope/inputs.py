"""What is given to a template from outside: values of variables, and values of what only an apply would know.

Values of variables come in Terraform's precedence: ``TF_VAR_*``, ``terraform.tfvars``, ``*.auto.tfvars``, then
``--var`` and ``--var-file`` in the order of the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import TypeAlias

from compiler.hcl import read
from compiler.hcl.syntax import Expression
from compiler.records import dataclass, field
from compiler.source.diagnostics import Diagnostic, error, warning
from compiler.source.span import Source, Span
from compiler.terraform.configuration.files import Files
from compiler.terraform.configuration.load import read_source
from compiler.terraform.configuration.module import Module
from compiler.terraform.functions.formats import FormatError
from compiler.terraform.scope.names import constant_mistakes
from compiler.terraform.values.budget import Budget, BudgetExceededError, LaterError
from compiler.terraform.values.values import Value, string

ENVIRONMENT_PREFIX = "TF_VAR_"


@dataclass(frozen=True, slots=True)
class TextValue:
    """A value given as text on the command line or in the environment. ``origin`` says where, for messages."""

    text: str
    origin: str


Given: TypeAlias = TextValue | Expression | Value
"""A variable's value: as text, as it stands in a tfvars file, or out of one that is JSON."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that was given. ``attributes`` maps addresses such as ``data.coder_parameter.repo.value`` to values.

    ``assume_defaults``: a ``coder_parameter`` that wasn't given has its default, and something stands in for the
    workspace and its owner. ``fixed_only``: variables of the root
    module aren't known, whatever their defaults are, so that only what no input can change is.
    """

    variables: Mapping[str, Given] = field(default_factory=lambda: MappingProxyType({}))
    attributes: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    assume_defaults: bool = False
    fixed_only: bool = False


def attribute_value(text: str) -> Value:
    """Return what ``--set ADDRESS=VALUE`` means: the JSON value where the text is JSON, else the text itself."""
    from compiler.terraform.functions.formats.json_text import decode

    try:
        return decode(text, Budget())
    except (FormatError, LaterError, BudgetExceededError):
        return string(text)


class UnknownVariable(Exception):
    """An argument of the command line gives no variable of the template a value; the message says which."""


def collect_variables(
    files: Files,
    module: Module,
    environment: Mapping[str, str],
    arguments: Iterable[tuple[str, str]],
) -> tuple[Mapping[str, Given], tuple[Diagnostic, ...]]:
    """Return the values given for the root module's variables, in Terraform's precedence, and what is wrong.

    ``module`` is the root module. ``arguments`` are those of the command line in their order: ``("var", "name=value")``
    or ``("var-file", path)``. Raises OSError where a file that was named can't be read, and :class:`UnknownVariable`
    where an argument names no variable.
    """
    variables, diagnostics = module.variables, list[Diagnostic]()
    found: dict[str, Given] = {}
    for name, text in sorted(environment.items()):
        variable = name.removeprefix(ENVIRONMENT_PREFIX)
        if variable != name and variable in variables:
            found[variable] = TextValue(text, name)
    names = files.names(".")
    standard = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    automatic = [name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
    for kind, text in chain((("var-file", name) for name in (*standard, *automatic)), arguments):
        if kind == "var":
            name, equals, value = text.partition("=")
            if not equals:
                raise UnknownVariable(f"--var {text}: write it as NAME=VALUE")
            if name.strip() not in variables and not module.may_hide(name.strip()):
                raise UnknownVariable(f"--var {text}: the template declares no variable {name.strip()}")
            found[name.strip()] = TextValue(value, "--var")
            continue
        source, problems = read_source(files, text)
        diagnostics.extend(problems)
        if source is None:
            continue
        values, problems = (_of_json if text.endswith(".json") else _of_native)(source)
        diagnostics.extend(problems)
        for name, span, given in values:
            if name in variables:
                found[name] = given
            elif not module.may_hide(name):
                diagnostics.append(
                    warning(
                        "UC017",
                        span,
                        "Value for undeclared variable",
                        f"The root module declares no variable {name}.",
                        help="declare the variable, or remove the value",
                    )
                )
    return found, tuple(diagnostics)


_Values: TypeAlias = tuple[Sequence[tuple[str, Span, Given]], tuple[Diagnostic, ...]]
"""The values that a file gives, by name and where they stand, and what is wrong with it."""


def _of_native(source: Source) -> _Values:
    file, problems = read(source)
    given = file.body.attributes
    mistakes = chain.from_iterable(constant_mistakes(attribute.expression) for attribute in given)
    values = [(attribute.name, attribute.name_span, attribute.expression) for attribute in given]
    return values, (*problems, *mistakes)


def _of_json(source: Source) -> _Values:
    from compiler.terraform.functions.formats.json_text import decode

    span = source.span(0, min(1, len(source.text)))
    try:
        data = decode(source.text, Budget()).data
    except (FormatError, LaterError, BudgetExceededError):
        data = None
    if isinstance(data, Mapping):
        return [(name, span, value) for name, value in data.items() if name != "//"], ()
    found = error(
        "UC017",
        span,
        "Values can't be read",
        f"{source.name} isn't a JSON object of values that can be read.",
        help="correct the file, or write the values in Terraform's native syntax",
    )
    return [], (found,)
