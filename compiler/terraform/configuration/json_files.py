"""The JSON that stands beside a template's native syntax: ``*.tf.json`` files and the manifest of installed modules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress

from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.span import Source
from compiler.terraform.configuration.files import Files
from compiler.terraform.configuration.sources import normal_source
from compiler.terraform.configuration.versions import Version, VersionError, read_version

MODULES_JSON = ".terraform/modules/modules.json"

# What a JSON configuration may hold without us reading it; everything else declares something that we need.
_JSON_PASSED_OVER = frozenset({"terraform", "provider", "//", "moved", "import", "removed", "check"})
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
    names, needed = set[str](), set[str]()
    for kind, declared in document.items():
        inner = declared if isinstance(declared, dict) else {}
        if kind in _PREFIXES:
            needed |= inner.keys() & _JSON_OWN_TYPES
            of_type = ((type_, blocks) for type_, blocks in inner.items() if isinstance(blocks, dict))
            names |= {f"{_PREFIXES[kind]}{type_}.{name}" for type_, blocks in of_type for name in blocks}
        elif kind == "output":
            names |= {f"output.{name}" for name in inner}
        elif kind not in _JSON_PASSED_OVER:
            needed.add({"module": "modules", "variable": "variables"}.get(kind) or kind)
    if not needed:
        return frozenset(names), ()
    summary = "JSON configuration declares what unitc reads"
    detail = f"{source.name} declares {', '.join(sorted(needed))}; unitc reads Terraform's native syntax only."
    found = error("UC015", span, summary, detail, help="write these declarations in a .tf file")
    return frozenset(names), (found,)


@dataclass(frozen=True, slots=True)
class InstalledModule:
    """A module that ``terraform get`` fetched: its folder, where it came from, and its version where it has one."""

    folder: str
    source: str
    version: Version | None


def _installed(row: Mapping[str, object]) -> InstalledModule:
    version, source = None, str(row.get("Source", ""))
    with suppress(VersionError):
        version = read_version(str(row["Version"])) if row.get("Version") else None
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
