"""The commands that rehearse, run and watch an order: ``simulate``, ``run`` and ``timeline``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from compiler.command_line.application import TemplateRun, reads_template
from compiler.commands.shared.console import ExitCode

if TYPE_CHECKING:
    from compiler.command_line.parameters import (
        AgentOption,
        Annotated,
        AtOnceOption,
        DurationOption,
        DurationsOption,
        FailOption,
        PhaseOption,
        TemplateArgument,
        TimeoutOption,
        typer,
    )


class SimulateFormat(StrEnum):
    """Forms in which a simulation is printed."""

    TEXT = "text"
    JSON = "json"


class TimelineFormat(StrEnum):
    """Forms in which a timeline is printed."""

    TEXT = "text"
    MERMAID = "mermaid"
    SVG = "svg"
    HTML = "html"
    JSON = "json"


@reads_template("simulate")
def simulate(
    run: TemplateRun,
    path: TemplateArgument = ".",
    fail: FailOption = None,
    timeout: TimeoutOption = None,
    duration: DurationOption = None,
    durations: DurationsOption = None,
    jobs: AtOnceOption = None,
    fail_each: Annotated[
        bool, typer.Option("--fail-each", help="Print what the failure of each unit alone would skip.")
    ] = False,
    phase: PhaseOption = None,
    agent: AgentOption = None,
    format: Annotated[
        SimulateFormat, typer.Option("--format", help="How the result is printed.")
    ] = SimulateFormat.TEXT,
) -> ExitCode:
    """Print who would run, wait and be skipped, and when.

    Nothing is run. The critical path is what decides when the last unit ends.
    """
    from compiler.commands.graph import GraphPart
    from compiler.commands.shared.rehearsal import RehearsalOptions
    from compiler.commands.simulate import simulate

    given = RehearsalOptions(tuple(duration or ()), tuple(durations or ()), tuple(fail or ()), tuple(timeout or ()))
    part = GraphPart(None, phase, agent)
    return simulate(run.console, path, run.options, format, part, given, jobs=jobs, fail_each=fail_each)


@reads_template("run")
def run_(
    run: TemplateRun,
    path: TemplateArgument = ".",
    stub: Annotated[bool, typer.Option("--stub", help="Run a sleep in place of each body.")] = False,
    fail: FailOption = None,
    duration: DurationOption = None,
    durations: DurationsOption = None,
    jobs: AtOnceOption = None,
    phase: PhaseOption = None,
    agent: AgentOption = None,
) -> int:
    """Run the units of a template on this machine, in order, and print the timeline.

    The scripts themselves are run, here and now, unless --stub is given. Exits with the code of the launcher.
    """
    from compiler.commands.graph import GraphPart
    from compiler.commands.run import run_template
    from compiler.commands.shared.rehearsal import RehearsalOptions

    given = RehearsalOptions(tuple(duration or ()), tuple(durations or ()), tuple(fail or ()))
    return run_template(run.console, path, run.options, GraphPart(None, phase, agent), given, jobs=jobs, stub=stub)


@reads_template("timeline")
def timeline(
    run: TemplateRun,
    logs: Annotated[
        list[str], typer.Argument(metavar="LOG", help="An events.tsv, or the folder that it is in; two to compare.")
    ],
    path: Annotated[
        str | None, typer.Option("-C", "--chdir", metavar="DIR", help="The template: it tells why units waited.")
    ] = None,
    format: Annotated[
        TimelineFormat, typer.Option("--format", help="How the timeline is printed.")
    ] = TimelineFormat.TEXT,
) -> ExitCode:
    """Print what happened when, from the launcher's event log.

    In a workspace, sh launcher.sh status says where the log is.
    """
    from compiler.commands.timeline import timeline

    return timeline(run.console, logs, run.options, format, path)
