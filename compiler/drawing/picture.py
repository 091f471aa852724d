"""What a drawing shows of a graph: the part that was asked for, with modules folded where there is too much.

A :class:`Picture` is made of one graph and drawn by every form that draws boxes and arrows, so that all of them show
the same. Nothing in it is quoted; each form has one function for that. How each requirement looks is a row of
:data:`EDGE_KINDS`: kinds are told apart by line and by word, not by colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from compiler.drawing.layout import break_cycles, waves
from compiler.drawing.traits import traits
from compiler.order.graph import knots, reach
from compiler.order.model import Edge, Phase, Unit, UnitGraph
from compiler.order.outcome import Requires
from compiler.patterns import regex
from compiler.records import dataclass, replace

FOLD_ABOVE = 120
"""More units than this are drawn with their modules folded, unless something else is asked for."""

_CALL = regex(r'module\.[^.\[]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?')


@dataclass(frozen=True, slots=True)
class EdgeKind:
    """One kind of edge: its word, empty for none, and its line in each form.

    ``dot`` is a style of Graphviz, ``mermaid`` an arrow of a flowchart, ``dash`` a dash pattern of SVG, empty for a
    line without gaps.
    """

    word: str
    dot: str
    mermaid: str
    dash: str


# Success is what an edge requires unless it says otherwise, so it has the plain line and no word.
EDGE_KINDS: Mapping[Requires, EdgeKind] = MappingProxyType(
    {
        Requires.START: EdgeKind("start", dot="dotted", mermaid="-.->", dash="2 4"),
        Requires.READY: EdgeKind("ready", dot="dotted", mermaid="-.->", dash="2 4"),
        Requires.COMPLETION: EdgeKind("completion", dot="dashed", mermaid="-.->", dash="8 4"),
        Requires.FAILURE: EdgeKind("failure", dot="dashed", mermaid="-.->", dash="8 4"),
        Requires.SUCCESS: EdgeKind("", dot="solid", mermaid="-->", dash=""),
    }
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A box: a unit, or a folded module.

    ``key`` is the address of that. ``title`` is the address without ``boxes``, the addresses of the boxes around it,
    outermost first. ``name`` is a unit's display name; ``notes`` say what else is to be known of it. ``group`` marks a
    unit whose instances can't be known before apply. ``members`` are the addresses of the units that the box stands
    for, one for a unit. ``faulty``: a unit of it is part of a cycle.
    """

    key: str
    title: str
    boxes: tuple[str, ...]
    name: str | None
    notes: tuple[str, ...]
    group: bool
    members: tuple[str, ...]
    folded: bool
    faulty: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow in running order, from prerequisite to dependent, both as positions in the picture's nodes.

    ``count`` is how many edges it stands for, more than one only at a folded module; ``requires`` is then the strongest
    of them. ``by_itself``: only ``coder exp sync`` in the script makes the dependent wait. ``faulty``: part of a cycle.
    """

    source: int
    target: int
    requires: Requires
    by_itself: bool
    faulty: bool
    count: int = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """One graph to draw: nodes by key, arrows by target, then source, and the nodes in waves, by position."""

    runtime: str
    phase: Phase
    nodes: tuple[Shape, ...]
    arrows: tuple[Arrow, ...]
    waves: tuple[tuple[int, ...], ...]

    @property
    def title(self) -> str:
        """What the whole is called."""
        return f"{self.runtime}, phase {self.phase}"


def select(
    graphs: Iterable[UnitGraph], *, focus: str | None = None, phase: Phase | None = None, agent: str | None = None
) -> tuple[UnitGraph, ...]:
    """Return the graphs of a phase and of an agent, and of each what :func:`focus_on` leaves; those with units left."""
    kept = (graph for graph in graphs if phase in (None, graph.phase) and (agent is None or graph.runtime == agent))
    if focus is None:
        return tuple(kept)
    return tuple(graph for graph in (focus_on(each, focus) for each in kept) if graph.units)


def focus_on(graph: UnitGraph, address: str) -> UnitGraph:
    """Return a unit with everything that it waits for and everything that waits for it, directly or not."""
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for edge in graph.edges:
        before.setdefault(edge.dependent, []).append(edge.prerequisite)
        after.setdefault(edge.prerequisite, []).append(edge.dependent)
    kept = {address} | reach([address], before) | reach([address], after)
    return replace(
        graph,
        units=tuple(unit for unit in graph.units if unit.address in kept),
        edges=tuple(edge for edge in graph.edges if edge.dependent in kept and edge.prerequisite in kept),
    )


def by_dependent(graph: UnitGraph) -> dict[str, list[Edge]]:
    """Return the edges of a graph by what waits, in the graph's order."""
    edges: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        edges.setdefault(edge.dependent, []).append(edge)
    return edges


def modules_of(address: str) -> tuple[str, ...]:
    """Return the addresses of the module instances that a unit stands in, outermost first."""
    found: list[str] = []
    at = 0
    while (match := _CALL.match(address, at)) is not None and address[match.end() : match.end() + 1] == ".":
        found.append(address[: match.end()])
        at = match.end() + 1
    return tuple(found)


def make_picture(graph: UnitGraph, *, fold: bool = False, boxes_are_waves: bool = False) -> Picture:
    """Return the picture of a graph.

    With ``fold``, units are drawn as the outermost module that they stand in; a module with one unit isn't folded.
    ``boxes_are_waves`` puts a box around each wave rather than around each module.
    """
    units = sorted(graph.units, key=lambda unit: unit.address)
    home = _homes(units) if fold else {unit.address: unit.address for unit in units}
    members: dict[str, list[Unit]] = {}
    for unit in units:
        members.setdefault(home[unit.address], []).append(unit)
    in_cycles = knots((edge.prerequisite, edge.dependent) for edge in graph.edges)
    faulty = {address: number for number, knot in enumerate(in_cycles) for address in knot}
    nodes = [_node(key, members[key], faulty) for key in sorted(members)]
    at = {node.key: position for position, node in enumerate(nodes)}
    arrows = _arrows(graph.edges, {address: at[key] for address, key in home.items()}, faulty)
    pairs = break_cycles(len(nodes), [(arrow.source, arrow.target) for arrow in arrows])
    in_waves = waves(len(nodes), pairs)
    if boxes_are_waves:
        for number, wave in enumerate(in_waves, 1):
            for position in wave:
                node = nodes[position]
                nodes[position] = replace(node, title=node.key, boxes=(f"wave {number}",))
    return Picture(graph.runtime, graph.phase, tuple(nodes), arrows, in_waves)


def _homes(units: list[Unit]) -> dict[str, str]:
    """Return what each unit is drawn as, by address: itself, or the module that it is folded into."""
    homes = {unit.address: next(iter(modules_of(unit.address)), unit.address) for unit in units}
    sizes: dict[str, int] = {}
    for home in homes.values():
        sizes[home] = sizes.get(home, 0) + 1
    return {address: home if sizes[home] > 1 else address for address, home in homes.items()}


def _node(key: str, units: list[Unit], faulty: Mapping[str, int]) -> Shape:
    addresses = tuple(unit.address for unit in units)
    folded = key not in addresses
    unit = units[0]
    boxes = modules_of(unit.address)
    if folded:
        boxes = boxes[: boxes.index(key)]
    title = key[len(boxes[-1]) + 1 :] if boxes else key
    in_cycle = any(address in faulty for address in addresses)
    if folded:
        return Shape(key, title, boxes, None, (f"{len(units)} units",), False, addresses, True, in_cycle)
    return Shape(key, title, boxes, unit.display_name, tuple(traits(unit)), unit.group, addresses, False, in_cycle)


_STRENGTH = tuple(Requires)


def _arrows(edges: Iterable[Edge], at: Mapping[str, int], faulty: Mapping[str, int]) -> tuple[Arrow, ...]:
    merged: dict[tuple[int, int], Arrow] = {}
    for edge in edges:
        source, target = at[edge.prerequisite], at[edge.dependent]
        inside = source == target and edge.prerequisite != edge.dependent
        if inside:
            continue
        # Both ends in one knot: this edge is part of a cycle.
        cyclic = edge.prerequisite in faulty and faulty[edge.prerequisite] == faulty.get(edge.dependent)
        arrow = Arrow(source, target, edge.requires, not edge.is_gate, cyclic)
        there = merged.get((target, source))
        if there is not None:
            arrow = Arrow(
                source,
                target,
                max(there.requires, arrow.requires, key=_STRENGTH.index),
                there.by_itself and arrow.by_itself,
                there.faulty or arrow.faulty,
                there.count + 1,
            )
        merged[target, source] = arrow
    return tuple(merged[pair] for pair in sorted(merged))


def nested(
    nodes: Sequence[Shape], draw: Callable[[int, Shape], str], opens: Callable[[int, str], Sequence[str]], closes: str
) -> Iterator[str]:
    """Yield the lines of all nodes, each inside of its boxes, two spaces deeper in each.

    ``draw`` makes a node's line from its position, ``opens`` the first lines of a box from its number and its address,
    without what stands around it, and ``closes`` ends one. Boxes are numbered from 0 in the order of the text.
    """
    numbers: dict[tuple[str, ...], int] = {}
    around: tuple[str, ...] = ()
    order = sorted(range(len(nodes)), key=lambda position: (nodes[position].boxes, position))
    for position in order:
        node = nodes[position]
        same = 0
        while same < min(len(around), len(node.boxes)) and around[same] == node.boxes[same]:
            same += 1
        for depth in range(len(around), same, -1):
            yield "  " * (depth - 1) + closes
        for depth in range(same, len(node.boxes)):
            path = node.boxes[: depth + 1]
            number = numbers.setdefault(path, len(numbers))
            outer = f"{path[-2]}." if len(path) > 1 else ""
            yield from ("  " * depth + line for line in opens(number, path[-1].removeprefix(outer)))
        around = node.boxes
        yield "  " * len(around) + draw(position, node)
    for depth in range(len(around), 0, -1):
        yield "  " * (depth - 1) + closes
