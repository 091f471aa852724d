"""``unitc migrate``: the order of a template in another form, in its own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.commands.shared.analysis import ask
from compiler.commands.shared.console import Console, ExitCode
from compiler.commands.shared.templates_on_disk import find_template
from compiler.disk import Unreadable, telling
from compiler.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from compiler.migration.form import Form
    from compiler.pipeline import Options
    from compiler.source.span import Source


@dataclass(frozen=True, slots=True)
class MigrateOptions:
    """Into what order is turned. Without ``write`` it is only shown. ``remove_waits``: waits by hand are removed."""

    form: Form
    write: bool = False
    remove_waits: bool = False


def migrate(console: Console, path: str, options: Options, wanted: MigrateOptions) -> ExitCode:
    """Show, or make, the changes that say a template's order in another form, and tell what stays as it is."""
    from compiler.migration.migrate import line_before
    from compiler.migration.migrate import migrate as migrated
    from compiler.output.fix import fix_diff

    analysis, code = ask(console, path, options)
    if code is not ExitCode.OK:
        return code
    with telling(path):
        found = migrated(analysis, wanted.form, remove_waits=wanted.remove_waits)
    if wanted.write:
        _write(console, find_template(console.disk, path).folder, found.changes)
    else:
        for source, text in found.changes.items():
            console.out(fix_diff(source, text))
    for item in found.left:
        line, column = item.place.start_pos
        before = next((each.text for each in found.changes if each.name == item.place.source.name), None)
        if before is not None and not wanted.write:
            line = line_before(before, item.place.source.text, line)
        # What stays is a result: it is told to those who want quiet, too.
        console.stderr.write(f"{item.place.source.name}:{line}:{column}: {item.words} stays: {item.why}\n")
    if not found.changes and not found.left:
        console.note(f"the whole order is in the form of {wanted.form} already")
    return ExitCode.OK


def _write(console: Console, folder: Path, changes: Mapping[Source, str]) -> None:
    """Change all files or none: an order that moves from one file to another must not be lost on the way."""
    from compiler.output.fix import replace_file

    done: list[Source] = []
    for source, text in changes.items():
        try:
            replace_file(console.disk, folder / source.name, text)
        except OSError as exc:
            for written in done:
                replace_file(console.disk, folder / written.name, written.text)
            raise Unreadable(f"{source.name}: {exc.strerror or exc}; nothing was changed") from None
        done.append(source)
    for source in done:
        console.note(f"changed {source.name}")
