"""Waits that scripts do by themselves: what declares them, and the lines of scripts that do them."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.reading.readings import Reading, readings
from compiler.checks.scripts.polling import file_waits
from compiler.checks.scripts.waiting import check_needless_waits
from compiler.checks.subject import Subject, far_call, order_place
from compiler.migration.compare import DeclaredWait
from compiler.migration.form import Form
from compiler.migration.forms import OUTSIDE, Addition, Left, Move
from compiler.order.claims import Claim
from compiler.order.forms.exp_sync import SyncCommand, sync_commands
from compiler.order.model import Origin, OriginKind
from compiler.order.order import Order
from compiler.order.outcome import Requires
from compiler.pipeline import Analysis
from compiler.source.diagnostics import Edit
from compiler.source.span import Span
from compiler.terraform.configuration.module import Named

# The warning about a script that waits for a file of another one.
_BY_HAND = "UC310"
_AND_OTHERS = "an exp sync call, and so all others,"


def _subject(analysis: Analysis) -> Subject:
    order = analysis.order
    return Subject(analysis.config, order.located, order.inventory, order.bodies, analysis.graphs)


def moves_by_hand(analysis: Analysis, fixed: Order, form: Form) -> Iterator[Move | Left]:
    """Yield how to say what scripts wait for by themselves and no declaration says, or why that can't be said."""
    told = {item.primary.span for item in analysis.diagnostics if item.code == _BY_HAND}
    for wait in file_waits(_subject(analysis)):
        dependent, maker, place = wait.reading.script, wait.maker, wait.reading.body.span(wait.use.start, wait.use.end)
        if place not in told:
            # The warning is silenced: no order is meant.
            continue
        words = f"the loop of {dependent.address}"
        if wait.doubt:
            yield Left(place, words, wait.doubt)
            continue
        same = {script.address: script for script in fixed.inventory.scripts}
        pairs = ((dependent, maker), (same.get(dependent.address), same.get(maker.address)))
        claims = [
            Claim(one, other, phase, Requires.SUCCESS, Origin(OriginKind.DIRECTIVE, place, place))
            for one, other in pairs
            if one is not None and other is not None
            for phase in one.triggers.phases
            if phase in other.triggers.phases
        ]
        yield _move(analysis, form, place, words, claims)
    yield from _observed(analysis, fixed, form)


def _observed(analysis: Analysis, fixed: Order, form: Form) -> Iterator[Move | Left]:
    gates = {(edge.dependent, edge.prerequisite) for graph in analysis.graphs for edge in graph.gates}
    by_pair: dict[tuple[str, str], list[Claim]] = {}
    for claim in (*analysis.order.observed, *fixed.observed):
        pair = (claim.dependent.address, claim.prerequisite.address)
        if pair not in gates:
            by_pair.setdefault(pair, []).append(claim)
    for claims in by_pair.values():
        first = claims[0]
        words = f"the exp sync call by which {first.dependent.address} waits for {first.prerequisite.address}"
        yield _move(analysis, form, first.origin.item, words, claims)


def _move(analysis: Analysis, form: Form, place: Span, words: str, claims: list[Claim]) -> Move | Left:
    first = claims[0]
    found = order_place(first.dependent, first.prerequisite)
    if form is Form.DEPENDS_ON and first.requires is not Requires.SUCCESS:
        return Left(place, words, f"depends_on can't say {first.requires}")
    if found is None:
        return Left(place, words, "no reference can tell the two scripts apart")
    config = analysis.config
    for step in first.dependent.place.path[: found.depth]:
        config = config.children[step.name]
    owner: Named
    if found.owner.startswith("module."):
        owner = config.module.calls[found.owner.removeprefix("module.")]
    else:
        owner = config.module.resources[found.owner]
    block = owner.blocks[0]
    if not block.header_span.own:
        return Left(place, words, OUTSIDE)
    if form is Form.DEPENDS_ON and (found.owner.startswith("coder_agent.") or "coder_agent." in found.reference):
        return Left(place, words, "Terraform takes no attribute in depends_on")
    word = "" if form is Form.DEPENDS_ON else f"depends_on_{first.requires}"
    additions = () if form is Form.RULES else (Addition(block, word, found.reference),)
    declared = DeclaredWait(first.dependent.address, first.prerequisite.address, first.requires)
    return Move(place, words, tuple(claims), additions, None, (declared,))


def needless_lines(analysis: Analysis) -> tuple[list[tuple[Edit, ...]], list[Left]]:
    """Return the edits that remove what scripts do by hand and declarations do as well, and what can't be removed.

    The edits are in groups that are made together.
    """
    subject = _subject(analysis)
    loops = list(check_needless_waits(subject))
    edits = [item.edits for item in loops if item.edits]
    left = [
        Left(item.primary.span, "a needless loop", "it does more than wait, or isn't on lines of its own")
        for item in loops
        if not item.edits
    ]
    calls = [
        (reading, command)
        for reading in readings(subject, carried=True)
        if "sync" in reading.body.text.text
        for command in sync_commands(reading.body)
        if command.body is reading.body
    ]
    lines = [_line(subject, reading, command) for reading, command in calls]
    both = zip(calls, lines, strict=True)
    # A script that calls relies on all others that do: one call that stays needs the rest.
    stay = [Left(call.span, _AND_OTHERS, "it isn't on lines of its own") for (_, call), line in both if line is None]
    stay += [Left(call.span, _AND_OTHERS, "its names can't be read") for _, call in calls if None in call.names]
    stay += [
        Left(edge.origins[0].item, _AND_OTHERS, "no declaration says the same")
        for graph in analysis.graphs
        for edge in graph.edges
        if not edge.is_gate
    ]
    together = tuple(line for line in lines if line is not None)
    if together and not stay:
        edits.append(together)
    return list(dict.fromkeys(edits)), [*left, *stay]


def _line(subject: Subject, reading: Reading, command: SyncCommand) -> Edit | None:
    """Return the edit that removes a call with its lines; None where it is part of something else."""
    start, end = command.call.start, command.call.end
    outermost = any((item.node.start, item.node.end) == (start, end) for item in reading.body.script.body)
    text = reading.body.text
    if reading.body.layer or not outermost or command.call.deferred or not text.exact(start, end):
        return None
    span = reading.body.span(start, end)
    lines = span.whole_lines()
    if far_call(subject, reading.script) is not None or not span.own or lines is None:
        return None
    return Edit(lines, "")
