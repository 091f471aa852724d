"""``coder exp sync`` as it goes wrong: what releases others undone, and what lets them wait in vain.

A unit has no failure: ``complete`` releases all that want it, whatever happened before, and ``start`` fails after its
timeout, 5 minutes where none is given. Source: https://coder.com/docs/admin/templates/startup-coordination.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.checks.reading.readings import Reading, readings
from compiler.checks.subject import Subject, far_call, order_hint
from compiler.order.forms.exp_sync import SyncCommand, SyncVerb, sync_commands
from compiler.order.inventory import Script
from compiler.order.model import Edge, Phase
from compiler.order.outcome import Requires
from compiler.patterns import regex
from compiler.records import dataclass
from compiler.shell.calls import Invocation
from compiler.source.diagnostics import Diagnostic, also, warning

_SYNC = regex("sync")


# After how many seconds a start gives up where it isn't told otherwise.
_PATIENCE = 300


@dataclass(frozen=True, slots=True)
class _SyncCall:
    """A call and the text in which it stands."""

    reading: Reading
    command: SyncCommand

    @property
    def place(self) -> tuple[int, int]:
        return self.command.call.place

    @property
    def script(self) -> Script:
        return self.reading.script


def check_sync_units(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each call that releases others too early, or never."""
    by_runtime: dict[tuple[str, Phase], list[_SyncCall]] = {}
    for reading in readings(subject, _SYNC, carried=True):
        if reading.script.runtime is None:
            continue
        said = [_SyncCall(reading, command) for command in sync_commands(reading.body) if command.body is reading.body]
        for phase in reading.script.triggers.phases:
            by_runtime.setdefault((reading.script.runtime.address, phase), []).extend(said)
    for said in by_runtime.values():
        waiting = _names(said, SyncVerb.WANT)
        yield from _early(subject, said, waiting)
        yield from _ignored(subject, said, waiting)
        yield from _never_completed(said)
        yield from _twice(said)
    yield from _behind_gates(subject)


def _early(subject: Subject, said: list[_SyncCall], waiting: Mapping[str, list[_SyncCall]]) -> Iterator[Diagnostic]:
    """Yield a warning for each trap that completes a unit and is set before the unit starts."""
    for item in said:
        # A unit that wants nothing starts at once.
        names = set(item.command.unit or ()) & waiting.keys()
        trap = _trap(item) if item.command.verb is SyncVerb.COMPLETE and names else None
        if trap is None:
            continue
        later = [
            other
            for other in said
            if other.reading is item.reading
            and other.command.verb is SyncVerb.START
            and names & set(other.command.unit or ())
            and trap.end <= other.command.call.start
        ]
        # What an installed module does there can't be changed by its caller.
        if later and far_call(subject, item.script) is None:
            name = sorted(names)[0]
            within = [] if trap is item.command.call else [item.reading.label(item.place, "runs then")]
            yield item.reading.finding(
                "UC325",
                trap.place,
                "Unit is completed though it never started",
                f'{item.script.address} sets this trap before it starts "{name}". Where the start fails, as after 5 '
                f'minutes of waiting, the trap completes the unit all the same: every script that wants "{name}" goes '
                "on, though nothing was done.",
                related=[later[0].reading.label(later[0].place, "starts after that"), *within],
                help="set the trap after the start has succeeded",
            )


def _trap(item: _SyncCall) -> Invocation | None:
    """Return the command by which a trap makes a call, itself or by a function; None where it asks something before."""
    call = item.command.call
    if call.visit.conditional:
        return None
    if call.deferred:
        return call
    function = call.visit.function
    sprung = (each for each in item.reading.calls if each.deferred and each.command.name == function)
    return None if function is None else next(sprung, None)


def _ignored(subject: Subject, said: list[_SyncCall], waiting: Mapping[str, list[_SyncCall]]) -> Iterator[Diagnostic]:
    """Yield a warning for each start whose failure is passed over."""
    for item in said:
        visit = item.command.call.visit
        last = item.reading.body.script.body[-1].node
        if item.command.verb is not SyncVerb.START or item.command.call.deferred or visit.background:
            continue
        passed_over = visit.ignored or not (visit.tested or item.reading.stops_on_failure)
        if (
            passed_over
            and waiting.keys() & set(item.command.unit or ())
            and last.end > item.command.call.end
            and far_call(subject, item.script) is None
        ):
            yield item.reading.finding(
                "UC326",
                item.place,
                "Failure of a start is ignored",
                f"Where what it wants isn't complete after 5 minutes, this command fails; {item.script.address} goes "
                "on as if it were.",
                help="let the script end there: set -e at its start, or … || exit 1",
            )


def _names(said: list[_SyncCall], verb: SyncVerb) -> dict[str, list[_SyncCall]]:
    found: dict[str, list[_SyncCall]] = {}
    for item in said:
        if item.command.verb is verb:
            for name in item.command.unit or ():
                found.setdefault(name, []).append(item)
    return found


def _never_completed(said: list[_SyncCall]) -> Iterator[Diagnostic]:
    """Yield a warning for each unit that others want and that is started but never completed."""
    if any(item.command.verb.completes and item.command.unit is None for item in said):
        return
    started, completed = _names(said, SyncVerb.START), _names(said, SyncVerb.COMPLETE)
    wanted = {
        name: item
        for item in reversed(said)
        if item.command.verb is SyncVerb.WANT
        for names in item.command.names[1:]
        for name in names or ()
    }
    for name in sorted(started.keys() & wanted.keys() - completed.keys()):
        first, waiting = started[name][0], wanted[name]
        if not first.reading.body.text.whole:
            continue
        yield first.reading.finding(
            "UC327",
            first.place,
            "Unit that is never completed",
            f'{first.script.address} starts "{name}", and nothing completes it; {waiting.script.address} wants it, and '
            "fails after its timeout, 5 minutes where none is given.",
            related=[waiting.reading.label(waiting.place, "waits for nothing")],
            help=f"end the script with: coder exp sync complete {name}",
        )


def _twice(said: list[_SyncCall]) -> Iterator[Diagnostic]:
    """Yield a warning for each name that two scripts start."""
    for name, items in sorted(_names(said, SyncVerb.START).items()):
        first = items[0]
        other = next((item for item in items if item.script is not first.script), None)
        if other is not None:
            yield other.reading.finding(
                "UC328",
                other.place,
                "Two scripts start one unit",
                f'{other.script.address} and {first.script.address} both start "{name}": the one that comes second '
                "fails, and what wants it goes on after the first.",
                related=[first.reading.label(first.place, f"{first.script.address} starts it too")],
                help="give each script a name of its own",
            )


def _behind_gates(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each script that wants a unit whose script a gate may skip, or keep too long."""
    scripts = {script.address: script for script in subject.inventory.scripts}
    for graph in subject.graphs:
        if not graph.observed:
            continue
        timeouts = {unit.address: unit.timeout or 0 for unit in graph.units}
        skipping: dict[str, Edge] = {}
        long: dict[str, Edge] = {}
        for edge in graph.gates:
            if edge.requires is not Requires.COMPLETION:
                skipping.setdefault(edge.dependent, edge)
            elif timeouts[edge.prerequisite] > _PATIENCE:
                long.setdefault(edge.dependent, edge)
        for edge in graph.observed:
            if edge.prerequisite in skipping:
                hint = order_hint(scripts[edge.dependent], scripts[edge.prerequisite])
                yield _may_never_start(edge, skipping[edge.prerequisite], hint)
            elif edge.prerequisite in long:
                gate = long[edge.prerequisite]
                yield _may_start_late(edge, gate, timeouts[gate.prerequisite])


def _may_never_start(edge: Edge, gate: Edge, hint: str) -> Diagnostic:
    return warning(
        "UC329",
        edge.origins[0].item,
        "Waits for a unit that may never start",
        f"{edge.dependent} wants a unit of {edge.prerequisite}, which is skipped where {gate.prerequisite} fails: then "
        f"the unit is never completed, and {edge.dependent} fails after its timeout, 5 minutes where none is given.",
        related=[also(gate.declared, f"{edge.prerequisite} is skipped where this fails")],
        help=f"let it be skipped as well: {hint}" if hint else (),
    )


def _may_start_late(edge: Edge, gate: Edge, timeout: int) -> Diagnostic:
    # A start has to wait at least until the gate has opened, and as long as usual after it.
    minutes = -(-(timeout + _PATIENCE) // 60)
    return warning(
        "UC329",
        edge.origins[0].item,
        "Waits for a unit that may start too late",
        f"{edge.dependent} wants a unit of {edge.prerequisite}, which first waits for {gate.prerequisite} to end: that "
        f"may take {timeout} s, and {edge.dependent} fails after its timeout, 5 minutes where none is given.",
        related=[also(gate.declared, f"{edge.prerequisite} waits here")],
        help=f"give the start a longer timeout: coder exp sync start … --timeout {minutes}m",
    )
