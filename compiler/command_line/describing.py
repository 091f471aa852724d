"""The commands in groups: ``emit`` and ``config``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from compiler.commands.config import Described, print_schema
from compiler.commands.shared.arguments import PlainCommand
from compiler.commands.shared.console import Console, ExitCode

if TYPE_CHECKING:
    pass

from compiler.command_line.application import Run, Template, app, guarded, reads_template

__all__ = ["exp_sync", "schema"]

_emit = typer.Typer(
    help="Print the order in the form that another tool reads.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(_emit, name="emit")


@_emit.callback()
def _emit_forms() -> None:
    # With a callback the one command keeps its name.
    pass


@_emit.command("exp-sync", cls=PlainCommand)
@reads_template
def exp_sync(run: Run, path: Template = ".") -> ExitCode:
    """Print the order as coder exp sync calls, for the top of each script.

    Such calls say that a script waits for another to end. What else the order says is told with its place, and then
    the exit code is 1.
    """
    from compiler.commands.emit import emit_exp_sync

    return emit_exp_sync(run.console, path, run.options)


_config = typer.Typer(help="Print what a configuration may hold.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(_config, name="config")


@_config.command(cls=PlainCommand)
def schema(
    what: Annotated[
        Described, typer.Argument(metavar="WHAT", help="config, or report for the diagnostics of --format json.")
    ] = Described.CONFIG,
) -> None:
    """Print the JSON schema of unitc.toml, or of the diagnostics as JSON."""
    console = Console.of_process()
    guarded(console, lambda: print_schema(console, what))
