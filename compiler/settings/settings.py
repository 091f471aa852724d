"""The configuration of a template: found, read, and held against the schema.

Found upward from the template's folder: the nearest ``unitc.toml``, or ``pyproject.toml`` that has ``[tool.unitc]``;
where both stand in one folder, the former. The rest is not looked at: one file says everything.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from compiler.output.target import Target
from compiler.records import dataclass, field
from compiler.source.diagnostics import Diagnostic, Severity, error
from compiler.source.span import Source

if TYPE_CHECKING:
    from compiler.settings.schema import Problem

FILE = "unitc.toml"
PYPROJECT = "pyproject.toml"


class Readable(Protocol):
    """What is needed of the disk."""

    def is_file(self, path: str) -> bool:
        """Return whether there is a regular file (or a link to one)."""
        ...

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises OSError where it can't be read."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """What a configuration says; all of it may be absent. ``folder`` is the one of its file, absolute.

    ``severities`` are levels of warnings by code, None for those that are off; ``pedantic``: all less certain ones are
    told. ``attributes`` are values of addresses as JSON text, ``var_files`` absolute paths. ``target`` is what is
    compiled to, ``launcher`` whether ``launcher.sh`` is written. What is None wasn't said.
    """

    folder: str = ""
    severities: Mapping[str, Severity | None] = field(default_factory=lambda: MappingProxyType({}))
    pedantic: bool | None = None
    exclude: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    var_files: tuple[str, ...] = ()
    assume_defaults: bool | None = None
    target: Target | None = None
    launcher: bool | None = None

    def excludes(self, folder: str) -> bool:
        """Return whether a folder, an absolute path, is one of those that a search passes over, or in one."""
        if not self.exclude:
            return False
        inside = os.path.relpath(folder, self.folder).replace(os.sep, "/") + "/"
        return any(_pattern(item).match(inside) for item in self.exclude)


_ANY_FOLDERS = "(?:[^/]+/)*"
_WILD = {"*": "[^/]*", "?": "[^/]"}


def _pattern(text: str) -> re.Pattern[str]:
    """Return what the path of a folder, with a slash after it, starts with where a pattern of ``exclude`` is meant."""
    # As git has it: what has no slash names a folder wherever it is.
    parts = [] if "/" in text.rstrip("/") else [_ANY_FOLDERS]
    for step in text.strip("/").split("/"):
        name = "".join(_WILD.get(character, re.escape(character)) for character in step)
        parts.append(_ANY_FOLDERS if step == "**" else f"{name}/")
    return re.compile("".join(parts))


def read_settings(disk: Readable, folder: str) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """Return the configuration of the template in a folder, an absolute path, and what is wrong with it.

    Names of files in diagnostics are relative to that folder. Raises OSError where the file is there and can't be read.
    """
    for path in _upward(folder):
        if not disk.is_file(path):
            continue
        data = disk.read(path)
        # A pyproject.toml that isn't about us may even be broken.
        if os.path.basename(path) == PYPROJECT and b"unitc" not in data:
            continue
        found = _read(data, path, os.path.relpath(path, folder).replace(os.sep, "/"))
        if found is not None:
            return found
    return Settings(), ()


def _upward(folder: str) -> Iterator[str]:
    while True:
        yield os.path.join(folder, FILE)
        yield os.path.join(folder, PYPROJECT)
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


def _read(data: bytes, path: str, name: str) -> tuple[Settings, tuple[Diagnostic, ...]] | None:
    """Return the configuration in a file, None where it holds none."""
    # Imported late: most templates have no configuration.
    import tomllib

    from compiler.settings.schema import problems

    source = Source(name, data.decode("utf-8", "replace"))
    try:
        document: Any = tomllib.loads(data.decode())
    except UnicodeDecodeError:
        return Settings(), (_unreadable(source, "It isn't valid UTF-8 text.", 0),)
    except tomllib.TOMLDecodeError as exc:
        return Settings(), (_unreadable(source, *_toml_error(source, str(exc))),)
    prefix: tuple[str, ...] = ()
    if os.path.basename(path) == PYPROJECT:
        prefix = ("tool", "unitc")
        document = document.get("tool", {}).get("unitc") if isinstance(document.get("tool"), dict) else None
        if document is None:
            return None
    found = [_diagnostic(source, prefix, problem) for problem in problems(document)]
    if found:
        return Settings(), tuple(found)
    return _settings(document, os.path.dirname(path)), ()


def _toml_error(source: Source, message: str) -> tuple[str, int]:
    """Return the sentence and the offset of an error of Python's reader, which ends with its place in words."""
    match = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message)
    if match is None:
        return f"{message}.", 0
    at = len(source.text) if match[2] is None else source.line_starts[int(match[2]) - 1] + int(match[3]) - 1
    return f"{match[1]}.", at


def _unreadable(source: Source, detail: str, at: int) -> Diagnostic:
    start = max(0, min(at, len(source.text) - 1))
    return error(
        "UC804",
        source.span(start, min(start + 1, len(source.text))),
        "Configuration can't be read",
        detail,
        help="correct the file; it is TOML, see https://toml.io",
    )


def _diagnostic(source: Source, prefix: tuple[str, ...], problem: Problem) -> Diagnostic:
    from compiler.settings.places import place_of

    code, summary = ("UC806", "Value that a key doesn't take") if problem.value else ("UC805", "Unknown key")
    place = place_of(source, (*prefix, *problem.path))
    return error(code, place, summary, problem.detail, help=problem.help)


_LEVELS: Mapping[str, Severity | None] = {"error": Severity.ERROR, "warning": Severity.WARNING, "off": None}


def _settings(document: Mapping[str, Any], folder: str) -> Settings:
    pedantic = document.get("pedantic")
    levels: dict[str, Severity | None] = {}
    if isinstance(pedantic, list):
        levels.update(dict.fromkeys(pedantic, Severity.WARNING))
    levels.update({code: _LEVELS[level] for code, level in document.get("severity", {}).items()})
    return Settings(
        folder,
        levels,
        pedantic if isinstance(pedantic, bool) else None,
        tuple(document.get("exclude", ())),
        {address: json.dumps(value) for address, value in document.get("set", {}).items()},
        tuple(os.path.normpath(os.path.join(folder, name)) for name in document.get("var-file", ())),
        document.get("assume-defaults"),
        Target(document["target"]) if "target" in document else None,
        document.get("launcher"),
    )
