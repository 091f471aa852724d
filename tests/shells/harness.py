"""Launchers made from a few lines, run under every supported shell, and what they left behind read back."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self, TypeVar
from urllib.parse import unquote

from compiler.launcher.launcher import emit_launcher
from compiler.launcher.runtime import further_runtime, gate_runtime, room_runtime
from compiler.order.model import (
    Conduct,
    Edge,
    KnownBody,
    Notify,
    Origin,
    OriginKind,
    Phase,
    ScriptBody,
    Unit,
    UnitGraph,
    UnknownBody,
)
from compiler.order.outcome import Outcome, Requires
from compiler.order.plan import Gate, LaunchPlan, make_plan
from compiler.source.span import Source, Span
from tests.every import EVERY_CASE
from tests.shells.wrapping import wrap_text
from tests.waiting import turns, until

__all__ = [
    "LOST",
    "SAYS",
    "SHELLS",
    "Event",
    "Place",
    "Process",
    "Ran",
    "Spec",
    "command_of",
    "drawn",
    "events_of",
    "launcher_of",
    "plan_of",
    "reset_environment",
    "shell_command",
    "shells_with",
    "turns",
    "until",
    "wrapped",
]

SHELLS: Final[Mapping[str, tuple[str, ...]]] = {
    "dash": ("dash",),
    "bash": ("bash",),
    "bash-posix": ("bash", "--posix"),
    "busybox": ("busybox", "ash"),
    "mksh": ("mksh",),
    "zsh": ("zsh", "--emulate", "sh"),
}
"""The supported shells that a machine for tests has, by name."""

SAYS: Final = ("PROBE", "PROBE_INTERVAL", "NOTIFY", "UNLESS", "RETRIES", "RETRY_DELAY", "OPTIONAL")
"""What a unit may say of itself, each the end of the name of a variable, in the order of a launcher's row."""

LOST: Final = 20
"""Seconds after which a SIGINT that has not ended anything was lost, and is sent again.

bash 5.2 loses one that comes at the end of a command substitution, and no script can prevent that; a user would press
Ctrl-C again. Whoever has heard the first one has been killed by then.
"""

_SHARING: Final = () if EVERY_CASE else tuple(sorted({*SHELLS} - {"bash", "dash"}))

_OUTCOMES: Final = frozenset(Outcome)
_SOURCE: Final = Source("main.tf", "# one\n# two\nresource\n")
_SPAN: Final = Span(_SOURCE, 12, 20)
_AGENT: Final = "coder_agent.main"


Case = TypeVar("Case")


def drawn(shell: str, count: int) -> range:
    """Return which of so many cases, numbered from 0, a shell is tried with.

    bash and dash are tried with all of them. The others share them out, so that each case meets three shells: what goes
    wrong in one nearly always goes wrong in all. With ``UNITC_EVERY_CASE=1`` in the environment each is tried with all.
    """
    return range(_SHARING.index(shell), count, len(_SHARING)) if shell in _SHARING else range(count)


def shells_with(cases: Iterable[Case]) -> list[tuple[str, Case]]:
    """Return each shell with each of the cases that are :func:`drawn` for it."""
    listed = list(cases)
    return [(shell, listed[number]) for shell in sorted(SHELLS) for number in drawn(shell, len(listed))]


@dataclass(frozen=True, slots=True)
class Spec:
    """A unit in short: its body (None: not known before apply) and its gates as ``REQUIRES ADDRESS`` strings."""

    body: str | None = "true"
    gates: Sequence[str] = ()
    timeout: int | None = None
    gate_timeout: int | None = None
    mutexes: tuple[str, ...] = ()
    phase: Phase = Phase.START
    runtime: str = _AGENT
    name: str = ""
    says: Mapping[str, str] = field(default_factory=dict)
    """What the unit says of itself, by the names of :data:`SAYS`."""


def _gate(text: str) -> Gate:
    requires, _, address = text.partition(" ")
    return Gate(Requires(requires), address)


def plan_of(units: Mapping[str, Spec] | Sequence[tuple[str, Spec]]) -> LaunchPlan:
    """Return the plan of units by address; an address stands twice where the unit has both phases."""
    pairs = list(units.items()) if isinstance(units, Mapping) else list(units)
    keys = sorted({(spec.runtime, spec.phase) for _, spec in pairs})
    graphs = []
    for runtime, phase in keys:
        mine = sorted((address, spec) for address, spec in pairs if (spec.runtime, spec.phase) == (runtime, phase))
        edges = [
            Edge(address, gate.prerequisite, gate.requires, (Origin(OriginKind.DEPENDS_ON, _SPAN, _SPAN),))
            for address, spec in mine
            for gate in sorted(map(_gate, spec.gates), key=lambda gate: gate.prerequisite)
        ]
        graphs.append(UnitGraph(runtime, phase, tuple(_unit(address, spec) for address, spec in mine), tuple(edges)))
    return make_plan(graphs)


def _unit(address: str, spec: Spec) -> Unit:
    body: ScriptBody = UnknownBody("var.x, main.tf:12") if spec.body is None else KnownBody(spec.body)
    return Unit(
        address,
        spec.runtime,
        spec.phase,
        spec.name or None,
        spec.timeout,
        body,
        _SPAN,
        mutexes=spec.mutexes,
        gate_timeout=spec.gate_timeout,
        conduct=_conduct(spec.says),
    )


def _conduct(says: Mapping[str, str]) -> Conduct:
    plain = Conduct()
    probe = KnownBody(says["PROBE"]) if "PROBE" in says else None
    return Conduct(
        ready=Notify.NOTIFY if "NOTIFY" in says else probe,
        ready_interval=int(says.get("PROBE_INTERVAL", plain.ready_interval)),
        unless=KnownBody(says["UNLESS"]) if "UNLESS" in says else None,
        retries=int(says.get("RETRIES", plain.retries)),
        retry_delay=int(says.get("RETRY_DELAY", plain.retry_delay)),
        optional="OPTIONAL" in says,
    )


def launcher_of(units: Mapping[str, Spec] | Sequence[tuple[str, Spec]]) -> str:
    """Return the launcher of units by address."""
    return emit_launcher(plan_of(units), version="0.0.0")


def wrapped(
    address: str, spec: Spec, *, phases: Sequence[Phase] = (), gate: str | None = None, room: str | None = None
) -> str:
    """Return the wrapped script of a unit as the wiring would make it; ``room`` is the text that some have room for."""
    assert spec.body is not None
    says = {f"UNITC_{name}": spec.says.get(name, "") for name in SAYS} if spec.says else {}
    limits = spec.timeout is not None or spec.gate_timeout is not None or says
    quotes = re.match(r"\s*#!.*['\"\\]", spec.body)
    further = {"interpreter": quotes, "limits": limits, "mutex": spec.mutexes, "conduct": says}
    return wrap_text(
        gate_runtime() if gate is None else gate,
        *(further_runtime(name) for name, needed in further.items() if needed),
        *([room_runtime()] if room is None else [room] if room else []),
        address=address,
        phases=phases or (spec.phase,),
        gates=[(spec.phase, _gate(text)) for text in spec.gates],
        body=spec.body,
        timeout=spec.timeout,
        gate_timeout=spec.gate_timeout,
        mutexes=spec.mutexes,
        says=says,
        name=spec.name,
    )


class Event(NamedTuple):
    """A line of ``events.tsv``. ``code`` is None where the unit has none.

    ``outcome`` is a word where that isn't an outcome: ``ready`` and ``retrying``.
    """

    time: float
    address: str
    outcome: Outcome | str
    code: int | None


class Ran(NamedTuple):
    """A launcher that has ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def told(self) -> str:
        """What it said on stderr, without the lines that say for what and how long it waited."""
        lines = self.stderr.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(("unitc: waiting for ", "unitc: waited ")))


def reset_environment(**changes: str) -> dict[str, str]:
    """Return a small environment that is the same wherever the tests run."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "SHELL": "/bin/sh", **changes}


def shell_command(shell: str, *words: str) -> list[str]:
    """Return the command that runs a shell of :data:`SHELLS` with arguments."""
    return [*SHELLS[shell], *words]


@dataclass
class Process:
    """A launcher or a wrapped script that was started. It leads a session of its own, as the agent starts scripts."""

    popen: subprocess.Popen[str]
    interrupted: bool = False
    """Whether it was sent SIGINT."""

    def wait(self, timeout: float = 58) -> Ran:
        """Return how it ended. Raises TimeoutExpired before a body of a minute is over."""
        if self.interrupted:
            with suppress(subprocess.TimeoutExpired):
                return self._end(LOST)
            self.popen.send_signal(signal.SIGINT)
        return self._end(timeout)

    def _end(self, timeout: float) -> Ran:
        stdout, stderr = self.popen.communicate(timeout=timeout)
        return Ran(self.popen.returncode, stdout, stderr)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process alone."""
        self.interrupted |= number == signal.SIGINT
        self.popen.send_signal(number)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.popen.pid


@dataclass
class Place:
    """A folder with a launcher, its state, and a folder to work in. Leaving it kills what was started there.

    ``path`` replaces PATH for everything that is started.
    """

    root: Path
    shell: str
    units: Mapping[str, Spec] | Sequence[tuple[str, Spec]] = ()
    path: str = ""
    started: list[Process] = field(default_factory=list)
    prefix: tuple[str, ...] = ()
    """The command that starts the shell, where it isn't started directly."""

    def __post_init__(self) -> None:
        self.work.mkdir(parents=True)
        self.launcher.write_bytes(launcher_of(self.units).encode("utf-8", "surrogateescape"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.started:
            if process.popen.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        # One may be killed only after it has started another.
        for _ in turns(20):
            pids = self.processes()
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if not pids:
                break
        for process in self.started:
            process.popen.wait()
            for stream in (process.popen.stdout, process.popen.stderr):
                if stream is not None:
                    stream.close()

    @property
    def work(self) -> Path:
        """The folder that everything runs in."""
        return self.root / "work"

    @property
    def launcher(self) -> Path:
        """The launcher of the units."""
        return self.root / "launcher.sh"

    @property
    def state(self) -> Path:
        """The folder for state."""
        return self.root / "state"

    def environment(self, **changes: str) -> dict[str, str]:
        """Return the environment of everything that is started here; PLACE marks the processes that come from it."""
        path = {"PATH": self.path} if self.path else {}
        return reset_environment(UNITC_STATE_DIR=str(self.state), PLACE=str(self.root), **{**path, **changes})

    def start(self, *words: str, text: str | None = None, **changes: str) -> Process:
        """Start the launcher with arguments, or a wrapped script by its text; ``changes`` go to the environment."""
        command = [str(self.launcher), *words] if text is None else ["-c", text]
        process = Process(
            subprocess.Popen(
                [*self.prefix, *shell_command(self.shell, *command)],
                cwd=self.work,
                env=self.environment(**changes),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                encoding="utf-8",
                errors="surrogateescape",
            )
        )
        self.started.append(process)
        return process

    def run(self, *words: str, text: str | None = None, **changes: str) -> Ran:
        """Start the launcher, wait for its end and return it."""
        return self.start(*words, text=text, **changes).wait()

    def events(self, session: str = "*") -> list[Event]:
        """Return the events of the sessions here, in their order."""
        return [event for log in sorted(self.state.glob(f"{session}/*/events.tsv")) for event in events_of(log)]

    def happened(self) -> list[tuple[str, str]]:
        """Return who became what, in the order of the events."""
        return [(event.address, str(event.outcome)) for event in self.events()]

    def outcomes(self) -> dict[str, Outcome]:
        """Return the outcome of each unit that has one."""
        return {
            event.address: event.outcome
            for event in self.events()
            if isinstance(event.outcome, Outcome) and event.outcome is not Outcome.RUNNING
        }

    def processes(self) -> list[int]:
        """Return the processes that come from here and still live; zombies don't."""
        # One that was born meanwhile, and whose parent has ended since, is seen by a second look only; so is one that
        # has just become another program.
        return self._look() or self._look()

    def _look(self) -> list[int]:
        mark = f"PLACE={self.root}".encode()
        return [pid for pid, environment in _environments() if mark in environment]

    def left(self, seconds: float = 8) -> list[str]:
        """Return what is left of what ran, once nothing is or after so many seconds: commands of processes, and files.

        What was killed, and what has watched over it, ends a moment after the script; what is left over stays longer.
        """
        for _ in turns(seconds):
            if not (self.processes() or self.leftovers()):
                return []
        return [*map(command_of, self.processes()), *self.leftovers()]

    def read(self, name: str) -> str:
        """Return the text of a file in the working folder, empty where there is none."""
        path = self.work / name
        return path.read_text("utf-8", "surrogateescape") if path.exists() else ""

    def leftovers(self) -> list[str]:
        """Return the files in the state that should have gone with the processes that made them."""
        found = self.state.rglob("*") if self.state.exists() else ()
        return sorted(
            str(path.relative_to(self.state))
            for path in found
            if path.is_fifo() or ".waiter." in path.name or path.name.startswith("late.") or path.parent.name == "gates"
        )


def events_of(log: Path) -> Iterator[Event]:
    """Yield the events of a log, as far as they have been written."""
    # What stands behind the last newline is being written.
    for line in log.read_text("ascii").split("\n")[:-1]:
        seconds, address, outcome, code = line.split("\t")
        word = Outcome(outcome) if outcome in _OUTCOMES else outcome
        yield Event(float(seconds), unquote(address), word, None if code == "-" else int(code))


def _environments() -> Iterator[tuple[int, list[bytes]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue  # It has ended meanwhile.
        if environment:
            yield int(folder.name), environment.split(b"\0")


def command_of(pid: int) -> str:
    """Return the first words of a process's command, empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()[:60].replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""
