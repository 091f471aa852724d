"""What is known before the wiring of a folder is put together: what becomes wrapped, and which waits for which."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from compiler.hcl.traversal import references
from compiler.order.claims import Claim
from compiler.order.inventory import Script
from compiler.order.model import Phase
from compiler.order.outcome import Requires
from compiler.records import dataclass, field
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.span import Span
from compiler.terraform.configuration.address import GROUP, InstanceKey, ModulePath
from compiler.wiring.model import Occasion, WiredGate
from compiler.wiring.sites import Instance, Site, Sites, wired_address, wired_prefix
from compiler.wiring.units import UnitLists
from compiler.wiring.waits import Wait


class SitePair(NamedTuple):
    """One script block waits for another, seen from the module in a folder."""

    folder: str
    dependent: Site
    prerequisite: Site
    phase: Phase
    requires: Requires


@dataclass(slots=True)
class DeclaredPair:
    """Where a pair was declared first, and between which instances in each place of its folder."""

    span: Span
    instances: dict[ModulePath, set[tuple[Instance, Instance]]] = field(default_factory=dict)


def _narrowed(instance: Instance, key: InstanceKey) -> Instance:
    """Return an instance with the key that a declaration names in place of its first one, where that is unknown."""
    return (key, *instance[1:]) if key is not None and instance[0] is GROUP else instance


@dataclass(slots=True)
class Gathered:
    """What is known before a folder's files are put together."""

    sites: Sites
    units: UnitLists
    diagnostics: list[Diagnostic] = field(default_factory=list)
    # The gates that a folder declares: by folder and site, then by instance, where None means all of them.
    gates: dict[tuple[str, Site], dict[Instance | None, set[WiredGate]]] = field(default_factory=dict)
    # Those of them that lie behind a call of the folder.
    through: dict[tuple[str, str], list[Site]] = field(default_factory=dict)
    spans: dict[tuple[str, Site], Span] = field(default_factory=dict)
    declared: dict[tuple[str, str], Span] = field(default_factory=dict)
    wrapped: dict[str, dict[Site, set[Occasion]]] = field(default_factory=dict)
    calls: dict[str, set[str]] = field(default_factory=dict)
    settings: dict[tuple[str, Site], set[tuple[tuple[str, ...], int | None]]] = field(default_factory=dict)
    # Those that have been wrapped, each once and in their order, and in which phases.
    scripts: dict[tuple[str, Site], dict[Script, set[Phase]]] = field(default_factory=dict)
    # Each script takes part in many pairs.
    _wrapped: set[tuple[Script, tuple[Phase, ...]]] = field(default_factory=set)
    _gates: dict[tuple[str, Site, Phase, Requires, Instance | None], frozenset[WiredGate]] = field(default_factory=dict)

    def wrap(self, script: Script, phases: tuple[Phase, ...]) -> None:
        """Note that a script becomes wrapped in some phases, and that the calls on the way to it are wired."""
        if (script, phases) in self._wrapped:
            return
        self._wrapped.add((script, phases))
        path = script.place.path
        folder = self.sites.folder_of(path)
        site = self.sites.site(script, len(path))
        scripts = self.scripts.setdefault((folder, site), {})
        known = scripts.get(script)
        if known is not None and known.issuperset(phases):
            return
        scripts[script] = {*phases, *(known or ())}
        occasions = self.wrapped.setdefault(folder, {}).setdefault(site, set())
        occasions.update(Occasion(phase) for phase in phases)
        self.settings.setdefault((folder, site), set()).add((script.mutexes, script.gate_timeout))
        for depth, step in enumerate(path):
            self.calls.setdefault(self.sites.folder_of(path[:depth]), set()).add(step.name)

    def pairs(self, waits: Iterable[Wait]) -> dict[SitePair, DeclaredPair]:
        """Return what waits for what, seen from the folders that declare it."""
        pairs: dict[SitePair, DeclaredPair] = {}
        for wait in waits:
            depth = self.scope(wait)
            if depth is None:
                continue
            claim = wait.claim
            phases = (claim.phase,)
            self.wrap(claim.dependent, phases)
            self.wrap(claim.prerequisite, phases)
            base = claim.dependent.place.path[:depth]
            pair = SitePair(
                self.sites.folder_of(base),
                self.sites.site(claim.dependent, depth),
                self.sites.site(claim.prerequisite, depth),
                claim.phase,
                claim.requires,
            )
            declared = pairs.get(pair)
            if declared is None:
                declared = pairs[pair] = DeclaredPair(claim.origin.item)
            declared.instances.setdefault(base, set()).add(
                (
                    _narrowed(self.sites.instance(claim.dependent, depth), claim.dependent_key),
                    _narrowed(self.sites.instance(claim.prerequisite, depth), claim.prerequisite_key),
                )
            )
        return pairs

    def scope(self, wait: Wait) -> int | None:
        """Return how many steps two scripts share; None, with a diagnostic, where that can't tell their agents apart.

        Scripts that wait for each other run on one agent. Where the number of agents is unknown, those of different
        instances have different agents, although their addresses don't say so.
        """
        claim = wait.claim
        assert claim.dependent.runtime is not None
        runtime = self.sites.runtimes.get(claim.dependent.runtime.address)
        if runtime is None:
            return wait.scope
        if runtime.group and not _one_agent(claim):
            self.diagnostics.append(_unknown_agents(claim))
            return None
        depth = len(runtime.path)
        if not depth:
            return wait.scope
        inside = all(script.place.path[:depth] == runtime.path for script in (claim.dependent, claim.prerequisite))
        if GROUP in (step.key for step in runtime.path) and not inside:
            self.diagnostics.append(_unknown_agents(claim))
            return None
        return max(wait.scope, depth) if inside else wait.scope

    def declare(self, pair: SitePair, declared: DeclaredPair) -> None:
        """Turn a pair of script blocks into gates."""
        self.spans.setdefault((pair.folder, pair.dependent), declared.span)
        places = self.sites.places[pair.folder]
        said = declared.instances
        if not [place for place in places if not self.is_complete(pair, place, said.get(place, set()))]:
            self.add(pair, None, None)
            return
        sets = {
            frozenset(said.get(place, ()))
            for place in places
            if self.sites.instances(place, pair.dependent, pair.phase)
        }
        if len(sets) == 1:
            for dependent, prerequisite in sets.pop():
                self.add(pair, dependent, prerequisite)
        else:
            self.diagnostics.append(_differs(pair, declared.span))

    def is_complete(self, pair: SitePair, place: ModulePath, said: set[tuple[Instance, Instance]]) -> bool:
        """Return whether all of a pair's instances in one place, which may be none, wait for all others."""
        dependents = self.sites.instances(place, pair.dependent, pair.phase)
        prerequisites = self.sites.instances(place, pair.prerequisite, pair.phase)
        every = len(said) == len(dependents) * len(prerequisites)
        return every and said.issuperset(product(dependents, prerequisites))

    def add(self, pair: SitePair, dependent: Instance | None, prerequisite: Instance | None) -> None:
        """Add the gates of one instance, or of all, for one instance of the prerequisite, or for all."""
        gates = self.gates_of(pair, prerequisite)
        by_instance = self.gates.setdefault((pair.folder, pair.dependent), {})
        if not by_instance and pair.dependent.calls:
            self.through.setdefault((pair.folder, pair.dependent.calls[0]), []).append(pair.dependent)
        by_instance.setdefault(dependent, set()).update(gates)

    def gates_of(self, pair: SitePair, prerequisite: Instance | None) -> frozenset[WiredGate]:
        """Return the gates that wait for one instance of a pair's prerequisite, or for all."""
        key = (pair.folder, pair.prerequisite, pair.phase, pair.requires, prerequisite)
        known = self._gates.get(key)
        if known is not None:
            return known
        constants = self.units.constants(pair.folder, pair.prerequisite, pair.phase)
        address = "" if prerequisite is None else wired_prefix(pair.prerequisite, prerequisite)
        script = wired_address(pair.prerequisite)
        if constants is not None and (prerequisite is None or address in constants):
            named = constants if prerequisite is None else (address,)
            gates = frozenset(WiredGate(pair.phase, pair.requires, each, script=script) for each in named)
        else:
            units = self.units.list_name(pair.folder, pair.prerequisite, pair.phase)
            gates = frozenset((WiredGate(pair.phase, pair.requires, address, units, script),))
        self._gates[key] = gates
        return gates


def _one_agent(claim: Claim) -> bool:
    """Return whether two scripts of one module say in the same words on which of several agents they run."""
    one, other = (script.resource.block.body.attribute("agent_id") for script in (claim.dependent, claim.prerequisite))
    if one is None or other is None or claim.dependent.place is not claim.prerequisite.place:
        return False
    if one.expression.span.text != other.expression.span.text:
        return False
    return not any(reference.root in ("count", "each") for reference in references(one.expression))


def _differs(pair: SitePair, span: Span) -> Diagnostic:
    return error(
        "UC410",
        span,
        "Order differs between the calls of a module",
        f"The module in {pair.folder} has several instances, and not in all of them does "
        f"{wired_address(pair.dependent)} wait for {wired_address(pair.prerequisite)}; one folder can't say both.",
        help="copy the module's folder, so that each call has its own, or make the calls agree",
    )


def _unknown_agents(claim: Claim) -> Diagnostic:
    assert claim.dependent.runtime is not None
    return error(
        "UC410",
        claim.origin.item,
        "Number of agents is not known",
        f"{claim.dependent.address} and {claim.prerequisite.address} run on {claim.dependent.runtime.address}, whose "
        "number of instances is known only at apply, so it can't be told which of them run on the same agent.",
        help="make the count or for_each of the agent a fixed value",
    )
