"""The launcher, and the text of a wrapped script.

The runtime is the same bytes in every launcher, see :mod:`compiler.launcher.runtime`; only the table of units and the
bodies are made here. Nothing reaches the shell that isn't of type :class:`Sh`, and :func:`quote` is the only way from a
user's text to it: :mod:`compiler.launcher.filling` refuses every other value.

**Wrapped scripts.** A script that the agent starts and that has to wait is the gate runtime behind a few assignments,
each part without the comments at its head::

    #!/bin/sh
    UNITC_UNIT='module.m["YSBi"].coder_script.x[0]'
    UNITC_NAME='R2l0IENsb25l'
    UNITC_PHASES='start stop'
    UNITC_GATES='start success coder_script.clone
    stop completion coder_script.backup["YSBi"]'
    UNITC_TIMEOUT='60'
    UNITC_BODY='echo hi'
    (the text of unitc/gate.sh)
    (the text of unitc/limits.sh, since the unit has a timeout, and of others that it needs)
    (the text of unitc/status.sh, where the body is not that long)
    u_start 125
    u_gate "$@"

* Addresses are those of Terraform, but every string key in them is the base64 of its bytes; numbers stay. So no value
  can hold a quote, and Terraform computes each with ``base64encode`` and ``join``. Both sides of a gate are spelled so.
* A null or empty text is no script and must not be wrapped.
* ``templates/runtime/protocol.sh`` says what each variable means, and which of them a wrapped script always sets.

The whole must fit into one argument of a command: :data:`~compiler.source.limits.MAX_SCRIPT_BYTES`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote as percent_encode

from compiler.digests import sha256
from compiler.launcher.filling import filled, parts
from compiler.launcher.quoting import Sh, quote
from compiler.launcher.runtime import launcher_head, launcher_runtime
from compiler.order.model import CONDUCT, Conduct, KnownBody, Unit, UnknownBody, conduct_values
from compiler.order.outcome import Requires
from compiler.order.plan import LaunchPlan, PhasePlan
from compiler.output.header import stamp
from compiler.patterns import regex

_KEY: Final = regex(r'\["((?:[^"\\]|\\.)*)"\]')
_ESCAPE: Final = regex(r'\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt"\\]))|\$\$(?=\{)|%%(?=\{)')
# How a dependent stands in the row of its prerequisite: most wait for success, so that has no letter.
_FOLLOWS: Final = {
    Requires.SUCCESS: "",
    Requires.COMPLETION: "c",
    Requires.START: "s",
    Requires.READY: "r",
    Requires.FAILURE: "f",
}
# Shown, coded and percent-encoded it is the same.
_PLAIN_ADDRESS: Final = regex(r"[A-Za-z0-9_.~-]*")
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def _comment(text: str) -> Sh:
    """Return ``text`` for a comment or a terminal: what isn't printable is written as an escape."""
    if text.isprintable():
        return Sh(text)
    return Sh("".join(c if c.isprintable() else c.encode("unicode_escape", "surrogateescape").decode() for c in text))


def _unescape(found: re.Match[str]) -> str:
    if code := found[1] or found[2]:
        return chr(int(code, 16))
    return _LETTERS[found[3]] if found[3] else found[0][0]


def coded_address(address: str) -> str:
    """Return an address as it stands in wrapped scripts: every string key as the base64 of its UTF-8 bytes."""

    def coded(found: re.Match[str]) -> str:
        key = _ESCAPE.sub(_unescape, found[1])
        return f'["{base64.b64encode(key.encode("utf-8", "surrogateescape")).decode()}"]'

    return _KEY.sub(coded, address)


# --- the launcher


_NONE: Final = Sh("-")


def _number(value: int | None) -> Sh:
    return _NONE if value is None else Sh(value)


def _seconds(what: str, value: int | None) -> str:
    return "" if value is None else f", {what} {value} s"


def _graph(number: int, phase: PhasePlan, first: int, mutexes: Mapping[str, int]) -> dict[str, Any]:
    """Return a graph for the template; its units have numbers from ``first`` on, and mutexes theirs."""
    numbers = {planned.unit.address: str(place) for place, planned in enumerate(phase.units, first)}
    waves = {address: str(wave) for wave, addresses in enumerate(phase.waves, 1) for address in addresses}
    shown = {address: _comment(address) for address in numbers}
    followers: dict[str, list[str]] = {address: [] for address in numbers}
    for planned in phase.units:
        own = numbers[planned.unit.address]
        for gate in planned.gates:
            followers[gate.prerequisite].append(_FOLLOWS[gate.requires] + own)
    named, units = [], []
    for planned in phase.units:
        unit, own = planned.unit, numbers[planned.unit.address]
        words = [
            own,
            waves[unit.address],
            _number(unit.timeout),
            _number(unit.gate_timeout),
            quote(unit.address),
            quote(" ".join([f"{gate.requires}:{numbers[gate.prerequisite]}" for gate in planned.gates])),
            quote(" ".join(followers[unit.address])),
        ]
        plain = _PLAIN_ADDRESS.fullmatch(unit.address) is not None
        if unit.mutexes or not plain:
            words.append(quote(" ".join(str(mutexes[name]) for name in unit.mutexes)))
        if not plain:
            words += map(quote, (shown[unit.address], coded_address(unit.address), _percent(unit.address)))
        if unit.display_name is not None:
            named.append({"number": Sh(own), "name": quote(_comment(unit.display_name))})
        units.append(
            {
                "comment": _comment(_described(unit)),
                "gates": [Sh(f"{gate.requires} of {shown[gate.prerequisite]}") for gate in planned.gates],
                "mutexes": [_comment(name) for name in unit.mutexes],
                "row": Sh(" ".join(words)),
                "also": _also(own, unit.conduct),
                "body": _body(own, unit),
            }
        )
    return {
        "number": _number(number),
        "title": _comment(f"{phase.runtime}, {phase.phase} phase:"),
        "runtime": quote(phase.runtime),
        "phase": Sh(phase.phase),
        "named": named,
        "units": units,
    }


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()


def _percent(address: str) -> str:
    return percent_encode(address, safe="", errors="surrogateescape")


def _described(unit: Unit) -> str:
    name = "" if unit.display_name is None else f' "{unit.display_name}"'
    return f"{unit.address}{name}{_seconds('timeout', unit.timeout)}{_seconds('waits at most', unit.gate_timeout)}"


def _also(number: str, conduct: Conduct) -> list[Sh]:
    """Return the row of what a unit says of itself; none where it says nothing."""
    if conduct.plain:
        return []
    values = conduct_values(conduct)
    return [Sh(" ".join([number, *(quote(values[name]) for name in CONDUCT)]))]


def _body(number: str, unit: Unit) -> Sh:
    for what, text in (("body", unit.body), ("ready", unit.conduct.ready), ("unless", unit.conduct.unless)):
        # Without one of its commands a unit would run at the wrong time, or when it shouldn't.
        if isinstance(text, UnknownBody):
            return Sh(f"u_missing_{number}={quote(_comment(f'{what} known only at apply: {text.reason}'))}")
    assert isinstance(unit.body, KnownBody)
    return Sh(f"u_text_{number}={quote(unit.body.text)}")


def _identity(plan: LaunchPlan) -> str:
    """Return what tells a template's runs from those of others: a digest of its units, whatever their texts are."""
    units = (
        f"{phase.runtime} {phase.phase} {planned.unit.address}" for phase in plan.phases for planned in phase.units
    )
    return sha256("\n".join(units).encode("utf-8", "surrogateescape")).hexdigest()


def emit_launcher(plan: LaunchPlan, *, version: str) -> str:
    """Return the text of ``launcher.sh``, with its header.

    ``version`` is unitc's. Raises ValueError where a body holds a NUL.
    """
    names = sorted({name for phase in plan.phases for planned in phase.units for name in planned.unit.mutexes})
    mutexes = {name: number for number, name in enumerate(names, 1)}
    graphs: list[dict[str, Any]] = []
    first = 1
    for phase in plan.phases:
        graphs.append(_graph(len(graphs) + 1, phase, first, mutexes))
        first += len(phase.units)
    values = {
        "graphs": graphs,
        "mutexes": [
            {"number": _number(number), "coded": quote(_base64(name)), "shown": quote(_comment(name))}
            for name, number in mutexes.items()
        ],
        "head": launcher_head(),
        "template": quote(_identity(plan)),
        "runtime": launcher_runtime(),
    }
    return stamp("".join(filled(parts(), values)), version=version)
