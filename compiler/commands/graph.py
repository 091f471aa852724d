"""``unitc graph`` and ``unitc why``: who waits for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from compiler.commands.shared.analysis import analyze_template, ask
from compiler.commands.shared.console import Console, ExitCode, Usage
from compiler.commands.shared.templates_on_disk import find_template
from compiler.commands.shared.units import find_agent, find_unit
from compiler.drawing.traits import titled
from compiler.order.model import Edge, Phase, UnitGraph
from compiler.records import dataclass

if TYPE_CHECKING:
    from compiler.drawing.draw import Wish
    from compiler.pipeline import Analysis, Options


@dataclass(frozen=True, slots=True)
class GraphPart:
    """Which part of the graphs is asked for: None for all of it."""

    focus: str | None = None
    phase: Phase | None = None
    agent: str | None = None


def graph(console: Console, path: str, options: Options, form: str, part: GraphPart, wish: Wish) -> ExitCode:
    """Print the graphs in one of the forms of :mod:`compiler.drawing.draw`."""
    from compiler.drawing.draw import draw

    if form == "json" and wish != type(wish)():
        raise Usage("--format json always contains everything: --waves, --fold and --no-fold belong to drawings")
    template = find_template(console.disk, path)
    analysis = analyze_template(template, options)
    graphs = choose(console, analysis, part)
    if form == "html":
        from compiler.drawing.draw import pictures_of
        from compiler.drawing.html import to_html

        console.out(to_html(graphs, pictures_of(graphs, wish), analysis.diagnostics))
    else:
        console.out(draw(graphs, form, wish, console.width(console.stdout)))
    return console.report_errors(template.given, analysis.diagnostics)


def choose(console: Console, analysis: Analysis, part: GraphPart) -> tuple[UnitGraph, ...]:
    """Return the graphs that were asked for, and say so where there is none.

    Raises :class:`Usage` for a unit or an agent that there isn't.
    """
    from compiler.drawing.picture import select

    focus = None if part.focus is None else find_unit(analysis, part.focus)
    agent = None if part.agent is None else find_agent(analysis, part.agent)
    graphs = select(analysis.graphs, focus=focus, phase=part.phase, agent=agent)
    if not graphs:
        console.note("there are no units" + (f" in the {part.phase} phase" if part.phase else ""))
    return graphs


def place(edge: Edge) -> str:
    """Return where an edge is declared: ``file:line:column``, several with commas."""
    places = [
        f"{o.span.source.name}:{o.span.start_pos.line}:{o.span.start_pos.column} ({o.kind})" for o in edge.origins
    ]
    return ", ".join(places)


def _by_dependent(graph: UnitGraph) -> dict[str, list[Edge]]:
    edges: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        edges.setdefault(edge.dependent, []).append(edge)
    return edges


def _all_ways(graph: UnitGraph, dependent: str, title: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield what a unit waits for, nearest first, each with the declarations that say so."""
    edges = _by_dependent(graph)
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


def why(console: Console, path: str, options: Options, dependent: str, prerequisite: str | None) -> ExitCode:
    """Print the declarations that make one unit wait for another, or for all that it waits for."""
    analysis, code = ask(console, path, options)
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
    console.lines(lines)
    return ExitCode.OK
