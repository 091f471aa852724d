"""``unitc config``: what a configuration and a report may hold."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING

from compiler.command_line.application import command
from compiler.commands.shared.console import Console, ExitCode

if TYPE_CHECKING:
    from compiler.command_line.parameters import Annotated, typer


class Described(StrEnum):
    """What there is a schema of."""

    CONFIG = "config"
    REPORT = "report"


@command("config schema", reads_template=False)
def schema(
    console: Console,
    what: Annotated[
        Described, typer.Argument(metavar="WHAT", help="config, or report for the diagnostics of --format json.")
    ] = Described.CONFIG,
) -> ExitCode:
    """Print the JSON schema of unitc.toml, or of the diagnostics as JSON."""
    if what is Described.CONFIG:
        from compiler.settings.schema import SCHEMA
    else:
        from compiler.report.schema import SCHEMA
    console.out(json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n")
    return ExitCode.OK
