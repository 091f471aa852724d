"""The JSON that stands beside a template's native syntax: ``*.tf.json`` files and the manifest of installed modules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.span import Source
from compiler.terraform.configuration.files import Files
from compiler.terraform.configuration.sources import normal_source
from compiler.terraform.configuration.versions import Version, VersionError, read_version

MODULES_JSON = ".terraform/modules/modules.json"

# What a JSON configuration may hold without us reading it; everything else declares something that we need.
_JSON_PASSED_OVER = frozenset({"terraform", "provider", "//", "moved", "import", "removed", "check", "output"})
_JSON_OWN_TYPES = frozenset({"coder_script", "coder_agent", "coder_devcontainer", "coder_script_order"})
_PREFIXES = {"resource": "", "data": "data."}


def check_json(source: Source) -> tuple[frozenset[str], tuple[Diagnostic, ...]]:
    """Return the names that a JSON configuration declares, and an error where we would have to read what they mean.

    The names are the addresses of resources and data sources, and ``output.NAME``.
    """
    span = source.span(0, min(1, len(source.text)))
    try:
        document = json.loads(source.text)
    except (ValueError, RecursionError):
        detail = f"{source.name} isn't JSON that can be read, so what it declares is not known."
        help_ = "correct the file, or write it in Terraform's native syntax"
        return frozenset(), (error("UC015", span, "JSON configuration can't be read", detail, help=help_),)
    if not isinstance(document, dict):
        return frozenset(), ()
    needed = sorted(_needed(document))
    names = frozenset(_names(document))
    if not needed:
        return names, ()
    summary = "JSON configuration declares what unitc reads"
    detail = f"{source.name} declares {', '.join(needed)}; unitc reads Terraform's native syntax only."
    return names, (error("UC015", span, summary, detail, help="write these declarations in a .tf file"),)


def _needed(document: Mapping[str, object]) -> set[str]:
    found = set()
    for key, value in document.items():
        if key in _PREFIXES:
            types = value.keys() if isinstance(value, dict) else ()
            found |= {name for name in types if name in _JSON_OWN_TYPES}
        elif key not in _JSON_PASSED_OVER:
            found.add({"module": "modules", "variable": "variables"}.get(key, key))
    return found


def _names(document: Mapping[str, object]) -> Iterator[str]:
    for kind, prefix in _PREFIXES.items():
        types = document.get(kind)
        for type_, blocks in types.items() if isinstance(types, dict) else ():
            for name in blocks if isinstance(blocks, dict) else ():
                yield f"{prefix}{type_}.{name}"
    outputs = document.get("output")
    for name in outputs if isinstance(outputs, dict) else ():
        yield f"output.{name}"


@dataclass(frozen=True, slots=True)
class InstalledModule:
    """A module that ``terraform get`` fetched: its folder, where it came from, and its version where it has one."""

    folder: str
    source: str
    version: Version | None


def _installed(row: Mapping[str, object]) -> InstalledModule:
    source = str(row.get("Source", ""))
    try:
        version = read_version(str(row["Version"])) if row.get("Version") else None
    except VersionError:
        version = None
    # Early versions of Terraform wrote sources down as they stand in the call.
    return InstalledModule(str(row["Dir"]).replace("\\", "/"), normal_source(source) or source, version)


def installed_modules(files: Files) -> tuple[Mapping[str, InstalledModule], tuple[Diagnostic, ...]]:
    """Return the installed modules by their dotted call path, as ``terraform get`` notes them, and what is wrong."""
    if not files.is_file(MODULES_JSON):
        return {}, ()
    text = files.read(MODULES_JSON).decode("utf-8", "replace")
    try:
        rows = json.loads(text)["Modules"]
        return {str(row["Key"]): _installed(row) for row in rows if row["Key"]}, ()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        found = error(
            "UC018",
            Source(MODULES_JSON, text).span(0, 0),
            "Module manifest can't be read",
            f"{MODULES_JSON} isn't what terraform get writes, so no installed module is known.",
            help="run: terraform get",
        )
        return {}, (found,)
