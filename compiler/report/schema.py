"""The JSON schema of what ``--format json`` prints, in the words of https://json-schema.org/draft/2020-12."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compiler.source.codes import CODES


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": sorted(properties), "properties": properties}


_TEXT = {"type": "string"}
_FROM_ONE = {"type": "integer", "minimum": 1}
_COUNT = {"type": "integer", "minimum": 0}

_LABEL = _object(
    file={"type": "string", "description": "A path from the template's folder, with /."},
    line=_FROM_ONE,
    column={**_FROM_ONE, "description": "In code points."},
    end_line=_FROM_ONE,
    end_column={**_FROM_ONE, "description": "The first one outside, in code points."},
    text=_TEXT,
    primary={"type": "boolean", "description": "True for the first label alone."},
)

_DIAGNOSTIC = _object(
    code={"enum": sorted(CODES)},
    severity={"enum": ["error", "warning"]},
    template={"type": "string", "description": "The path as it was given."},
    summary=_TEXT,
    detail=_TEXT,
    help={"type": "array", "items": _TEXT},
    labels={"type": "array", "minItems": 1, "items": _LABEL},
)

SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Diagnostics of unitc",
    **_object(
        format_version={"const": "1", "description": "Raised where a reader of the last one would go wrong."},
        valid={"type": "boolean", "description": "Whether there is no error."},
        error_count=_COUNT,
        warning_count=_COUNT,
        diagnostics={
            "type": "array",
            "description": "By template, file, line, column and code.",
            "items": _DIAGNOSTIC,
        },
    ),
}
