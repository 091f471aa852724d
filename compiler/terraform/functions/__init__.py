"""Terraform's functions: one file a family, one table that says where each lives.

How a function is written
=========================

A family file (``strings.py``, ``collections.py``, ...) declares each function with the decorator :func:`function`::

    @function("startswith", Parameter("str", STRING), Parameter("prefix", STRING), returns=BOOL)
    def _startswith(call: Call) -> Value:
        return boolean(call.text(0).startswith(call.text(1)))

and names it in :data:`_FAMILIES` below, which is all there is to adding one: a family is imported when one of its
functions is first used. The parameters' names are Terraform's (they appear in messages); ``core::`` names are the same
functions and are resolved by :func:`find`.

What the caller has done before the implementation runs (:func:`apply`, after HCL's evaluator and cty's
``function.Call``: https://pkg.go.dev/github.com/zclconf/go-cty/cty/function#Spec):

* Arguments are converted to the parameters' types. ``DYNAMIC`` takes anything as it is.
* A null argument is refused, unless the parameter says ``null=True``.
* An argument that isn't known makes the whole result unknown (of the type that ``returns`` gives), unless the
  parameter says ``unknown=True``. Only the argument itself counts: *elements* of a list, map or object may still be
  unknown, and the implementation must deal with them, unless the parameter says ``whole=True``.
* An argument of dynamic type, which is always unknown or null, makes the result dynamic and unknown, unless the
  parameter says ``dynamic=True``.
* Marks are taken off the arguments, at every depth, and put on the result, unless the parameter says
  ``marked=True``; then the implementation sees them and must put them where they belong.

``returns`` is a type, or a function of the :class:`Call` that returns one (its arguments may be unknown then) and may
raise the same errors as the implementation. ``call.returns`` holds the outcome.

What an implementation gives back:

* A :class:`Value` of the type promised. An unknown made with ``unknown(type)`` needs no reasons: those of the
  arguments are filled in.
* A mistake in an argument: ``raise ArgumentError(index, "sentence without full stop")``. Any other failure:
  ``raise CallError("sentence without full stop")``, or a :class:`FormatError`, which counts as one. The words are
  Terraform's own where a person would see the difference. The evaluator makes diagnostics of them.
* What isn't worth computing here, or differs from Terraform's library in a corner: ``raise LaterError("why")``, also
  out of ``returns``. The result is unknown then, which is always right.
* Work that could explode is paid for with ``call.budget.spend(n)`` (for characters) or ``spend_elements(n)``
  made) *before* it is done.

Files are read through ``call.files`` only, templates rendered through ``call.render`` only.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import MappingProxyType
from typing import TypeAlias

from compiler.records import dataclass, replace
from compiler.source.limits import MAX_INT64
from compiler.terraform.configuration.files import FileAccess
from compiler.terraform.functions.formats import FormatError
from compiler.terraform.values.budget import Budget, LaterError
from compiler.terraform.values.marks import Marks, provenance_marks
from compiler.terraform.values.numbers import Number
from compiler.terraform.values.types import DYNAMIC, STRING, Type
from compiler.terraform.values.values import Unknown, Value, deep_marks_of, left_to_terraform, unknown


class CallError(Exception):
    """A call fails; the message is a clause that a message can go on with, without a full stop."""


class ArgumentError(CallError):
    """A call fails because of the argument at ``index``."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


Render: TypeAlias = Callable[[str, str, Value], Value]
"""Renders a template: its name (for messages), its text, and an object or map of variables without marks."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, the type that arguments are converted to, and what it takes besides plain values."""

    name: str
    type: Type = DYNAMIC
    null: bool = False
    unknown: bool = False
    whole: bool = False
    dynamic: bool = False
    marked: bool = False


def texts(names: str) -> tuple[Parameter, ...]:
    """Return parameters of these names, between blanks, each of which takes a string."""
    return tuple(Parameter(name, STRING) for name in names.split())


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as an implementation sees it."""

    args: tuple[Value, ...]
    budget: Budget
    files: FileAccess
    render: Render
    returns: Type = DYNAMIC

    def text(self, index: int) -> str:
        """Return the known string at ``index``."""
        return self.args[index].text

    def number(self, index: int) -> Number:
        """Return the known number at ``index``."""
        return self.args[index].numeric

    def whole(self, index: int) -> int:
        """Return the known number at ``index`` as an integer of 64 bits, or raise :class:`ArgumentError`."""
        number = self.number(index)
        if not number.is_integer or not _LEAST <= (whole := number.to_int()) <= MAX_INT64:
            raise ArgumentError(index, f"value must be a whole number, between {_LEAST} and {MAX_INT64}")
        return whole


_LEAST = -MAX_INT64 - 1

Implementation: TypeAlias = Callable[[Call], Value]
ReturnType: TypeAlias = Type | Callable[[Call], Type]


@dataclass(frozen=True, slots=True)
class Function:
    """A function: its signature and what computes it. ``not_null`` says that the result never is null."""

    name: str
    parameters: tuple[Parameter, ...]
    variadic: Parameter | None
    returns: ReturnType
    not_null: bool
    implementation: Implementation

    def parameter(self, index: int) -> Parameter:
        """Return the parameter that takes the argument at ``index``."""
        if index < len(self.parameters):
            return self.parameters[index]
        if self.variadic is None:
            raise IndexError(f"{self.name} has no parameter {index}")
        return self.variadic


_DECLARED: dict[str, Function] = {}


def function(
    name: str,
    *parameters: Parameter,
    variadic: Parameter | None = None,
    returns: ReturnType = DYNAMIC,
    not_null: bool = True,
) -> Callable[[Implementation], Implementation]:
    """Return a decorator that declares a function of Terraform's with the implementation below it."""

    def declare(implementation: Implementation) -> Implementation:
        _DECLARED[name] = Function(name, parameters, variadic, returns, not_null, implementation)
        return implementation

    return declare


_FAMILIES = {
    "collections": "alltrue anytrue coalesce contains length one",
    "conversions": "nonsensitive sensitive tobool tolist tomap tonumber toset tostring",
    "documents": "csvdecode jsondecode jsonencode yamldecode yamlencode",
    "filesystem": "base64sha256 base64sha512 basename dirname file filebase64 filebase64sha256 filebase64sha512 "
    "fileexists filemd5 fileset filesha1 filesha256 filesha512 md5 sha1 sha256 sha512 templatefile",
    "formatting": "format formatlist",
    "left": "abspath base64gzip bcrypt chunklist cidrhost cidrnetmask cidrsubnet cidrsubnets coalescelist "
    "ephemeralasnull formatdate issensitive log matchkeys parseint pathexpand plantimestamp pow rsadecrypt signum sum "
    "templatestring textdecodebase64 textencodebase64 timeadd timecmp timestamp title transpose uuid uuidv5",
    "maps": "keys lookup merge values zipmap",
    "numeric": "abs ceil floor max min",
    "regexes": "regex regexall replace",
    "sequences": "compact concat distinct element flatten index range reverse setintersection setproduct setsubtract "
    "setunion slice sort",
    "strings": "base64decode base64encode chomp endswith indent join lower split startswith strcontains strrev substr "
    "trim trimprefix trimspace trimsuffix upper urlencode",
}
"""Module of this package -> the functions that it declares."""

_HOMES = MappingProxyType({name: family for family, names in _FAMILIES.items() for name in names.split()})

NAMES = tuple(sorted(_HOMES))
"""The names of all functions but ``try`` and ``can``, which take expressions and belong to the evaluator."""

READING = frozenset({"templatefile", *(name for name in NAMES if name.startswith("file"))})
"""The names of the functions that look at files; the path is their first argument."""


def find(name: str) -> Function | None:
    """Return the function of that name, with or without ``core::``, or None."""
    plain = name.removeprefix("core::")
    home = _HOMES.get(plain)
    if home is None:
        return None
    if plain not in _DECLARED:
        import_module(f"{__name__}.{home}")
    return _DECLARED[plain]


def apply(callee: Function, call: Call) -> Value:
    """Return what the function makes of arguments that have been converted to its parameters' types.

    Raises :class:`CallError` (or :class:`ArgumentError`) where it fails, and
    :class:`compiler.terraform.values.budget.BudgetExceededError` where it would take too much.
    """
    args = list(call.args)
    marks: list[Marks] = []
    hidden: list[Marks] = []
    known = True
    typed = True
    for index, value in enumerate(args):
        parameter = callee.parameter(index)
        # As in Terraform, what comes after an argument whose type isn't known isn't looked at.
        if typed and value.is_null and not parameter.null:
            raise ArgumentError(index, "argument must not be null")
        if not parameter.marked:
            marks.append(deep_marks_of((value,)))
            args[index] = value.unmarked_deep()
        else:
            hidden.append(provenance_marks(deep_marks_of((value,))))
        typed = typed and (value.type != DYNAMIC or parameter.dynamic)
        known = known and (value.is_wholly_known if parameter.whole else value.is_known or parameter.unknown)
    if not typed:
        return unknown(DYNAMIC).because_of(call.args).with_marks(*marks)
    call = replace(call, args=tuple(args))
    try:
        call = replace(call, returns=callee.returns(call) if callable(callee.returns) else callee.returns)
        # Something is known even of an unknown, such as its type, and that depends on inputs that aren't looked at.
        result = callee.implementation(call) if known else unknown(call.returns).with_marks(*hidden)
    except FormatError as exc:
        raise CallError(str(exc)) from None
    except LaterError as exc:
        result = left_to_terraform(f"{callee.name}()", call.returns, exc).with_marks(*hidden)
    if callee.not_null and isinstance(result.data, Unknown) and result.type != DYNAMIC:
        result = Value(result.type, replace(result.data, not_null=True), result.marks)
    return result.because_of(call.args).with_marks(*marks)
