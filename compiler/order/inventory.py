"""Every script of a template in its place, and how declarations find them.

A *script* is one instance (or a group of instances) of a ``coder_script``, or one of an agent's own scripts. It
becomes a unit in each phase in which it may run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from compiler.hcl.syntax import Expression
from compiler.order.model import Conduct, Phase, ScriptBody
from compiler.records import dataclass, field, settle
from compiler.source.span import Span
from compiler.terraform.configuration.address import GROUP, InstanceKey, ModulePath
from compiler.terraform.configuration.module import Config, Mode, Resource, missing_calls, walk
from compiler.terraform.values.values import Value

# The attributes of a coder_agent that hold scripts.
AGENT_SCRIPTS = ("startup_script", "shutdown_script")


_NO_CONDUCT = Conduct()
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs a script: a ``coder_agent`` or a ``coder_devcontainer``, by address.

    ``os`` is the agent's operating system, None where it can't be known; ``os_span`` is the expression that says it,
    None where there is none. ``missing`` is the call, without indexes, of a module that could not be read and that
    holds the agent.
    """

    address: str
    os: str | None
    os_span: Span | None = None
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Triggers:
    """What makes the agent run a script; None where that can't be known before apply."""

    start: bool | None
    stop: bool | None
    cron: bool | None = False
    phases: tuple[Phase, ...] = field(init=False)
    """The phases in which the script runs or may run."""

    def __post_init__(self) -> None:
        settle(self, "phases", _PHASES[self.start is not False, self.stop is not False])


_PHASES: Mapping[tuple[bool, bool], tuple[Phase, ...]] = {
    (False, False): (),
    (False, True): (Phase.STOP,),
    (True, False): (Phase.START,),
    (True, True): (Phase.START, Phase.STOP),
}


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A module instance: where references are resolved. ``path`` is empty for the root module."""

    path: ModulePath
    config: Config


@dataclass(frozen=True, slots=True)
class SaidCommand:
    """A command that a script says of itself, as it stands in the template, and its value there.

    ``word`` is the directive, ``span`` all of it. It stands in the module at ``depth`` on the way to the script: in the
    script's own block, or in the call of a module that leads to it.
    """

    word: str
    expression: Expression
    depth: int
    value: Value
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """One script instance. ``argument`` is ``script`` or the agent's ``startup_script`` / ``shutdown_script``.

    ``runtime`` is None where it can't be found. ``timeout`` is in seconds, None for none or where it is not known.
    ``span`` is the header of the block that declares it. ``conduct`` is what it says of itself, ``said`` the commands
    in that as they are written. ``doubtful``: what runs it and when, or which instances there are, depends on a mistake
    that is told elsewhere.
    """

    address: str
    place: Place
    resource: Resource
    argument: str
    key: InstanceKey
    triggers: Triggers
    runtime: Runtime | None
    display_name: str | None
    timeout: int | None
    body: ScriptBody
    span: Span
    mutexes: tuple[str, ...] = ()
    gate_timeout: int | None = None
    conduct: Conduct = _NO_CONDUCT
    said: tuple[SaidCommand, ...] = ()
    doubtful: bool = False

    @property
    def says(self) -> bool:
        """Whether the script, or a call that leads to it, says anything that its wrapper has to do."""
        return bool(self.said) or not self.conduct.plain

    @property
    def group(self) -> bool:
        """Whether the script stands for a number of instances that can't be known before apply."""
        return self.key is GROUP or any(step.key is GROUP for step in self.place.path)


def shared_steps(one: Script, other: Script) -> int:
    """Return how many steps on the way to both scripts are the same: the depth of the innermost module with both."""
    if one.place is other.place:
        return len(one.place.path)
    steps = 0
    for mine, theirs in zip(one.place.path, other.place.path, strict=False):
        if mine != theirs:
            break
        steps += 1
    return steps


@dataclass(slots=True)
class Inventory:
    """The scripts and module instances of a template. Lists are in address order.

    ``expansions`` holds the keys of all instances of scripts and agents, by module instance and resource; ``doubtful``
    names those, and the module calls, whose keys depend on a mistake that is told elsewhere.
    """

    scripts: tuple[Script, ...]
    places: tuple[Place, ...]
    expansions: Mapping[tuple[ModulePath, str], tuple[InstanceKey, ...]]
    doubtful: frozenset[tuple[ModulePath, str]]
    _by_resource: Mapping[tuple[ModulePath, str, str], tuple[Script, ...]] = field(init=False)
    _by_call: Mapping[tuple[ModulePath, str], tuple[Script, ...]] = field(init=False)
    # The same for each key.
    _by_instance: Mapping[tuple[ModulePath, str, str, InstanceKey], tuple[Script, ...]] = field(init=False)
    _by_call_instance: Mapping[tuple[ModulePath, str, InstanceKey], tuple[Script, ...]] = field(init=False)
    _keys: Mapping[tuple[ModulePath, str], frozenset[InstanceKey]] = field(init=False)
    _missing: dict[Config, tuple[str, ...]] = field(init=False, default_factory=dict)
    _scripted: dict[Config, bool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        by_resource: dict[tuple[ModulePath, str, str], list[Script]] = {}
        by_instance: dict[tuple[ModulePath, str, str, InstanceKey], list[Script]] = {}
        by_call: dict[tuple[ModulePath, str], list[Script]] = {}
        by_call_instance: dict[tuple[ModulePath, str, InstanceKey], list[Script]] = {}
        for script in self.scripts:
            path, address = script.place.path, script.resource.address
            by_resource.setdefault((path, address, script.argument), []).append(script)
            by_instance.setdefault((path, address, script.argument, script.key), []).append(script)
            for depth, step in enumerate(path):
                by_call.setdefault((path[:depth], step.name), []).append(script)
                by_call_instance.setdefault((path[:depth], step.name, step.key), []).append(script)
        keys: dict[tuple[ModulePath, str], set[InstanceKey]] = {}
        for place in self.places:
            if place.path:
                call = f"module.{place.path[-1].name}"
                keys.setdefault((place.path[:-1], call), set()).add(place.path[-1].key)
        self._keys = {name: frozenset(found) for name, found in (*self.expansions.items(), *keys.items())}
        self._by_resource, self._by_instance = _as_tuples(by_resource), _as_tuples(by_instance)
        self._by_call, self._by_call_instance = _as_tuples(by_call), _as_tuples(by_call_instance)

    def of_resource(self, place: Place, resource: str, argument: str = "script") -> tuple[Script, ...]:
        """Return the instances of one script of a module instance."""
        return self._by_resource.get((place.path, resource, argument), ())

    def of_instance(self, place: Place, resource: str, argument: str, key: InstanceKey) -> tuple[Script, ...]:
        """Return the one instance of a script of a module instance that has a key, none where none has."""
        return self._by_instance.get((place.path, resource, argument, key), ())

    def of_call(self, place: Place, call: str) -> tuple[Script, ...]:
        """Return the scripts of all instances of a module call, nested modules included."""
        return self._by_call.get((place.path, call), ())

    def of_call_instance(self, place: Place, call: str, key: InstanceKey) -> tuple[Script, ...]:
        """Return the scripts of the instance of a module call that has a key, nested modules included."""
        return self._by_call_instance.get((place.path, call, key), ())

    def keys(self, place: Place, address: str) -> frozenset[InstanceKey]:
        """Return the keys of the instances of a script, an agent or a module call of a module instance."""
        return self._keys.get((place.path, address), frozenset())

    def is_doubtful(self, place: Place, address: str) -> bool:
        """Return whether which instances a resource or module call has depends on a mistake that is told elsewhere."""
        return (place.path, address) in self.doubtful

    def missing_in(self, config: Config) -> tuple[str, ...]:
        """Return the calls at and below a config whose modules could not be read, as addresses without indexes."""
        if config not in self._missing:
            self._missing[config] = missing_calls(config)
        return self._missing[config]

    def holds_scripts(self, config: Config) -> bool:
        """Return whether a module, or one below it, declares a script, with however many instances, or may do so."""
        if config not in self._scripted:
            self._scripted[config] = any(
                not below.module.is_whole or any(map(_is_scripted, below.module.resources.values()))
                for below in walk(config)
            )
        return self._scripted[config]

    def declaring(self, place: Place, address: str) -> str | None:
        """Return what to do about a name that stands in a neighbouring module, None where no neighbour has it."""
        for name, child in sorted(place.config.children.items()):
            if address in child.module.resources or address in _calls(child):
                return f"module.{name} declares it: name module.{name}, which stands for all of its scripts"
        if place.path:
            parent = next(known for known in self.places if known.path == place.path[:-1])
            if address in parent.config.module.resources or address in _calls(parent.config):
                return "the calling module declares it: write the order there; a module can't name its caller's scripts"
        return None


def _as_tuples(found: Mapping[_Key, list[Script]]) -> Mapping[_Key, tuple[Script, ...]]:
    return {key: tuple(scripts) for key, scripts in found.items()}


def _is_scripted(resource: Resource) -> bool:
    if resource.mode is not Mode.MANAGED:
        return False
    body = resource.block.body
    return resource.type == "coder_script" or (
        resource.type == "coder_agent" and any(body.attribute(name) is not None for name in AGENT_SCRIPTS)
    )


def _calls(config: Config) -> frozenset[str]:
    return frozenset(f"module.{name}" for name in config.module.calls)


def addresses(scripts: Iterable[Script]) -> tuple[str, ...]:
    """Return the scripts' addresses, sorted, each once."""
    return tuple(sorted({script.address for script in scripts}))
