"""A wrapped script, as the wiring makes Terraform compute it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence

from compiler.launcher.launcher import coded_address
from compiler.launcher.quoting import quote
from compiler.order.model import Phase
from compiler.order.plan import Gate

__all__ = ["wrap_text"]


def wrap_text(
    gate: str,
    *,
    address: str,
    phases: Sequence[Phase],
    gates: Iterable[tuple[Phase, Gate]] = (),
    body: str,
    timeout: int | None = None,
    gate_timeout: int | None = None,
    mutexes: Iterable[str] = (),
    says: Mapping[str, str] | None = None,
    status: str = "",
    name: str = "",
) -> str:
    """Return the text of a wrapped script, as the wiring makes Terraform compute it.

    ``gate`` is the text of ``unitc/gate.sh``, behind that of ``unitc/conduct.sh`` where there are mutexes or ``says``,
    the variables that hold what the unit says of itself; ``status`` is that of ``unitc/status.sh``, ``name`` the
    display name. Addresses are as Terraform prints them, times in seconds.
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
        "UNITC_SAYS": "1" * bool(says),
        **(says or {}),
        "UNITC_BODY": body,
        "UNITC_BODY_BASE64": "",
        "UNITC_STATUS": status,
    }
    return "\n".join(("#!/bin/sh", *(f"{name}={quote(value)}" for name, value in values.items()), gate))
