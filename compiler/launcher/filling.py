"""The launcher's template as data, and how it is filled.

:mod:`compiler.launcher.template` has jinja2 read ``launcher.sh.j2`` once, when the data is made. Filling it takes less
than importing jinja2 would, and refuses the same: a value that isn't quoted, and a name that nothing has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

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
    _fill(template, {**values}, pieces)
    return pieces


def _fill(template: Sequence[Part], values: dict[str, Any], pieces: list[Sh | str]) -> None:
    for part in template:
        if isinstance(part, str):
            pieces.append(part)
        elif "value" in part:
            pieces.append(_quoted(_value(part["value"], values)))
        elif items := _value(part["of"], values):
            inside = {**values}
            for item in items:
                inside[part["each"]] = item
                _fill(part["parts"], inside, pieces)
        else:
            _fill(part["others"], values, pieces)


def _value(names: str, values: Any) -> Any:
    for name in names.split("."):
        values = values[name]
    return values


def _quoted(value: Any) -> Sh:
    if not isinstance(value, Sh):
        raise TypeError(f"a value of type {type(value).__name__} must be quoted before it can stand in a shell script")
    return value
