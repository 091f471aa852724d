"""The instances of a block: what ``count`` and ``for_each`` make of it.

Instances are told apart where their number depends on nothing that could still change: on fixed and on given values.
What depends on a variable's default, or can't be known before apply, is a *group*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType

from compiler.hcl.syntax import Attribute, Block, Expression
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, error
from compiler.terraform.configuration.address import GROUP, InstanceKey
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.marks import Provenance
from compiler.terraform.values.types import BOOL, NUMBER, STRING, ListType, SetType, TupleType
from compiler.terraform.values.values import Value

# For a whole template. Coder's rules may reach that many addresses, far more than a workspace starts.
MAX_INSTANCES = 100_000


_NO_VALUES: Mapping[InstanceKey, Value] = MappingProxyType({})


class Repetition(Enum):
    """How a block is repeated: the kind of key that its instances have."""

    NONE = "neither count nor for_each"
    COUNT = "count"
    FOR_EACH = "for_each"


@dataclass(frozen=True, slots=True)
class Expansion:
    """The instances of a block: their keys, and what ``each.value`` is for each.

    ``keys`` is ``(None,)`` without ``count`` and ``for_each`` and ``(GROUP,)`` where the number can't be known, which
    is ``doubtful`` where that is so because of a mistake.
    """

    keys: tuple[InstanceKey, ...]
    repetition: Repetition = Repetition.NONE
    values: Mapping[InstanceKey, Value] = _NO_VALUES
    doubtful: bool = False

    @classmethod
    def group(cls, repetition: Repetition, *, doubtful: bool = False) -> Expansion:
        """Return instances whose number can't be known."""
        return cls((GROUP,), repetition, doubtful=doubtful)


ONCE = Expansion((None,))
"""What nearly every block is: one instance without a key."""

Expanded = tuple[Expansion, tuple[Diagnostic, ...]]


def repetition_of(block: Block) -> Repetition:
    """Return how a block is repeated."""
    named = block.body.named
    return Repetition.COUNT if "count" in named else Repetition.FOR_EACH if "for_each" in named else Repetition.NONE


def expand(block: Block, evaluate: Callable[[Expression], Value]) -> Expanded:
    """Return the instances of a block and what is wrong with its ``count`` or ``for_each``.

    ``evaluate`` computes an expression in the scope of the block's module.
    """
    count, for_each = block.body.attribute("count"), block.body.attribute("for_each")
    if count is not None:
        return _counted(count, evaluate(count.expression))
    if for_each is not None:
        return _each_of(for_each, evaluate(for_each.expression))
    return ONCE, ()


def _refused(attribute: Attribute, detail: str, help_: str) -> Expanded:
    """Return a group, since the block is there at least, and the error for an argument that can't be used."""
    name = attribute.name
    repetition = Repetition.COUNT if name == "count" else Repetition.FOR_EACH
    found = error("UC101", attribute.expression.span, f"Invalid {name} argument", detail, help=help_)
    return Expansion.group(repetition, doubtful=True), (found,)


def too_many_instances(block: Block) -> Diagnostic:
    """Return the error for the block whose instances, with those read before, are too many."""
    attribute = block.body.attribute("count") or block.body.attribute("for_each")
    span = block.header_span if attribute is None else attribute.expression.span
    return error(
        "UC101",
        span,
        "Too many instances",
        f"With this block the template has more than {MAX_INSTANCES:,} instances of scripts, agents and modules, which "
        "are as many as are read.",
        help="count fewer",
    )


def _counted(attribute: Attribute, value: Value) -> Expanded:
    group = Expansion.group(Repetition.COUNT, doubtful=value.is_poisoned)
    whole = "write a whole number, such as count = 1"
    if value.is_poisoned:
        return group, ()
    try:
        number = convert(value, NUMBER)
    except ConversionError as exc:
        return _refused(attribute, f"The given count can't be used: {exc}.", whole)
    if not number.is_known:
        return group, ()
    if number.is_null or not number.numeric.is_integer or number.numeric.to_int() < 0:
        shown = "null" if number.is_null else attribute.expression.span.text
        return _refused(attribute, f"count must be a whole number, at least 0; {shown} isn't.", whole)
    wanted = number.numeric.to_int()
    if value.provenance is Provenance.DEFAULT:
        return group, ()
    # One more than are read is as much too many as any more.
    return Expansion(tuple(range(min(wanted, MAX_INSTANCES + 1))), Repetition.COUNT), ()


def _each_of(attribute: Attribute, value: Value) -> Expanded:
    group = Expansion.group(Repetition.FOR_EACH, doubtful=value.is_poisoned)
    if value.is_poisoned or not value.is_known:
        return group, ()
    fits = not value.is_null and not isinstance(value.type, TupleType | ListType)
    if isinstance(value.type, SetType):
        fits = fits and (value.type.element == STRING or not value.items)
    if not fits or not isinstance(value.data, Mapping | tuple):
        shown = "null" if value.is_null else "this is something else"
        return _refused(
            attribute,
            f"for_each takes a map or a set of strings; {shown}{' is not' * value.is_null}.",
            "convert a list with toset(...)",
        )
    if any(not key.is_known or key.is_null for key, _ in value.entries()):
        return group, ()
    values: dict[InstanceKey, Value] = {key.text: item for key, item in value.entries()}
    # What an element is worth is its own affair; which elements there are depends on the collection alone.
    if Value(BOOL, True, value.marks).provenance is Provenance.DEFAULT:
        return group, ()
    return Expansion(tuple(values), Repetition.FOR_EACH, MappingProxyType(values)), ()
