"""``unitc graph`` and ``unitc why``: who waits for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from compiler.command_line.application import command
from compiler.commands.shared.analysis import analyze_at, ask
from compiler.commands.shared.console import Console, ExitCode, TemplateRun, Usage
from compiler.commands.shared.units import find_agent, find_unit
from compiler.drawing.traits import titled
from compiler.order.model import Edge, Phase, UnitGraph

if TYPE_CHECKING:
    from compiler.command_line.parameters import (
        AgentOption,
        Annotated,
        Folder,
        PhaseOption,
        TemplateArgument,
        complete_unit,
        typer,
    )
    from compiler.pipeline import Analysis


class GraphFormat(StrEnum):
    """Forms in which the graph is printed."""

    TREE = "tree"
    DOT = "dot"
    MERMAID = "mermaid"
    SVG = "svg"
    HTML = "html"
    JSON = "json"


@command("graph")
def graph(
    run: TemplateRun,
    path: TemplateArgument = ".",
    format: Annotated[GraphFormat, typer.Option("--format", help="How the graph is printed.")] = GraphFormat.TREE,
    focus: Annotated[
        str | None,
        typer.Option(
            "--focus",
            metavar="UNIT",
            help="Only a unit, what it waits for, and what waits for it.",
            autocompletion=complete_unit,
        ),
    ] = None,
    phase: PhaseOption = None,
    agent: AgentOption = None,
    waves: Annotated[bool, typer.Option("--waves", help="Show what can run at the same time.")] = False,
    fold: Annotated[
        bool | None,
        typer.Option("--fold/--no-fold", help="Draw a module as one box; by default in large graphs only."),
    ] = None,
) -> ExitCode:
    """Print who waits for whom.

    Where there are errors it draws what could be told, and exits with 1. Arrows are in running order.
    """
    from compiler.drawing.draw import Wish, draw

    wish = Wish(fold, waves)
    if format is GraphFormat.JSON and wish != Wish():
        raise Usage("--format json always contains everything: --waves, --fold and --no-fold belong to drawings")
    analysis = analyze_at(run, path)
    graphs = choose(run.console, analysis, focus, phase, agent)
    if format is GraphFormat.HTML:
        from compiler.drawing.draw import pictures_of
        from compiler.drawing.html import to_html

        run.console.out(to_html(graphs, pictures_of(graphs, wish), analysis.diagnostics))
    else:
        run.console.out(draw(graphs, format, wish, run.console.width(run.console.stdout)))
    return run.console.report_errors(path, analysis.diagnostics)


def choose(
    console: Console, analysis: Analysis, focus: str | None, phase: Phase | None, agent: str | None
) -> tuple[UnitGraph, ...]:
    """Return the graphs that were asked for, None for all, and say so where there is none.

    Raises :class:`Usage` for a unit or an agent that there isn't.
    """
    from compiler.drawing.picture import select

    focus = None if focus is None else find_unit(analysis, focus)
    agent = None if agent is None else find_agent(analysis, agent)
    graphs = select(analysis.graphs, focus=focus, phase=phase, agent=agent)
    if not graphs:
        console.note("there are no units" + (f" in the {phase} phase" if phase else ""))
    return graphs


def place(edge: Edge) -> str:
    """Return where an edge is declared: ``file:line:column``, several with commas."""
    places = [
        f"{o.span.source.name}:{o.span.start_pos.line}:{o.span.start_pos.column} ({o.kind})" for o in edge.origins
    ]
    return ", ".join(places)


def _all_ways(graph: UnitGraph, dependent: str, title: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield what a unit waits for, nearest first, each with the declarations that say so."""
    from compiler.drawing.picture import by_dependent

    edges = by_dependent(graph)
    direct = edges.get(dependent, [])
    if not direct:
        yield 0, f"{title[dependent]} waits for nothing in the phase {graph.phase}."
        return
    yield 0, f"{title[dependent]} waits in the phase {graph.phase} for:"
    for edge in direct:
        yield 2, f"{title[edge.prerequisite]} ({edge.requires}): {place(edge)}"
    seen = {dependent, *(edge.prerequisite for edge in direct)}
    pending = [edge.prerequisite for edge in direct]
    indirect = []
    while pending:
        for edge in edges.get(pending.pop(0), []):
            if edge.prerequisite not in seen:
                seen.add(edge.prerequisite)
                pending.append(edge.prerequisite)
                indirect.append(edge)
    if indirect:
        yield 0, "and through them for:"
        for edge in indirect:
            yield 2, f"{title[edge.prerequisite]} ({edge.requires}, by {edge.dependent}): {place(edge)}"


def _one_way(
    graph: UnitGraph, dependent: str, prerequisite: str, title: Mapping[str, str]
) -> Iterator[tuple[int, str]]:
    """Yield the shortest chain of declarations that makes one unit wait for the other, nothing where there is none."""
    from itertools import pairwise

    from compiler.order.graph import OrderGraph

    by_pair = {(edge.dependent, edge.prerequisite): edge for edge in graph.edges}
    order = OrderGraph.build(
        (unit.address for unit in graph.units), ((one, other, edge.requires) for (one, other), edge in by_pair.items())
    )
    path = order.why(dependent, prerequisite)
    if not path:
        return
    yield 0, f"{title[dependent]} waits for {title[prerequisite]} in the phase {graph.phase}:"
    for first, then in reversed(list(pairwise(path))):
        edge = by_pair[then, first]
        yield 2, f"{then} waits for {first} ({edge.requires}): {place(edge)}"


@command("why")
def why(
    run: TemplateRun,
    dependent: Annotated[
        str, typer.Argument(metavar="DEPENDENT", help="The unit that waits.", autocompletion=complete_unit)
    ],
    prerequisite: Annotated[
        str | None,
        typer.Argument(
            metavar="PREREQUISITE",
            help="The unit that it waits for; all if omitted.",
            autocompletion=complete_unit,
        ),
    ] = None,
    path: Folder = ".",
) -> ExitCode:
    """Print the declarations that make one unit wait for another.

    A unit is named by its address, by the end of it, or by its display name, where only one has that.
    """
    analysis, code = ask(run, path)
    if code is not ExitCode.OK:
        return code
    late = find_unit(analysis, dependent)
    early = None if prerequisite is None else find_unit(analysis, prerequisite)
    lines: list[tuple[int, str]] = []
    title = {unit.address: titled(unit) for graph in analysis.graphs for unit in graph.units}
    for graph in analysis.graphs:
        members = {unit.address for unit in graph.units}
        if early is None and late in members:
            lines.extend(_all_ways(graph, late, title))
        elif early is not None and {late, early} <= members:
            lines.extend(_one_way(graph, late, early, title))
    if early is not None and not lines:
        lines.append((0, f"{title[late]} does not wait for {title[early]}."))
    run.console.lines(lines)
    return ExitCode.OK
