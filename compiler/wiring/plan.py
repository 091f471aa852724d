"""From the order of a template to its wiring: ``plan_wiring(sites, waits, read) -> Wiring``.

The inventory behind ``sites`` must come from fixed values only: what an input may change is a group there, and then
the wiring says it with the template's own expressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from compiler.hcl.traversal import references
from compiler.order.claims import Claim
from compiler.order.inventory import Script
from compiler.order.model import Phase
from compiler.order.outcome import Requires
from compiler.records import dataclass, field, replace
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.limits import MAX_FURTHER_BYTES
from compiler.source.span import Span
from compiler.terraform.configuration.address import GROUP, InstanceKey, ModulePath
from compiler.terraform.configuration.module import Mode, Module
from compiler.terraform.scope.expansion import repetition_of
from compiler.wiring.bodies import ReadFile
from compiler.wiring.checks import check_split, check_wiring
from compiler.wiring.expressions import repeated_by
from compiler.wiring.model import (
    Copied,
    Entry,
    Occasion,
    SwitchedOff,
    WiredCall,
    WiredFolder,
    WiredGate,
    WiredGates,
    Wrapped,
    wired_key,
)
from compiler.wiring.said import said_variables
from compiler.wiring.sites import Instance, Site, Sites, wired_address, wired_prefix
from compiler.wiring.terms import free_name
from compiler.wiring.units import UnitLists
from compiler.wiring.waits import Wait

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Wiring:
    """The wiring of a template, by folder; with errors it must not be written.

    ``declared`` says for each local value that holds gates, by folder and name, where the first of them is declared.
    """

    folders: tuple[WiredFolder, ...]
    declared: Mapping[tuple[str, str], Span]
    diagnostics: tuple[Diagnostic, ...]


class _SitePair(NamedTuple):
    """One script block waits for another, seen from the module in a folder."""

    folder: str
    dependent: Site
    prerequisite: Site
    phase: Phase
    requires: Requires


@dataclass(slots=True)
class _Declared:
    """Where a pair was declared first, and between which instances in each place of its folder."""

    span: Span
    instances: dict[ModulePath, set[tuple[Instance, Instance]]] = field(default_factory=dict)


def _narrowed(instance: Instance, key: InstanceKey) -> Instance:
    """Return an instance with the key that a declaration names in place of its first one, where that is unknown."""
    return (key, *instance[1:]) if key is not None and instance[0] is GROUP else instance


@dataclass(slots=True)
class _Gathered:
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

    def pairs(self, waits: Iterable[Wait]) -> dict[_SitePair, _Declared]:
        """Return what waits for what, seen from the folders that declare it."""
        pairs: dict[_SitePair, _Declared] = {}
        for wait in waits:
            depth = self.scope(wait)
            if depth is None:
                continue
            claim = wait.claim
            phases = (claim.phase,)
            self.wrap(claim.dependent, phases)
            self.wrap(claim.prerequisite, phases)
            base = claim.dependent.place.path[:depth]
            pair = _SitePair(
                self.sites.folder_of(base),
                self.sites.site(claim.dependent, depth),
                self.sites.site(claim.prerequisite, depth),
                claim.phase,
                claim.requires,
            )
            declared = pairs.get(pair)
            if declared is None:
                declared = pairs[pair] = _Declared(claim.origin.item)
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

    def declare(self, pair: _SitePair, declared: _Declared) -> None:
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

    def is_complete(self, pair: _SitePair, place: ModulePath, said: set[tuple[Instance, Instance]]) -> bool:
        """Return whether all of a pair's instances in one place, which may be none, wait for all others."""
        dependents = self.sites.instances(place, pair.dependent, pair.phase)
        prerequisites = self.sites.instances(place, pair.prerequisite, pair.phase)
        every = len(said) == len(dependents) * len(prerequisites)
        return every and said.issuperset(product(dependents, prerequisites))

    def add(self, pair: _SitePair, dependent: Instance | None, prerequisite: Instance | None) -> None:
        """Add the gates of one instance, or of all, for one instance of the prerequisite, or for all."""
        gates = self.gates_of(pair, prerequisite)
        by_instance = self.gates.setdefault((pair.folder, pair.dependent), {})
        if not by_instance and pair.dependent.calls:
            self.through.setdefault((pair.folder, pair.dependent.calls[0]), []).append(pair.dependent)
        by_instance.setdefault(dependent, set()).update(gates)

    def gates_of(self, pair: _SitePair, prerequisite: Instance | None) -> frozenset[WiredGate]:
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


def _sorted(gates: Iterable[WiredGate]) -> tuple[WiredGate, ...]:
    return tuple(sorted(gates, key=lambda gate: (gate.phase, gate.units or "", gate.address, gate.requires)))


def _differs(pair: _SitePair, span: Span) -> Diagnostic:
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


@dataclass(slots=True)
class _Folder:
    """Puts the wiring of one folder together."""

    folder: str
    gathered: _Gathered
    # The names of all scripts, once one is asked for that none has.
    _scripts: set[str] = field(default_factory=set)

    def build(self) -> WiredFolder:
        sites = sorted(self.gathered.wrapped.get(self.folder, {}))
        module = self.gathered.sites.module(self.folder)
        return WiredFolder(
            dir=self.folder,
            root=self.folder == self.gathered.sites.root.module.dir,
            wrapped=tuple(map(self.wrapped, sites)),
            calls=tuple(map(self.call, sorted(self.gathered.calls.get(self.folder, ())))),
            units=self.gathered.units.of_folder(self.folder),
            switched_off=switched_off(module),
        )

    def wrapped(self, site: Site) -> Wrapped:
        blocks = self.gathered.units.blocks(self.folder)
        resource = blocks.resource(site)
        scripts = self.gathered.sites.everywhere(self.folder, site)
        mutexes, gate_timeout = self.settings(site)
        runs = blocks.runs(site, self.gathered.wrapped[self.folder][site], self.block_name)
        display_name = _same(script.display_name for script in scripts)
        if len(runs) > 1:
            self.gathered.diagnostics.extend(check_split(blocks.module, resource, runs))
        return Wrapped(
            type=resource.type,
            name=resource.name,
            argument=site.argument,
            repeated=repeated_by(resource.block),
            body=blocks.body(site),
            never_empty=blocks.never_empty(site),
            odd_interpreter=blocks.odd_interpreter(site),
            display_name=display_name,
            timeout=_same(script.timeout for script in scripts) or blocks.timeout(site),
            runs=runs,
            shared=blocks.shared(site) if len(runs) > 1 or display_name is None else (),
            blocks=blocks.nested(site),
            gates=self.own_gates(site),
            mutexes=mutexes,
            gate_timeout=gate_timeout,
            conduct=self.conduct(site),
        )

    def conduct(self, site: Site) -> tuple[tuple[str, str | Copied], ...]:
        """Return what a script says of itself; one text has to hold for all its instances."""
        found = {said_variables(script) for script in self.gathered.scripts[self.folder, site]}
        if None in found or len(found) > 1:
            self.gathered.diagnostics.append(
                error(
                    "UC410",
                    self.gathered.units.blocks(self.folder).resource(site).block.header_span,
                    "What a module's call says can't be wired",
                    f"{wired_address(site)} gets ready, unless, retries or optional from the calls of the module in "
                    f"{self.folder}, and they aren't fixed, or differ between the calls; one folder can't say both.",
                    help="write the directive in the script's own block, or give all calls the same text",
                )
            )
            return ()
        return found.pop() or ()

    def block_name(self, wanted: str) -> str:
        """Return a name for a further script that no script of the folder has, ``wanted`` if it is free."""
        module = self.gathered.sites.module(self.folder)
        if not self._scripts:
            self._scripts.update(each.removeprefix("coder_script.") for each in (*module.resources, *module.in_json))
        return free_name(wanted, self._scripts)

    def settings(self, site: Site) -> tuple[tuple[str, ...], int | None]:
        found = self.gathered.settings[self.folder, site]
        if len(found) > 1:
            header = self.gathered.units.blocks(self.folder).resource(site).block.header_span
            self.gathered.diagnostics.append(
                error(
                    "UC410",
                    header,
                    "Settings differ between the calls of a module",
                    f"{wired_address(site)} has different mutexes or gate timeouts in the calls of the module in "
                    f"{self.folder}; one folder can't say both.",
                    help="copy the module's folder, so that each call has its own, or make the calls agree",
                )
            )
        return next(iter(found)) if len(found) == 1 else min(found, key=repr)

    def own_gates(self, site: Site) -> WiredGates | None:
        declared = self.gathered.gates.get((self.folder, site))
        if declared is None:
            return None
        every = set(declared.get(None, ()))
        single: dict[str, set[WiredGate]] = {}
        for instance, gates in declared.items():
            key = None if instance is None else instance[-1]
            if isinstance(key, int | str):
                single.setdefault(wired_key(key), set()).update(gates)
            else:
                every |= gates
        return WiredGates(
            self.name(f"unitc_gates_{site.label}", site),
            _sorted(every),
            self.name(f"unitc_single_{site.label}", site),
            tuple((key, _sorted(gates)) for key, gates in sorted(single.items())),
        )

    def name(self, wanted: str, site: Site | None) -> str:
        """Return a new name for a local value that holds the gates of a site."""
        name = self.gathered.units.local_name(self.folder, wanted)
        if site is not None:
            self.gathered.declared[self.folder, name] = self.gathered.spans[self.folder, site]
        return name

    def call(self, name: str) -> WiredCall:
        entries: dict[str, set[WiredGate]] = {}
        first: Site | None = None
        for site in self.gathered.through.get((self.folder, name), ()):
            first = first or site
            for instance, gates in self.gathered.gates[self.folder, site].items():
                entries.setdefault(wired_address(site, instance), set()).update(gates)
        return WiredCall(
            name,
            repetition_of(self.gathered.sites.module(self.folder).calls[name].block),
            self.name(f"unitc_calls_{name}", first),
            tuple(Entry(unit, _sorted(gates)) for unit, gates in sorted(entries.items())),
        )


def _same(values: Iterable[_T | None]) -> _T | None:
    """Return the one value that all have, None where they don't have one."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def switched_off(module: Module) -> tuple[SwitchedOff, ...]:
    """Return the rules that a module declares itself, by name."""
    orders = sorted(module.resources_of(Mode.DATA, "coder_script_order"), key=lambda order: order.name)
    return tuple(SwitchedOff(order.name, repetition_of(order.block)) for order in orders)


def plan_wiring(sites: Sites, waits: Iterable[Wait], read: ReadFile) -> Wiring:
    """Return the wiring of every module folder that takes part in the order, and what can't be wired.

    ``read`` returns the text of a file of the template; its paths are relative to the template's folder.
    """
    gathered = _Gathered(sites, UnitLists(sites, read))
    pairs = gathered.pairs(waits)
    for script in sites.inventory.scripts:
        if (script.mutexes or script.says) and script.runtime is not None:
            gathered.wrap(script, script.triggers.phases)
    # The order in which names are given out must not depend on anything but the template.
    for pair, declared in sorted(pairs.items(), key=itemgetter(0)):
        gathered.declare(pair, declared)
    folders = [_Folder(folder, gathered).build() for folder in sorted(sites.places)]
    used = {name for folder in folders for wrapped in folder.wrapped for name in wrapped.further}
    further = tuple(name for name in MAX_FURTHER_BYTES if name in used)
    wired = tuple(replace(folder, further=further) for folder in folders if folder.takes_part or folder.switched_off)
    return Wiring(wired, MappingProxyType(gathered.declared), (*gathered.diagnostics, *check_wiring(sites, wired)))
