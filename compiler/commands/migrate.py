"""``unitc migrate``: the order of a template in another form, in its own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.commands.analysis import analyze_template
from compiler.commands.console import Console, ExitCode
from compiler.commands.templates_on_disk import find_template
from compiler.output.writer import Unreadable
from compiler.records import dataclass

if TYPE_CHECKING:
    from compiler.migration.form import Form
    from compiler.pipeline import Options

__all__ = ["MigrateOptions", "migrate"]


@dataclass(frozen=True, slots=True)
class MigrateOptions:
    """Into what order is turned. Without ``write`` it is only shown. ``remove_waits``: waits by hand are removed."""

    form: Form
    write: bool = False
    remove_waits: bool = False


def migrate(console: Console, path: str, options: Options, wanted: MigrateOptions) -> ExitCode:
    """Show, or make, the changes that say a template's order in another form, and tell what stays as it is."""
    from compiler.migration.migrate import migrate as migrated
    from compiler.output.fix import fix_diff, replace_file

    template = find_template(console.disk, path)
    analysis = analyze_template(template, options)
    console.report_errors(template.given, analysis.diagnostics)
    if not analysis.valid:
        return ExitCode.ERRORS
    try:
        found = migrated(analysis, wanted.form, remove_waits=wanted.remove_waits)
    except OSError as exc:
        raise Unreadable(f"{exc.filename or template.given}: {exc.strerror or exc}") from None
    for source, text in found.changes.items():
        if not wanted.write:
            console.out(fix_diff(source, text))
            continue
        try:
            replace_file(console.disk, template.folder / source.name, text)
        except OSError as exc:
            raise Unreadable(f"{source.name}: {exc.strerror or exc}") from None
        console.note(f"changed {source.name}")
    for item in found.left:
        line, column = item.place.start_pos
        # What stays is a result: it is told to those who want quiet, too.
        console.stderr.write(f"{item.place.source.name}:{line}:{column}: {item.words} stays: {item.why}\n")
    if not found.changes and not found.left:
        console.note(f"all order is said by {wanted.form} already")
    return ExitCode.OK
