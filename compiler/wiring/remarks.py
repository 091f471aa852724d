"""The comments of the generated Terraform: what each block is for, in words that its reviewer knows."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Final

from compiler.patterns import regex
from compiler.terraform.configuration.address import quote
from compiler.terraform.scope.expansion import Repetition
from compiler.wiring.model import WiredFolder, WiredGate, WiredRun, Wrapped

_INDEX: Final = regex(r"\[[^]]*\]")
_CODED_KEY: Final = regex(r'\["([^"]*)"\]')
_UNTIL: Final[Mapping[str, str]] = {
    "start": "to start",
    "ready": "to be ready",
    "completion": "to end",
    "success": "to succeed",
    "failure": "to fail",
}


def shown_address(address: str) -> str:
    """Return an address of the wiring as Terraform prints it."""
    return _CODED_KEY.sub(lambda found: f"[{quote(b64decode(found[1]).decode())}]", address)


def remark(*lines: str) -> str:
    """Return comment lines."""
    return "".join(f"# {line}\n" for line in lines)


def _named(address: str, names: Mapping[str, str]) -> str:
    """Return an address as people are told it, with the display name where that is known."""
    if "[" in address:
        name, address = names.get(_INDEX.sub("", address)), shown_address(address)
    else:
        name = names.get(address)
    return address if name is None else f"{name} ({address})"


def _gate(gate: WiredGate, names: Mapping[str, str]) -> str:
    if not gate.units:
        who = _named(gate.address, names)
    elif gate.address and not gate.address.endswith("."):
        who = f"{_named(gate.address, names)}, where it exists,"
    else:
        within = f" in {shown_address(gate.address).removesuffix('.')}" if gate.address else ""
        who = f"every instance of {_named(gate.script, names)}{within}"
    return f"{who} {_UNTIL[gate.requires]}"


def display_names(folder: WiredFolder) -> Mapping[str, str]:
    """Return the display names of a folder's scripts in quotes, by address, where they are known."""
    return {each.address: quote(each.display_name) for each in folder.wrapped if each.display_name is not None}


def script_remark(wrapped: Wrapped, names: Mapping[str, str], runs: tuple[WiredRun, ...], *, root: bool) -> str:
    """Return the comment above a block that runs a script on some of its occasions: what it waits for.

    ``names`` are those of :func:`display_names` in its folder, which is the ``root`` module's or is called by others.
    """
    phases = {str(run.occasion) for run in runs if run.wrapped}
    waits = list(_waits(wrapped, names, phases))
    if not root:
        waits.append("what the callers of this module say")
    waits += [f"the mutex {quote(name)}" for name in wrapped.mutexes]
    who = _named(wrapped.address, names)
    if not phases:
        return remark(f"{who} is ordered on another occasion.")
    if not waits and wrapped.conduct:
        return remark(f"{who} waits for nothing; it says of itself how it is run.")
    if not waits:
        return remark(f"{who} waits for nothing; others wait for it.")
    limit = "" if wrapped.gate_timeout is None else f" at most {wrapped.gate_timeout} s"
    return remark(f"{who} waits{limit} for", *(f"  {each}" for each in waits))


def _waits(wrapped: Wrapped, names: Mapping[str, str], phases: set[str]) -> Iterator[str]:
    if wrapped.gates is None:
        return
    groups = [("", wrapped.gates.every)]
    for key, gates in wrapped.gates.single:
        index = f"[{key}]" if wrapped.repetition is Repetition.COUNT else shown_address(f'["{key}"]')
        groups.append((f" (instance {index})", gates))
    several = len(phases) > 1
    for instance, gates in groups:
        for gate in gates:
            if gate.phase in phases:
                phase = f", on {gate.phase}" if several else ""
                yield f"{_gate(gate, names)}{phase}{instance}"
