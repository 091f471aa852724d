"""The launcher's template as data, and how it is filled.

:mod:`compiler.launcher.template` has jinja2 read ``launcher.sh.j2`` once, when the data is made. Filling it takes less
than importing jinja2 would, and refuses the same: a value that isn't quoted, and a name that nothing has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

from compiler.launcher.quoting import Sh
from compiler.launcher.runtime import template_folder

FILE: Final = template_folder() / "launcher.json"

Part = str | dict[str, Any]
"""A text; or ``{"value": "unit.row"}``; or a loop, which has its parts once for each item, or its others for none.

A loop is ``{"each": "unit", "of": "graph.units", "parts": [...], "others": [...]}``.
"""


@cache
def parts() -> Sequence[Part]:
    """Return the parts of the launcher's template."""
    made: list[Part] = json.loads(FILE.read_bytes())
    return made


def filled(template: Sequence[Part], values: Mapping[str, Any]) -> list[Sh | str]:
    """Return the pieces of the text. Raises TypeError for a value that isn't quoted, KeyError for a missing one."""
    pieces: list[Sh | str] = []
    _fill([_step(part) for part in template], {**values}, pieces)
    return pieces


class _Value(NamedTuple):
    """The names that lead to a value, the first one from all that there are."""

    names: tuple[str, ...]


class _Loop(NamedTuple):
    """What is done for each item of a value, under the name ``each``, or once where there are none."""

    names: tuple[str, ...]
    each: str
    steps: list[_Step]
    others: list[_Step]


_Step: TypeAlias = "str | _Value | _Loop"


def _step(part: Part) -> _Step:
    if isinstance(part, str):
        return part
    if "value" in part:
        return _Value(tuple(part["value"].split(".")))
    inner, others = ([_step(each) for each in part[name]] for name in ("parts", "others"))
    return _Loop(tuple(part["of"].split(".")), part["each"], inner, others)


def _fill(steps: Sequence[_Step], values: dict[str, Any], pieces: list[Sh | str]) -> None:
    for step in steps:
        if isinstance(step, str):
            pieces.append(step)
            continue
        value: Any = values
        for name in step.names:
            value = value[name]
        if isinstance(step, _Value):
            if not isinstance(value, Sh):
                kind = type(value).__name__
                raise TypeError(f"a value of type {kind} must be quoted before it can stand in a shell script")
            pieces.append(value)
        elif value:
            inside = {**values}
            for item in value:
                inside[step.each] = item
                _fill(step.steps, inside, pieces)
        elif step.others:
            _fill(step.others, values, pieces)
