"""What is known before the wiring of a folder is put together: what becomes wrapped, and which waits for which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from operator import itemgetter
from typing import NamedTuple

from compiler.hcl.traversal import references
from compiler.order.claims import Claim
from compiler.order.inventory import Script, shared_steps
from compiler.order.model import Phase
from compiler.order.outcome import Requires
from compiler.records import dataclass, field
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.span import Span
from compiler.terraform.configuration.address import GROUP, InstanceKey, ModulePath
from compiler.wiring.model import WiredGate
from compiler.wiring.sites import Instance, Seen, Site, Sites, wired_address, wired_prefix
from compiler.wiring.units import UnitLists


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
class Taking:
    """The instances of a folder's own script, in all places of the folder, that take part, and in which phases."""

    scripts: list[Script] = field(default_factory=list)
    phases: set[Phase] = field(default_factory=set)


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
    # Where the first of them is declared that is more than one script waiting for one other.
    spans: dict[tuple[str, Site], Span] = field(default_factory=dict)
    declared: dict[tuple[str, str], Span] = field(default_factory=dict)
    taking: dict[str, dict[Site, Taking]] = field(default_factory=dict)
    calls: dict[str, set[str]] = field(default_factory=dict)
    _certain: dict[tuple[Seen, Phase, Requires], WiredGate | None] = field(default_factory=dict)

    def take(self, script: Script, phases: Iterable[Phase]) -> None:
        """Note that a script becomes wrapped in some phases, and that the calls on the way to it are wired."""
        path = script.place.path
        own = self.sites.seen(script, len(path))
        taking = self.taking.setdefault(own.folder, {}).setdefault(own.site, Taking())
        taking.scripts.append(script)
        taking.phases.update(phases)
        for depth, step in enumerate(path):
            self.calls.setdefault(self.sites.folder_of(path[:depth]), set()).add(step.name)

    def gather(self, explicit: Iterable[Claim], everyone: Iterable[Claim]) -> None:
        """Take what claims ask for, and the scripts that say of themselves what their wrapper has to do.

        ``explicit`` claims are meant within the module instance in which both sides stand, those of the word ``all``
        across the whole runtime.
        """
        phases: defaultdict[Script, set[Phase]] = defaultdict(set)
        single: defaultdict[Seen, set[WiredGate]] = defaultdict(set)
        pairs: dict[SitePair, DeclaredPair] = {}
        seen_at = self.sites.seen
        for claim, depth in self.scoped(explicit, everyone):
            phase = claim.phase
            phases[claim.dependent].add(phase)
            phases[claim.prerequisite].add(phase)
            dependent, prerequisite = seen_at(claim.dependent, depth), seen_at(claim.prerequisite, depth)
            if dependent.alone and (gate := self.certain(prerequisite, phase, claim.requires)) is not None:
                single[dependent].add(gate)
                continue
            pair = SitePair(dependent.folder, dependent.site, prerequisite.site, phase, claim.requires)
            if pair not in pairs:
                pairs[pair] = DeclaredPair(claim.origin.item)
            pairs[pair].instances.setdefault(claim.dependent.place.path[:depth], set()).add(
                (
                    _narrowed(dependent.instance, claim.dependent_key),
                    _narrowed(prerequisite.instance, claim.prerequisite_key),
                )
            )
        for script in self.sites.inventory.scripts:
            if (script.mutexes or script.says) and script.runtime is not None:
                phases[script].update(script.triggers.phases)
        for script, taken in phases.items():
            self.take(script, taken)
        for seen, gates in single.items():
            self.add(seen.folder, seen.site, None, gates)
        # The order in which names are given out must not depend on anything but the template.
        for pair, declared in sorted(pairs.items(), key=itemgetter(0)):
            self.declare(pair, declared)

    def scoped(self, explicit: Iterable[Claim], everyone: Iterable[Claim]) -> Iterator[tuple[Claim, int]]:
        """Yield claims, each with how many steps on the way to both of its scripts name the same module instance.

        A key of the claim takes the place of an unknown one in the first step below those.

        Scripts that wait for each other run on one agent. Where the number of agents is unknown, those of different
        instances have different agents, although their addresses don't say so. Claims of which that can't be told are
        left out, and told.
        """
        runtimes = self.sites.runtimes
        for claims, within in ((explicit, True), (everyone, False)):
            for claim in claims:
                scope = shared_steps(claim.dependent, claim.prerequisite) if within else 0
                assert claim.dependent.runtime is not None
                runtime = runtimes.get(claim.dependent.runtime.address)
                if runtime is not None:
                    depth = len(runtime.path)
                    both = (claim.dependent, claim.prerequisite)
                    inside = all(script.place.path[:depth] == runtime.path for script in both)
                    apart = GROUP in (step.key for step in runtime.path) and not inside
                    if apart or (runtime.group and not _one_agent(claim)):
                        self.diagnostics.append(_unknown_agents(claim))
                        continue
                    scope = max(scope, depth) if inside else scope
                yield claim, scope

    def certain(self, prerequisite: Seen, phase: Phase, requires: Requires) -> WiredGate | None:
        """Return the gate that waits for the one instance of a script; None where there may be another number."""
        key = (prerequisite, phase, requires)
        try:
            return self._certain[key]
        except KeyError:
            folder, site = prerequisite.folder, prerequisite.site
            found = prerequisite.alone and self.units.is_certain(self.sites.places[folder][0], site, phase)
            gate = self._certain[key] = WiredGate(phase, "", wired_address(site), requires, "") if found else None
            return gate

    def declare(self, pair: SitePair, declared: DeclaredPair) -> None:
        """Turn a pair of script blocks into gates."""
        self.spans.setdefault((pair.folder, pair.dependent), declared.span)
        # The pairs of each place in which there is something that could wait.
        said: dict[frozenset[tuple[Instance, Instance]], None] = {}
        complete = True
        for place in self.sites.places[pair.folder]:
            dependents = self.sites.instances(place, pair.dependent, pair.phase)
            if dependents:
                prerequisites = self.sites.instances(place, pair.prerequisite, pair.phase)
                found = frozenset(declared.instances.get(place, ()))
                said[found] = None
                every = len(found) == len(dependents) * len(prerequisites)
                complete = complete and every and found.issuperset(product(dependents, prerequisites))
        if complete:
            self.add(pair.folder, pair.dependent, None, self.gates_of(pair, None))
        elif len(said) == 1:
            for dependent, prerequisite in said.popitem()[0]:
                self.add(pair.folder, pair.dependent, dependent, self.gates_of(pair, prerequisite))
        else:
            self.diagnostics.append(_differs(pair, declared.span))

    def add(self, folder: str, dependent: Site, instance: Instance | None, gates: Iterable[WiredGate]) -> None:
        """Add gates of one instance of a folder's site, or of all."""
        by_instance = self.gates.setdefault((folder, dependent), {})
        if not by_instance and dependent.calls:
            self.through.setdefault((folder, dependent.calls[0]), []).append(dependent)
        by_instance.setdefault(instance, set()).update(gates)

    def gates_of(self, pair: SitePair, prerequisite: Instance | None) -> Iterable[WiredGate]:
        """Return the gates that wait for one instance of a pair's prerequisite, or for all."""
        constants = self.units.constants(pair.folder, pair.prerequisite, pair.phase)
        address = "" if prerequisite is None else wired_prefix(pair.prerequisite, prerequisite)
        if constants is not None and (prerequisite is None or address in constants):
            named = constants if prerequisite is None else (address,)
            return [WiredGate(pair.phase, "", each, pair.requires, "") for each in named]
        units = self.units.list_name(pair.folder, pair.prerequisite, pair.phase)
        return (WiredGate(pair.phase, units, address, pair.requires, wired_address(pair.prerequisite)),)


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
