"""Which templates a command is about, and what the user gave beside them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.commands.console import Usage
from compiler.output.marker import MARKER
from compiler.output.writer import Unreadable

if TYPE_CHECKING:
    from compiler.pipeline import Options

__all__ = ["TemplatePath", "find_template", "find_templates", "options"]


@dataclass(frozen=True, slots=True)
class TemplatePath:
    """A template: the path as it was given, and its folder."""

    given: str
    folder: Path


def _holds_template(folder: Path) -> bool:
    from compiler.terraform.configuration.files import DiskFiles
    from compiler.terraform.configuration.load import is_template

    try:
        return is_template(DiskFiles(folder))
    except OSError as exc:
        raise Unreadable(f"{folder}: {exc.strerror or exc}") from None


def find_template(given: str) -> TemplatePath:
    """Return the template that a path names: a folder, or any ``.tf`` file in it.

    Raises :class:`Unreadable` where there is none, :class:`Usage` where the path is a file of another kind.
    """
    path = Path(given)
    if path.is_dir():
        if not _holds_template(path):
            raise Unreadable(f"{given}: there is no .tf file in this folder")
        return TemplatePath(given, path)
    if path.is_file():
        if path.suffix != ".tf":
            raise Usage(f"{given} is neither a folder nor a .tf file")
        return TemplatePath(given, path.parent)
    raise Unreadable(f"{given}: no such file or folder")


# Folders in which nobody keeps templates of his own.
_PASSED_OVER = frozenset({"node_modules", "unitc"})


def _below(folder: Path) -> Iterator[Path]:
    try:
        names = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as exc:
        raise Unreadable(f"{folder}: {exc.strerror or exc}") from None
    for entry in names:
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".") and entry.name not in _PASSED_OVER:
            child = folder / entry.name
            # A compiled copy is what came of a template, and is told of with it.
            if os.path.lexists(child / MARKER):
                continue
            if _holds_template(child):
                yield child
            yield from _below(child)


def find_templates(given: Iterable[str]) -> tuple[TemplatePath, ...]:
    """Return the templates that some paths name; a folder without ``.tf`` files is searched for templates below it.

    Raises like :func:`find_template`.
    """
    # By the folder, so that one that is named twice, in whatever way, counts once.
    found: dict[str, TemplatePath] = {}

    def add(template: TemplatePath) -> None:
        found.setdefault(os.path.realpath(template.folder), template)

    for path in given:
        folder = Path(path)
        if not folder.is_dir() or _holds_template(folder):
            add(find_template(path))
            continue
        below = tuple(_below(folder))
        if not below:
            raise Unreadable(f"{path}: there is no .tf file in this folder or below it")
        for child in below:
            add(TemplatePath(os.fspath(child).replace(os.sep, "/"), child))
    return tuple(found.values())


def options(
    assignments: Iterable[tuple[str, str]],
    sets: Iterable[str],
    environment: Mapping[str, str],
    *,
    assume_defaults: bool,
    allow_missing_modules: bool,
    allow_outside: bool,
) -> Options:
    """Return what the user gave beside the template.

    ``assignments`` are ``("var", "NAME=VALUE")`` and ``("var-file", PATH)`` in the order of the command line. Raises
    :class:`Usage` where one can't be read.
    """
    from compiler.pipeline import Options
    from compiler.terraform.scope.inputs import attribute_value

    arguments = tuple((kind, os.path.abspath(text) if kind == "var-file" else text) for kind, text in assignments)
    attributes = {}
    for text in sets:
        address, equals, value = text.partition("=")
        if not equals or "." not in address:
            raise Usage(f"--set {text}: write it as ADDRESS=VALUE, such as data.coder_parameter.repo.value=main")
        attributes[address.strip()] = attribute_value(value)
    return Options(
        arguments,
        {name: value for name, value in environment.items() if name.startswith("TF_VAR_")},
        attributes,
        assume_defaults=assume_defaults,
        allow_missing_modules=allow_missing_modules,
        allow_outside=allow_outside,
    )
