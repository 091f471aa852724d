"""``unitc lsp``: the language server, for editors."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from compiler.command_line.application import command
from compiler.commands.shared.console import ExitCode, TemplateRun, Usage

if TYPE_CHECKING:
    from compiler.command_line.parameters import Annotated, typer


@command("lsp")
def lsp(
    run: TemplateRun,
    stdio: Annotated[  # There is no other way, but editors say it.
        bool, typer.Option("--stdio", help="Use standard input and output; this is the default.")
    ] = False,
) -> ExitCode:
    """Run the language server for an editor, over standard input and output."""
    if find_spec("pygls") is None:
        raise Usage("the language server needs one more library: pip install 'unitc-coder[lsp]'")
    from compiler.lsp.server import serve

    serve(run.options)
    return ExitCode.OK
