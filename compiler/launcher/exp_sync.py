"""Order as ``coder exp sync`` calls: the lines that scripts would have to begin with, and what such calls can't say.

``start`` waits until all that the unit wants is complete, so it says a completion. The unit's name is its address. A
script completes its unit whenever it ends, by a trap, but never before it has started it: what is complete can't be
waited for. Without a bound ``start`` gives up after five minutes; here nothing gives up by itself, so it gets one that
no start of a workspace takes.

Source: https://coder.com/docs/admin/templates/startup-coordination.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping

from compiler.order.bodies import Bodies
from compiler.order.directives.statements import Statements
from compiler.order.inventory import Inventory, Script
from compiler.order.model import Edge, KnownBody, Unit, UnitGraph
from compiler.order.outcome import Requires
from compiler.shell.interpreter import interpreter_of
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.prose import visible
from compiler.source.span import Span
from compiler.terraform.configuration.address import quote
from compiler.terraform.configuration.module import Module
from compiler.wiring.rules.refusals import said_settings

_BOUND = "24h"
_HELP = "order these by unitc compile instead, or by completion alone"


def _unfit_units(graphs: Iterable[UnitGraph], inventory: Inventory, bodies: Bodies) -> Mapping[str, str]:
    """Return for each unit why its script can't hold the calls, as a predicate, by address; empty where it can."""
    phases: dict[str, int] = {}
    units: dict[str, Unit] = {}
    for graph in graphs:
        for unit in graph.units:
            phases[unit.address] = phases.get(unit.address, 0) + 1
            units[unit.address] = unit
    scripts = {script.address: script for script in inventory.scripts}
    return {
        address: "runs on start and on stop, and a unit is completed once"
        if phases[address] > 1
        else _unfit(unit, scripts[address], bodies)
        for address, unit in units.items()
    }


def _unfit(unit: Unit, script: Script, bodies: Bodies) -> str:
    if unit.group:
        return "has instances that are known only at apply"
    if not isinstance(unit.body, KnownBody):
        return ""
    interpreter = interpreter_of(unit.body.text)
    if not interpreter.is_shell:
        return f"is run by {interpreter.name}, which is no shell"
    body = bodies.of(script)
    for call in body.calls if body is not None else ():
        words = [word.literal for word in call.command.words]
        if words[:1] == ["trap"] and {"EXIT", "0"} & set(words[2:]):
            return "sets a trap on EXIT itself, in the place of the one that completes the unit"
        if words[:1] == ["exec"] and len(words) > 1:
            return "is replaced by another program through exec, so nothing completes when that ends"
    return ""


def sync_calls(graphs: Iterable[UnitGraph], inventory: Inventory, bodies: Bodies) -> str:
    """Return for each unit of a completion that can be said the lines for the top of its script, by address."""
    graphs = tuple(graphs)
    unfit = _unfit_units(graphs, inventory, bodies)
    wants: dict[str, list[str]] = {}
    for graph in graphs:
        for edge in graph.gates:
            if edge.requires is Requires.COMPLETION and not (unfit[edge.dependent] or unfit[edge.prerequisite]):
                wants.setdefault(edge.prerequisite, [])
                wants.setdefault(edge.dependent, []).append(edge.prerequisite)
    units = {unit.address: unit for graph in graphs for unit in graph.units}
    return "\n".join(_calls(units[address], wants[address]) for address in sorted(wants))


def _calls(unit: Unit, wanted: list[str]) -> str:
    name, place = shlex.quote(unit.address), unit.span.start_pos
    title = f" {quote(unit.display_name)}" if unit.display_name else ""
    lines = [f"# {unit.address}{title} ({visible(unit.span.source.name)}:{place.line})"]
    bound = ""
    if wanted:
        lines.append(f"coder exp sync want {name} {' '.join(map(shlex.quote, wanted))}")
        bound = f"--timeout {_BOUND} "
    lines.append(f"coder exp sync start {bound}{name} || exit 1")
    complete = f"coder exp sync complete {name}"
    lines.append(f"trap {shlex.quote(complete)} EXIT")
    if unit.timeout is not None:
        # The agent ends a script that takes too long by this signal, of which not every shell runs the trap on EXIT.
        lines.append("trap 'exit 129' HUP")
    return "".join(f"{line}\n" for line in lines)


def unsaid_by_calls(
    graphs: Iterable[UnitGraph], inventory: Inventory, bodies: Bodies, statements: Mapping[Module, Statements]
) -> Iterator[Diagnostic]:
    """Yield an error for each declaration that calls can't say, and each setting of a unit that they don't have."""
    graphs = tuple(graphs)
    unfit = _unfit_units(graphs, inventory, bodies)
    told: dict[tuple[object, ...], tuple[Edge, str, Span]] = {}
    for graph in graphs:
        for edge in graph.gates:
            at = edge.declared
            if edge.requires is not Requires.COMPLETION:
                why = f"a call waits for completion, and this is {edge.requires}"
                told.setdefault((at.key, edge.requires), (edge, why, at))
            for address in (edge.dependent, edge.prerequisite):
                if unfit[address]:
                    told.setdefault((at.key, address), (edge, f"{address} {unfit[address]}", at))
    for edge, why, at in told.values():
        yield error(
            "UC437",
            at,
            "Order that exp sync can't say",
            f"{edge.dependent} waits for {edge.prerequisite} here, and coder exp sync can't say that: {why}.",
            help=_HELP,
        )
    for address, word, span in said_settings(inventory, statements):
        why = f"{address} says {word}, which takes a wrapper around the script; coder exp sync has nothing like it."
        yield error("UC437", span, "Setting that exp sync doesn't have", why, help=_HELP)
