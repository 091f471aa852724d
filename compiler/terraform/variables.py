"""Values of root variables, as they are given: in tfvars files, in the environment, on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from compiler.diagnostics import Diagnostic, error, warning
from compiler.hcl import decode, read, read_expression
from compiler.hcl.syntax import Expression
from compiler.span import Source
from compiler.terraform.constraints import Constraint
from compiler.terraform.files import Files
from compiler.terraform.inputs import Given, TextValue
from compiler.terraform.marks import given_mark
from compiler.terraform.module import Named
from compiler.terraform.types import Primitive
from compiler.terraform.values import Value, string

__all__ = ["ENVIRONMENT_PREFIX", "UnknownVariable", "collect_variables", "given_value"]

ENVIRONMENT_PREFIX = "TF_VAR_"


class UnknownVariable(Exception):
    """An argument of the command line gives no variable of the template a value; the message says which."""


def given_value(
    variable: Named, given: TextValue | Given, constraint: Constraint, evaluate: Callable[[Expression], Value]
) -> tuple[Value | None, tuple[Diagnostic, ...]]:
    """Return the value that was given for a root variable, marked as given, or why it is none.

    Text is taken as it is where the variable has a primitive type or none, else it is an HCL expression, as Terraform
    reads ``--var`` and ``TF_VAR_*``.
    """
    mark = frozenset({given_mark(f"var.{variable.name}")})
    if isinstance(given, Given):
        return evaluate(given.expression).with_marks(mark), ()
    has_type = variable.block.body.attribute("type") is not None
    if not has_type or (isinstance(constraint.type, Primitive) and constraint.type.name != "dynamic"):
        return string(given.text).with_marks(mark), ()
    expression, diagnostics = read_expression(Source(given.origin, given.text))
    if expression is None or diagnostics:
        found = error(
            "UC017",
            variable.block.header_span,
            "Value of a variable can't be read",
            f"The value of var.{variable.name} from {given.origin} is not an expression: {diagnostics[0].detail}",
            help=f"give a value in Terraform's syntax, such as {ENVIRONMENT_PREFIX}{variable.name}='[\"a\"]'",
        )
        return None, (found,)
    return evaluate(expression).with_marks(mark), ()


def collect_variables(
    files: Files,
    variables: Mapping[str, Named],
    environment: Mapping[str, str],
    arguments: Iterable[tuple[str, str]],
) -> tuple[Mapping[str, TextValue | Given], tuple[Diagnostic, ...]]:
    """Return the values given for the root module's variables, in Terraform's precedence, and what is wrong.

    ``arguments`` are those of the command line in their order: ``("var", "name=value")`` or ``("var-file", path)``.
    Raises OSError where a file that was named can't be read, and :class:`UnknownVariable` where an
    argument names no variable.
    """
    found: dict[str, TextValue | Given] = {}
    diagnostics: list[Diagnostic] = []
    for name, text in sorted(environment.items()):
        variable = name.removeprefix(ENVIRONMENT_PREFIX)
        if variable != name and variable in variables:
            found[variable] = TextValue(text, name)
    names = files.names(".")
    automatic = [name for name in names if name.endswith(".auto.tfvars")]
    standard = [name for name in ("terraform.tfvars",) if name in names]
    json_files = [name for name in names if name == "terraform.tfvars.json" or name.endswith(".auto.tfvars.json")]
    diagnostics.extend(_json_tfvars(name) for name in json_files)
    for kind, text in chain((("var-file", name) for name in (*standard, *automatic)), arguments):
        if kind == "var":
            name, equals, value = text.partition("=")
            if not equals:
                raise UnknownVariable(f"--var {text}: write it as NAME=VALUE")
            if name.strip() not in variables:
                raise UnknownVariable(f"--var {text}: the template declares no variable {name.strip()}")
            found[name.strip()] = TextValue(value, "--var")
            continue
        source, problems = decode(text, files.read(text))
        diagnostics.extend(problems)
        if source is None:
            continue
        file, problems = read(source)
        diagnostics.extend(problems)
        for attribute in file.body.attributes:
            if attribute.name in variables:
                found[attribute.name] = Given(attribute.expression, attribute.expression.span)
            else:
                diagnostics.append(
                    warning(
                        "UC017",
                        attribute.name_span,
                        "Value for undeclared variable",
                        f"The root module declares no variable {attribute.name}.",
                        help="declare the variable, or take the value away",
                    )
                )
    return found, tuple(diagnostics)


def _json_tfvars(name: str) -> Diagnostic:
    return error(
        "UC017",
        Source(name, "").span(0, 0),
        "Values in JSON",
        f"{name} gives values of variables in JSON, which unitc doesn't read.",
        help=f"write them in {name.removesuffix('.json')}",
    )
