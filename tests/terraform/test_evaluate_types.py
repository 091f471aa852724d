"""The types of values, which decide what becomes of them beside others, held against the console's ``type``."""

from __future__ import annotations

from itertools import product

import pytest

from compiler.terraform.values.types import ListType, MapType, ObjectType, Primitive, SetType, TupleType, Type
from tests.terraform.language_tables import TABLES, cases
from tests.terraform.oracle import ask_types
from tests.terraform.scopes import value_of
from tests.terraform.test_evaluate_language import VALUES


def _written(type_: Type, indent: str = "") -> str:
    """Return a type as the console writes it."""
    inner = indent + "    "
    match type_:
        case Primitive(name):
            return name
        case ListType(element):
            return f"list({_element(element, indent)})"
        case SetType(element):
            return f"set({_element(element, indent)})"
        case MapType(element):
            return f"map({_element(element, indent)})"
        case TupleType(elements):
            lines = "".join(f"{inner}{_written(element, inner)},\n" for element in elements)
            return f"tuple([\n{lines}{indent}])" if elements else "tuple([])"
        case ObjectType(attributes):
            lines = "".join(f"{inner}{name}: {_written(item, inner)},\n" for name, item in attributes.items())
            return f"object({{\n{lines}{indent}}})" if attributes else "object({})"


def _element(type_: Type, indent: str) -> str:
    """Return a collection's element type; those of several lines stand on lines of their own."""
    if isinstance(type_, TupleType | ObjectType):
        return f"\n{indent}    {_written(type_, indent + '    ')},\n{indent}"
    return _written(type_, indent)


def _typed(expressions: list[str]) -> list[tuple[str, Type]]:
    """Return the expressions that aren't wrong and that are known, and their types."""
    found = []
    for text in expressions:
        value, problems = value_of(text)
        if value is not None and value.is_known and not problems:
            found.append((text, value.type))
    return found


@pytest.mark.terraform
@pytest.mark.parametrize(
    "expressions",
    [
        [text for table in TABLES for text, answer in cases(table) if answer is not None],
        [f"true ? {first} : {second}" for first, second in product(VALUES, VALUES)],
        [f"[{first}, {second}][*]" for first, second in product(VALUES[::3], VALUES[::3])],
        [f"tolist([{first}, {second}])" for first, second in product(VALUES[::2], VALUES[::2])],
    ],
    ids=["tables", "conditionals", "splats", "lists"],
)
def test_a_value_has_the_type_that_it_has_in_terraform(expressions: list[str]) -> None:
    typed = _typed(expressions)
    assert len(typed) > 50
    answer = ask_types([text for text, _ in typed])
    expected = _written(TupleType(tuple(type_ for _, type_ in typed)))
    if answer == expected:
        return
    # One of them differs; asked alone, the shortest such says most.
    for text, type_ in sorted(typed, key=lambda case: len(case[0])):
        alone = _written(TupleType((type_,)))
        assert ask_types([text]) == alone, text
    pytest.fail("together they differ, alone they don't")
