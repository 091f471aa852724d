"""Makes up values for the variables of a module that nobody calls, so that it can be applied by itself.

A value has the type that its variable asks for. Which of some candidates a variable gets is decided by the conditions
of the module's ``validation`` blocks, as unitc evaluates them; Terraform then checks them all again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from compiler.pipeline import Analysis
from compiler.terraform.configuration.constraints import read_constraint
from compiler.terraform.scope.inputs import Inputs, TextValue
from compiler.terraform.scope.resolving import root_scope
from compiler.terraform.scope.scope import ModuleScope
from compiler.terraform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType, ObjectType, SetType, Type
from tests.coder.wired import arguments

__all__ = ["AWKWARD", "ORDINARY", "REQUIRED", "Taste", "Unsatisfiable", "make_up"]


class Unsatisfiable(Exception):
    """No candidate fits a variable that must have a value; the message names it."""


@dataclass(frozen=True, slots=True)
class Taste:
    """What candidates there are, best first. ``optional``: variables that have a default get values as well."""

    texts: tuple[str, ...]
    numbers: tuple[int | float, ...]
    flags: tuple[bool, ...]
    optional: bool


REQUIRED: Final = Taste(
    texts=("first", "$HOME/.coder-modules/coder/first", "https://first.example.com/a", "/opt/first", "1.2.3"),
    numbers=(3, 8081),
    flags=(True, False),
    optional=False,
)
ORDINARY: Final = Taste(
    texts=("second", "$HOME/.coder-modules/x/second", "http://second.example.com", "/srv/second", "2.0.10", "s.db"),
    numbers=(4, 9090),
    flags=(True, False),
    optional=True,
)
AWKWARD: Final = Taste(
    texts=(
        "  \"double\" 'single' \\ $HOME ${x} %{y} `id` é\t<&>\n#two\n",
        "$HOME/.coder-modules/c-d/third_3",
        "https://third.example.com/a?b='c'&d=\"${e}\"\\",
        "/third place/${x}",
        "third.db",
        "3.30.300",
        "third",
    ),
    numbers=(0, 2.5, 65535, 5),
    flags=(False, True),
    optional=True,
)


def make_up(analysis: Analysis, taste: Taste) -> dict[str, Any]:
    """Return values of the root module's variables by name. Raises Unsatisfiable.

    A variable that has a default goes without a value where no candidate fits.
    """
    module = analysis.config.module
    conditions = [
        attribute.expression
        for variable in module.variables.values()
        for validation in variable.block.body.blocks_of("validation")
        if (attribute := validation.body.attribute("condition")) is not None
    ]
    # What a condition compares a variable with is in all likelihood a value that it takes.
    words = tuple(dict.fromkeys(word for each in conditions for word in re.findall(r'"([\w-]+)"', each.span.text)))

    def scope(values: Mapping[str, Any]) -> ModuleScope:
        given = {
            name: TextValue(value.partition("=")[2], "--var")
            for name, (_, value) in zip(values, arguments(values), strict=True)
        }
        return root_scope(analysis.files, Inputs(given), analysis.config)

    def fit(values: Mapping[str, Any]) -> bool:
        values_scope = scope(values).scope
        verdicts = [values_scope.evaluate(condition) for condition in conditions]
        return not any(verdict.is_poisoned or verdict.data is False for verdict in verdicts)

    made: dict[str, Any] = {}
    for name, variable in module.variables.items():
        body = variable.block.body
        if body.attribute("default") is not None and not taste.optional:
            continue
        declared = body.attribute("type")
        type_ = STRING if declared is None else read_constraint(declared.expression, scope({}).scope.evaluate).type
        for candidate in islice(_candidates(type_, taste, words), 100):
            if fit({**made, name: candidate}):
                made[name] = candidate
                break
        else:
            if body.attribute("default") is None:
                raise Unsatisfiable(f"no candidate fits var.{name}")
    return made


def _candidates(type_: Type, taste: Taste, words: tuple[str, ...]) -> Iterator[Any]:
    """Yield values of a type in JSON's terms, best first."""
    match type_:
        case ListType(element) | SetType(element):
            items = list(islice(_candidates(element, taste, words), 2))
            yield items
            yield from ([item] for item in _candidates(element, taste, words))
            yield []
        case MapType(element):
            yield from ({"key": item, "other key": item} for item in _candidates(element, taste, words))
            yield {}
        case ObjectType(attributes):
            # Attributes take their candidates in step.
            columns = {name: list(islice(_candidates(each, taste, words), 40)) for name, each in attributes.items()}
            for row in range(max((len(column) for column in columns.values()), default=1)):
                yield {name: column[min(row, len(column) - 1)] for name, column in columns.items()}
        case _ if type_ == BOOL:
            yield from taste.flags
        case _ if type_ == NUMBER:
            yield from taste.numbers
        case _ if type_ == DYNAMIC:
            # An object is taken where a map is wanted too, and is what templates leave open most often.
            yield from ({"key": item, "other": True} for item in taste.numbers)
            yield from taste.numbers
        case _:
            yield from taste.texts
            yield from words
