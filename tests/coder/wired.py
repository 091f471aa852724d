"""Compiles templates as a user does, reads wrapped scripts back, and says what their gates must be.

The oracle is the graph: resolved with every value given, it has no groups, and its edges are what the gates must say.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from compiler.launcher.runtime import further_runtime, gate_runtime, offer_runtime
from compiler.order.model import OriginKind
from compiler.output.header import stamp
from compiler.pipeline import Options, analyze
from compiler.shell.interpreter import names_interpreter_oddly
from compiler.source.limits import MAX_FURTHER_BYTES, STATUS_BELOW, further_parts
from compiler.terraform.configuration.address import quote
from compiler.terraform.configuration.files import DiskFiles
from compiler.wiring.script_text import GATE_CALL
from tests.cli.harness import run

__all__ = ["Error", "Gates", "WrappedScript", "arguments", "expected_gates", "unwrap", "wire"]

Gates: TypeAlias = frozenset[tuple[str, str, str]]
"""Phase, requirement and address of each."""


def _code(text: str) -> str:
    """Return a part of the runtime as scripts hold it."""
    return re.sub(r"\A(?:#.*\n)+|\n\Z", "", stamp(text))


_GATE: Final = _code(gate_runtime())
_FURTHER: Final = {name: _code(further_runtime(name)) for name in MAX_FURTHER_BYTES}
_STATUS: Final = _code(offer_runtime())


class Error(NamedTuple):
    """An error that a compilation ended with."""

    code: str
    detail: str


def wire(folder: Path, *options: str) -> tuple[Error, ...]:
    """Compile a template on the command line and return the errors; without any its files are written."""
    ran = run("compile", folder, "--format", "json", *options, cwd=folder)
    assert ran.stdout, ran.stderr
    found = json.loads(ran.stdout)["diagnostics"]
    errors = tuple(Error(item["code"], item["detail"]) for item in found if item["severity"] == "error")
    assert ran.code == (1 if errors else 0), ran.stderr
    return errors


@dataclass(frozen=True, slots=True)
class WrappedScript:
    """What a wrapped script says. Addresses are as Terraform prints them."""

    unit: str
    phases: frozenset[str]
    gates: Gates
    timeout: str | None
    body: str
    name: str


def _printed(address: str) -> str:
    """Return an address of the wiring as Terraform prints it."""
    return re.sub(r'\["([^"]*)"\]', lambda found: f"[{quote(base64.b64decode(found[1]).decode())}]", address)


def unwrap(text: str) -> WrappedScript | None:
    """Return what a wrapped script says, None where the text is no wrapped script."""
    found = re.match(r"#!/bin/sh\n((?:UNITC_\w+='(?:[^']|'\\'')*'\n)+)", text)
    if found is None:
        return None
    said = dict(re.findall(r"(UNITC_\w+)='((?:[^']|'\\'')*)'\n", found[1]))
    body = said["UNITC_BODY"].replace("'\\''", "'")
    needed = further_parts(
        interpreter=names_interpreter_oddly(body),
        limits=bool(said["UNITC_TIMEOUT"] or said["UNITC_GATE_TIMEOUT"]),
        mutex=bool(said["UNITC_MUTEXES"]),
        conduct="UNITC_RETRIES" in said,
    )
    status = [_STATUS] if len(said["UNITC_BODY"].encode()) < STATUS_BELOW else []
    # What a script doesn't hold of what may be there at apply leaves a line without anything, and no limit may be set.
    code = re.sub(r"\n\n+", "\n", text[found.end() :])
    parts = [_FURTHER[name] for name in needed]
    if "limits" not in needed and _FURTHER["limits"] in code:
        parts.insert("interpreter" in needed, _FURTHER["limits"])
    assert code == "\n".join([_GATE, *parts, *status, GATE_CALL])
    lines = [line.split(" ", 2) for line in said["UNITC_GATES"].splitlines()]
    return WrappedScript(
        unit=_printed(said["UNITC_UNIT"]),
        phases=frozenset(said["UNITC_PHASES"].split()),
        gates=frozenset((phase, requires, _printed(address)) for phase, requires, address in lines),
        timeout=said["UNITC_TIMEOUT"] or None,
        body=body,
        name=base64.b64decode(said["UNITC_NAME"]).decode(),
    )


def _literal(value: Any) -> str:
    """Return a value as Terraform writes it; a string in quotes would otherwise be a template."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{quote(name)} = {_literal(item)}' for name, item in value.items())}}}"
    return f"[{', '.join(map(_literal, value))}]" if isinstance(value, list) else json.dumps(value)


def arguments(variables: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return values of variables as those arguments of the command line that give them."""
    return tuple(
        ("var", f"{name}={value if isinstance(value, str) else _literal(value)}") for name, value in variables.items()
    )


def expected_gates(folder: Path, variables: Mapping[str, Any]) -> dict[str, Gates]:
    """Return the gates of every script that has one or is one, by address, where the variables have these values."""
    analysis = analyze(DiskFiles(folder), Options(arguments=arguments(variables)))
    assert analysis.valid, [diagnostic.detail for diagnostic in analysis.diagnostics]
    gates: dict[str, set[tuple[str, str, str]]] = {}
    for graph in analysis.graphs:
        assert not any(unit.group for unit in graph.units), "a value is missing"
        for edge in graph.edges:
            if any(origin.kind is not OriginKind.EXP_SYNC for origin in edge.origins):
                gates.setdefault(edge.prerequisite, set())
                gates.setdefault(edge.dependent, set()).add((graph.phase, edge.requires, edge.prerequisite))
    return {address: frozenset(said) for address, said in gates.items()}
