"""The JSON that stands beside a template's native syntax: ``*.tf.json`` files and the manifest of installed modules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from compiler.diagnostics import Diagnostic, error
from compiler.span import Source
from compiler.terraform.files import Files

__all__ = ["MODULES_JSON", "check_json", "installed_modules"]

MODULES_JSON = ".terraform/modules/modules.json"

# What a JSON configuration may hold without us reading it; everything else declares something that we need.
_JSON_PASSED_OVER = frozenset({"terraform", "provider", "//", "moved", "import", "removed", "check", "output"})
_JSON_OWN_TYPES = frozenset({"coder_script", "coder_agent", "coder_devcontainer", "coder_script_order"})


def check_json(source: Source) -> Iterator[Diagnostic]:
    """Yield an error where a JSON configuration declares what unitc would have to read."""
    span = source.span(0, min(1, len(source.text)))
    try:
        document = json.loads(source.text)
    except (ValueError, RecursionError):
        yield error(
            "UC015",
            span,
            "JSON configuration can't be read",
            f"{source.name} isn't JSON that can be read, so what it declares is not known.",
            help="correct the file, or write it in Terraform's native syntax",
        )
        return
    declared = sorted(_json_declares(document)) if isinstance(document, dict) else []
    if declared:
        yield error(
            "UC015",
            span,
            "JSON configuration declares what unitc reads",
            f"{source.name} declares {', '.join(declared)}; unitc reads Terraform's native syntax only.",
            help="write these declarations in a .tf file",
        )


def _json_declares(document: Mapping[str, object]) -> set[str]:
    found = set()
    for key, value in document.items():
        if key in ("resource", "data"):
            types = value.keys() if isinstance(value, dict) else ()
            found |= {name for name in types if name in _JSON_OWN_TYPES}
        elif key not in _JSON_PASSED_OVER:
            found.add({"module": "modules", "variable": "variables"}.get(key, key))
    return found


def installed_modules(files: Files, diagnostics: list[Diagnostic]) -> Mapping[str, str]:
    """Return the folders of installed modules by their dotted call path, as ``terraform get`` notes them."""
    if not files.is_file(MODULES_JSON):
        return {}
    text = files.read(MODULES_JSON).decode("utf-8", "replace")
    try:
        rows = json.loads(text)["Modules"]
        return {str(row["Key"]): str(row["Dir"]).replace("\\", "/") for row in rows if row["Key"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        source = Source(MODULES_JSON, text)
        diagnostics.append(
            error(
                "UC018",
                source.span(0, 0),
                "Module manifest can't be read",
                f"{MODULES_JSON} isn't what terraform get writes, so no installed module is known.",
                help="run: terraform get",
            )
        )
        return {}
