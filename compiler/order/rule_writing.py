"""From edges to the rules that say them: ``write_rules(inventory, graphs) -> Written``, the rules' reader backwards.

A rule stands in a module's folder and names scripts of that module, or whole modules that it calls. So an edge has one
place in which it can be said: the module instance nearest to both scripts. Seen from any module above, one call leads
to both, and naming it would make the scripts wait for themselves.

What a folder says holds in every instance of its module. A selector is taken only where in each of them it selects
what is meant and nothing else, by what ``data "coder_script_order"`` accepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from itertools import product
from typing import NamedTuple, TypeAlias

from compiler.order.inventory import Inventory, Script, shared_steps
from compiler.order.model import Edge, Phase, UnitGraph
from compiler.order.outcome import Requires
from compiler.order.products import products_of
from compiler.records import dataclass, field
from compiler.terraform.configuration.address import InstanceKey, ModulePath, index, module_address


class UnsaidReason(Enum):
    """What keeps an edge from being said by a rule."""

    REQUIREMENT = "a rule requires success or completion"
    AGENT_SCRIPT = "a rule orders coder_script resources"
    TRIGGERS = "a rule orders scripts that run either on start or on stop"
    NOT_FIXED = "a rule names scripts that are the same for every input"
    OUT_OF_REACH = "no selector selects these scripts and no others"


class WrittenRule(NamedTuple):
    """One rule of a module's folder: each script of ``run`` waits for each of ``after``; both are selectors, sorted."""

    phase: Phase
    run: tuple[str, ...]
    after: tuple[str, ...]
    requires: Requires


@dataclass(frozen=True, slots=True)
class Unsaid:
    """An edge that no rule says. ``script`` is the one of its scripts that is to blame; ``why`` is a clause."""

    edge: Edge
    phase: Phase
    reason: UnsaidReason
    script: Script
    why: str


@dataclass(frozen=True, slots=True)
class WrittenRules:
    """The rules by the folder of their module, sorted, and the edges that they don't say, each with every reason.

    A folder without rules has no entry. ``edges`` are those that a folder's rules say.
    """

    rules: Mapping[str, tuple[WrittenRule, ...]]
    edges: Mapping[str, tuple[Edge, ...]]
    unsaid: tuple[Unsaid, ...]


class _Named(NamedTuple):
    """What a selector names, without an index: a script of the module, or a module that it calls."""

    kind: str
    name: str

    def selector(self, key: InstanceKey) -> str:
        return f"{self.kind}.{self.name}{index(key)}"


class _NamedPair(NamedTuple):
    """One named thing waits for another, seen from the module in a folder."""

    folder: str
    phase: Phase
    requires: Requires
    left: _Named
    right: _Named

    @property
    def sides(self) -> tuple[_Named, _Named]:
        return self.left, self.right


class _Selected(NamedTuple):
    """What a selector selects: all, those that run in a phase, and why they can't be ordered, empty where they can."""

    scripts: list[Script]
    running: list[Script]
    problem: str


_Scripts: TypeAlias = tuple[Script, Script]

_PHASES: Mapping[tuple[bool | None, bool | None], Phase] = {(True, False): Phase.START, (False, True): Phase.STOP}


def write_rules(inventory: Inventory, graphs: Iterable[UnitGraph]) -> WrittenRules:
    """Return the fewest rules that say the gates of some graphs, and what can't be said.

    The inventory and the graphs belong together; where the rules are to hold for every input, both come from fixed
    values only. Waits that scripts do by themselves are no gates and are passed over.
    """
    writer = _Writer(inventory)
    for graph in graphs:
        for edge in graph.gates:
            writer.take(edge, graph.phase)
    selectors: dict[tuple[str, Phase, Requires], list[tuple[str, str]]] = {}
    for pair in sorted(writer.edges):
        selectors.setdefault(pair[:3], []).extend(writer.selectors(pair))
    rules: dict[str, list[WrittenRule]] = {}
    for (folder, phase, requires), pairs in selectors.items():
        for found in products_of(pairs):
            rules.setdefault(folder, []).append(WrittenRule(phase, found.left, found.right, requires))
    edges: dict[str, list[Edge]] = {}
    for pair, places in writer.edges.items():
        edges.setdefault(pair.folder, []).extend(edge for found in places.values() for edge in found.values())
    return WrittenRules(
        {folder: tuple(sorted(found, key=_rule_order)) for folder, found in sorted(rules.items())},
        {folder: tuple(found) for folder, found in sorted(edges.items())},
        tuple(sorted(writer.unsaid, key=lambda item: (item.edge.dependent, item.edge.prerequisite, item.phase))),
    )


def _rule_order(rule: WrittenRule) -> tuple[Phase, tuple[str, ...], tuple[str, ...], Requires]:
    return rule.phase, rule.after, rule.run, rule.requires


@dataclass(slots=True)
class _Writer:
    inventory: Inventory
    places: dict[str, list[ModulePath]] = field(default_factory=dict)
    folders: dict[ModulePath, str] = field(default_factory=dict)
    scripts: dict[str, Script] = field(default_factory=dict)
    # What can be named by whole or by instance, by the module instance from which it is seen.
    named: dict[tuple[ModulePath, _Named, InstanceKey], list[Script]] = field(default_factory=dict)
    # The edges of each pair, by the module instance in which they are.
    edges: dict[_NamedPair, dict[ModulePath, dict[_Scripts, Edge]]] = field(default_factory=dict)
    unsaid: list[Unsaid] = field(default_factory=list)
    _selected: dict[tuple[ModulePath, _Named, InstanceKey, Phase], _Selected] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place in self.inventory.places:
            self.places.setdefault(place.config.module.dir, []).append(place.path)
            self.folders[place.path] = place.config.module.dir
        for script in self.inventory.scripts:
            self.scripts[script.address] = script
            path = script.place.path
            # Rules pass an agent's own scripts over, also those in a module that they name.
            if script.argument != "script":
                continue
            for depth in range(len(path) + 1):
                self.named.setdefault((path[:depth], _named(script, depth), None), []).append(script)
            if script.key is not None:
                self.named.setdefault((path, _named(script, len(path)), script.key), []).append(script)

    def take(self, edge: Edge, phase: Phase) -> None:
        """Sort an edge in where it can be said, or note why it can't."""
        scripts = self.scripts[edge.dependent], self.scripts[edge.prerequisite]
        problems = tuple(_problems(edge, phase, scripts))
        if problems:
            self.unsaid.extend(problems)
            return
        dependent, prerequisite = scripts
        depth = shared_steps(dependent, prerequisite)
        base = dependent.place.path[:depth]
        named = _named(dependent, depth), _named(prerequisite, depth)
        pair = _NamedPair(self.folders[base], phase, edge.requires, *named)
        self.edges.setdefault(pair, {}).setdefault(base, {})[scripts] = edge

    def selectors(self, pair: _NamedPair) -> Iterator[tuple[str, str]]:
        """Yield what says the edges of a pair, selector by selector; note the edges for which there is nothing."""
        failed: dict[_Scripts, str] = {}
        # Each side is named as a whole, else instance by instance.
        for by_instance in product((False, True), repeat=2):
            said, failed = self.attempt(pair, by_instance)
            if not failed:
                yield from ((pair.left.selector(left), pair.right.selector(right)) for left, right in said)
                return
        for found in self.edges[pair].values():
            for scripts, edge in found.items():
                if scripts in failed:
                    self.unsaid.append(Unsaid(edge, pair.phase, UnsaidReason.OUT_OF_REACH, scripts[0], failed[scripts]))

    def attempt(
        self, pair: _NamedPair, by_instance: tuple[bool, ...]
    ) -> tuple[Iterable[tuple[InstanceKey, InstanceKey]], dict[_Scripts, str]]:
        """Return which instances wait for which if they are named so, and why that isn't so for some edges."""
        meant: dict[tuple[InstanceKey, InstanceKey], dict[ModulePath, list[_Scripts]]] = {}
        for path, edges in self.edges[pair].items():
            for scripts in edges:
                left, right = (
                    script.key if alone and named.kind == "coder_script" else None
                    for script, named, alone in zip(scripts, pair.sides, by_instance, strict=True)
                )
                meant.setdefault((left, right), {}).setdefault(path, []).append(scripts)
        failed: dict[_Scripts, str] = {}
        for keys, places in meant.items():
            if problem := self.problem(pair, keys, places):
                failed.update((scripts, problem) for here in places.values() for scripts in here)
        return meant, failed

    def problem(
        self, pair: _NamedPair, keys: tuple[InstanceKey, InstanceKey], meant: Mapping[ModulePath, list[_Scripts]]
    ) -> str:
        """Return what else than the edges that are meant two selectors would say; empty where nothing."""
        problem = elsewhere = ""
        for path in self.places[pair.folder]:
            here = meant.get(path, [])
            left, right = (
                self.selected(path, named, key, pair.phase) for named, key in zip(pair.sides, keys, strict=True)
            )
            problem = problem or left.problem or right.problem
            missing = any(key is not None and not side.scripts for key, side in zip(keys, (left, right), strict=True))
            if here and len(here) < len(left.running) * len(right.running):
                edges = self.edges[pair][path]
                others = (each for each in product(left.running, right.running) if each not in edges)
                problem = problem or _too_much(pair, others)
            elif missing or (not here and left.running and right.running):
                elsewhere = elsewhere or _differs(pair, path)
        return problem or elsewhere

    def selected(self, path: ModulePath, named: _Named, key: InstanceKey, phase: Phase) -> _Selected:
        """Return what a selector selects in a module instance, looked up once."""
        known = self._selected.get((path, named, key, phase))
        if known is None:
            scripts = self.named.get((path, named, key), [])
            running = [script for script in scripts if _phase(script) is phase]
            known = _Selected(scripts, running, _not_selected(named, scripts, phase))
            self._selected[path, named, key, phase] = known
        return known


def _named(script: Script, depth: int) -> _Named:
    """Return what names a script in the module at a depth on the way to it."""
    path = script.place.path
    return _Named("coder_script", script.resource.name) if depth == len(path) else _Named("module", path[depth].name)


def _phase(script: Script) -> Phase | None:
    """Return the one phase in which a script certainly runs, None where it has not one."""
    return _PHASES.get((script.triggers.start, script.triggers.stop))


def _problems(edge: Edge, phase: Phase, scripts: _Scripts) -> Iterator[Unsaid]:
    """Yield what keeps an edge from being said anywhere."""
    if edge.requires not in (Requires.SUCCESS, Requires.COMPLETION):
        why = f"{edge.dependent} waits for {edge.prerequisite} with {edge.requires}"
        yield Unsaid(edge, phase, UnsaidReason.REQUIREMENT, scripts[1], why)
    for script in scripts:
        if script.argument != "script":
            yield Unsaid(edge, phase, UnsaidReason.AGENT_SCRIPT, script, f"{script.address} is no coder_script")
        elif script.group:
            why = f"which instances of {script.address} there are depends on an input, or is known only at apply"
            yield Unsaid(edge, phase, UnsaidReason.NOT_FIXED, script, why)
        elif script.triggers.start is None or script.triggers.stop is None:
            why = f"when {script.address} runs depends on an input, or is known only at apply"
            yield Unsaid(edge, phase, UnsaidReason.NOT_FIXED, script, why)
        elif _phase(script) is None:
            why = f"{script.address} has both run_on_start and run_on_stop"
            yield Unsaid(edge, phase, UnsaidReason.TRIGGERS, script, why)


def _not_selected(named: _Named, scripts: Iterable[Script], phase: Phase) -> str:
    """Return why what a selector selects can't be ordered, empty where it can."""
    for script in scripts:
        own = _phase(script)
        if own is None or (own is not phase and named.kind == "coder_script"):
            runs = "runs neither on start alone nor on stop alone" if own is None else f"runs on {own}"
            return f"{named.selector(None)} also selects {script.address}, which Coder refuses since it {runs}"
    return ""


def _too_much(pair: _NamedPair, others: Iterable[_Scripts]) -> str:
    """Return why two selectors say more than is meant."""
    if pair.left == pair.right and pair.left.kind == "module":
        return f"both are in {pair.left.selector(None)}, which a rule names as a whole"
    dependent, prerequisite = next(iter(others))
    modules = " and ".join(
        dict.fromkeys(side.selector(None) for side in (pair.left, pair.right) if side.kind == "module")
    )
    return f"a rule names {modules} as a whole, and would make {dependent.address} wait for {prerequisite.address} too"


def _differs(pair: _NamedPair, path: ModulePath) -> str:
    where = module_address(path)
    return f"a rule of the module in {pair.folder} holds for each of its instances, and the order in {where} is another"
