"""Which templates a command is about."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.commands.shared.console import Usage
from compiler.disk import Unreadable, telling
from compiler.order.graph import reach
from compiler.output.marker import MARKER
from compiler.patterns import regex
from compiler.records import dataclass

if TYPE_CHECKING:
    from compiler.disk import Disk
    from compiler.terraform.configuration.files import DiskFiles


@dataclass(frozen=True, slots=True)
class TemplatePath:
    """A template: the path as it was given or found, and its folder."""

    given: str
    folder: Path
    disk: Disk

    @property
    def files(self) -> DiskFiles:
        """The files of the template's folder."""
        from compiler.terraform.configuration.files import DiskFiles

        return DiskFiles(self.folder, self.disk)


def _holds_template(disk: Disk, folder: Path) -> bool:
    from compiler.terraform.configuration.files import DiskFiles
    from compiler.terraform.configuration.load import is_template

    with telling(folder, always=True):
        return is_template(DiskFiles(folder, disk))


def find_template(disk: Disk, given: str) -> TemplatePath:
    """Return the template that a path names: a folder, or any ``.tf`` file in it.

    Raises :class:`Unreadable` where there is none, :class:`Usage` where the path is a file of another kind.
    """
    path = Path(given)
    if disk.is_dir(given):
        if not _holds_template(disk, path):
            raise Unreadable(f"{given}: there is no .tf file in this folder")
        return TemplatePath(given, path, disk)
    if disk.is_file(given):
        if path.suffix != ".tf":
            raise Usage(f"{given} is neither a folder nor a .tf file")
        return TemplatePath(given, path.parent, disk)
    raise Unreadable(f"{given}: no such file or folder")


# Folders that hold no templates of the user's own.
_PASSED_OVER = frozenset({"node_modules", "unitc"})


def _below(disk: Disk, folder: Path, *, modules: bool) -> Iterator[Path]:
    with telling(folder):
        names = disk.names(os.fspath(folder))
    for name in names:
        child = folder / name
        at = os.fspath(child)
        if name.startswith(".") or name in _PASSED_OVER or disk.is_link(at) or not disk.is_dir(at):
            continue
        # A compiled copy is what came of a template, and is told of with it.
        if disk.exists(os.path.join(at, MARKER)):
            continue
        holds = _holds_template(disk, child)
        if holds:
            yield child
        if modules or not holds:
            yield from _below(disk, child, modules=modules)


# The source of a local module, where nothing but blanks stands before it on its line.
_LOCAL_SOURCE = regex(rb'^[ \t]*source[ \t]*=[ \t]*"(\.\.?/[^"$%\\]*)"', re.MULTILINE)


def _calls(disk: Disk, folder: Path) -> Iterator[str]:
    """Yield the real paths of the local modules that a folder calls, as far as its files can be read."""
    from compiler.terraform.configuration.files import DiskFiles, FileTooLarge
    from compiler.terraform.configuration.load import config_names

    files = DiskFiles(folder, disk)
    for name in config_names(files.names(".")):
        try:
            text = files.read(name)
        except (OSError, FileTooLarge):
            continue
        for found in _LOCAL_SOURCE.finditer(text):
            yield disk.real(os.path.join(folder, os.fsdecode(found[1])))


def _without_called(disk: Disk, folders: tuple[Path, ...]) -> Iterator[Path]:
    """Yield the folders that none of the others calls as a module, since a module is told of with its callers."""
    by_path = {disk.real(os.fspath(folder)): folder for folder in folders}
    calls = {path: set(_calls(disk, folder)) & by_path.keys() - {path} for path, folder in by_path.items()}
    called = set().union(*calls.values())
    roots: set[str] = set()
    reached: frozenset[str] = frozenset()
    # Modules that call each other in a circle have no root; the first of them stands for all.
    for path in sorted(by_path, key=called.__contains__):
        if path not in reached:
            roots.add(path)
            reached |= {path} | reach([path], calls)
    yield from (folder for path, folder in by_path.items() if path in roots)


def _excluded(disk: Disk, folder: Path) -> bool:
    """Return whether the configuration has a folder passed over; what is wrong with it is told with the template."""
    from compiler.settings.settings import read_settings

    at = os.path.abspath(folder)
    with telling(folder):
        settings, _ = read_settings(disk, at)
    return settings.excludes(at)


def find_templates(disk: Disk, given: Iterable[str], *, modules: bool = True) -> tuple[TemplatePath, ...]:
    """Return the templates that some paths name; a folder without ``.tf`` files is searched for templates below it.

    A folder that another one calls as a module is no template of its own. ``modules``: what stands inside of a
    template, such as modules that aren't called, is found too.
    Raises like :func:`find_template`.
    """
    # By the folder, so that one that is named twice, in whatever way, counts once.
    found: dict[str, TemplatePath] = {}

    def add(template: TemplatePath) -> None:
        found.setdefault(disk.real(os.fspath(template.folder)), template)

    for path in given:
        folder = Path(path)
        if not disk.is_dir(path) or _holds_template(disk, folder):
            add(find_template(disk, path))
            continue
        below = tuple(child for child in _below(disk, folder, modules=modules) if not _excluded(disk, child))
        if not below:
            raise Unreadable(f"{path}: there is no .tf file in this folder or below it")
        for child in _without_called(disk, below):
            add(TemplatePath(os.fspath(child).replace(os.sep, "/"), child, disk))
    return tuple(found.values())
