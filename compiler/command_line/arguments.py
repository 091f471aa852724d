"""Arguments of the command line that need no schema: texts that are taken as they are, and choices by their names.

typer lets pydantic turn what is given into what a command takes. Importing that costs a fifth of a whole compile, and
all that commands take is text and names; only what isn't so is left to it, and the words in which it refuses that are
put into our own.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any, get_args, get_origin

from typer import BadParameter, Context
from typer.core import TyperCommand, TyperGroup

from compiler.patterns import regex

_Process = Callable[[Context, Any], Any]
_LEFT = object()
_WORDS = (
    (regex(r"^Value error, "), ""),
    (regex(r"^Input should be a valid integer.*"), "write a whole number"),
    (regex(r"^Input should be greater than or equal to (\d+)"), r"write \1 or more"),
)


class PlainCommand(TyperCommand):
    """A command of typer's whose texts and names are taken as they are."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters of the command, ``--help`` among them."""
        return _plain(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """The same for what stands before a command's name."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters of the group, ``--help`` among them."""
        return _plain(super().get_params(ctx))


def _plain(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if "process_value" not in vars(parameter):
            parameter.process_value = partial(_process, parameter, parameter.process_value)
    return parameters


def _process(parameter: Any, otherwise: _Process, context: Context, value: Any) -> Any:
    """Return what the command gets for a value, as typer's own ``process_value`` does."""
    taken = _LEFT if parameter.required and not value else _taken(parameter, value)
    if taken is _LEFT:
        try:
            return otherwise(context, value)
        except BadParameter as exc:
            for theirs, ours in _WORDS:
                exc.message = theirs.sub(ours, exc.message)
            raise
    return taken if parameter.callback is None else parameter.callback(context, parameter, taken)


def _taken(parameter: Any, value: Any) -> Any:
    annotation = parameter.type_descriptor.annotation
    if value is None:
        return () if parameter.multiple or parameter.nargs == -1 else None
    if isinstance(value, list | tuple):
        plain = get_origin(annotation) is list and get_args(annotation) == (str,)
        return list(value) if plain and all(isinstance(item, str) for item in value) else _LEFT
    if isinstance(value, str) and annotation is str:
        return value
    if isinstance(annotation, type) and issubclass(annotation, StrEnum) and value in set(annotation):
        return annotation(value)
    return _LEFT
