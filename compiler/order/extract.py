"""From a template's values to its scripts: every instance in its place, with its agent, triggers and body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.hcl.syntax import Expression
from compiler.order.bodies import Bodies
from compiler.order.conduct import Level, Own, body_of, own, text_of
from compiler.order.directives.settings import BLOCK
from compiler.order.directives.statements import Statements
from compiler.order.inventory import AGENT_SCRIPTS, Inventory, Place, Runtime, Script, Triggers
from compiler.order.model import ScriptBody, UnknownBody
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


def _attribute(scope: InstanceScope, resource: Resource, name: str, type_: Type) -> Value | None:
    """Return an argument's value, converted, or None where it isn't set. What doesn't convert stays as it is."""
    attribute = resource.block.body.named.get(name)
    if attribute is None:
        unread = scope.module.config.module.unread
        hidden = bool(unread) and hides(unread, name)
        return unknown(type_, [Reason("", resource.block.header_span, ReasonKind.ERROR)]) if hidden else None
    value = scope.evaluate(attribute.expression)
    try:
        return convert(value, type_)
    except ConversionError:
        return value


def _flag(value: Value | None) -> bool | None:
    """Return a trigger: False where it isn't set or null, None where it can't be known."""
    if value is None or value.is_null:
        return False
    return value.data if isinstance(value.data, bool) else None


def _seconds(value: Value | None) -> int | None:
    if value is None or value.type != NUMBER or not value.is_known or value.is_null:
        return None
    return value.numeric.to_int() if value.numeric.is_integer else None


def _body(value: Value | None) -> ScriptBody:
    return UnknownBody("script is missing") if value is None else body_of(value)


def _os(scope: ModuleScope, resource: Resource, key: InstanceKey) -> tuple[str | None, Span | None]:
    """Return an agent's operating system, None where an input may change it, and the expression that says it."""
    attribute = resource.block.body.attribute("os")
    if attribute is None:
        return None, None
    value = _attribute(scope.instance(resource, key), resource, "os", STRING)
    if value is None or value.is_poisoned:
        # Whatever it was meant to be, the mistake in it is told.
        return None, None
    certain = value.provenance is not Provenance.DEFAULT
    return text_of(value) if certain else None, attribute.expression.span


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
    _carriers: dict[str, tuple[InstanceScope, Expression]] | None = None

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
    def carriers(self) -> dict[str, tuple[InstanceScope, Expression]]:
        """The resources that carry an ``agent_id``: a whole instance of one stands for what the argument names."""
        if self._carriers is None:
            self._carriers = {
                item.scope.absolute(resource.address + index(key)): (
                    item.scope.instance(resource, key),
                    attribute.expression,
                )
                for item in self.located
                for resource in item.place.config.module.resources.values()
                if resource.mode is Mode.MANAGED and resource.type not in AGENT_ID
                if (attribute := resource.block.body.attribute("agent_id")) is not None
                for key in item.scope.expansion(resource).keys
            }
        return self._carriers

    def find(self, value: Value | None, text: str) -> Runtime | None:
        """Return the runtime that an ``agent_id`` names; ``text`` is the expression."""
        if value is None or value.is_poisoned or value.is_null:
            return None
        if value.type != STRING and value.is_known:
            return None
        if value.is_known:
            # The id itself was given: the input that holds it is all that tells one agent from another.
            inputs = sorted(mark.address for mark in provenance_marks(value.marks))
            return Runtime(inputs[0] if len(inputs) == 1 else text, None)
        addresses = {reason.address for reason in value.reasons}
        if len(addresses) != 1:
            return None
        address = addresses.pop()
        if address in self.by_attribute:
            return self.by_attribute[address]
        if address in self.carriers:
            scope, expression = self.carriers.pop(address)
            found = self.find(scope.evaluate(expression), expression.span.text)
            self.carriers[address] = (scope, expression)
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
                body = _attribute(scope, resource, "script", STRING)
                if body is None or not _is_no_script(body):
                    says = _own(item, resource, "script", scope, statements)
                    yield _script(item, resource, key, scope, runtimes, says, body)
            else:
                yield from _agent_scripts(item, resource, key, scope, runtimes, statements)


def _is_no_script(value: Value) -> bool:
    """Return whether a script's text says that there is none: null and the empty string do."""
    return value.is_null or (value.is_known and text_of(value) == "")


def _script(
    item: Located,
    resource: Resource,
    key: InstanceKey,
    scope: InstanceScope,
    runtimes: _Runtimes,
    says: Own,
    body: Value | None,
) -> Script:
    agent = resource.block.body.attribute("agent_id")
    cron = _attribute(scope, resource, "cron", STRING)
    start, stop = (_attribute(scope, resource, name, BOOL) for name in ("run_on_start", "run_on_stop"))
    agent_id = _attribute(scope, resource, "agent_id", STRING)
    deciding = (cron, start, stop, agent_id)
    return Script(
        address=item.scope.absolute(resource.address + index(key)),
        place=item.place,
        resource=resource,
        argument="script",
        key=key,
        triggers=Triggers(
            _flag(start),
            _flag(stop),
            None if cron is not None and not cron.is_known else bool(text_of(cron)),
        ),
        runtime=runtimes.find(agent_id, agent.expression.span.text if agent else ""),
        display_name=text_of(_attribute(scope, resource, "display_name", STRING)),
        timeout=_seconds(_attribute(scope, resource, "timeout", NUMBER)),
        body=_body(body),
        span=resource.block.header_span,
        mutexes=says.mutexes,
        gate_timeout=says.gate_timeout,
        conduct=says.conduct,
        said=says.said,
        doubtful=item.scope.expansion(resource).doubtful
        or any(value is not None and value.is_poisoned for value in deciding),
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
    for argument in AGENT_SCRIPTS:
        value = _attribute(scope, resource, argument, STRING)
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
            body=_body(value),
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
