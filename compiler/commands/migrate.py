"""``unitc migrate``: the order of a template in another form, in its own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.command_line.application import command
from compiler.commands.shared.analysis import ask
from compiler.commands.shared.console import Console, ExitCode, TemplateRun
from compiler.commands.shared.templates_on_disk import find_template
from compiler.disk import Unreadable, telling

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from compiler.command_line.parameters import Annotated, Form, TemplateArgument, typer
    from compiler.source.span import Source


@command("migrate")
def migrate(
    run: TemplateRun,
    to: Annotated[Form, typer.Option("--to", help="The form that the order is rewritten in.", show_default=False)],
    path: TemplateArgument = ".",
    write: Annotated[bool, typer.Option("--write", help="Change the files instead of printing a diff.")] = False,
    remove_waits: Annotated[
        bool, typer.Option("--remove-waits", help="Remove waits by hand from scripts where an order does the same.")
    ] = False,
) -> ExitCode:
    """Rewrite the order in another form, in your own files.

    The change is printed as a diff; --write makes it. What the form can't say is told, and stays as it is.
    """
    from compiler.migration.migrate import line_before
    from compiler.migration.migrate import migrate as migrated
    from compiler.output.fix import fix_diff

    console = run.console
    analysis, code = ask(run, path)
    if code is not ExitCode.OK:
        return code
    with telling(path):
        found = migrated(analysis, to, remove_waits=remove_waits)
    if write:
        _write(console, find_template(console.disk, path).folder, found.changes)
    else:
        for source, text in found.changes.items():
            console.out(fix_diff(source, text))
    for item in found.left:
        line, column = item.place.start_pos
        before = next((each.text for each in found.changes if each.name == item.place.source.name), None)
        if before is not None and not write:
            line = line_before(before, item.place.source.text, line)
        # What stays is a result: it is told to those who want quiet, too.
        console.stderr.write(f"{item.place.source.name}:{line}:{column}: {item.words} stays: {item.why}\n")
    if not found.changes and not found.left:
        console.note(f"the whole order is in the form of {to} already")
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
