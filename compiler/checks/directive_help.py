"""What to write in the place of an argument that is meant as a directive: as one that is ready to be pasted."""

from __future__ import annotations

from compiler.hcl.syntax import Attribute, Expression, Template, TupleExpr
from compiler.hcl.traversal import traversal_of
from compiler.order.directives.vocabulary import (
    DIRECTIVES,
    SETTINGS,
    intended_directive,
    intended_requirement,
    is_other_word,
)
from compiler.patterns import regex

_REFERENCE = regex(r"(?:coder_script|coder_agent|module)\.[\w.\[\]-]+")


def directive_help(attribute: Attribute, *, near: str) -> str:
    """Return the help for an argument that a block doesn't take, empty where it isn't meant as a directive.

    ``near`` is the known argument that is spelled nearly so, empty where there is none.
    """
    name = attribute.name
    if name in DIRECTIVES or name in SETTINGS:
        return f"a directive is a comment: # unitc: {name} = {_value(name, attribute.expression)}"
    word = intended_directive(name)
    if not word or (not is_other_word(name) and (near or word in SETTINGS)):
        return ""
    said = attribute.expression.literal if isinstance(attribute.expression, Template) else None
    requirement = None if said is None else intended_requirement(said)
    if word in DIRECTIVES and requirement is not None:
        return (
            "what is required is part of a directive's name, and a directive is a comment: "
            f"# unitc: depends_on_{requirement} = [coder_script.NAME]"
        )
    what = "a directive is a comment" if word in SETTINGS else "an order is declared in a comment"
    return f"{what}: # unitc: {word} = {_value(word, attribute.expression)}"


def _value(word: str, expression: Expression) -> str:
    """Return an argument's value as the directive takes it: references in a list, and without quotes."""
    text = " ".join(expression.span.text.split())
    if word in SETTINGS:
        return text
    if isinstance(expression, TupleExpr):
        return f"[{', '.join(map(_item, expression.items))}]"
    item = _item(expression)
    return f"[{item}]" if _REFERENCE.fullmatch(item) or traversal_of(expression) is not None else text


def _item(expression: Expression) -> str:
    said = expression.literal if isinstance(expression, Template) else None
    return said if said is not None and _REFERENCE.fullmatch(said) else " ".join(expression.span.text.split())
