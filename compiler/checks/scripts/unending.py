"""Start scripts that never end, where a login or another script waits for their end."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.login import blocking_scripts
from compiler.checks.reading.endings import ENDLESS, endless
from compiler.checks.reading.readings import Reading, readings
from compiler.checks.subject import Subject
from compiler.order.model import Edge, Phase
from compiler.order.outcome import Requires
from compiler.source.diagnostics import Diagnostic, also


def check_unending(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each start script that goes on for ever though its end is waited for."""
    endless_ones = [reading for reading in readings(subject, ENDLESS) if reading.script.triggers.start]
    if not endless_ones:
        return
    blocking = blocking_scripts(subject)
    waited: dict[str, Edge] = {}
    for graph in subject.graphs:
        if graph.phase is Phase.START:
            for edge in graph.gates:
                # Who waits for it to fail waits for what it is not expected to do.
                if edge.requires in (Requires.COMPLETION, Requires.SUCCESS):
                    waited.setdefault(edge.prerequisite, edge)
    for reading in endless_ones:
        address = reading.script.address
        if blocking.get(address) or address in waited:
            node = endless(reading.body.script.body)
            if node is not None:
                yield _told(reading, (node.start, node.end), waited.get(address))


def _told(reading: Reading, place: tuple[int, int], edge: Edge | None) -> Diagnostic:
    start, end = place
    text = reading.body.script.text[start:end]
    address = reading.script.address
    whom = f"{edge.dependent} waits for its end" if edge is not None else "logins wait for its end"
    return reading.finding(
        "UC336",
        (start, start + len(text.split("\n")[0].rstrip())),
        "Never ends, but is waited for",
        f"{address} goes on here until the workspace stops, and {whom}.",
        related=() if edge is None else [also(edge.origins[0].item, "waits for the end")],
        help=("let it go on in the background: … >/tmp/server.log 2>&1 &", *([] if edge is None else _sooner(reading))),
    )


def _sooner(reading: Reading) -> list[str]:
    """Return what else others can wait for."""
    if reading.script.conduct.ready is not None:
        return ["or let the others wait until it is ready: # unitc: depends_on_ready = […]"]
    return [
        'or say when it is ready (# unitc: ready = "…"), and let the others wait for that: '
        "# unitc: depends_on_ready = […]",
        "or let the others wait for its start only: # unitc: depends_on_start = […]",
    ]
