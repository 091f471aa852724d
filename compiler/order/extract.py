"""From a template's values to its scripts: every instance in its place, with its agent, triggers and body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.hcl.syntax import Expression
from compiler.order.bodies import Bodies
from compiler.order.conduct import Level, Own, body_of, own, text_of
from compiler.order.directives.settings import BLOCK
from compiler.order.directives.statements import Statements
from compiler.order.inventory import AGENT_SCRIPTS, Inventory, Place, Runtime, Script, Triggers
from compiler.order.model import UnknownBody
from compiler.records import dataclass
from compiler.source.span import Span
from compiler.terraform.configuration.address import GROUP, InstanceKey, index
from compiler.terraform.configuration.module import Mode, Module, Named, Resource, hides
from compiler.terraform.configuration.schema import AGENT_ID
from compiler.terraform.scope.scope import InstanceScope, ModuleScope
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.marks import Provenance, Reason, ReasonKind, provenance_marks
from compiler.terraform.values.types import BOOL, NUMBER, STRING, Type
from compiler.terraform.values.values import Value, unknown

_PHASE_OF_AGENT_SCRIPT = {
    "startup_script": Triggers(start=True, stop=False),
    "shutdown_script": Triggers(start=False, stop=True),
}

# The arguments of a script that the order reads, and those that decide what runs it and when.
_OF_A_SCRIPT: Mapping[str, Type] = {
    "agent_id": STRING,
    "cron": STRING,
    "display_name": STRING,
    "run_on_start": BOOL,
    "run_on_stop": BOOL,
    "script": STRING,
    "timeout": NUMBER,
}
_DECIDING = frozenset({"agent_id", "cron", "run_on_start", "run_on_stop"})

# The resources that hold scripts.
_SCRIPTED = ("coder_script", "coder_agent")


@dataclass(frozen=True, slots=True)
class Located:
    """A module instance with its values, and what the calls on the way to it say of their scripts, outermost first."""

    place: Place
    scope: ModuleScope
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Scripts:
    """The instances of all modules, ``scope`` that of the root module, with the scripts in them and their bodies."""

    scope: ModuleScope
    located: tuple[Located, ...]
    inventory: Inventory
    bodies: Bodies


def find_scripts(scope: ModuleScope, statements: Mapping[Module, Statements]) -> Scripts:
    """Return the scripts of a template, given the scope of its root module and what its blocks say."""
    located = _instances(scope, statements)
    inventory = _extract(located, statements)
    return Scripts(scope, located, inventory, Bodies({item.place: item.scope for item in located}))


def _arguments(scope: InstanceScope, resource: Resource, types: Mapping[str, Type]) -> dict[str, Value]:
    """Return the values of those arguments that are set, converted. What doesn't convert stays as it is."""
    values = {}
    for attribute in resource.block.body.attributes:
        type_ = types.get(attribute.name)
        if type_ is None:
            continue
        value = scope.evaluate(attribute.expression)
        try:
            values[attribute.name] = convert(value, type_)
        except ConversionError:
            values[attribute.name] = value
    unread = scope.module.config.module.unread
    for name in types if unread else ():
        if name not in values and hides(unread, name):
            values[name] = unknown(types[name], [Reason("", resource.block.header_span, ReasonKind.ERROR)])
    return values


def _flag(value: Value | None) -> bool | None:
    """Return a trigger: False where it isn't set or null, None where it can't be known."""
    if value is None or value.is_null:
        return False
    return value.data if isinstance(value.data, bool) else None


def _seconds(value: Value | None) -> int | None:
    if value is None or value.type != NUMBER or not value.is_known or value.is_null:
        return None
    return value.numeric.to_int() if value.numeric.is_integer else None


def _os(scope: ModuleScope, resource: Resource, key: InstanceKey) -> tuple[str | None, Span | None]:
    """Return an agent's operating system, None where an input may change it, and the expression that says it."""
    attribute = resource.block.body.attribute("os")
    if attribute is None:
        return None, None
    value = _arguments(scope.instance(resource, key), resource, {"os": STRING})["os"]
    if value.is_poisoned:
        # Whatever it was meant to be, the mistake in it is told.
        return None, None
    certain = value.provenance is not Provenance.DEFAULT
    return text_of(value) if certain else None, attribute.expression.span


def _agent_id(resource: Resource) -> Expression:
    """Return what a resource that says one has as ``agent_id``."""
    return resource.block.body.named["agent_id"].expression


def _prefixes(address: str) -> Iterator[str]:
    """Yield what an address may lie in, itself first: ``a.b[0].c``, ``a.b[0]``, ``a.b``, ``a``."""
    yield address
    for at in range(len(address) - 1, 0, -1):
        if address[at] in ".[":
            yield address[:at]


@dataclass(slots=True)
class _Runtimes:
    """Finds what runs a script by the attribute that its ``agent_id`` is."""

    by_attribute: dict[str, Runtime]
    groups: dict[str, Runtime]
    missing: dict[str, str]
    located: tuple[Located, ...]
    # Made when a script first asks for something else than an agent's own attribute; most never do.
    _carriers: dict[str, tuple[InstanceScope, Resource]] | None = None

    @classmethod
    def of(cls, located: tuple[Located, ...]) -> _Runtimes:
        found = cls({}, {}, {}, located)
        for item in located:
            config = item.place.config
            for resource in config.module.resources.values():
                if resource.mode is Mode.MANAGED and resource.type in AGENT_ID:
                    found.add(item.scope, resource)
            for name in config.module.calls:
                if name not in config.children:
                    address = item.scope.absolute(f"module.{name}")
                    found.missing[address] = ".".join(f"module.{call}" for call in (*config.path, name))
        return found

    def add(self, scope: ModuleScope, resource: Resource) -> None:
        for key in scope.expansion(resource).keys:
            address = scope.absolute(resource.address + index(key))
            if resource.type == "coder_agent":
                runtime = Runtime(address, *_os(scope, resource, key))
            else:
                # A dev container is a Linux container whatever its host is.
                runtime = Runtime(address, "linux")
            if key is GROUP:
                self.groups[address] = runtime
            self.by_attribute[f"{address}.{AGENT_ID[resource.type]}"] = runtime

    @property
    def carriers(self) -> dict[str, tuple[InstanceScope, Resource]]:
        """The resources that carry an ``agent_id``: a whole instance of one stands for what the argument names."""
        if self._carriers is None:
            self._carriers = {
                item.scope.absolute(resource.address + index(key)): (item.scope.instance(resource, key), resource)
                for item in self.located
                for resource in item.place.config.module.resources.values()
                if resource.mode is Mode.MANAGED and resource.type not in AGENT_ID
                if "agent_id" in resource.block.body.named
                for key in item.scope.expansion(resource).keys
            }
        return self._carriers

    def find(self, value: Value | None, resource: Resource) -> Runtime | None:
        """Return the runtime that the ``agent_id`` of a resource names."""
        if value is None or value.is_poisoned or value.is_null:
            return None
        if value.type != STRING and value.is_known:
            return None
        if value.is_known:
            # The id itself was given: the input that holds it is all that tells one agent from another.
            inputs = sorted(mark.address for mark in provenance_marks(value.marks))
            return Runtime(inputs[0] if len(inputs) == 1 else _agent_id(resource).span.text, None)
        addresses = {reason.address for reason in value.reasons}
        if len(addresses) != 1:
            return None
        address = addresses.pop()
        if address in self.by_attribute:
            return self.by_attribute[address]
        if address in self.carriers:
            scope, carrier = self.carriers.pop(address)
            found = self.find(scope.evaluate(_agent_id(carrier)), carrier)
            self.carriers[address] = (scope, carrier)
            return found
        for outer in _prefixes(address):
            if outer in self.groups:
                return self.groups[outer]
            if outer in self.missing:
                # Whatever the module's output is, two scripts that are given the same one run on the same agent.
                return Runtime(address, None, missing=self.missing[outer])
        # A module on its own has no caller that could say which agent it is.
        return Runtime(address, None) if address.startswith("var.") else None


def _instances(root: ModuleScope, statements: Mapping[Module, Statements]) -> tuple[Located, ...]:
    """Return every module instance of a template, parents first."""

    def below(scope: ModuleScope, levels: tuple[Level, ...]) -> Iterator[Located]:
        module = scope.config.module
        yield Located(Place(scope.path, scope.config), scope, levels)
        for call in module.calls.values():
            said = statements[module].settings.get((call, BLOCK))
            for child in scope.children(call):
                if said is None:
                    yield from below(child, levels)
                else:
                    own_level = Level(said, scope.instance(call, child.path[-1].key), len(scope.path))
                    yield from below(child, (*levels, own_level))

    return tuple(below(root, ()))


def _own(item: Located, resource: Resource, argument: str, scope: InstanceScope, statements: Statements) -> Own:
    """Return what a script instance says of itself."""
    if not statements.settings:
        return own(item.levels)
    found = (statements.settings.get((resource, place)) for place in (BLOCK, argument))
    levels = (Level(said, scope, len(item.place.path)) for said in found if said is not None)
    return own((*item.levels, *levels))


def _scripts(item: Located, runtimes: _Runtimes, statements: Statements) -> Iterator[Script]:
    for resource in item.place.config.module.resources.values():
        if resource.mode is not Mode.MANAGED or resource.type not in _SCRIPTED:
            continue
        for key in item.scope.expansion(resource).keys:
            scope = item.scope.instance(resource, key)
            if resource.type == "coder_script":
                given = _arguments(scope, resource, _OF_A_SCRIPT)
                if "script" not in given or not _is_no_script(given["script"]):
                    says = _own(item, resource, "script", scope, statements)
                    yield _script(item, resource, key, given, runtimes, says)
            else:
                yield from _agent_scripts(item, resource, key, scope, runtimes, statements)


def _is_no_script(value: Value) -> bool:
    """Return whether a script's text says that there is none: null and the empty string do."""
    return value.is_null or (value.is_known and text_of(value) == "")


def _script(
    item: Located,
    resource: Resource,
    key: InstanceKey,
    given: Mapping[str, Value],
    runtimes: _Runtimes,
    says: Own,
) -> Script:
    cron = given.get("cron")
    body = given.get("script")
    return Script(
        address=item.scope.absolute(resource.address + index(key)),
        place=item.place,
        resource=resource,
        argument="script",
        key=key,
        triggers=Triggers(
            _flag(given.get("run_on_start")),
            _flag(given.get("run_on_stop")),
            None if cron is not None and not cron.is_known else bool(text_of(cron)),
        ),
        runtime=runtimes.find(given.get("agent_id"), resource),
        display_name=text_of(given.get("display_name")),
        timeout=_seconds(given.get("timeout")),
        body=UnknownBody("script is missing") if body is None else body_of(body),
        span=resource.block.header_span,
        mutexes=says.mutexes,
        gate_timeout=says.gate_timeout,
        conduct=says.conduct,
        said=says.said,
        doubtful=item.scope.expansion(resource).doubtful
        or any(name in _DECIDING and value.is_poisoned for name, value in given.items()),
    )


def _agent_scripts(
    item: Located,
    resource: Resource,
    key: InstanceKey,
    scope: InstanceScope,
    runtimes: _Runtimes,
    statements: Statements,
) -> Iterator[Script]:
    address = item.scope.absolute(resource.address + index(key))
    given = _arguments(scope, resource, dict.fromkeys(AGENT_SCRIPTS, STRING))
    for argument in AGENT_SCRIPTS:
        value = given.get(argument)
        if value is None or _is_no_script(value):
            continue
        says = _own(item, resource, argument, scope, statements)
        yield Script(
            address=f"{address}.{argument}",
            place=item.place,
            resource=resource,
            argument=argument,
            key=key,
            triggers=_PHASE_OF_AGENT_SCRIPT[argument],
            runtime=runtimes.by_attribute[f"{address}.{AGENT_ID['coder_agent']}"],
            display_name=None,
            timeout=None,
            body=body_of(value),
            span=resource.block.header_span,
            mutexes=says.mutexes,
            gate_timeout=says.gate_timeout,
            conduct=says.conduct,
            said=says.said,
        )


def _extract(located: tuple[Located, ...], statements: Mapping[Module, Statements]) -> Inventory:
    """Return the scripts of all module instances, by address."""
    runtimes = _Runtimes.of(located)
    scripts = [script for item in located for script in _scripts(item, runtimes, statements[item.place.config.module])]
    expansions = {
        (item.place.path, resource.address): item.scope.expansion(resource).keys
        for item in located
        for resource in item.place.config.module.resources.values()
        if resource.mode is Mode.MANAGED and resource.type in _SCRIPTED
    }
    doubtful = {
        (item.place.path, address)
        for item in located
        for address, block in _repeated(item.place.config.module)
        if item.scope.expansion(block).doubtful
    }
    places = tuple(item.place for item in located)
    ordered = tuple(sorted(scripts, key=lambda script: script.address))
    return Inventory(ordered, places, expansions, frozenset(doubtful))


def _repeated(module: Module) -> Iterator[tuple[str, Named]]:
    """Yield what a reference can index, by address."""
    for resource in module.resources.values():
        if resource.mode is Mode.MANAGED and resource.type in _SCRIPTED:
            yield resource.address, resource
    for name, call in module.calls.items():
        yield f"module.{name}", call
