"""Which units exist: addresses that are the same in every place of a folder, else lists that Terraform computes."""

from __future__ import annotations

from collections.abc import Collection

from compiler.order.model import Phase
from compiler.records import dataclass, field, replace
from compiler.terraform.configuration.address import GROUP, ModulePath
from compiler.wiring.blocks import ScriptBlock, script_block
from compiler.wiring.bodies import ReadFile
from compiler.wiring.expressions import copied, greatest_count, repeated_by
from compiler.wiring.model import CallUnits, Copied, ScriptUnits, Units
from compiler.wiring.sites import Site, Sites, names_of, wired_address
from compiler.wiring.terms import free_name

# More instances than this are not named one by one.
_MAX_NAMED = 16


@dataclass(slots=True)
class UnitLists:
    """The units lists of all folders, made as they are asked for."""

    sites: Sites
    read: ReadFile
    _lists: dict[tuple[str, Site, Phase], Units] = field(default_factory=dict)
    _names: dict[str, set[str]] = field(default_factory=dict)
    _blocks: dict[tuple[str, str, str], ScriptBlock] = field(default_factory=dict)
    _constants: dict[tuple[str, Site, Phase], dict[str, None] | None] = field(default_factory=dict)

    def block(self, folder: str, site: Site) -> ScriptBlock:
        """Return the block of a script of a folder, from wherever the site is seen."""
        key = (folder, site.resource, site.argument)
        if key not in self._blocks:
            self._blocks[key] = script_block(self.sites.module(folder), self.read, site)
        return self._blocks[key]

    def of_folder(self, folder: str) -> tuple[Units, ...]:
        """Return the lists of a folder, by name."""
        found = [units for (where, _, _), units in self._lists.items() if where == folder]
        return tuple(sorted(found, key=lambda units: units.name))

    def constants(self, folder: str, site: Site, phase: Phase) -> Collection[str] | None:
        """Return the addresses of a site's units, None where they aren't the same ones in all of a folder's places."""
        key = (folder, site, phase)
        if key not in self._constants:
            found = self._constants_in(self.sites.places[folder], site, phase)
            self._constants[key] = None if found is None else dict.fromkeys(found)
        return self._constants[key]

    def _constants_in(self, bases: list[ModulePath], site: Site, phase: Phase) -> tuple[str, ...] | None:
        found = {self.sites.instances(base, site, phase) for base in bases}
        if len(found) != 1:
            return None if found else ()
        (instances,) = found
        if any(GROUP in instance for instance in instances):
            return None
        if instances and not self.is_certain(bases[0], site, phase):
            return None
        return tuple(wired_address(site, instance) for instance in instances)

    def is_certain(self, base: ModulePath, site: Site, phase: Phase) -> bool:
        """Return whether each instance of a site that there is below a module instance runs in a phase."""
        block = self.block(self.sites.folder((*names_of(base), *site.calls)), site)
        return block.trigger(phase) is True and block.form.never_empty

    def list_name(self, folder: str, site: Site, phase: Phase, *, exported: bool = False) -> str:
        """Return the name of a folder's list of a site's units, and see to it that there is one."""
        key = (folder, site, phase)
        if key not in self._lists:
            name = self.local_name(folder, "_".join(("unitc_units", *site.calls, site.label, phase)))
            make = self._call_units if site.calls else self._script_units
            self._lists[key] = make(name, folder, site, phase)
        if exported:
            self._lists[key] = replace(self._lists[key], exported=True)
        return self._lists[key].name

    def local_name(self, folder: str, wanted: str) -> str:
        """Return a name for a local value of a folder that no other one has, ``wanted`` if it is free."""
        taken = self._names.setdefault(folder, set())
        name = free_name(wanted, taken)
        taken.add(name)
        return name

    def _script_units(self, name: str, folder: str, site: Site, phase: Phase) -> ScriptUnits:
        block = self.block(folder, site)
        trigger = block.trigger(phase)
        return ScriptUnits(
            name=name,
            base=site.resource,
            suffix=site.suffix,
            repeated=repeated_by(block.resource.block),
            trigger=trigger if isinstance(trigger, Copied) else None,
            body=None if block.form.never_empty else copied(block.body),
            exported=False,
        )

    def _call_units(self, name: str, folder: str, site: Site, phase: Phase) -> CallUnits:
        bases = self.sites.places[folder]
        call, *rest = site.calls
        inner = site._replace(calls=tuple(rest))
        below = self.sites.children(bases, call)
        within: tuple[str, ...] | str | None = self._constants_in(below, inner, phase)
        if within is None:
            within = self.list_name(self.sites.folder(names_of(below[0])), inner, phase, exported=True)
        keys = {tuple(path[-1].key for path in self.sites.children([base], call)) for base in bases}
        known = next(iter(keys)) if len(keys) == 1 else (GROUP,)
        block = self.sites.module(folder).calls[call].block
        repeated = repeated_by(block)
        count = block.body.attribute("count")
        if GROUP in known and count is not None and isinstance(within, str):
            # Naming each instance that may exist refers to one output; naming the call refers to the whole module.
            most = greatest_count(count.expression)
            known = known if most is None or most > _MAX_NAMED else tuple(range(most))
        return CallUnits(
            name=name,
            call=call,
            keys=known,
            repeated=repeated if GROUP in known else None,
            within=within,
            exported=False,
            script=wired_address(site),
        )
