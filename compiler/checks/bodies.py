"""What a script's text may be for the agent to start it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from heapq import nsmallest

from compiler.checks.subject import Subject, mistake
from compiler.hcl.syntax import Attribute
from compiler.order.inventory import Place, Script
from compiler.order.model import KnownBody, conduct_values
from compiler.order.outcome import Requires
from compiler.shell.interpreter import names_interpreter_oddly
from compiler.source.diagnostics import Diagnostic, also
from compiler.source.limits import MAX_AGENT_BYTES, MAX_SCRIPT_BYTES, further_parts, most_wrapped, wrapped_size
from compiler.terraform.scope.scope import ModuleScope
from compiler.terraform.values.values import Value

_SMALLER = (
    "move the bulk of it into a file of the workspace's image and start that from here",
    "or let the script fetch the rest of itself when it runs",
)


def check_bodies(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each text that can't be handed to a script, and for each agent that has too much of it."""
    gates = _gates(subject) if subject.wrapped else {}
    scopes = subject.scopes()
    by_runtime: dict[str, list[tuple[int, Script]]] = {}
    for script in subject.inventory.scripts:
        if type(script.body) is not KnownBody:
            continue
        text = script.body.text
        delivered = len(text.encode("utf-8", "surrogatepass"))
        if script.address in gates:
            delivered = wrapped_size(delivered, text.count("'"), gates[script.address], _further(script, text))
        if "\0" in text:
            yield mistake(
                "UC303",
                _attribute(script).expression.span,
                "NUL in a script",
                f"The text of {script.address} holds a NUL character, and no argument of a process can: the agent "
                "could not start it.",
                [_value(scopes, script)],
                help="remove it, or let the script make it when it runs, such as with printf '\\000'",
            )
        if delivered > MAX_SCRIPT_BYTES:
            yield _too_long(script, _value(scopes, script), text, gates.get(script.address))
        if script.runtime is not None:
            by_runtime.setdefault(script.runtime.address, []).append((delivered, script))
    for runtime, scripts in sorted(by_runtime.items()):
        if sum(size for size, _ in scripts) > MAX_AGENT_BYTES:
            yield _too_much(scopes, runtime, scripts)


def _attribute(script: Script) -> Attribute:
    """Return the argument that holds a text which is known."""
    return script.resource.block.body.named[script.argument]


def _value(scopes: Mapping[Place, ModuleScope], script: Script) -> Value:
    return scopes[script.place].instance(script.resource, script.key).evaluate(_attribute(script).expression)


def _gates(subject: Subject) -> dict[str, int]:
    """Return how many bytes the gates take of each script that is wrapped, its name, and what it says of itself."""
    found: dict[str, int] = {}
    for graph in subject.graphs:
        # A unit's own name comes to as many bytes as its name in a gate.
        names = {unit.address: _quoted(unit.address) for unit in graph.units}
        # A line with phase, requirement and address; keys of instances are written as base64.
        around = {requires: len(f"{graph.phase} {requires} \n") for requires in Requires}
        for edge in graph.gates:
            dependent, prerequisite = edge.dependent, edge.prerequisite
            line = around[edge.requires] + names[prerequisite]
            found[dependent] = found.get(dependent, names[dependent]) + line
            found.setdefault(prerequisite, names[prerequisite])
    for script in subject.inventory.scripts:
        more = sum(_base64(name) + len(" ") for name in script.mutexes) + _said(script)
        if more and script.runtime is not None:
            found[script.address] = found.get(script.address, _quoted(script.address)) + more
        if script.address in found and script.display_name is not None:
            found[script.address] += _base64(script.display_name)
    return found


def _further(script: Script, text: str) -> tuple[str, ...]:
    """Return which parts of the runtime the wrapper of a script with this text holds besides."""
    return further_parts(
        interpreter=names_interpreter_oddly(text),
        limits=script.gate_timeout is not None or "timeout" in script.resource.block.body.named,
        mutex=bool(script.mutexes),
        conduct=bool(script.said) or not script.conduct.plain,
    )


def _said(script: Script) -> int:
    """Return how many bytes the variables take that hold what a script says of itself; 0 where it has none of them."""
    if script.conduct.plain and not script.said:
        return 0
    values = conduct_values(script.conduct).items()
    return sum(
        len(f"{name}=''\n{value}".encode("utf-8", "surrogatepass")) + 3 * value.count("'") for name, value in values
    )


def _quoted(address: str) -> int:
    return len(address.encode("utf-8", "surrogatepass")) if "[" not in address else _base64(address)


def _base64(text: str) -> int:
    return 4 * math.ceil(len(text.encode("utf-8", "surrogatepass")) / 3)


def _too_long(script: Script, value: Value, text: str, gates: int | None) -> Diagnostic:
    size, quotes = len(text.encode("utf-8", "surrogatepass")), text.count("'")
    if gates is None:
        why = f"the agent passes a script as one argument, and Linux takes {MAX_SCRIPT_BYTES:,} bytes for one"
        more: tuple[str, ...] = ()
    else:
        why = (
            "an ordered script carries its gates and its settings with it, and what the agent can start leaves "
            f"{most_wrapped(quotes, gates, _further(script, text)):,} bytes to the text itself"
        )
        if quotes:
            why += f", whose {quotes:,} single quotes take three bytes more each"
        more = ("or order a small script, and let that start this one",) if size <= MAX_SCRIPT_BYTES else ()
    return mistake(
        "UC301",
        _attribute(script).name_span,
        "Script is too long",
        f"The text of {script.address} has {size:,} bytes; {why}.",
        [value],
        help=(*_SMALLER, *more),
    )


def _too_much(scopes: Mapping[Place, ModuleScope], runtime: str, scripts: Sequence[tuple[int, Script]]) -> Diagnostic:
    total = sum(size for size, _ in scripts)
    (size, largest), *rest = nsmallest(5, scripts, key=lambda item: (-item[0], item[1].address))
    return mistake(
        "UC302",
        _attribute(largest).name_span,
        "Scripts of an agent are too long together",
        f"The scripts of {runtime} have {total:,} bytes together, as they are delivered; the agent gets them in one "
        f"message, which has room for {MAX_AGENT_BYTES:,} bytes of scripts.",
        (_value(scopes, script) for _, script in scripts),
        label=f"{size:,} bytes",
        related=[also(_attribute(script).name_span, f"{other:,} bytes") for other, script in rest],
        help=_SMALLER,
    )
