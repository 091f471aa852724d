"""The parameters that several commands share, and all else that the annotations of commands name.

Only what reads those annotations imports this module (:mod:`compiler.command_line.typed`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from compiler.commands.shared.completing import complete_agent, complete_duration, complete_unit
from compiler.commands.shared.console import Format
from compiler.migration.form import Form
from compiler.order.model import Phase
from compiler.source.codes import CODES

__all__ = ["Annotated", "Form", "complete_agent", "complete_unit", "typer"]


def complete_code() -> list[tuple[str, str]]:
    """Return the codes of diagnostics with their titles."""
    return list(CODES.items())


TemplateArgument = Annotated[str, typer.Argument(metavar="PATH", help="A template: a folder, or any .tf file in it.")]
TemplatesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH", help="Templates; a folder without .tf files is searched for them."),
]
Folder = Annotated[str, typer.Option("-C", "--chdir", metavar="DIR", help="The template.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How diagnostics are printed.")]
PhaseOption = Annotated[Phase | None, typer.Option("--phase", help="Only one phase.")]
AgentOption = Annotated[
    str | None,
    typer.Option("--agent", metavar="AGENT", help="Only what one agent runs.", autocompletion=complete_agent),
]
Reports = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="FORMAT=FILE",
        help="Write the diagnostics into a file, too; any number.",
        autocompletion=lambda: [f"{form}=" for form in Format],
    ),
]
Jobs = Annotated[
    int | None, typer.Option("-j", "--jobs", min=1, help="How many processes work on many templates; all cores.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")]
DurationOption = Annotated[
    list[str] | None,
    typer.Option(
        "--duration",
        metavar="UNIT=20s",
        help="How long a unit takes; 1 s if unknown.",
        autocompletion=complete_duration,
    ),
]
DurationsOption = Annotated[
    list[str] | None,
    typer.Option("--durations", metavar="FILE", help="Durations: event logs (their median), or JSON by address."),
]
FailOption = Annotated[
    list[str] | None,
    typer.Option("--fail", metavar="UNIT", help="A unit that fails.", autocompletion=complete_unit),
]
TimeoutOption = Annotated[
    list[str] | None,
    typer.Option("--timeout", metavar="UNIT", help="A unit that runs into its timeout.", autocompletion=complete_unit),
]
AtOnceOption = Annotated[
    int | None, typer.Option("--jobs", min=1, metavar="N", help="How many may run at the same time.")
]
