"""Where scripts stand, seen from a module: the view that the wiring takes of an inventory.

A *site* is a script's block seen from a module: the calls that lead to it, the block and the argument. An *instance*
of a site is a tuple of keys, one for each call and one for the block. What is written into a module's folder holds for
every place of that folder, so sites are asked about in all places of a folder at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from compiler.order.inventory import Inventory, Script
from compiler.order.model import Phase
from compiler.records import dataclass, field
from compiler.terraform.configuration.address import GROUP, InstanceKey, ModulePath, module_address
from compiler.terraform.configuration.module import Config, Mode, Module
from compiler.terraform.configuration.schema import AGENT_ID
from compiler.wiring.expressions import may_be_several
from compiler.wiring.model import wired_index, wired_steps

CallNames: TypeAlias = tuple[str, ...]
"""The names of the calls that lead to a module, the root's is empty."""

Instance: TypeAlias = tuple[InstanceKey, ...]


class Site(NamedTuple):
    """A script's block seen from a module."""

    calls: CallNames
    resource: str
    argument: str

    @property
    def suffix(self) -> str:
        """What follows the index in an address: an agent's own scripts are told apart by their argument."""
        return "" if self.argument == "script" else f".{self.argument}"

    @property
    def label(self) -> str:
        """The block's name, and the argument where that isn't ``script``, for the names of local values."""
        name = self.resource.partition(".")[2]
        return name if self.argument == "script" else f"{name}_{self.argument}"


class RuntimePlace(NamedTuple):
    """The module instance in which a runtime stands. ``group``: there may be several, and how many can't be known."""

    path: ModulePath
    group: bool


def names_of(path: ModulePath) -> CallNames:
    """Return the names of the calls on the way to a module instance."""
    return tuple([step.name for step in path]) if path else ()


def wired_address(site: Site, instance: Instance | None = None) -> str:
    """Return the address of an instance, relative to the module that sees the site.

    Steps whose key is unknown have no index; without an instance no step has one.
    """
    keys = (None,) * (len(site.calls) + 1) if instance is None else instance
    return f"{wired_steps(zip(site.calls, keys, strict=False))}{site.resource}{wired_index(keys[-1])}{site.suffix}"


def wired_prefix(site: Site, instance: Instance) -> str:
    """Return the start that the addresses of an instance have in common, where some of its keys are unknown."""
    if GROUP not in instance:
        return wired_address(site, instance)
    known = instance.index(GROUP)
    return wired_steps(zip(site.calls[:known], instance, strict=False))


@dataclass(slots=True, eq=False)
class Seen:
    """A script as a module on the way to it sees it, or as its own module does.

    ``folder`` is that of the module. ``alone``: in each phase in which the script runs, the site has one instance in
    one place of the folder, which is this one.
    """

    folder: str
    site: Site
    instance: Instance
    alone: bool


@dataclass(slots=True)
class Sites:
    """An inventory, by folders and sites."""

    root: Config
    inventory: Inventory
    configs: Mapping[CallNames, Config] = field(init=False)
    places: Mapping[str, list[ModulePath]] = field(init=False)
    # Those that may be several, or that stand below the root module.
    runtimes: Mapping[str, RuntimePlace] = field(init=False)
    _scripts: Mapping[Site, list[Script]] = field(init=False)
    _below: Mapping[ModulePath, list[ModulePath]] = field(init=False)
    # A script takes part in many pairs.
    _seen: dict[tuple[Script, int], Seen] = field(default_factory=dict)
    _folders: dict[ModulePath, str] = field(default_factory=dict)
    _instances: dict[tuple[ModulePath, Site, Phase], tuple[Instance, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        configs: dict[CallNames, Config] = {}
        places: dict[str, list[ModulePath]] = {}
        runtimes: dict[str, RuntimePlace] = {}
        below: dict[ModulePath, list[ModulePath]] = {}
        for place in self.inventory.places:
            path, module = place.path, place.config.module
            configs[names_of(path)] = place.config
            places.setdefault(module.dir, []).append(path)
            if path:
                below.setdefault(path[:-1], []).append(path)
            for resource in module.resources.values():
                if resource.mode is Mode.MANAGED and resource.type in AGENT_ID:
                    start = module_address(path)
                    address = f"{start}.{resource.address}" if start else resource.address
                    # Where the number is known every runtime has an index, and so another address.
                    runtime = RuntimePlace(path, may_be_several(resource.block))
                    if runtime.path or runtime.group:
                        runtimes[address] = runtime
        self.configs, self.places, self.runtimes, self._below = configs, places, runtimes, below
        scripts: dict[Site, list[Script]] = {}
        for script in self.inventory.scripts:
            scripts.setdefault(self.seen(script, 0).site, []).append(script)
        self._scripts = scripts

    def seen(self, script: Script, depth: int) -> Seen:
        """Return a script as the module at ``depth`` on the way to it sees it."""
        known = self._seen.get((script, depth))
        if known is None:
            path = script.place.path
            folder = self.folder_of(path[:depth])
            site = Site(names_of(path[depth:]), script.resource.address, script.argument)
            instance = (*[step.key for step in path[depth:]], script.key)
            alone = len(self.places[folder]) == 1 and instance.count(None) == len(instance)
            known = self._seen[script, depth] = Seen(folder, site, instance, alone)
        return known

    def instances(self, base: ModulePath, site: Site, phase: Phase) -> tuple[Instance, ...]:
        """Return the instances of a site below a module instance that run, or may run, in a phase."""
        known = self._instances.get((base, site, phase))
        if known is None:
            absolute = site._replace(calls=(*names_of(base), *site.calls))
            depth = len(base)
            known = tuple(
                self.seen(script, depth).instance
                for script in self._scripts.get(absolute, ())
                if script.place.path[:depth] == base and phase in script.triggers.phases
            )
            self._instances[base, site, phase] = known
        return known

    def everywhere(self, folder: str, site: Site) -> list[Script]:
        """Return the instances of a folder's own script in all places of the folder."""
        if not site.calls and self.places[folder] == [()]:
            return self._scripts.get(site, [])
        names = {names_of(path) for path in self.places[folder]}
        return [script for each in sorted(names) for script in self._scripts.get(site._replace(calls=each), ())]

    def children(self, bases: Iterable[ModulePath], call: str) -> list[ModulePath]:
        """Return the instances of a call in some module instances."""
        return [path for base in bases for path in self._below.get(base, ()) if path[-1].name == call]

    def folder_of(self, path: ModulePath) -> str:
        """Return the folder of the module of an instance."""
        known = self._folders.get(path)
        if known is None:
            known = self._folders[path] = self.folder(names_of(path))
        return known

    def folder(self, names: CallNames) -> str:
        """Return the folder of the module that the calls lead to."""
        return self.configs[names].module.dir

    def module(self, folder: str) -> Module:
        """Return the module in a folder."""
        return self.configs[names_of(self.places[folder][0])].module
