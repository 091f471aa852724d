"""What a configuration may hold: one JSON schema, which is printed and which configurations are held against.

The schema is in the words of https://json-schema.org/draft/2020-12, of which it uses only what :func:`problems` knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from compiler.output.target import Target
from compiler.records import dataclass
from compiler.source.codes import CODES, PEDANTIC
from compiler.source.suggest import did_you_mean

_PATHS: Mapping[str, Any] = {"type": "array", "items": {"type": "string"}}

SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Configuration of unitc: unitc.toml, or tool.unitc in pyproject.toml",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "severity": {
            "description": "How grave a warning is, by its code. An error leaves no correct output, so it stays one.",
            "type": "object",
            "propertyNames": {"enum": sorted(CODES)},
            "additionalProperties": {"enum": ["error", "warning", "off"]},
        },
        "pedantic": {
            "description": "Report what is less certain, too: all of it, or what has these codes.",
            "anyOf": [{"type": "boolean"}, {"type": "array", "items": {"enum": sorted(PEDANTIC)}}],
        },
        "exclude": {
            "description": "Folders that a search for templates passes over: names, or paths from this file's folder "
            "where there is a slash; * and ? stay within a name, ** stands for any number of folders.",
            **_PATHS,
        },
        "set": {
            "description": "Values of attributes that only an apply would know, by address, such as "
            "data.coder_parameter.repo.value.",
            "type": "object",
            "additionalProperties": {},
        },
        "var-file": {
            "description": "Files of variables' values, from this file's folder; the command line goes before them.",
            **_PATHS,
        },
        "assume-defaults": {
            "description": "Take a coder_parameter's default where no value is given.",
            "type": "boolean",
        },
        "target": {
            "description": "How compile delivers the order: wrapped scripts (launcher), rules of Coder's own "
            "(native), or rules where they can say all of it (auto).",
            "enum": [target.value for target in Target],
        },
        "launcher": {
            "description": "Whether compile writes launcher.sh; a compiled copy has none unless this says so.",
            "type": "boolean",
        },
    },
}

_TYPES: Mapping[str, tuple[type, str]] = {
    "object": (dict, "a table"),
    "array": (list, "a list"),
    "string": (str, "a text"),
    "boolean": (bool, "true or false"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a path of keys: a name that isn't known (``value`` is False), or a value that can't be there."""

    path: tuple[str, ...]
    value: bool
    detail: str
    help: str


def problems(value: object, schema: Mapping[str, Any] = SCHEMA, path: tuple[str, ...] = ()) -> Iterator[Problem]:
    """Yield what is wrong with a value that was read from TOML, by place."""
    if "anyOf" in schema:
        found = [list(problems(value, option, path)) for option in schema["anyOf"]]
        if all(found):
            # Of a list that was written, what is wrong in it is of interest.
            fitting = [items for items, option in zip(found, schema["anyOf"], strict=True) if _has_type(value, option)]
            yield from fitting[0] if fitting else [_wrong(path, " or ".join(map(_takes, schema["anyOf"])))]
        return
    if "enum" in schema and value not in schema["enum"]:
        near = did_you_mean(value, schema["enum"]) if isinstance(value, str) else ""
        yield _wrong(path, _takes(schema), near)
        return
    if not _has_type(value, schema):
        yield _wrong(path, _takes(schema))
    elif isinstance(value, dict):
        yield from _in_table(value, schema, path)
    elif isinstance(value, list):
        for item in value:
            yield from problems(item, schema["items"], path)


def _in_table(table: Mapping[str, object], schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Problem]:
    known = schema.get("properties", {})
    names = schema.get("propertyNames", {}).get("enum")
    others = schema.get("additionalProperties", {})
    for key, value in table.items():
        here = (*path, key)
        if key in known:
            yield from problems(value, known[key], here)
        elif others is False or (names is not None and key not in names):
            near = did_you_mean(key, known if others is False else names)
            what = "key" if others is False else "diagnostic"
            lists = "unitc config schema" if others is False else "unitc explain"
            yield Problem(
                here, False, f"There is no {what} {key}.", f"did you mean {near}?" if near else f"{lists} lists all"
            )
        elif others:
            yield from problems(value, others, here)
        elif not _is_json(value):
            yield _wrong(here, "a text, a number, true or false, or a list or table of these")


def _has_type(value: object, schema: Mapping[str, Any]) -> bool:
    return "type" not in schema or isinstance(value, _TYPES[schema["type"]][0])


def _is_json(value: object) -> bool:
    """Return whether a value of TOML is one of JSON's: dates and times aren't, nor what is no number."""
    if isinstance(value, dict):
        return all(map(_is_json, value.values()))
    if isinstance(value, list):
        return all(map(_is_json, value))
    return isinstance(value, str | bool | int) or (isinstance(value, float) and value - value == 0)


def _takes(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        *most, last = (f'"{name}"' for name in schema["enum"])
        return f"{', '.join(most)} or {last}" if len(most) < 10 else "a code that unitc explain lists"
    noun = _TYPES[schema["type"]][1]
    if schema["type"] == "array":
        return "a list of texts" if "type" in schema["items"] else "a list of pedantic codes"
    return noun


def _wrong(path: tuple[str, ...], takes: str, near: str = "") -> Problem:
    name = ".".join(path) or "The configuration"
    return Problem(
        path,
        True,
        f"{name} takes {takes}.",
        f'did you mean "{near}"?' if near else "unitc config schema tells what each key takes",
    )
