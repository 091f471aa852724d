"""The commands in groups: ``emit`` and ``config``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.command_line.application import CommandLine, TemplateRun, command, guarded, reads_template
from compiler.commands.config import Described, print_schema
from compiler.commands.shared.console import Console, ExitCode

if TYPE_CHECKING:
    from compiler.command_line.parameters import Annotated, TemplateArgument, typer


@reads_template("emit exp-sync")
def exp_sync(run: TemplateRun, path: TemplateArgument = ".") -> ExitCode:
    """Print the order as coder exp sync calls, for the top of each script.

    Such calls say that a script waits for another to end. What else the order says is told with its place, and then
    the exit code is 1.
    """
    from compiler.commands.emit import emit_exp_sync

    return emit_exp_sync(run.console, path, run.options)


@command("config schema")
def schema(
    given: CommandLine,
    what: Annotated[
        Described, typer.Argument(metavar="WHAT", help="config, or report for the diagnostics of --format json.")
    ] = Described.CONFIG,
) -> None:
    """Print the JSON schema of unitc.toml, or of the diagnostics as JSON."""
    console = Console.of_process(disk=given.disk)
    guarded(console, lambda: print_schema(console, what))
