"""``unitc show``: one unit, with its gates, its dependents and its body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from compiler.commands.graph import place
from compiler.commands.shared.analysis import ask
from compiler.commands.shared.console import Console, ExitCode
from compiler.commands.shared.units import find_unit
from compiler.drawing.traits import titled
from compiler.order.model import Conduct, KnownBody, Notify, ScriptBody, Unit, UnitGraph

if TYPE_CHECKING:
    from compiler.pipeline import Options


def _facts(unit: Unit, graph: UnitGraph, title: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield what is known of a unit, each line with its indentation."""
    pos = unit.span.start_pos
    yield 0, f"{titled(unit)}, phase {graph.phase}, run by {graph.runtime}"
    yield 2, f"declared at {unit.span.source.name}:{pos.line}:{pos.column}"
    for trait in traits(unit):
        yield 2, trait
    gates = [edge for edge in graph.edges if edge.dependent == unit.address]
    yield 2, "waits for:" if gates else "waits for nothing"
    for edge in gates:
        yield 4, f"{title[edge.prerequisite]} ({edge.requires}): {place(edge)}"
    dependents = [edge for edge in graph.edges if edge.prerequisite == unit.address]
    yield 2, "is waited for by:" if dependents else "nothing waits for it"
    for edge in dependents:
        yield 4, f"{title[edge.dependent]} ({edge.requires}): {place(edge)}"


def traits(unit: Unit) -> Iterator[str]:
    """Yield what is to be known of a unit beside its names, place, gates and body, each as a few words."""
    if unit.group:
        yield "a group: how many instances there are is known only at apply"
    if unit.timeout is not None:
        yield f"timeout {unit.timeout} s"
    if unit.gate_timeout is not None:
        yield f"waits at most {unit.gate_timeout} s"
    if unit.mutexes:
        yield f"never runs beside units that hold {', '.join(map(repr, unit.mutexes))}"
    yield from _conduct(unit.conduct)


def _conduct(conduct: Conduct) -> Iterator[str]:
    """Yield what a unit says of itself."""
    match conduct.ready:
        case None:
            pass
        case Notify():
            yield 'says that it is ready by running "$UNITC_READY"'
        case command:
            yield f"is ready once {_shown(command)} succeeds, tried every {conduct.ready_interval} s"
    if conduct.unless is not None:
        yield f"isn't run where {_shown(conduct.unless)} succeeds"
    if conduct.retries:
        times = "once more" if conduct.retries == 1 else f"up to {conduct.retries} times more"
        yield f"is run {times} where it fails, after {conduct.retry_delay} s"
    if conduct.optional:
        yield "optional: its failure doesn't count"


def _shown(command: ScriptBody) -> str:
    return repr(command.text) if isinstance(command, KnownBody) else f"a command known only at apply ({command.reason})"


def show(console: Console, path: str, options: Options, name: str, *, body_only: bool) -> ExitCode:
    """Print a unit, or only its body, byte for byte; exit code 1 where that isn't known before apply.

    A body's lines are never broken, since where a line ends counts in a script.
    """
    analysis, code = ask(console, path, options)
    address = find_unit(analysis, name)
    found = [(unit, graph) for graph in analysis.graphs for unit in graph.units if unit.address == address]
    body = found[0][0].body
    if body_only:
        if not isinstance(body, KnownBody):
            console.fail(f"the body of {address} is known only at apply: {body.reason}")
            return ExitCode.ERRORS
        console.out(body.text)
        return code
    for unit, graph in found:
        console.lines(_facts(unit, graph, {each.address: titled(each) for each in graph.units}))
    if isinstance(body, KnownBody):
        *whole, rest = body.text.split("\n")
        lines = ["  body:", *(f"    | {line}" if line else "    |" for line in whole)]
        if rest:
            lines.append(f"    | {rest}  (no final newline)")
        console.out("".join(f"{line}\n" for line in lines))
    else:
        console.lines([(2, f"body known only at apply: {body.reason}")])
    return code
