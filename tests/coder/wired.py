"""Compiles the wiring of a template, reads wrapped scripts back, and says what their gates must be.

The oracle is the graph: resolved with every value given, it has no groups, and its edges are what the gates must say.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from compiler.diagnostics import Diagnostic
from compiler.emit.wiring import emit_wiring
from compiler.model import OriginKind
from compiler.pipeline import Options, analyze, fixed_order
from compiler.terraform.address import quote
from compiler.terraform.files import DiskFiles
from compiler.wiring.sites import Sites
from compiler.wiring.waits import Wait, waits_of

__all__ = ["Gates", "WrappedScript", "expected_gates", "unwrap", "wire"]

Gates: TypeAlias = frozenset[tuple[str, str, str]]
"""Phase, requirement and address of each."""

GATE: Final = "# the gate runtime\n"


def wire(
    folder: Path, change: Callable[[Wait], Wait] = lambda wait: wait, *, gate: str = GATE
) -> tuple[Diagnostic, ...]:
    """Write the wiring into a template's folder, unless there are diagnostics, and return them.

    ``change`` is what becomes of each wait before it is wired, ``gate`` the text of the gate runtime.
    """
    files = DiskFiles(folder)
    analysis = analyze(files, Options())
    order = fixed_order(analysis)

    def read(name: str) -> str | None:
        return files.read(name).decode() if files.is_file(name) else None

    waits = map(change, waits_of(order.explicit, order.everyone))
    made = emit_wiring(Sites(analysis.config, order.inventory), waits, read)
    if not made.diagnostics:
        for name, text in (*made.files, ("unitc/gate.sh", gate)):
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8", newline="")
    return made.diagnostics


@dataclass(frozen=True, slots=True)
class WrappedScript:
    """What a wrapped script says. Addresses are as Terraform prints them."""

    unit: str
    phases: frozenset[str]
    gates: Gates
    timeout: str | None
    body: str


def _printed(address: str) -> str:
    """Return an address of the wiring as Terraform prints it."""
    return re.sub(r'\["([^"]*)"\]', lambda found: f"[{quote(base64.b64decode(found[1]).decode())}]", address)


def unwrap(text: str) -> WrappedScript | None:
    """Return what a wrapped script says, None where the text is no wrapped script."""
    found = re.fullmatch(r"#!/bin/sh\n((?:UNITC_\w+='[^']*'\n)+)" + re.escape(GATE), text)
    if found is None:
        return None
    said = dict(re.findall(r"(UNITC_\w+)='([^']*)'\n", found[1]))
    lines = [line.split(" ", 2) for line in said["UNITC_GATES"].splitlines()]
    return WrappedScript(
        unit=_printed(said["UNITC_UNIT"]),
        phases=frozenset(said["UNITC_PHASES"].split()),
        gates=frozenset((phase, requires, _printed(address)) for phase, requires, address in lines),
        timeout=said.get("UNITC_TIMEOUT"),
        body=base64.b64decode(said["UNITC_BODY"]).decode(),
    )


def _literal(value: Any) -> str:
    """Return a value as Terraform writes it; a string in quotes would otherwise be a template."""
    if isinstance(value, str):
        return quote(value)
    return f"[{', '.join(map(_literal, value))}]" if isinstance(value, list) else json.dumps(value)


def expected_gates(folder: Path, variables: Mapping[str, Any]) -> dict[str, Gates]:
    """Return the gates of every script that has one or is one, by address, where the variables have these values."""
    given = tuple(
        ("var", f"{name}={value if isinstance(value, str) else _literal(value)}") for name, value in variables.items()
    )
    analysis = analyze(DiskFiles(folder), Options(arguments=given))
    assert analysis.valid, [diagnostic.detail for diagnostic in analysis.diagnostics]
    gates: dict[str, set[tuple[str, str, str]]] = {}
    for graph in analysis.graphs:
        assert not any(unit.group for unit in graph.units), "a value is missing"
        for edge in graph.edges:
            if any(origin.kind is not OriginKind.EXP_SYNC for origin in edge.origins):
                gates.setdefault(edge.prerequisite, set())
                gates.setdefault(edge.dependent, set()).add((graph.phase, edge.requires, edge.prerequisite))
    return {address: frozenset(said) for address, said in gates.items()}
