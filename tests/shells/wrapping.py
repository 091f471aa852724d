"""A wrapped script, as the wiring makes Terraform compute it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence

from compiler.launcher.launcher import coded_address
from compiler.launcher.quoting import quote
from compiler.order.model import Phase
from compiler.order.plan import Gate
from compiler.wiring.script_text import GATE_CALL

__all__ = ["wrap_text"]


def wrap_text(
    *parts: str,
    address: str,
    phases: Sequence[Phase],
    gates: Iterable[tuple[Phase, Gate]] = (),
    body: str,
    timeout: int | None = None,
    gate_timeout: int | None = None,
    mutexes: Iterable[str] = (),
    says: Mapping[str, str] | None = None,
    name: str = "",
) -> str:
    """Return the text of a wrapped script, as the wiring makes Terraform compute it.

    ``parts`` are the text of ``unitc/gate.sh`` and those of what else the unit needs, ``says`` the variables that hold
    what it says of itself, ``name`` the display name. Addresses are as Terraform prints them, times in seconds.
    """
    lines = (f"{phase} {each.requires} {coded_address(each.prerequisite)}" for phase, each in gates)
    values = {
        "UNITC_UNIT": coded_address(address),
        "UNITC_NAME": b64encode(name.encode()).decode(),
        "UNITC_PHASES": " ".join(phases),
        "UNITC_GATES": "\n".join(lines),
        "UNITC_TIMEOUT": "" if timeout is None else str(timeout),
        "UNITC_GATE_TIMEOUT": "" if gate_timeout is None else str(gate_timeout),
        "UNITC_MUTEXES": " ".join(b64encode(name.encode()).decode() for name in sorted(mutexes)),
        **(says or {}),
        "UNITC_BODY": body,
    }
    code = (re.sub(r"\A(?:#.*\n)+|\n\Z", "", part) for part in parts)
    script = ("#!/bin/sh", *(f"{name}={quote(value)}" for name, value in values.items()), *code, GATE_CALL)
    return "\n".join(script)
