"""Values of root variables, as they are given: in tfvars files, in the environment, on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from compiler.hcl import read, read_expression
from compiler.hcl.syntax import Expression
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, error, warning
from compiler.source.span import Source, Span
from compiler.terraform.configuration.constraints import Constraint
from compiler.terraform.configuration.files import Files
from compiler.terraform.configuration.load import read_source
from compiler.terraform.configuration.module import Module, Named
from compiler.terraform.functions.formats import FormatError
from compiler.terraform.functions.formats.json_text import decode as decode_json
from compiler.terraform.scope.inputs import Given, GivenValue, TextValue
from compiler.terraform.scope.names import constant_mistakes
from compiler.terraform.values.budget import Budget, BudgetExceededError
from compiler.terraform.values.later import LaterError
from compiler.terraform.values.marks import given_mark
from compiler.terraform.values.types import Primitive
from compiler.terraform.values.values import Value, string

ENVIRONMENT_PREFIX = "TF_VAR_"


class UnknownVariable(Exception):
    """An argument of the command line gives no variable of the template a value; the message says which."""


def given_value(
    variable: Named,
    given: TextValue | Given | GivenValue,
    constraint: Constraint,
    evaluate: Callable[[Expression], Value],
) -> tuple[Value | None, tuple[Diagnostic, ...]]:
    """Return the value that was given for a root variable, marked as given, or why it is none.

    Text is taken as it is where the variable has a primitive type or none, else it is an HCL expression, as Terraform
    reads ``--var`` and ``TF_VAR_*``.
    """
    mark = frozenset({given_mark(f"var.{variable.name}")})
    if isinstance(given, Given):
        return evaluate(given.expression).with_marks(mark), ()
    if isinstance(given, GivenValue):
        return given.value.with_marks(mark), ()
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
    return evaluate(expression).with_marks(mark), tuple(constant_mistakes(expression))


def collect_variables(
    files: Files,
    module: Module,
    environment: Mapping[str, str],
    arguments: Iterable[tuple[str, str]],
) -> tuple[Mapping[str, TextValue | Given | GivenValue], tuple[Diagnostic, ...]]:
    """Return the values given for the root module's variables, in Terraform's precedence, and what is wrong.

    ``module`` is the root module. ``arguments`` are those of the command line in their order: ``("var", "name=value")``
    or ``("var-file", path)``. Raises OSError where a file that was named can't be read, and :class:`UnknownVariable`
    where an argument names no variable.
    """
    variables = module.variables
    reader = _Reader(module, {}, [])
    for name, text in sorted(environment.items()):
        variable = name.removeprefix(ENVIRONMENT_PREFIX)
        if variable != name and variable in variables:
            reader.found[variable] = TextValue(text, name)
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
            reader.found[name.strip()] = TextValue(value, "--var")
            continue
        source, problems = read_source(files, text)
        reader.diagnostics.extend(problems)
        if source is not None and text.endswith(".json"):
            reader.json(source)
        elif source is not None:
            reader.native(source)
    return reader.found, tuple(reader.diagnostics)


@dataclass(slots=True)
class _Reader:
    """Reads files of values; a later value takes the place of an earlier one."""

    module: Module
    found: dict[str, TextValue | Given | GivenValue]
    diagnostics: list[Diagnostic]

    def native(self, source: Source) -> None:
        file, problems = read(source)
        self.diagnostics.extend(problems)
        for attribute in file.body.attributes:
            self.diagnostics.extend(constant_mistakes(attribute.expression))
            self.give(attribute.name, attribute.name_span, Given(attribute.expression, attribute.expression.span))

    def json(self, source: Source) -> None:
        span = source.span(0, min(1, len(source.text)))
        try:
            document = decode_json(source.text, Budget())
        except (FormatError, LaterError, BudgetExceededError):
            document = None
        if document is None or document.is_null or not isinstance(document.data, Mapping):
            self.diagnostics.append(
                error(
                    "UC017",
                    span,
                    "Values can't be read",
                    f"{source.name} isn't a JSON object of values that can be read.",
                    help="correct the file, or write the values in Terraform's native syntax",
                )
            )
            return
        for name, value in document.mapping.items():
            if name != "//":
                self.give(name, span, GivenValue(value))

    def give(self, name: str, span: Span, value: Given | GivenValue) -> None:
        if name in self.module.variables:
            self.found[name] = value
        if name in self.module.variables or self.module.may_hide(name):
            return
        self.diagnostics.append(
            warning(
                "UC017",
                span,
                "Value for undeclared variable",
                f"The root module declares no variable {name}.",
                help="declare the variable, or remove the value",
            )
        )
