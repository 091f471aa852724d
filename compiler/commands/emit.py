"""``unitc emit``: the order of a template in the words of something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.commands.shared.analysis import ask
from compiler.commands.shared.console import Console, ExitCode, Format
from compiler.source.diagnostics import sort_diagnostics

if TYPE_CHECKING:
    from compiler.pipeline import Options


def emit_exp_sync(console: Console, path: str, options: Options) -> ExitCode:
    """Print a template's completions as ``coder exp sync`` calls, and as errors what these can't say."""
    from compiler.launcher.exp_sync import sync_calls, unsaid_by_calls

    analysis, code = ask(console, path, options)
    if code is not ExitCode.OK:
        return code
    bodies = analysis.order.bodies
    console.out(sync_calls(analysis.graphs, analysis.inventory, bodies))
    unsaid = tuple(unsaid_by_calls(analysis.graphs, analysis.inventory, bodies, analysis.statements))
    return console.report([(path, sort_diagnostics(unsaid))], Format.TEXT) if unsaid else code
