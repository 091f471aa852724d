"""Scripts that keep people from logging in, and start scripts that never end though something waits for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.checks.reading.endings import ENDLESS, endless
from compiler.checks.reading.places import editable_block
from compiler.checks.reading.readings import Reading, readings
from compiler.checks.subject import Subject, prerequisites
from compiler.order.inventory import Script
from compiler.order.model import Edge, Phase, UnitGraph
from compiler.order.outcome import Requires
from compiler.source.diagnostics import Diagnostic, also, warning


def check_login(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning where a login waits for more than the scripts that say so, or for ever."""
    blocking = blocking_scripts(subject)
    if not any(blocking.values()):
        return
    scripts = {script.address: script for script in subject.inventory.scripts}
    for graph in subject.graphs:
        if graph.phase is not Phase.START:
            continue
        for edge in graph.gates:
            if edge.requires is not Requires.START:
                yield from _in_passing(subject, edge, blocking, scripts)
        yield from _for_ever(subject, graph, blocking, scripts)


def blocking_scripts(subject: Subject) -> Mapping[str, bool]:
    """Return whether each script blocks logins, by address, where that is known."""
    found: dict[str, bool] = {}
    for item in subject.declared:
        if not item.exists:
            continue
        if item.resource.type == "coder_agent":
            address, name = f"{item.address}.startup_script", "startup_script_behavior"
        else:
            address, name = item.address, "start_blocks_login"
        if item.attribute(name) is None:
            found[address] = False
            continue
        value = item.value(name)
        if value is not None and value.is_known:
            found[address] = value.data in (True, "blocking")
    return found


# What of a script is waited for, where it isn't its end.
_AWAITED = {Requires.READY: " to be ready", Requires.FAILURE: " to fail or end otherwise"}


def _in_passing(
    subject: Subject, edge: Edge, blocking: Mapping[str, bool], scripts: Mapping[str, Script]
) -> Iterator[Diagnostic]:
    """Yield a warning where a script that blocks logins waits for one that doesn't."""
    prerequisite = scripts[edge.prerequisite]
    if not blocking.get(edge.dependent) or blocking.get(edge.prerequisite, True):
        return
    origin = edge.origins[0]
    span, block = editable_block(subject, prerequisite)
    say_so = (
        "start_blocks_login = true" if prerequisite.argument == "script" else 'startup_script_behavior = "blocking"'
    )
    yield warning(
        "UC312",
        origin.item,
        "Login waits for a script that doesn't block it",
        f"{edge.dependent} blocks logins until it has ended, and it waits for {edge.prerequisite}"
        f"{_AWAITED.get(edge.requires, '')}, which doesn't block them; so logins wait for that as well.",
        related=[
            also(editable_block(subject, scripts[edge.dependent])[0], "blocks logins"),
            also(span, "doesn't block logins"),
        ],
        help="if that isn't meant, remove the order, or stop the waiting script from blocking logins"
        if edge.requires is Requires.READY
        else f"say so in {block}: {say_so}"
        if block == prerequisite.resource.address
        else f"see whether {block} has an input for it, or remove the order: # unitc: depends_on_none = [{block}]",
    )


def _for_ever(
    subject: Subject, graph: UnitGraph, blocking: Mapping[str, bool], scripts: Mapping[str, Script]
) -> Iterator[Diagnostic]:
    """Yield a warning for each script without a timeout that a script which blocks logins waits for."""
    bounded = {unit.address for unit in graph.units if unit.gate_timeout is not None}
    steps = prerequisites(
        edge for edge in graph.gates if edge.requires is not Requires.START and edge.dependent not in bounded
    )
    # What is only waited for to become ready may well go on for ever, and a timeout would end it.
    ended = {edge.prerequisite for edge in graph.gates if edge.requires.of_the_end}
    dependents: dict[str, str] = {}
    for unit in graph.units:
        pending = [unit.address] if blocking.get(unit.address) else []
        while pending:
            for address in steps.get(pending.pop(), ()):
                # What is known already was followed to its end.
                if address not in dependents:
                    dependents[address] = unit.address
                    pending.append(address)
    for address in sorted(dependents):
        prerequisite = scripts[address]
        if prerequisite.resource.block.body.attribute("timeout") is not None:
            continue
        first = scripts[dependents[address]]
        (span, block), (first_span, first_block) = (editable_block(subject, item) for item in (prerequisite, first))
        by_timeout = f"set timeout in {block}, in seconds"
        by_gate = f"bound the waiting in {first_block}: # unitc: gate_timeout = 300"
        own = prerequisite.argument == "script" and block == prerequisite.resource.address
        yield warning(
            "UC313",
            span,
            "Login may wait forever",
            (
                f"{address} has no timeout, and {first.address} waits for it"
                if address in ended
                else f"{first.address} waits for {address} to be ready"
            )
            + " and blocks logins: if the first one hangs, logins wait with it.",
            label="has no timeout" if address in ended else "may never be ready",
            related=[also(first_span, "blocks logins")],
            help=(by_timeout, f"or {by_gate}") if own and address in ended else by_gate,
        )


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
                yield _goes_on(reading, (node.start, node.end), waited.get(address))


def _goes_on(reading: Reading, place: tuple[int, int], edge: Edge | None) -> Diagnostic:
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
