"""The wiring of a template: what the generated Terraform files of each module folder say. The emitter's only input.

How the files work together:

* An ordered script is *wrapped*: its argument becomes the gate runtime with the script's own address, its gates, its
  timeout and its original text. The original expression is repeated verbatim, since an override can't refer to it.
* A script that the agent runs on several *occasions* (start, stop, cron) is split: its own block keeps the first, and
  each other one gets a block beside it. References from the template lead to the own block, which stays.
* A *gate* names the address of a unit. Which instances of a unit exist may be known only at apply; then the addresses
  come from a *units list*, a local value that repeats the count, for_each or condition (naming the resource instead
  would make Terraform create the one after the other). A list of a child module is exported as an output.
* Gates are computed in the module that declares the order. What is declared for scripts of a child module is handed
  down as *entries* through the call, in the variable ``unitc``, along with the instance's address, which a module
  can't know by itself.

Addresses in the wiring hold instance keys as base64 of their UTF-8 bytes, because Terraform has no other function that
makes any string harmless in shell and HCL.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from compiler.order.model import Phase
from compiler.order.outcome import Requires
from compiler.records import dataclass
from compiler.terraform.configuration.address import GROUP, InstanceKey
from compiler.terraform.scope.expansion import Repetition

NATIVE_REMARK: Final = "The order of this template, as rules that Coder reads."
"""Stands in the root folder's file alone: a folder whose file holds it was compiled by itself."""

# Override files are merged in the order of their names, so the name must come after all others.
OVERRIDE_FILE: Final = "zz_unitc_override.tf"
# Variables, local values and outputs can't be added by an override file.
PLAIN_FILE: Final = "zz_unitc.tf"


@dataclass(frozen=True, slots=True)
class Copied:
    """An expression as it stands in the template. ``heredoc``: it ends with a heredoc, whose marker ends its line."""

    text: str
    heredoc: bool = False


@dataclass(frozen=True, slots=True)
class RepeatedBy:
    """The argument that makes several instances of a block, ``count`` or ``for_each``, and its expression."""

    kind: Repetition
    expression: Copied


Trigger: TypeAlias = bool | Copied
"""Whether the agent runs a script in a phase: known, or as the template says it."""


class Occasion(StrEnum):
    """When the agent runs a script, the first of a workspace's life first."""

    START = "start"
    STOP = "stop"
    CRON = "cron"

    @property
    def argument(self) -> str:
        """The argument that makes the agent run a script then."""
        return "cron" if self is Occasion.CRON else f"run_on_{self}"


@dataclass(frozen=True, slots=True)
class WiredRun:
    """One occasion on which the agent runs a script.

    ``value`` is that of the occasion's argument, ``certain`` where it can't be off. ``wrapped``: an order concerns the
    script then. ``name`` is that of the block which runs it: the script's own for the first occasion; each further one
    has a block of its own, since one text can't tell on which occasion it was started.
    """

    occasion: Occasion
    value: Copied
    certain: bool
    wrapped: bool
    name: str


class WiredGate(NamedTuple):
    """What a unit waits for; gates are sorted by this.

    ``address`` is relative to the module that declares the order. With ``units``, the name of a units list of that
    module, it is a prefix: each address in the list that starts with it is waited for. An empty one means all.
    ``script`` is the address of the prerequisite without indexes then, for people.
    """

    phase: Phase
    units: str
    address: str
    requires: Requires
    script: str


@dataclass(frozen=True, slots=True)
class WiredGates:
    """The gates of a script that its own module declares: those of every instance, and those of single ones.

    The keys of ``single`` are those of :func:`wired_key`. The names are those of the local values that hold them.
    """

    every_name: str
    every: tuple[WiredGate, ...]
    single_name: str
    single: tuple[tuple[str, tuple[WiredGate, ...]], ...]


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A script that becomes wrapped. ``type`` and ``name`` are those of its block, ``argument`` holds the script.

    ``runs`` are its occasions in their order. ``shared`` are the arguments, and ``blocks`` the texts of the nested
    blocks, that each of its blocks has; the arguments are left out where there is one block, of a known display name.
    ``timeout`` is the block's own: a number of seconds where no input changes it.
    ``mutexes``, ``gate_timeout`` (seconds) and ``conduct`` come from directives; the last are variables of the wrapper
    with their texts, or with the template's expressions of these. ``never_empty``: the body is certainly neither null
    nor empty. ``display_name`` is None where it isn't the same everywhere and for every input. ``further`` are the
    parts of the runtime that its wrapper may hold besides.
    """

    type: str
    name: str
    argument: str
    repeated: RepeatedBy | None
    body: Copied
    never_empty: bool
    display_name: str | None
    timeout: Copied | int | None
    runs: tuple[WiredRun, ...]
    shared: tuple[tuple[str, Copied], ...]
    blocks: tuple[str, ...]
    gates: WiredGates | None
    mutexes: tuple[str, ...]
    gate_timeout: int | None
    conduct: tuple[tuple[str, str | Copied], ...]
    further: tuple[str, ...]

    @property
    def address(self) -> str:
        """The script's address in its module, without an index."""
        return f"{self.type}.{self.name}{'' if self.argument == 'script' else f'.{self.argument}'}"

    @property
    def repetition(self) -> Repetition:
        """How the script is repeated."""
        return Repetition.NONE if self.repeated is None else self.repeated.kind

    @property
    def own(self) -> tuple[WiredRun, ...]:
        """The occasions on which the script's own block may run: the first one that there is at apply counts."""
        if len(self.runs) == 1:
            return self.runs
        last = next((place for place, run in enumerate(self.runs) if run.certain), len(self.runs) - 1)
        return self.runs[: last + 1]


@dataclass(frozen=True, slots=True)
class Entry:
    """The gates that a module declares for one script of a child module.

    ``unit`` is its address relative to the module; a step without an index means all instances.
    """

    unit: str
    gates: tuple[WiredGate, ...]


@dataclass(frozen=True, slots=True)
class WiredCall:
    """A module call that hands ``unitc`` down. ``entries_name`` is the local value that holds the entries."""

    name: str
    repetition: Repetition
    entries_name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class ScriptUnits:
    """A units list of one script in one phase.

    ``base`` and ``suffix`` stand around the index of the address. ``trigger`` and ``body`` are given where they decide
    whether there is a unit.
    """

    name: str
    base: str
    suffix: str
    repeated: RepeatedBy | None
    trigger: Copied | None
    body: Copied | None
    exported: bool


@dataclass(frozen=True, slots=True)
class CallUnits:
    """A units list of a script in a child module, in one phase.

    ``keys`` are the call's instances, unless ``repeated`` is given, which says which there are. ``within`` are the
    addresses relative to the child module, or the name of its output that lists them. ``script`` is the script's
    address without indexes.
    """

    name: str
    call: str
    keys: tuple[InstanceKey, ...]
    repeated: RepeatedBy | None
    within: tuple[str, ...] | str
    exported: bool
    script: str


Units: TypeAlias = ScriptUnits | CallUnits


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """A ``coder_script_order`` that must not act beside the wiring."""

    name: str
    repetition: Repetition


@dataclass(frozen=True, slots=True)
class WiredFolder:
    """The wiring of one module folder, ``dir`` relative to the template's. All tuples are sorted by name or address.

    ``further`` are the parts of the runtime that scripts of the whole template hold besides, so folders hand them down.
    """

    dir: str
    root: bool
    wrapped: tuple[Wrapped, ...]
    calls: tuple[WiredCall, ...]
    units: tuple[Units, ...]
    switched_off: tuple[SwitchedOff, ...]
    further: tuple[str, ...] = ()

    @property
    def takes_part(self) -> bool:
        """Whether the folder has scripts or calls to wire, and not only orders to switch off."""
        return bool(self.wrapped or self.calls or self.units)


def wired_key(key: int | str) -> str:
    """Return an instance key as it stands in the wiring: a number, or base64 (Terraform's base64encode)."""
    return str(key) if isinstance(key, int) else b64encode(key.encode()).decode("ascii")


def wired_index(key: InstanceKey) -> str:
    """Return the index that a key adds to an address of the wiring; nothing for a group or where there is no key."""
    if key is None or key is GROUP:
        return ""
    return f"[{key}]" if isinstance(key, int) else f'["{wired_key(key)}"]'


def wired_steps(steps: Iterable[tuple[str, InstanceKey]]) -> str:
    """Return the start of an address of the wiring: ``module.a[0].module.b.``, or nothing."""
    return "".join(f"module.{name}{wired_index(key)}." for name, key in steps)
