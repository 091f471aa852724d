"""A small workspace agent: it starts every script of a phase at once, the way Coder's agent does.

A script runs as ``SHELL -c TEXT`` with the user's login shell, or, where its text starts with ``#!``, as
``INTERPRETER [ARGUMENTS] -c TEXT``; in a session of its own, with /dev/null as standard input and a pipe for each of
stdout and stderr. A script ends when its process has ended and both pipes are closed; pipes that stay open for
:attr:`Agent.pipe_delay` seconds longer make it fail. A timeout sends SIGHUP to the script's process group, and SIGKILL
to its process after the same delay. Where a schedule can't be parsed, the whole manifest is refused: no script runs.

The schedule is entered once the last start script has ended. Closing hangs up on the start scripts that still run, and
starts the stop scripts at once, without waiting for them.

The agent is a process of its own, :mod:`tests.coder.agent_process`, because scripts look at their parent.

Source of the behaviour: https://github.com/coder/coder/tree/main/agent (agentscripts, agentssh, usershell).
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self
from uuid import uuid4

from tests.coder.terraform import Script
from tests.waiting import turns

__all__ = ["Agent", "Leftover", "Life", "Report", "Status"]

_CHECKOUT: Final = Path(__file__).parents[2]


class Status(StrEnum):
    """How the agent saw a script end.

    HUNG: it was still there when the bound on the whole phase had passed. REFUSED: the agent refused its manifest.
    """

    OK = "ok"
    EXIT_FAILURE = "exit_failure"
    TIMED_OUT = "timed_out"
    PIPES_LEFT_OPEN = "pipes_left_open"
    NOT_STARTED = "not_started"
    HUNG = "hung"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Report:
    """What the agent tells of one script. Times are seconds of the epoch; a process that a signal ended exits with -1.

    ``pid`` is 0 where no process could be created; ``stderr`` then says why.
    """

    address: str
    status: Status
    exit_code: int
    started: float
    ended: float
    pid: int
    stdout: bytes
    stderr: bytes


class Life(NamedTuple):
    """The reports of a workspace's life by address: of its start, of each tick of its schedule, and of its stop."""

    start: dict[str, Report]
    ticks: tuple[dict[str, Report], ...]
    stop: dict[str, Report]


class Leftover(NamedTuple):
    """A process that outlived the script which it comes from, and its command line."""

    pid: int
    command: str


class Agent:
    """The test's side of an agent process. Leaving the ``with`` block ends the process.

    ``folder`` becomes home, temporary folder and place of the scripts' data.
    """

    def __init__(self, folder: Path, *, pipe_delay: float = 10.0) -> None:
        self.folder = folder
        self.pipe_delay = pipe_delay
        self._sessions: set[int] = set()
        # A variable that is in the environment of every process that comes from this agent and of no other one.
        self._token = str(uuid4())
        home, temporary = folder / "home", folder / "tmp"
        for each in (home, temporary):
            each.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.coder.agent_process"],
            cwd=_CHECKOUT,
            env={
                "CODER_AGENT_URL": "https://coder.example.com",
                "HOME": str(home),
                "LANG": "C.UTF-8",
                "PATH": os.environ["PATH"],
                "TMPDIR": str(temporary),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process id of the agent."""
        return self._process.pid

    def start(self, scripts: Iterable[Script], **options: Any) -> dict[str, Report]:
        """Run the scripts that run on start and return their reports by address; see :meth:`_ask` for the options."""
        manifest = tuple(scripts)
        [reports] = self._ask(manifest, [script for script in manifest if script.run_on_start], **options)
        return reports

    def stop(self, scripts: Iterable[Script], **options: Any) -> dict[str, Report]:
        """Run the scripts that run on stop and return their reports by address; see :meth:`_ask` for the options."""
        manifest = tuple(scripts)
        [reports] = self._ask(manifest, [script for script in manifest if script.run_on_stop], **options)
        return reports

    def live(
        self,
        scripts: Iterable[Script],
        *,
        ticks: int = 0,
        closed_by: Path | None = None,
        **options: Any,
    ) -> Life:
        """Start a workspace, let its schedule tick, and stop it; see :meth:`_ask` for the other options.

        Where ``closed_by`` is given, the workspace is stopped as soon as that file is there, whatever still runs.
        """
        more = {"ticks": ticks, "closed_by": None if closed_by is None else str(closed_by)}
        start, *rest = self._ask(tuple(scripts), [], life=True, more=more, **options)
        return Life(start, tuple(rest[:-1]), rest[-1] if rest else {})

    def _ask(
        self,
        manifest: Sequence[Script],
        scripts: Sequence[Script],
        *,
        workspace: str = "workspace",
        name: str = "main",
        seed: int = 0,
        bound: float = 600.0,
        life: bool = False,
        more: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Report]]:
        """Have scripts run to their end, started in an order that ``seed`` chooses.

        ``workspace`` and ``name`` are the workspace's and the agent's name. What still runs after ``bound`` seconds is
        killed and reported as hung.
        """
        command = {
            "manifest": [asdict(script) for script in manifest],
            "scripts": [asdict(script) for script in scripts],
            "workspace": workspace,
            "name": name,
            "seed": seed,
            "bound": bound,
            "pipe_delay": self.pipe_delay,
            "token": self._token,
            "life": life,
            **(more or {}),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        rounds = [[_decoded(each) for each in answer] for answer in json.loads(self._process.stdout.readline())]
        self._sessions |= {report.pid for reports in rounds for report in reports if report.pid}
        return [{report.address: report for report in reports} for reports in rounds]

    def leftovers(self) -> tuple[Leftover, ...]:
        """Return the processes that are left of all scripts so far, by process id; zombies don't count.

        A process counts where it is in the session of a script or carries the agent's token in its environment.
        """
        token = f"CODER_AGENT_TOKEN={self._token}".encode()
        left = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                # The name of the command stands in parentheses and may hold anything; state, parent, process group
                # and session follow it.
                state, _, _, session = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:4]
                environment = (folder / "environ").read_bytes().split(b"\0")
                line = (folder / "cmdline").read_bytes()
            except OSError:
                continue  # The process has ended meanwhile.
            if state != "Z" and (int(session) in self._sessions or token in environment):
                command = line.replace(b"\0", b" ").decode("utf-8", "replace").rstrip()
                left.append(Leftover(int(folder.name), command))
        return tuple(sorted(left))

    def left(self, *expected: str) -> list[str]:
        """Return the command lines of :meth:`leftovers`, in their order, once they are the expected ones.

        What has helped a script ends a moment after it, and a process has the command line of its parent at first; so
        others are returned only where they stay.
        """
        for _ in turns(20):
            if [leftover.command for leftover in self.leftovers()] == [*expected]:
                break
        return [leftover.command for leftover in self.leftovers()]

    def end_leftovers(self) -> None:
        """Kill the processes that are left of all scripts so far."""
        for leftover in self.leftovers():
            with suppress(ProcessLookupError):
                os.kill(leftover.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the agent's process; scripts that it started live on."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _decoded(each: Mapping[str, Any]) -> Report:
    texts = {name: base64.b64decode(each[name]) for name in ("stdout", "stderr")}
    return Report(**{**each, "status": Status(each["status"]), **texts})
