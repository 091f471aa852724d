"""``unitc simulate``: who runs, waits and is skipped, and when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from compiler.command_line.application import command
from compiler.commands.graph import choose
from compiler.commands.shared.analysis import ask
from compiler.commands.shared.console import ExitCode, TemplateRun
from compiler.commands.shared.rehearsal import Rehearsal, rehearse, schedule_of
from compiler.drawing.timeline import duration, from_schedule, hanging, to_text
from compiler.order.model import UnitGraph
from compiler.order.outcome import Outcome
from compiler.status.schedule import Schedule

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

_LESS = 10.0
"""Seconds by which each unit on the critical path is made shorter, to see what that is good for."""


class SimulateFormat(StrEnum):
    """Forms in which a simulation is printed."""

    TEXT = "text"
    JSON = "json"


@command("simulate")
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
    console = run.console
    analysis, code = ask(run, path)
    if code is not ExitCode.OK:
        return code
    graphs = choose(console, analysis, None, phase, agent)
    rehearsal = rehearse(console, analysis, duration, durations, fail, timeout)
    runs = [(graph, schedule_of(graph, rehearsal, jobs=jobs)) for graph in graphs]
    as_json, width = format is SimulateFormat.JSON, console.width(console.stdout)
    if fail_each:
        table = [(graph, schedule, _fail_each(graph, rehearsal, jobs)) for graph, schedule in runs]
        console.out(_failures_json(table) if as_json else _failures_text(table, width))
    else:
        console.out(_json(runs) if as_json else _text(runs, rehearsal, jobs, width))
    return ExitCode.OK


def _text(runs: list[tuple[UnitGraph, Schedule]], rehearsal: Rehearsal, jobs: int | None, width: int | None) -> str:
    parts = []
    for graph, schedule in runs:
        title = f"{graph.runtime}, phase {graph.phase}"
        lines = [to_text([from_schedule(title, schedule)], width)]
        lines += (f"{line}\n" for note in _notes(graph, schedule, rehearsal, jobs) for line in hanging(note, width))
        parts.append("".join(lines))
    return "\n".join(parts)


def _notes(graph: UnitGraph, schedule: Schedule, rehearsal: Rehearsal, jobs: int | None) -> Iterator[str]:
    for address in schedule.critical_path():
        course = schedule.units[address]
        took = course.end - (course.start or 0)
        less = min(_LESS, took)
        if less <= 0:
            continue
        shorter = Rehearsal({**rehearsal.seconds, address: took - less}, rehearsal.outcomes)
        earlier = schedule.makespan - schedule_of(graph, shorter, jobs=jobs).makespan
        if earlier > 0.0005:
            yield f"  {duration(less)} less in {address} ends the {graph.phase} {duration(earlier)} earlier"
        else:
            yield f"  {duration(less)} less in {address} changes nothing: something else takes as long"
    assumed = [unit.address for unit in graph.units if unit.address not in rehearsal.seconds]
    if assumed:
        who = f"{len(assumed)} of {len(graph.units)} units" if len(assumed) > 1 else assumed[0]
        are = "are" if len(assumed) > 1 else "is"
        yield f"  {who} {are} assumed to take 1 s; --duration UNIT=20s or --durations FILE says more"
    by_itself = sum(not edge.is_gate for edge in graph.edges)
    if by_itself:
        yield f"  scripts that wait by coder exp sync ({by_itself} orders) are not made to wait here"


def _json(runs: list[tuple[UnitGraph, Schedule]]) -> str:
    value = {
        "format_version": "1",
        "runs": [
            {
                "runtime": graph.runtime,
                "phase": graph.phase,
                "makespan": _seconds(schedule.makespan),
                "critical_path": list(schedule.critical_path()),
                "units": [
                    {
                        "address": course.address,
                        "outcome": course.outcome,
                        "start": _seconds(course.start),
                        "end": _seconds(course.end),
                        "because": None
                        if course.because is None
                        else {
                            "prerequisite": course.because.prerequisite,
                            "requires": course.because.requires,
                            "outcome": course.because.outcome,
                        },
                    }
                    for course in schedule.units.values()
                ],
            }
            for graph, schedule in runs
        ],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _fail_each(graph: UnitGraph, rehearsal: Rehearsal, jobs: int | None) -> dict[str, Schedule]:
    found = {}
    for address in sorted(unit.address for unit in graph.units):
        failing = Rehearsal(rehearsal.seconds, {**rehearsal.outcomes, address: Outcome.FAILED})
        found[address] = schedule_of(graph, failing, jobs=jobs)
    return found


def _lost(schedule: Schedule) -> list[str]:
    return [course.address for course in schedule.units.values() if course.outcome is Outcome.SKIPPED]


_FailureTable = list[tuple[UnitGraph, Schedule, dict[str, Schedule]]]


def _failures_text(table: _FailureTable, width: int | None) -> str:
    parts = []
    for graph, schedule, each in table:
        usual = set(_lost(schedule))
        lines = [f"{graph.runtime}, phase {graph.phase}: what each single failure skips"]
        for address, failed in sorted(each.items(), key=lambda item: (-len(_lost(item[1])), item[0])):
            lost = [other for other in _lost(failed) if other not in usual]
            what = f"skips {len(lost)}: {', '.join(lost)}" if lost else "skips nothing"
            lines.append(f"  {address} {what}")
        parts.append("".join(f"{part}\n" for line in lines for part in hanging(line, width)))
    return "\n".join(parts)


def _failures_json(table: _FailureTable) -> str:
    value = {
        "format_version": "1",
        "failures": [
            {"runtime": graph.runtime, "phase": graph.phase, "unit": address, "skipped": _lost(failed)}
            for graph, _, each in table
            for address, failed in each.items()
        ],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
