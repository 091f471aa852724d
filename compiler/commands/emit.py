"""``unitc emit``: the order of a template in the words of something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.command_line.application import command
from compiler.commands.shared.analysis import ask
from compiler.commands.shared.console import ExitCode, Format, TemplateRun
from compiler.source.diagnostics import sort_diagnostics

if TYPE_CHECKING:
    from compiler.command_line.parameters import TemplateArgument


@command("emit exp-sync")
def exp_sync(run: TemplateRun, path: TemplateArgument = ".") -> ExitCode:
    """Print the order as coder exp sync calls, for the top of each script.

    Such calls say that a script waits for another to end. What else the order says is told with its place, and then
    the exit code is 1.
    """
    from compiler.launcher.exp_sync import sync_calls, unsaid_by_calls

    analysis, code = ask(run, path)
    if code is not ExitCode.OK:
        return code
    bodies = analysis.order.bodies
    run.console.out(sync_calls(analysis.graphs, analysis.inventory, bodies))
    unsaid = tuple(unsaid_by_calls(analysis.graphs, analysis.inventory, bodies, analysis.statements))
    return run.console.report([(path, sort_diagnostics(unsaid))], Format.TEXT) if unsaid else code
