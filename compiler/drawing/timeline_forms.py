"""Timelines as JSON and as a Gantt chart of Mermaid."""

from __future__ import annotations

import json
from collections.abc import Sequence

from compiler.drawing.timeline import Doing, Timeline, explained
from compiler.order.outcome import Outcome

FORMAT_VERSION = "1"


def to_json(timelines: Sequence[Timeline]) -> str:
    """Return timelines in their machine form: seconds from the first event, units by address."""
    value = {
        "format_version": FORMAT_VERSION,
        "logs": [
            {
                "log": timeline.title,
                "makespan": round(timeline.makespan, 6),
                "critical_path": [address for address, _ in timeline.chain],
                "units": [
                    {
                        "address": bar.address,
                        "outcome": bar.outcome,
                        "start": None if bar.start is None else round(bar.start, 6),
                        "end": None if bar.end is None else round(bar.end, 6),
                        "exit_code": bar.code,
                        "events": [{"time": round(time, 6), "event": word} for time, word in bar.marks],
                    }
                    for bar in sorted(timeline.bars, key=lambda bar: bar.address)
                ],
            }
            for timeline in timelines
        ],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


_TAGS = {Outcome.FAILED: "crit, ", Outcome.TIMED_OUT: "crit, ", Outcome.SUCCEEDED: "done, "}


def _name(text: str) -> str:
    """Return a name of a task. No escape is known there, so what would end it, or isn't printable, is replaced."""
    return "".join("_" if character in ":;#,%\\" or not character.isprintable() else character for character in text)


def to_mermaid(timelines: Sequence[Timeline]) -> str:
    """Return a Gantt chart (https://mermaid.js.org/syntax/gantt.html): a section a log, milliseconds from its begin."""
    lines = ["gantt", "  dateFormat x", "  axisFormat %M:%S"]
    number = 0
    for each in timelines:
        lines.append(f"  section {_name(each.title)}")
        said = {doing: f" ({words})" for doing, words in explained(each).items()}
        for bar in each.bars:
            ran = [stretch for stretch in bar.stretches(each.makespan) if stretch.doing is not Doing.WAITING]
            for stretch in ran if bar.end is not None else ():
                start = round(stretch.start * 1000)
                end = max(round(stretch.end * 1000), start + 1)
                tag = _TAGS.get(bar.outcome, "") if stretch is ran[-1] else "active, "
                lines.append(f"  {_name(bar.address)}{said.get(stretch.doing, '')} :{tag}t{number}, {start}, {end}")
                number += 1
    return "\n".join(lines) + "\n"
