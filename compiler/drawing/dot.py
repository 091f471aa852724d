"""The graph as DOT, for Graphviz.

Written by hand: every name in it may hold any character, so each goes through :func:`_quote`. Syntax of quoted strings:
https://graphviz.org/doc/info/lang.html; escapes in labels: https://graphviz.org/docs/attr-types/escString/.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from compiler.order.model import Edge, Unit, UnitGraph
from compiler.order.outcome import Requires

__all__ = ["to_dot"]

# Inside quotes a label reads backslash escapes and character entities, so a name must not make any by itself.
_ESCAPES: Mapping[str, str] = MappingProxyType({'"': '\\"', "\\": "\\\\", "&": "&amp;", "\n": "\\n"})

# Characters that Graphviz can't draw or stops at: controls, lone surrogates, line and paragraph separators.
_UNDRAWABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})

# Told apart by line and by word, not by colour. Success is what an edge requires unless it says otherwise.
_EDGE_STYLES: Mapping[Requires, Mapping[str, str]] = MappingProxyType(
    {
        Requires.START: {"style": "dotted", "label": "start"},
        Requires.COMPLETION: {"style": "dashed", "label": "completion"},
        Requires.SUCCESS: {"style": "solid"},
    }
)


def to_dot(graphs: Iterable[UnitGraph]) -> str:
    """Return one DOT digraph with a cluster for each runtime and phase.

    Arrows are in running order, from the prerequisite to its dependent; their style and label say what the dependent
    requires. A unit shows its address, below it its display name, the mutexes that it holds while it runs and the bound
    on its waiting, and a second border where it is a group. An edge whose only origin is ``coder exp sync`` is gray:
    there the script waits by itself. Cycles are drawn like anything else.
    """
    lines = [
        "// Arrows are in running order. Solid: success, dashed: completion, dotted: start.",
        "digraph unitc {",
        '  graph [rankdir=LR, fontname="sans-serif"];',
        '  node [shape=box, fontname="sans-serif"];',
        '  edge [fontname="sans-serif"];',
    ]
    for number, graph in enumerate(sorted(graphs, key=lambda graph: (graph.runtime, graph.phase))):
        lines += _cluster(number, graph)
    lines.append("}")
    return "\n".join(lines) + "\n"


def _cluster(number: int, graph: UnitGraph) -> list[str]:
    def node(address: str) -> str:
        # The same address may stand in both phases; the cluster's number makes it another node.
        return _quote(f"{number}/{address}")

    lines = [f"  subgraph {_quote(f'cluster_{number}')} {{", f"    label={_quote(f'{graph.runtime} {graph.phase}')};"]
    lines += [
        f"    {node(unit.address)}{_attributes(_unit_style(unit))};"
        for unit in sorted(graph.units, key=lambda unit: unit.address)
    ]
    lines += [
        f"    {node(edge.prerequisite)} -> {node(edge.dependent)}{_attributes(_edge_style(edge))};"
        for edge in sorted(graph.edges, key=lambda edge: (edge.dependent, edge.prerequisite))
    ]
    lines.append("  }")
    return lines


def _unit_style(unit: Unit) -> dict[str, str]:
    lines = [unit.address]
    if unit.display_name is not None:
        lines.append(unit.display_name)
    if unit.mutexes:
        lines.append(f"holds {', '.join(unit.mutexes)}")
    if unit.gate_timeout is not None:
        lines.append(f"waits at most {unit.gate_timeout} s")
    return {"label": "\n".join(lines), **({"peripheries": "2"} if unit.group else {})}


def _edge_style(edge: Edge) -> dict[str, str]:
    waits_by_itself = not edge.is_gate
    return {**_EDGE_STYLES[edge.requires], **({"color": "gray50"} if waits_by_itself else {})}


def _attributes(values: Mapping[str, str]) -> str:
    return " [" + ", ".join(f"{name}={_quote(value)}" for name, value in values.items()) + "]"


def _quote(text: str) -> str:
    """Return ``text`` as a DOT string which, as a label, shows exactly ``text``.

    Different texts give different strings, as node names need it, except that an undrawable character is written as
    Terraform writes it in an address, ``\\u001b``.
    """
    return '"' + "".join(_ESCAPES.get(character) or _drawable(character) for character in text) + '"'


def _drawable(character: str) -> str:
    return f"\\\\u{ord(character):04x}" if unicodedata.category(character) in _UNDRAWABLE else character
