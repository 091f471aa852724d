"""``unitc timeline``: what happened, from the launcher's event log."""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from compiler.command_line.application import command
from compiler.commands.shared.analysis import analyze_at
from compiler.commands.shared.console import ExitCode, TemplateRun, Usage
from compiler.commands.shared.rehearsal import read_text
from compiler.drawing.timeline import Timeline, from_spans, to_text
from compiler.order.outcome import Requires
from compiler.status.events import BadLog, read_events, spans_of

if TYPE_CHECKING:
    from compiler.command_line.parameters import Annotated, typer
    from compiler.pipeline import Analysis


class TimelineFormat(StrEnum):
    """Forms in which a timeline is printed."""

    TEXT = "text"
    MERMAID = "mermaid"
    SVG = "svg"
    HTML = "html"
    JSON = "json"


@command("timeline")
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
    console = run.console
    if len(logs) > 2:
        raise Usage("name one log, or two to compare them")
    analysis = None if path is None else analyze_at(run, path)
    gates = None if analysis is None else gates_of(analysis)
    timelines = []
    for given in logs:
        name = os.path.join(given, "events.tsv") if console.disk.is_dir(given) else given
        try:
            timelines.append(from_spans(given, spans_of(read_events(read_text(console, name))), gates))
        except BadLog as exc:
            raise Usage(f"{given}: {exc}") from None
    if format is TimelineFormat.HTML:
        console.out(_html(timelines, analysis))
    elif format is TimelineFormat.TEXT:
        console.out(to_text(timelines, console.width(console.stdout)))
    else:
        from compiler.drawing import timeline, timeline_svg

        draw = {"json": timeline.to_json, "mermaid": timeline.to_mermaid, "svg": timeline_svg.to_svg}[format]
        console.out(draw(timelines))
    return ExitCode.OK


def _html(timelines: Sequence[Timeline], analysis: Analysis | None) -> str:
    """Return the page of the logs, with the template's graphs where that is known."""
    from compiler.drawing.draw import Wish, pictures_of
    from compiler.drawing.html import to_html

    if analysis is None:
        return to_html((), (), (), timelines)
    return to_html(analysis.graphs, pictures_of(analysis.graphs, Wish()), analysis.diagnostics, timelines)


def gates_of(analysis: Analysis) -> list[tuple[str, str, Requires]]:
    """Return the gates of all graphs: dependent, prerequisite, what is required of it."""
    return [(edge.dependent, edge.prerequisite, edge.requires) for graph in analysis.graphs for edge in graph.gates]
