"""From the order of a template to its wiring: ``plan_wiring(sites, explicit, everyone, read) -> Wiring``.

The inventory behind ``sites`` must come from fixed values only: what an input may change is a group there, and then
the wiring says it with the template's own expressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from compiler.order.claims import Claim
from compiler.records import dataclass, field, replace
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.limits import MAX_FURTHER_BYTES, further_parts
from compiler.source.span import Span
from compiler.terraform.configuration.address import GROUP
from compiler.terraform.configuration.module import Mode, Module
from compiler.terraform.scope.expansion import repetition_of
from compiler.wiring.bodies import ReadFile
from compiler.wiring.checks import check_split, check_wiring
from compiler.wiring.expressions import copied, repeated_by
from compiler.wiring.gathering import Gathered, Taking
from compiler.wiring.model import (
    Copied,
    Entry,
    SwitchedOff,
    WiredCall,
    WiredFolder,
    WiredGate,
    WiredGates,
    Wrapped,
    wired_key,
)
from compiler.wiring.said import said_variables
from compiler.wiring.sites import Site, Sites, wired_address
from compiler.wiring.terms import free_name
from compiler.wiring.units import UnitLists

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Wiring:
    """The wiring of a template, by folder; with errors it must not be written.

    ``declared`` says for each local value that holds gates, by folder and name, where the first of them is declared.
    """

    folders: tuple[WiredFolder, ...]
    declared: Mapping[tuple[str, str], Span]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(slots=True)
class _Folder:
    """Puts the wiring of one folder together."""

    folder: str
    gathered: Gathered
    # The names of all scripts, once one is asked for that none has.
    _scripts: set[str] = field(default_factory=set)

    def build(self) -> WiredFolder:
        taking = self.gathered.taking.get(self.folder, {})
        module = self.gathered.sites.module(self.folder)
        return WiredFolder(
            dir=self.folder,
            root=self.folder == self.gathered.sites.root.module.dir,
            wrapped=tuple(self.wrapped(site, taking[site]) for site in sorted(taking)),
            calls=tuple(map(self.call, sorted(self.gathered.calls.get(self.folder, ())))),
            units=self.gathered.units.of_folder(self.folder),
            switched_off=switched_off(module),
        )

    def wrapped(self, site: Site, taking: Taking) -> Wrapped:
        block = self.gathered.units.block(self.folder, site)
        resource = block.resource
        scripts = self.gathered.sites.everywhere(self.folder, site)
        mutexes, gate_timeout = self.settings(site, taking)
        runs = block.runs(taking.phases, self.block_name)
        display_name = _same({script.display_name for script in scripts})
        timeout = _same({script.timeout for script in scripts}) or block.timeout()
        conduct = self.conduct(site, taking)
        if len(runs) > 1:
            self.gathered.diagnostics.extend(check_split(block.bodies.module, resource, runs))
        return Wrapped(
            type=resource.type,
            name=resource.name,
            argument=site.argument,
            repeated=repeated_by(resource.block),
            body=copied(block.body),
            never_empty=block.form.never_empty,
            display_name=display_name,
            timeout=timeout,
            runs=runs,
            shared=block.shared() if len(runs) > 1 or display_name is None else (),
            blocks=block.nested(),
            gates=self.own_gates(site),
            mutexes=mutexes,
            gate_timeout=gate_timeout,
            conduct=conduct,
            further=further_parts(
                interpreter=block.form.odd_interpreter,
                limits=timeout is not None or gate_timeout is not None,
                mutex=bool(mutexes),
                conduct=bool(conduct),
            ),
        )

    def conduct(self, site: Site, taking: Taking) -> tuple[tuple[str, str | Copied], ...]:
        """Return what a script says of itself; one text has to hold for all its instances."""
        found = {said_variables(script) for script in taking.scripts}
        if None in found or len(found) > 1:
            self.refuse(
                site,
                "What a module's call says can't be wired",
                f"gets ready, unless, retries or optional from the calls of the module in {self.folder}, and they "
                "aren't fixed, or differ between the calls",
                "write the directive in the script's own block, or give all calls the same text",
            )
            return ()
        return found.pop() or ()

    def block_name(self, wanted: str) -> str:
        """Return a name for a further script that no script of the folder has, ``wanted`` if it is free."""
        module = self.gathered.sites.module(self.folder)
        if not self._scripts:
            self._scripts.update(each.removeprefix("coder_script.") for each in (*module.resources, *module.in_json))
        return free_name(wanted, self._scripts)

    def settings(self, site: Site, taking: Taking) -> tuple[tuple[str, ...], int | None]:
        found = {(script.mutexes, script.gate_timeout) for script in taking.scripts}
        if len(found) > 1:
            self.refuse(
                site,
                "Settings differ between the calls of a module",
                f"has different mutexes or gate timeouts in the calls of the module in {self.folder}",
                "copy the module's folder, so that each call has its own, or make the calls agree",
            )
        return next(iter(found)) if len(found) == 1 else min(found, key=repr)

    def refuse(self, site: Site, summary: str, why: str, help_: str) -> None:
        """Tell of a script whose calls say what its one text can't."""
        span = self.gathered.units.block(self.folder, site).resource.block.header_span
        detail = f"{wired_address(site)} {why}; one folder can't say both."
        self.gathered.diagnostics.append(error("UC410", span, summary, detail, help=help_))

    def own_gates(self, site: Site) -> WiredGates | None:
        declared = self.gathered.gates.get((self.folder, site))
        if declared is None:
            return None
        every: set[WiredGate] = set()
        single: dict[str, set[WiredGate]] = {}
        for instance, gates in declared.items():
            key = None if instance is None else instance[-1]
            if key is None or key is GROUP:
                every |= gates
            else:
                single.setdefault(wired_key(key), set()).update(gates)
        span, label = self.gathered.spans.get((self.folder, site)), site.label
        return WiredGates(
            self.name(f"unitc_gates_{label}", span),
            tuple(sorted(every)),
            self.name(f"unitc_single_{label}", span),
            tuple((key, tuple(sorted(gates))) for key, gates in sorted(single.items())),
        )

    def name(self, wanted: str, span: Span | None) -> str:
        """Return a new name for a local value that holds gates; ``span`` is where one of them is declared."""
        name = self.gathered.units.local_name(self.folder, wanted)
        if span is not None:
            self.gathered.declared[self.folder, name] = span
        return name

    def call(self, name: str) -> WiredCall:
        entries: dict[str, set[WiredGate]] = {}
        sites = self.gathered.through.get((self.folder, name), ())
        spans = (self.gathered.spans.get((self.folder, site)) for site in sites)
        for site in sites:
            for instance, gates in self.gathered.gates[self.folder, site].items():
                entries.setdefault(wired_address(site, instance), set()).update(gates)
        return WiredCall(
            name,
            repetition_of(self.gathered.sites.module(self.folder).calls[name].block),
            self.name(f"unitc_calls_{name}", next(filter(None, spans), None)),
            tuple(Entry(unit, tuple(sorted(gates))) for unit, gates in sorted(entries.items())),
        )


def _same(values: set[_T | None]) -> _T | None:
    """Return the one value that all have, None where they don't have one."""
    return values.pop() if len(values) == 1 else None


def switched_off(module: Module) -> tuple[SwitchedOff, ...]:
    """Return the rules that a module declares itself, by name."""
    orders = sorted(module.resources_of(Mode.DATA, "coder_script_order"), key=lambda order: order.name)
    return tuple(SwitchedOff(order.name, repetition_of(order.block)) for order in orders)


def plan_wiring(sites: Sites, explicit: Iterable[Claim], everyone: Iterable[Claim], read: ReadFile) -> Wiring:
    """Return the wiring of every module folder that takes part in the order, and what can't be wired.

    The claims are those of :meth:`Gathered.gather`. ``read`` returns the text of a file of the template; its paths are
    relative to the template's folder.
    """
    gathered = Gathered(sites, UnitLists(sites, read))
    gathered.gather(explicit, everyone)
    folders = [_Folder(folder, gathered).build() for folder in sorted(sites.places)]
    used = {name for folder in folders for wrapped in folder.wrapped for name in wrapped.further}
    further = tuple(name for name in MAX_FURTHER_BYTES if name in used)
    wired = tuple(replace(folder, further=further) for folder in folders if folder.takes_part or folder.switched_off)
    return Wiring(wired, MappingProxyType(gathered.declared), (*gathered.diagnostics, *check_wiring(sites, wired)))
