"""The commands that answer a question: ``graph``, ``why``, ``show``, ``eval`` and ``explain``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.command_line.application import CommandLine, TemplateRun, command, guarded, reads_template
from compiler.commands.shared.console import Console, ExitCode

if TYPE_CHECKING:
    from compiler.command_line.parameters import (
        AgentOption,
        Annotated,
        Folder,
        PhaseOption,
        TemplateArgument,
        complete_code,
        complete_unit,
        typer,
    )


class GraphFormat(StrEnum):
    """Forms in which the graph is printed."""

    TREE = "tree"
    DOT = "dot"
    MERMAID = "mermaid"
    SVG = "svg"
    HTML = "html"
    JSON = "json"


@reads_template("graph")
def graph(
    run: TemplateRun,
    path: TemplateArgument = ".",
    format: Annotated[GraphFormat, typer.Option("--format", help="How the graph is printed.")] = GraphFormat.TREE,
    focus: Annotated[
        str | None,
        typer.Option(
            "--focus",
            metavar="UNIT",
            help="Only a unit, what it waits for, and what waits for it.",
            autocompletion=complete_unit,
        ),
    ] = None,
    phase: PhaseOption = None,
    agent: AgentOption = None,
    waves: Annotated[bool, typer.Option("--waves", help="Show what can run at the same time.")] = False,
    fold: Annotated[
        bool | None,
        typer.Option("--fold/--no-fold", help="Draw a module as one box; by default in large graphs only."),
    ] = None,
) -> ExitCode:
    """Print who waits for whom.

    Where there are errors it draws what could be told, and exits with 1. Arrows are in running order.
    """
    from compiler.commands.graph import GraphPart, graph
    from compiler.drawing.draw import Wish

    return graph(run.console, path, run.options, format, GraphPart(focus, phase, agent), Wish(fold, waves))


@reads_template("why")
def why(
    run: TemplateRun,
    dependent: Annotated[
        str, typer.Argument(metavar="DEPENDENT", help="The unit that waits.", autocompletion=complete_unit)
    ],
    prerequisite: Annotated[
        str | None,
        typer.Argument(
            metavar="PREREQUISITE",
            help="The unit that it waits for; all if omitted.",
            autocompletion=complete_unit,
        ),
    ] = None,
    path: Folder = ".",
) -> ExitCode:
    """Print the declarations that make one unit wait for another.

    A unit is named by its address, by the end of it, or by its display name, where only one has that.
    """
    from compiler.commands.graph import why

    return why(run.console, path, run.options, dependent, prerequisite)


@reads_template("show")
def show(
    run: TemplateRun,
    unit: Annotated[
        str,
        typer.Argument(
            metavar="UNIT",
            help="A unit: its address, the end of it, or its display name.",
            autocompletion=complete_unit,
        ),
    ],
    path: Folder = ".",
    body: Annotated[bool, typer.Option("--body", help="Print only the body, byte for byte.")] = False,
) -> ExitCode:
    """Print a unit: its place, gates, dependents and body.

    The body is shown as it would run.
    """
    from compiler.commands.show import show

    return show(run.console, path, run.options, unit, body_only=body)


@reads_template("eval")
def evaluate(
    run: TemplateRun,
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="An expression, or - to read one per line.")],
    path: TemplateArgument = ".",
    show_sensitive: Annotated[
        bool, typer.Option("--show-sensitive", help="Print sensitive values like any other.")
    ] = False,
) -> ExitCode:
    """Print what a Terraform expression gives in a template.

    The value is printed as jsonencode would; where it can't be known before apply, the reason, and the exit code is 1.
    """
    from compiler.commands.evaluate import evaluate, evaluate_lines

    if expression == "-":
        return evaluate_lines(run.console, path, run.options, sys.stdin, show_sensitive=show_sensitive)
    return evaluate(run.console, path, run.options, expression, show_sensitive=show_sensitive)


@command("explain")
def explain(
    given: CommandLine,
    code: Annotated[
        str | None,
        typer.Argument(metavar="CODE", help="A diagnostic's code, such as UC203.", autocompletion=complete_code),
    ] = None,
    write: Annotated[
        str | None, typer.Option("--write", metavar="DIR", help="Write all pages into a folder, with a list of them.")
    ] = None,
) -> None:
    """Print what a diagnostic means, with a wrong and a right example."""
    from compiler.commands.explain import explain, write_pages

    console = Console.of_process(disk=given.disk)
    guarded(console, lambda: explain(console, code) if write is None else write_pages(console, Path(write)))
