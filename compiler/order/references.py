"""What a reference names: ``coder_script.x``, ``module.m[0]``, ``coder_agent.a.startup_script``.

References are resolved in the module instance in which they stand, as Terraform resolves them. Selectors of
``coder_script_order`` go through the same door once their text has been read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import Enum
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TypeAlias

from compiler.hcl.syntax import NumberLiteral
from compiler.hcl.traversal import AttrStep, IndexStep, Traversal
from compiler.order.inventory import AGENT_SCRIPTS, Inventory, Place, Script
from compiler.records import dataclass, replace
from compiler.source.diagnostics import Diagnostic, Edit, error, warning
from compiler.source.limits import MAX_INT64
from compiler.source.prose import listed
from compiler.source.span import Span
from compiler.source.suggest import compared, did_you_mean, only_meant
from compiler.terraform.configuration.address import GROUP, InstanceKey, index
from compiler.terraform.configuration.module import hides
from compiler.terraform.scope.expansion import Repetition, repetition_of
from compiler.terraform.values.budget import LaterError
from compiler.terraform.values.numbers import parse_number


class Existence(Enum):
    """Whether the one instance that an index names is there."""

    CERTAIN = "there in any case"
    UNLESS_EMPTY = "there for every count of one or more"
    FOR_SOME = "there for some counts or keys only"
    NEVER = "not there, since there are no instances at all"


@dataclass(frozen=True, slots=True)
class Referent:
    """The scripts that a reference names, none where what it names has no instances.

    ``module`` tells a reference to a module call from one to a script; ``agents`` marks one to an agent's own script.
    Of one that names a single instance, ``existence`` says whether that is there, and ``key`` is its key where the
    scripts stand for it and for others, since which there are is known only at apply. ``empty_module`` marks a module
    in which no script is declared.
    ``doubtful``: which instances there are depends on a mistake that is told elsewhere. ``involves`` are the calls,
    without indexes, of modules at and below the referenced one that could not be read, so that scripts may be missing
    here. ``text`` is what names them, wherever it stands.
    """

    text: str
    scripts: tuple[Script, ...]
    module: bool = False
    agents: bool = False
    key: InstanceKey = None
    existence: Existence = Existence.CERTAIN
    empty_module: bool = False
    doubtful: bool = False
    involves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Foreign:
    """A reference to something that isn't a script: Terraform's business."""

    text: str
    span: Span
    traversal: Traversal


@dataclass(frozen=True, slots=True)
class MissingModule:
    """A reference to a module call whose module could not be read. ``call`` is its address without indexes."""

    call: str
    span: Span


Resolution: TypeAlias = Referent | Foreign | MissingModule | Diagnostic


def index_number(key: NumberLiteral) -> int | None:
    """Return the index that a number means, None where it is no whole number from 0 that an index can be."""
    try:
        number = parse_number(key.text)
    except LaterError:
        return None
    if number is None or not number.is_integer:
        return None
    value = number.to_int()
    return value if 0 <= value <= MAX_INT64 else None


def _key(step: IndexStep) -> InstanceKey:
    """Return the instance key of an index step; a number that is no index is kept as one that nothing has."""
    if isinstance(step.key, str):
        return unicodedata.normalize("NFC", step.key)
    number = index_number(step.key)
    return -1 if number is None else number


def _existence(wanted: InstanceKey, existing: Collection[InstanceKey], repetition: Repetition) -> Existence | None:
    """Return whether an instance is there, None where it can't be for any number of instances."""
    if wanted in existing:
        return Existence.CERTAIN
    kinds = {Repetition.NONE: (), Repetition.COUNT: (int,), Repetition.FOR_EACH: (str,)}
    if not isinstance(wanted, kinds[repetition]):
        return None
    if GROUP in existing:
        return Existence.UNLESS_EMPTY if wanted == 0 else Existence.FOR_SOME
    return None if existing else Existence.NEVER


def _narrow(
    found: Referent,
    scripts: Callable[[InstanceKey], tuple[Script, ...]],
    step: IndexStep,
    existing: frozenset[InstanceKey],
    repetition: Repetition,
) -> Referent | Diagnostic:
    """Return the target cut down to one instance, whose ``scripts`` are found by its key.

    An index that can match no instance is an error.
    """
    wanted = _key(step)
    existence = _existence(wanted, existing, repetition)
    if existence is not None:
        # Which instances a group has is known only at apply: the whole group stands for the one.
        certain = existence is Existence.CERTAIN
        return replace(
            found,
            scripts=scripts(wanted if certain else GROUP),
            key=None if certain else wanted,
            existence=existence,
        )
    if repetition is Repetition.NONE:
        there = "it has neither count nor for_each, so it takes no index"
    elif GROUP in existing or not existing:
        there = f"its instances have {_KEYS[repetition]} as keys"
    else:
        there = f"there is {_some(existing)}"
    return error(
        "UC206",
        step.span,
        "No such instance",
        f"{found.text} matches no instance; {there}.",
        help="name an instance that exists, or omit the index to mean all of them",
    )


@lru_cache(maxsize=16)
def _some(keys: frozenset[InstanceKey]) -> str:
    """Return the first of some keys, as indexes; the same ones are asked for at each mistake."""
    return listed([index(key) for key in sorted(keys, key=_natural)])


_KEYS = {Repetition.COUNT: "numbers", Repetition.FOR_EACH: "strings"}


def _natural(key: InstanceKey) -> tuple[int, str]:
    return (key, "") if isinstance(key, int) else (0, str(key))


@dataclass(frozen=True, slots=True)
class _Reference:
    """A traversal in its place, taken apart: ``kind.name``, an index, and what follows."""

    inventory: Inventory
    place: Place
    traversal: Traversal
    text: str
    span: Span
    kind: str
    name: str
    step: IndexStep | None
    rest: tuple[AttrStep | IndexStep, ...]

    @property
    def address(self) -> str:
        return f"{self.kind}.{self.name}"

    @property
    def name_span(self) -> Span:
        return Span(self.span.source, self.span.start, self.traversal.steps[0].span.end)

    def undeclared(self, kind: str, known: Iterable[str]) -> Diagnostic:
        names = compared(known)
        near = did_you_mean(self.name, names)
        edits: tuple[Edit, ...] = ()
        elsewhere = self.inventory.declaring(self.place, self.address)
        if elsewhere is not None:
            help_ = elsewhere
        elif near:
            help_ = f"did you mean {self.kind}.{near}?"
            if only_meant(self.name, names):
                edits = (Edit(self.traversal.steps[0].span, f".{near}"),)
        else:
            help_ = f"declare {self.address}, or remove the reference"
        return error(
            "UC204",
            self.name_span,
            f"Reference to undeclared {kind}",
            f"This module declares no {self.address}.",
            help=help_,
            edits=edits,
            follows=self.place.config.module.may_hide(self.name),
        )

    def module(self) -> Resolution:
        if self.rest:
            return Foreign(self.text, self.span, self.traversal)
        config = self.place.config
        call = config.module.calls.get(self.name)
        if call is None:
            return self.undeclared("module call", config.module.calls)
        if self.name not in config.children:
            return MissingModule(".".join(f"module.{name}" for name in (*config.path, self.name)), self.span)
        child = config.children[self.name]
        involves = self.inventory.missing_in(child)
        found = Referent(
            self.text,
            self.inventory.of_call(self.place, self.name),
            module=True,
            empty_module=not involves and not self.inventory.holds_scripts(child),
            doubtful=self.inventory.is_doubtful(self.place, self.address),
            involves=involves,
        )
        if self.step is None:
            return found
        existing = self.inventory.keys(self.place, self.address)
        scripts = partial(self.inventory.of_call_instance, self.place, self.name)
        return _narrow(found, scripts, self.step, existing, repetition_of(call.block))

    def agent_script(self) -> Resolution:
        if len(self.rest) != 1 or not isinstance(self.rest[0], AttrStep) or self.rest[0].name not in AGENT_SCRIPTS:
            return Foreign(self.text, self.span, self.traversal)
        return self.resource(self.rest[0].name)

    def script(self) -> Resolution:
        if not self.rest:
            return self.resource("script")
        end = self.name_span if self.step is None else self.step.span
        return error(
            "UC205",
            self.rest[0].span.to(self.rest[-1].span),
            "Reference to part of a script",
            f"{self.text} names an attribute of {self.address}; what is ordered is the whole script.",
            help=f"write {Span(self.span.source, self.span.start, end.end).text}",
        )

    def resource(self, argument: str) -> Resolution:
        resources = self.place.config.module.resources
        address = self.address
        resource = resources.get(address)
        if resource is None:
            prefix = f"{self.kind}."
            known = (name.removeprefix(prefix) for name in resources if name.startswith(prefix))
            return self.undeclared(self.kind, known)
        if argument in AGENT_SCRIPTS and resource.block.body.attribute(argument) is None:
            return error(
                "UC204",
                self.rest[0].span,
                f"Agent has no {argument}",
                f"{self.address} has no {argument}, so there is nothing to wait for.",
                help=f"add {argument} to {self.address}, or remove the reference",
                follows=hides(self.place.config.module.unread, argument),
            )
        scripts = self.inventory.of_resource(self.place, address, argument)
        doubtful = self.inventory.is_doubtful(self.place, address)
        found = Referent(self.text, scripts, agents=argument in AGENT_SCRIPTS, doubtful=doubtful)
        if self.step is None:
            return found
        existing = self.inventory.keys(self.place, address)
        instance = partial(self.inventory.of_instance, self.place, address, argument)
        return _narrow(found, instance, self.step, existing, repetition_of(resource.block))


def resolve(inventory: Inventory, place: Place, traversal: Traversal, text: str | None = None) -> Resolution:
    """Return what a traversal names in a module instance, or why it names nothing.

    ``text`` is how messages quote it, by default its source.
    """
    span = traversal.span
    text = span.text if text is None else text
    traversal = without_prefix(traversal)
    steps = traversal.steps
    meaning = _KINDS.get(traversal.root)
    first = steps[0] if steps else None
    if meaning is None or not isinstance(first, AttrStep):
        return Foreign(text, span, traversal)
    second = steps[1] if len(steps) > 1 else None
    step = second if isinstance(second, IndexStep) else None
    rest = steps[1:] if step is None else steps[2:]
    return meaning(_Reference(inventory, place, traversal, text, span, traversal.root, first.name, step, rest))


def without_prefix(traversal: Traversal) -> Traversal:
    """Return ``resource.TYPE.NAME``, which Terraform takes for ``TYPE.NAME``, in its short spelling."""
    steps = traversal.steps
    if traversal.root != "resource" or len(steps) < 2 or not isinstance(steps[0], AttrStep):
        return traversal
    # A resource's type may have any name; ``resource.module.x`` is no module call.
    if steps[0].name not in ("coder_script", "coder_agent", "coder_devcontainer"):
        return traversal
    return replace(traversal, root=steps[0].name, steps=steps[1:])


_KINDS: Mapping[str, Callable[[_Reference], Resolution]] = MappingProxyType(
    {"module": _Reference.module, "coder_agent": _Reference.agent_script, "coder_script": _Reference.script}
)


def missing_instance_warning(target: Referent, span: Span) -> Diagnostic:
    """Return the warning for a reference to an instance that exists for some counts or keys only."""
    return warning(
        "UC206",
        span,
        "Instance may not exist",
        f"{target.text} exists for some values of its count or for_each only, and those are not known before apply.",
        help="omit the index to mean all instances",
        follows=target.doubtful,
    )
