"""The domain: units, the declarations that order them, and typed edges. Nothing here reads or decides.

A *unit* is one script that a workspace agent runs in one phase. A *runtime* is the agent (``coder_agent`` or
``coder_devcontainer``) that runs it. There is one graph for each runtime and phase.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Final, TypeAlias

from compiler.order.outcome import Requires
from compiler.records import dataclass, field, settle
from compiler.source.span import Span


class Phase(StrEnum):
    """When the agent runs a script."""

    START = "start"
    STOP = "stop"


class OriginKind(StrEnum):
    """The ways to declare order, under the names that the machine forms use."""

    DEPENDS_ON = "depends_on"
    DIRECTIVE = "directive"
    ORDER = "coder_script_order"
    EXP_SYNC = "exp-sync"


@dataclass(frozen=True, slots=True)
class KnownBody:
    """A script's text, as Terraform will hand it to the agent."""

    text: str


@dataclass(frozen=True, slots=True)
class UnknownBody:
    """A script whose text can't be known before apply; ``reason`` says what it depends on, such as ``var.x``."""

    reason: str


ScriptBody: TypeAlias = KnownBody | UnknownBody
"""What a shell is to run: a script's text, or the command that a directive gives."""


class Notify(Enum):
    """In place of a command that asks: the body says by itself when it is ready."""

    NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class Conduct:
    """What a unit says of itself beside its body.

    ``ready`` is what tells that it is ready: a command that is run every ``ready_interval`` seconds, or the body
    itself; None where it never says so before it has succeeded. With a command in ``unless`` that gives 0 the body
    isn't run, and the unit has succeeded. A body that fails is run again up to ``retries`` times, ``retry_delay``
    seconds later, which are doubled each time. A failure of an ``optional`` unit isn't one of the whole run.
    """

    ready: ScriptBody | Notify | None = None
    ready_interval: int = 1
    unless: ScriptBody | None = None
    retries: int = 0
    retry_delay: int = 5
    optional: bool = False

    @property
    def plain(self) -> bool:
        """Whether the unit says nothing of itself."""
        return self == _PLAIN


_PLAIN = Conduct()

CONDUCT: Final = (
    "UNITC_PROBE",
    "UNITC_PROBE_INTERVAL",
    "UNITC_NOTIFY",
    "UNITC_UNLESS",
    "UNITC_RETRIES",
    "UNITC_RETRY_DELAY",
    "UNITC_OPTIONAL",
)
"""The variables of a wrapped script that hold what a unit says of itself, in the order of a launcher's row."""


def conduct_values(conduct: Conduct) -> Mapping[str, str]:
    """Return what a unit says of itself as the variables :data:`CONDUCT`; commands that aren't known are empty."""
    asks = conduct.ready.text if isinstance(conduct.ready, KnownBody) else ""
    skips = conduct.unless.text if isinstance(conduct.unless, KnownBody) else ""
    values = (
        asks,
        str(conduct.ready_interval),
        "1" * (conduct.ready is Notify.NOTIFY),
        skips,
        str(conduct.retries) if conduct.retries else "",
        str(conduct.retry_delay),
        "1" * conduct.optional,
    )
    return dict(zip(CONDUCT, values, strict=True))


@dataclass(frozen=True, slots=True)
class Unit:
    """One script in one phase.

    ``address`` is the Terraform address, as Terraform prints it. ``timeout`` is in seconds, None for none.
    ``group`` marks a unit that stands for a number of instances that can't be known before apply: its address has no
    index. ``span`` is the header of the block that declares it. ``mutexes`` are the names that it holds while it
    runs, sorted; ``gate_timeout`` bounds its waiting, in seconds. ``conduct`` is what it says of itself besides.
    """

    address: str
    runtime: str
    phase: Phase
    display_name: str | None
    timeout: int | None
    body: ScriptBody
    span: Span
    group: bool = False
    mutexes: tuple[str, ...] = ()
    gate_timeout: int | None = None
    conduct: Conduct = _PLAIN


@dataclass(frozen=True, slots=True)
class Origin:
    """One declaration that an edge comes from.

    ``span`` is the declaration as a whole, ``item`` the reference in it that names the other side.
    """

    kind: OriginKind
    span: Span
    item: Span

    @property
    def is_gate(self) -> bool:
        """Whether it makes the launcher wait, and the script doesn't do so by itself."""
        return self.kind is not OriginKind.EXP_SYNC


@dataclass(frozen=True, slots=True)
class Edge:
    """``dependent`` waits for ``prerequisite`` (both unit addresses); ``origins`` are sorted by place."""

    dependent: str
    prerequisite: str
    requires: Requires
    origins: tuple[Origin, ...]

    @property
    def is_gate(self) -> bool:
        """Whether the launcher holds the dependent back; a script that calls ``coder exp sync`` waits by itself."""
        return self.origins[0].is_gate or any(origin.is_gate for origin in self.origins)

    @property
    def declared(self) -> Span:
        """The first declaration of a gate. Raises StopIteration for an edge that isn't one."""
        return next(origin for origin in self.origins if origin.is_gate).item


@dataclass(frozen=True, slots=True)
class UnitGraph:
    """The units of one runtime and phase (sorted by address) and their edges (by dependent, then prerequisite)."""

    runtime: str
    phase: Phase
    units: tuple[Unit, ...]
    edges: tuple[Edge, ...]
    gates: tuple[Edge, ...] = field(init=False)
    """The edges by which the launcher holds a unit back."""
    observed: tuple[Edge, ...] = field(init=False)
    """The other edges: what scripts wait for by themselves."""

    def __post_init__(self) -> None:
        settle(self, "gates", tuple(edge for edge in self.edges if edge.is_gate))
        others = () if len(self.gates) == len(self.edges) else (edge for edge in self.edges if not edge.is_gate)
        settle(self, "observed", tuple(others))
