"""``unitc show``: one unit, with its gates, its dependents and its body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from compiler.command_line.application import command
from compiler.commands.graph import place
from compiler.commands.shared.analysis import ask
from compiler.commands.shared.console import ExitCode, TemplateRun
from compiler.commands.shared.units import find_unit
from compiler.drawing.traits import sentences, titled
from compiler.order.model import KnownBody, Unit, UnitGraph

if TYPE_CHECKING:
    from compiler.command_line.parameters import Annotated, Folder, complete_unit, typer


@command("show")
def show(
    run: TemplateRun,
    unit: Annotated[
        str,
        typer.Argument(
            metavar="UNIT",
            help="A unit: its address, the end of it, or its display name.",
            autocompletion=complete_unit,
        ),
    ],
    path: Folder = ".",
    body: Annotated[bool, typer.Option("--body", help="Print only the body, byte for byte.")] = False,
) -> ExitCode:
    """Print a unit: its place, gates, dependents and body.

    The body is shown as it would run.
    """
    analysis, code = ask(run, path)
    address = find_unit(analysis, unit)
    found = [(each, graph) for graph in analysis.graphs for each in graph.units if each.address == address]
    runs = found[0][0].body
    if body:
        if not isinstance(runs, KnownBody):
            run.console.fail(f"the body of {address} is known only at apply: {runs.reason}")
            return ExitCode.ERRORS
        run.console.out(runs.text)
        return code
    for each, graph in found:
        run.console.lines(_facts(each, graph, {other.address: titled(other) for other in graph.units}))
    if isinstance(runs, KnownBody):
        # Where a line ends counts in a script, so none is broken.
        *whole, rest = runs.text.split("\n")
        lines = ["  body:", *(f"    | {line}" if line else "    |" for line in whole)]
        if rest:
            lines.append(f"    | {rest}  (no final newline)")
        run.console.out("".join(f"{line}\n" for line in lines))
    else:
        run.console.lines([(2, f"body known only at apply: {runs.reason}")])
    return code


def _facts(unit: Unit, graph: UnitGraph, title: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield what is known of a unit, each line with its indentation."""
    pos = unit.span.start_pos
    yield 0, f"{titled(unit)}, phase {graph.phase}, run by {graph.runtime}"
    yield 2, f"declared at {unit.span.source.name}:{pos.line}:{pos.column}"
    for sentence in sentences(unit):
        yield 2, sentence
    gates = [edge for edge in graph.edges if edge.dependent == unit.address]
    yield 2, "waits for:" if gates else "waits for nothing"
    for edge in gates:
        yield 4, f"{title[edge.prerequisite]} ({edge.requires}): {place(edge)}"
    dependents = [edge for edge in graph.edges if edge.prerequisite == unit.address]
    yield 2, "is waited for by:" if dependents else "nothing waits for it"
    for edge in dependents:
        yield 4, f"{title[edge.dependent]} ({edge.requires}): {place(edge)}"
