"""What a reference names: ``coder_script.x``, ``module.m[0]``, ``coder_agent.a.startup_script``.

References are resolved in the module instance in which they stand, as Terraform resolves them. Selectors of
``coder_script_order`` go through the same door once their text has been read.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from compiler.diagnostics import Diagnostic, Label, error, warning
from compiler.hcl.traversal import AttrStep, IndexStep, Traversal
from compiler.ordering.inventory import Inventory, Place, Script
from compiler.span import Span
from compiler.terraform.address import GROUP, InstanceKey, index

__all__ = [
    "AGENT_SCRIPTS",
    "Foreign",
    "MissingModule",
    "Resolution",
    "Target",
    "did_you_mean",
    "may_not_exist",
    "missing_instance_warning",
    "resolve",
]

# The attributes of a coder_agent that hold scripts.
AGENT_SCRIPTS = ("startup_script", "shutdown_script")


@dataclass(frozen=True, slots=True)
class Target:
    """The scripts that a reference names, none where what it names has no instances.

    ``module`` tells a reference to a module call from one to a script; ``indexed`` one that names a single instance.
    """

    text: str
    span: Span
    scripts: tuple[Script, ...]
    module: bool
    indexed: bool


@dataclass(frozen=True, slots=True)
class Foreign:
    """A reference to something that isn't a script: Terraform's business."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class MissingModule:
    """A reference to a module call whose module could not be read. ``call`` is its address without indexes."""

    call: str
    span: Span


Resolution: TypeAlias = Target | Foreign | MissingModule | Diagnostic


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the known name that is nearest to ``name``, or an empty string."""
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return near[0] if near else ""


def _key(step: AttrStep | IndexStep) -> InstanceKey:
    """Return the instance key of an index step; a number that is no index is kept as one that nothing has."""
    if not isinstance(step, IndexStep):
        return None
    if isinstance(step.key, str):
        return step.key
    return int(step.key.text) if step.key.text.isdecimal() else -1


def _narrow(
    found: Target, script_keys: tuple[InstanceKey, ...], wanted: InstanceKey, instances: Iterable[InstanceKey]
) -> Target | Diagnostic:
    """Return the target cut down to one instance; an index that can match no instance is an error."""
    existing = set(instances)
    # Which instances a group has is known only at apply: the whole group stands for the one.
    key = wanted if wanted in existing else GROUP
    if key in existing:
        pairs = zip(found.scripts, script_keys, strict=True)
        return replace(found, scripts=tuple(script for script, own in pairs if own == key), indexed=True)
    there = sorted(index(own) or "one without index" for own in existing)
    return error(
        "UC206",
        found.span,
        "No such instance",
        f"{found.text} matches no instance; "
        + (f"there is {', '.join(there[:5])}{' and more' * (len(there) > 5)}." if there else "there are none."),
        help="name an instance that exists, or leave the index away to mean all of them",
    )


def may_not_exist(target: Target) -> bool:
    """Return whether the one instance that a reference names exists for some counts only."""
    return target.indexed and any(script.group for script in target.scripts)


def _unknown(kind: str, name: str, known: Iterable[str], span: Span, related: Iterable[Label] = ()) -> Diagnostic:
    near = did_you_mean(name, known)
    return error(
        "UC204",
        span,
        f"Reference to undeclared {kind}",
        f"This module declares no {name}.",
        related=related,
        help=f"did you mean {near}?" if near else f"declare {name}, or take the reference away",
    )


def resolve(inventory: Inventory, place: Place, traversal: Traversal, text: str | None = None) -> Resolution:
    """Return what a traversal names in a module instance, or why it names nothing.

    ``text`` is how messages quote it, by default its source.
    """
    steps = traversal.steps
    span = traversal.span
    text = span.text if text is None else text
    name = steps[0].name if steps and isinstance(steps[0], AttrStep) else None
    if traversal.root not in ("coder_script", "coder_agent", "module") or name is None:
        return Foreign(text, span)
    module = place.config.module
    has_index = len(steps) > 1 and isinstance(steps[1], IndexStep)
    rest = steps[2:] if has_index else steps[1:]
    wanted = _key(steps[1]) if has_index else None
    argument = "script"

    if traversal.root == "module":
        if rest:
            return Foreign(text, span)
        if name not in module.calls:
            return _unknown("module call", f"module.{name}", (f"module.{call}" for call in module.calls), span)
        if name not in place.config.children:
            return MissingModule(".".join(f"module.{call}" for call in (*place.config.path, name)), span)
        scripts = inventory.of_call(place, name)
        found = Target(text, span, scripts, module=True, indexed=False)
        depth = len(place.path)
        keys = tuple(script.place.path[depth].key for script in scripts)
        return _narrow(found, keys, wanted, inventory.call_keys(place, name)) if has_index else found

    address = f"{traversal.root}.{name}"
    if traversal.root == "coder_agent":
        if len(rest) != 1 or not isinstance(rest[0], AttrStep) or rest[0].name not in AGENT_SCRIPTS:
            return Foreign(text, span)
        argument = rest[0].name
    elif rest:
        return error(
            "UC205",
            span,
            "Reference to part of a script",
            f"{text} names an attribute of {address}; what is ordered is the whole script.",
            help=f"write {address}{index(wanted)}",
        )
    if address not in module.resources:
        known = (resource for resource in module.resources if resource.startswith(f"{traversal.root}."))
        return _unknown(traversal.root, address, known, span)
    scripts = inventory.of_resource(place, address, argument)
    if traversal.root == "coder_agent" and module.resources[address].block.body.attribute(argument) is None:
        return error(
            "UC204",
            span,
            f"Agent has no {argument}",
            f"{address} has no {argument}, so there is nothing to wait for.",
            help=f"add {argument} to {address}, or take the reference away",
        )
    found = Target(text, span, scripts, module=False, indexed=False)
    keys = tuple(script.key for script in scripts)
    return _narrow(found, keys, wanted, keys) if has_index else found


def missing_instance_warning(target: Target) -> Diagnostic:
    """Return the warning for a reference to an instance that exists for some counts only."""
    return warning(
        "UC206",
        target.span,
        "Instance may not exist",
        f"{target.text} exists for some values of its count or for_each only, and those are not known before apply; "
        "where it doesn't exist nothing waits for it.",
        help="leave the index away to wait for all instances",
    )
