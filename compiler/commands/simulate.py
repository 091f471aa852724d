"""``unitc simulate``: who runs, waits and is skipped, and when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from compiler.commands.graph import GraphPart, choose
from compiler.commands.shared.analysis import ask
from compiler.commands.shared.console import Console, ExitCode
from compiler.commands.shared.rehearsal import Rehearsal, RehearsalOptions, failing, rehearse, schedule_of
from compiler.drawing.timeline import duration, from_schedule, hanging, to_text
from compiler.order.model import UnitGraph
from compiler.order.outcome import Outcome
from compiler.status.schedule import Schedule

if TYPE_CHECKING:
    from compiler.pipeline import Options

_LESS = 10.0
"""Seconds by which each unit on the critical path is made shorter, to see what that is good for."""


def simulate(
    console: Console,
    path: str,
    options: Options,
    form: str,
    part: GraphPart,
    given: RehearsalOptions,
    *,
    jobs: int | None,
    fail_each: bool,
) -> ExitCode:
    """Print what a run comes to, as ``text`` or ``json``; with ``fail_each`` what each single failure skips."""
    analysis, code = ask(console, path, options)
    if code is not ExitCode.OK:
        return code
    graphs = choose(console, analysis, part)
    rehearsal = rehearse(console, analysis, given)
    runs = [(graph, schedule_of(graph, rehearsal, jobs=jobs)) for graph in graphs]
    if fail_each:
        table = [(graph, schedule, _fail_each(graph, rehearsal, jobs)) for graph, schedule in runs]
        console.out(_failures_json(table) if form == "json" else _failures_text(table, console.width(console.stdout)))
    else:
        console.out(_json(runs) if form == "json" else _text(runs, rehearsal, jobs, console.width(console.stdout)))
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
    return {
        unit.address: schedule_of(graph, failing(rehearsal, [unit.address]), jobs=jobs)
        for unit in sorted(graph.units, key=lambda unit: unit.address)
    }


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
