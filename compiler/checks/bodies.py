"""What a script's text may be for the agent to start it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from compiler.checks.subject import Subject, attribute_of, mistake
from compiler.hcl.syntax import Attribute
from compiler.order.inventory import Script
from compiler.order.model import KnownBody, conduct_values
from compiler.order.outcome import Requires
from compiler.shell.interpreter import names_interpreter_oddly
from compiler.source.diagnostics import Diagnostic, also
from compiler.source.limits import MAX_AGENT_BYTES, MAX_SCRIPT_BYTES, further_parts, most_wrapped, wrapped_size
from compiler.terraform.values.values import Value

_SMALLER = (
    "move the bulk of it into a file of the workspace's image and start that from here",
    "or let the script fetch the rest of itself when it runs",
)


def check_bodies(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each text that can't be handed to a script, and for each agent that has too much of it."""
    gates = _gates(subject) if subject.wrapped else {}
    scopes = subject.scopes()
    by_runtime: dict[str, list[tuple[int, Script, Attribute]]] = {}
    for script in subject.inventory.scripts:
        attribute = attribute_of(script)
        if not isinstance(script.body, KnownBody) or attribute is None:
            continue

        def value(script: Script = script, attribute: Attribute = attribute) -> Value:
            return scopes[script.place].instance(script.resource, script.key).evaluate(attribute.expression)

        size = len(script.body.text.encode("utf-8", "surrogatepass"))
        delivered = size
        if script.address in gates:
            delivered = wrapped_size(size, script.body.text.count("'"), gates[script.address], _further(script))
        if "\0" in script.body.text:
            yield mistake(
                "UC303",
                attribute.expression.span,
                "NUL in a script",
                f"The text of {script.address} holds a NUL character, and no argument of a process can: the agent "
                "could not start it.",
                [value()],
                help="remove it, or let the script make it when it runs, such as with printf '\\000'",
            )
        if delivered > MAX_SCRIPT_BYTES:
            yield _too_long(script, attribute, value(), script.body.text, gates.get(script.address))
        if script.runtime is not None:
            by_runtime.setdefault(script.runtime.address, []).append((delivered, script, attribute))
    for runtime, scripts in sorted(by_runtime.items()):
        if sum(size for size, _, _ in scripts) > MAX_AGENT_BYTES:
            yield _too_much(subject, runtime, scripts)


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


def _further(script: Script) -> tuple[str, ...]:
    """Return which parts of the runtime the wrapper of a script holds besides."""
    assert isinstance(script.body, KnownBody)
    return further_parts(
        interpreter=names_interpreter_oddly(script.body.text),
        limits=script.resource.block.body.attribute("timeout") is not None or script.gate_timeout is not None,
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


def _too_long(script: Script, attribute: Attribute, value: Value, text: str, gates: int | None) -> Diagnostic:
    size, quotes = len(text.encode("utf-8", "surrogatepass")), text.count("'")
    if gates is None:
        why = f"the agent passes a script as one argument, and Linux takes {MAX_SCRIPT_BYTES:,} bytes for one"
        more: tuple[str, ...] = ()
    else:
        why = (
            "an ordered script carries its gates and its settings with it, and what the agent can start leaves "
            f"{most_wrapped(quotes, gates, _further(script)):,} bytes to the text itself"
        )
        if quotes:
            why += f", whose {quotes:,} single quotes take three bytes more each"
        more = ("or order a small script, and let that start this one",) if size <= MAX_SCRIPT_BYTES else ()
    return mistake(
        "UC301",
        attribute.name_span,
        "Script is too long",
        f"The text of {script.address} has {size:,} bytes; {why}.",
        [value],
        help=(*_SMALLER, *more),
    )


def _too_much(subject: Subject, runtime: str, scripts: Iterable[tuple[int, Script, Attribute]]) -> Diagnostic:
    ordered = sorted(scripts, key=lambda item: (-item[0], item[1].address))
    total = sum(size for size, _, _ in ordered)
    (size, _, attribute), *rest = ordered
    scopes = subject.scopes()
    return mistake(
        "UC302",
        attribute.name_span,
        "Scripts of an agent are too long together",
        f"The scripts of {runtime} have {total:,} bytes together, as they are delivered; the agent gets them in one "
        f"message, which has room for {MAX_AGENT_BYTES:,} bytes of scripts.",
        [
            scopes[script.place].instance(script.resource, script.key).evaluate(found.expression)
            for _, script, found in ordered
        ],
        label=f"{size:,} bytes",
        related=[also(found.name_span, f"{other:,} bytes") for other, script, found in rest[:4]],
        help=_SMALLER,
    )
