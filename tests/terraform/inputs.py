"""Inputs of every kind that expressions may depend on, each with several values that it can have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from compiler.terraform.values.convert import convert
from compiler.terraform.values.marks import Mark, MarkKind, Reason
from compiler.terraform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType, SetType, Type
from compiler.terraform.values.values import Value, unknown
from tests.terraform.scopes import NamedScope, local_scope, value_of

__all__ = ["INPUTS", "NAMES", "choices", "defaulted", "setup", "undecided"]


@dataclass(frozen=True, slots=True)
class Input:
    """An input: its type, as Terraform writes it too, and values that it can have."""

    type: Type
    written: str
    values: tuple[str, ...]


INPUTS: Mapping[str, Input] = {
    "s": Input(STRING, "string", ('"a"', '"1"', '"true"', '""', "null")),
    "n": Input(NUMBER, "number", ("1", "0", "-2.5", "null")),
    "t": Input(BOOL, "bool", ("true", "false", "null")),
    "l": Input(ListType(STRING), "list(string)", ('["a", "b"]', '["1"]', "[]")),
    "m": Input(MapType(NUMBER), "map(number)", ("{a = 1}", "{b = 2, a = 5}", "{}")),
    "d": Input(DYNAMIC, "any", ("1", '"a"', '[1, "x"]', "{a = 1}", "null", "true", '["a", "a"]', '{a = "q", b = [1]}')),
    "e": Input(SetType(STRING), "set(string)", ('["a"]', '["b", "a"]')),
}

NAMES = tuple(f"local.{name}" for name in INPUTS)
"""How expressions refer to the inputs."""

Choice = Mapping[str, str]


def choices(seed: int, count: int) -> list[Choice]:
    """Return so many ways to choose a value for each input."""
    random = Random(seed)
    return [{name: random.choice(given.values) for name, given in INPUTS.items()} for _ in range(count)]


def setup(choice: Choice) -> str:
    """Return Terraform code in which the inputs have the chosen values."""
    variables = [
        f'variable "{name}" {{\n  type = {given.written}\n  default = {choice[name]}\n}}\n'
        for name, given in INPUTS.items()
    ]
    names = "".join(f"  {name} = var.{name}\n" for name in INPUTS)
    return "".join(variables) + f"locals {{\n{names}}}\n"


def undecided() -> NamedScope:
    """Return a scope in which nothing is known of the inputs but their types."""
    return local_scope({name: unknown(given.type, [Reason(f"local.{name}")]) for name, given in INPUTS.items()})


def defaulted(choice: Choice) -> NamedScope:
    """Return a scope in which each input has its chosen value and says that it is a default."""
    return local_scope({name: _default(name, choice[name]) for name in INPUTS})


def _default(name: str, text: str) -> Value:
    value, problems = value_of(text)
    if value is None or problems:
        raise ValueError(f"{text} isn't a value")
    return convert(value, INPUTS[name].type).with_marks(frozenset((Mark(MarkKind.DEFAULT, name),)))
