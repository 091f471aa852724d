"""Type constraints of variables: ``list(string)``, ``object({ port = optional(number, 80) })``.

Semantics: https://developer.hashicorp.com/terraform/language/expressions/type-constraints. The defaults of optional
attributes are applied before the value is converted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from compiler.hcl.syntax import BareKey, Expression, FunctionCall, ObjectExpr, Template, TupleExpr, Unread, Variable
from compiler.records import dataclass, field
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
    object_type,
)
from compiler.terraform.values.values import Value, object_of, tuple_of

_PRIMITIVES = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": DYNAMIC}
_COLLECTIONS: Mapping[str, Callable[[Type], Type]] = {"list": ListType, "set": SetType, "map": MapType}


class ConstraintError(Exception):
    """A type expression means no type; the message is a sentence, ``node`` the part that is meant."""

    def __init__(self, node: Expression, message: str) -> None:
        super().__init__(message)
        self.node = node


@dataclass(frozen=True, slots=True)
class Constraint:
    """A type and the defaults of its optional attributes; ``parts`` are those of its elements or attributes."""

    type: Type
    default: Value | None = None
    parts: Mapping[str, Constraint] = field(default_factory=dict)

    @property
    def has_defaults(self) -> bool:
        """Whether some attribute in it, at any depth, has a default."""
        return any(part.default is not None or part.has_defaults for part in self.parts.values())


ANY = Constraint(DYNAMIC)

# The part of a collection that stands for every element.
_ELEMENT = "*"


def read_constraint(node: Expression, evaluate: Callable[[Expression], Value]) -> Constraint:
    """Return what a type expression means; ``evaluate`` computes defaults. Raises :class:`ConstraintError`."""
    if isinstance(node, Unread):
        return ANY
    # Terraform 0.11 had these in quotes, and they are still read.
    quoted = node.literal if isinstance(node, Template) and node.literal in ("string", "list", "map") else None
    keyword = node.name if isinstance(node, Variable) else quoted
    if keyword is not None:
        if keyword in _PRIMITIVES:
            return Constraint(_PRIMITIVES[keyword])
        if keyword in _COLLECTIONS:
            # A bare list, set or map is the old spelling of one of any element type.
            return Constraint(_COLLECTIONS[keyword](DYNAMIC), parts={_ELEMENT: ANY})
        raise ConstraintError(node, f"The keyword {keyword} is not a type.")
    if not isinstance(node, FunctionCall):
        raise ConstraintError(node, "A type is a keyword such as string, or a constructor such as list(string).")
    if len(node.arguments) != 1:
        raise ConstraintError(node, f"The type constructor {node.name} takes one argument.")
    inner = node.arguments[0]
    if node.name in _COLLECTIONS:
        part = read_constraint(inner, evaluate)
        return Constraint(_COLLECTIONS[node.name](part.type), parts={_ELEMENT: part})
    if node.name == "tuple" and isinstance(inner, TupleExpr):
        items = [read_constraint(item, evaluate) for item in inner.items]
        parts = {str(index): item for index, item in enumerate(items)}
        return Constraint(TupleType(tuple(item.type for item in items)), parts=parts)
    if node.name == "object" and isinstance(inner, ObjectExpr):
        return _object(inner, evaluate)
    raise ConstraintError(node, f"{node.name} is not a type constructor that takes this argument.")


def _object(node: ObjectExpr, evaluate: Callable[[Expression], Value]) -> Constraint:
    parts: dict[str, Constraint] = {}
    optional = set()
    for item in node.items:
        name = item.key.name if isinstance(item.key, BareKey) else None
        if isinstance(item.key, Template):
            name = item.key.literal
        if name is None:
            raise ConstraintError(item.key, "An attribute of an object type is a plain name.")
        value = item.value
        if isinstance(value, FunctionCall) and value.name == "optional":
            if not 1 <= len(value.arguments) <= 2:
                raise ConstraintError(value, "optional takes a type and, if wanted, a default.")
            optional.add(name)
            part = read_constraint(value.arguments[0], evaluate)
            if len(value.arguments) == 2:
                try:
                    default = apply(part, evaluate(value.arguments[1]))
                except ConversionError as exc:
                    raise ConstraintError(value.arguments[1], f"The default doesn't fit its type: {exc}.") from None
                part = Constraint(part.type, default, part.parts)
            parts[name] = part
        else:
            parts[name] = read_constraint(value, evaluate)
    return Constraint(object_type({name: part.type for name, part in parts.items()}, optional), parts=parts)


def apply(constraint: Constraint, value: Value) -> Value:
    """Return the value with defaults filled in and converted. Raises :class:`~.convert.ConversionError`."""
    return convert(_filled(constraint, value) if constraint.has_defaults else value, constraint.type)


def _filled(constraint: Constraint, value: Value) -> Value:
    if value.is_null or not value.is_known or not constraint.has_defaults:
        return value
    parts = constraint.parts
    if isinstance(constraint.type, ObjectType) and value.is_mapping:
        attributes = dict(value.mapping)
        for name, part in parts.items():
            given = attributes.get(name)
            if part.default is not None and (given is None or given.is_null):
                attributes[name] = part.default
            elif given is not None:
                attributes[name] = _filled(part, given)
        return object_of(attributes).with_marks(value.marks)
    if isinstance(value.data, tuple):
        # A tuple has as many elements as there are; how many a list has that is made of a set may be open.
        if isinstance(constraint.type, ListType) and value.count is None:
            return value
        items = (_filled(parts.get(_ELEMENT) or parts.get(str(at), ANY), item) for at, item in enumerate(value.items))
        return tuple_of(items).with_marks(value.marks)
    if isinstance(value.data, Mapping) and _ELEMENT in parts:
        mapping = {key: _filled(parts[_ELEMENT], item) for key, item in value.mapping.items()}
        return object_of(mapping).with_marks(value.marks)
    return value
