"""Scripts that use what another module's script makes, without waiting for it.

That a module's output is used says little: most outputs are settled before anything runs. It is plain where the output
is a path that a script of that module itself works with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from compiler.checks.subject import Subject, attribute_of, order_hint, prerequisites
from compiler.hcl import references
from compiler.hcl.syntax import Expression
from compiler.hcl.traversal import AttrStep, Traversal
from compiler.order.claims import shared_phases
from compiler.order.graph import reach
from compiler.order.inventory import Place, Script
from compiler.order.model import Phase
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, also, warning
from compiler.source.span import Span
from compiler.terraform.configuration.module import ModuleCall, walk
from compiler.terraform.scope.resolving import output_value
from compiler.terraform.scope.scope import ModuleScope

_Order: TypeAlias = Mapping[tuple[str, Phase], Mapping[str, list[str]]]


@dataclass(frozen=True, slots=True)
class _OutputUse:
    """An output of a module call that takes part in a script's text, and where it is named."""

    scope: ModuleScope
    call: ModuleCall
    output: str
    span: Span


def check_outputs(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each output with a path that a script uses while the path's script may still run."""
    scopes = subject.scopes()
    places = {scope.path: place for place, scope in scopes.items()}
    if not any(config.module.outputs for config in walk(subject.root)):
        return
    order = {(graph.runtime, graph.phase): prerequisites(graph.edges) for graph in subject.graphs}
    for script in subject.inventory.scripts:
        attribute = attribute_of(script)
        if attribute is None or script.runtime is None:
            continue
        for use in _uses(scopes[script.place], attribute.expression):
            yield from _unordered(subject, order, script, use, places[use.scope.path])


def _uses(scope: ModuleScope, expression: Expression) -> Iterator[_OutputUse]:
    """Yield the outputs in an expression, also those that come through local values and a module's inputs."""
    pending = [(scope, expression)]
    seen: set[tuple[int, int]] = set()
    while pending:
        here, current = pending.pop()
        if (id(here), id(current)) in seen:
            continue
        seen.add((id(here), id(current)))
        for reference in references(current):
            name = _name(reference, 0)
            if name is None:
                continue
            if reference.root == "local" and name in here.config.module.locals:
                pending.append((here, here.config.module.locals[name].expression))
            elif reference.root == "var" and here.call is not None and here.call_scope is not None:
                argument = here.call.block.body.attribute(name)
                if argument is not None:
                    pending.append((here.call_scope.module, argument.expression))
            elif reference.root == "module" and name in here.config.module.calls:
                output = _name(reference, 1) or _name(reference, 2)
                if output is not None:
                    yield _OutputUse(here, here.config.module.calls[name], output, reference.span)


def _name(reference: Traversal, at: int) -> str | None:
    """Return the name of one step of a reference, None where it is an index or isn't there."""
    step = reference.steps[at] if at < len(reference.steps) else None
    return step.name if isinstance(step, AttrStep) else None


def _unordered(subject: Subject, order: _Order, script: Script, use: _OutputUse, place: Place) -> Iterator[Diagnostic]:
    depth = len(place.path)
    inside = script.place.path[: depth + 1]
    if len(inside) > depth and inside[:depth] == place.path and inside[depth].name == use.call.name:
        return
    others = [
        (other, phase)
        for other in subject.inventory.of_call(place, use.call.name)
        for phase in shared_phases(script, other)
    ]
    if not others or any(_ordered(order, script, other, phase) for other, phase in others):
        return
    for other, _ in others:
        path = _path_that_it_makes(use, other)
        if path is not None:
            yield warning(
                "UC311",
                use.span,
                "Output of a module whose script may still run",
                f"{script.address} uses {use.span.text}, the path {path} that {other.address} works with, but doesn't "
                "wait for it.",
                related=[also(other.span, "may still run")],
                help=order_hint(script, other),
            )
            return


def _ordered(order: _Order, script: Script, other: Script, phase: Phase) -> bool:
    """Return whether there is an order between two scripts, whichever comes first."""
    assert script.runtime is not None
    steps = order[script.runtime.address, phase]
    return other.address in reach([script.address], steps) or script.address in reach([other.address], steps)


def _path_that_it_makes(use: _OutputUse, other: Script) -> str | None:
    """Return the output's value where it is a path that stands in another script's text as well."""
    attribute = attribute_of(other)
    children = use.scope.children(use.call)
    child = next((child for child in children if child.path == other.place.path), None)
    if attribute is None or child is None or use.output not in child.config.module.outputs:
        return None
    value = child.config.module.outputs[use.output].block.body.attribute("value")
    if value is None:
        return None
    own = {_key(reference) for reference in references(attribute.expression)}
    shared = own & {_key(reference) for reference in references(value.expression)} - {None}
    path = output_value(child, use.output, use.span)
    if not shared or not isinstance(path.data, str) or path.is_sensitive:
        return None
    return path.text if path.text.startswith(("/", "~/", "$HOME/")) else None


def _key(reference: Traversal) -> tuple[str, str] | None:
    name = _name(reference, 0)
    return (reference.root, name) if reference.root in ("local", "var") and name is not None else None
