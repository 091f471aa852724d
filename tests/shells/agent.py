"""A parent of scripts, as Coder's agent is one: a process of its own that starts each script in a session of its own.

What the gate runtime takes for one start depends on this process, so a test that speaks of several starts needs
several of them, and one that outlives some.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from compiler.order.outcome import Outcome
from tests.shells.harness import Place, Process, Ran, Spec, events_of, shell_command, wrapped

__all__ = ["PROGRAM", "Agent", "Script", "ended", "start_command"]

PROGRAM: Final = """
import json, os, subprocess, sys

scripts = []
for line in sys.stdin:
    command = json.loads(line)
    if isinstance(command, dict):
        scripts.append(subprocess.Popen(**command, stdin=-3, stdout=-1, stderr=-1, start_new_session=True))
        answer = [os.getpid(), scripts[-1].pid]
    else:
        output = [each.decode("utf-8", "surrogateescape") for each in scripts[command].communicate(timeout=55)]
        answer = [scripts[command].returncode, *output]
    print(json.dumps(answer), flush=True)
"""
"""Starts a script for each object on its standard input, and waits for the script with each number, for a while."""


def start_command(
    place: Place, text: str | Sequence[str], *, user: int | None = None, **changes: str | None
) -> dict[str, Any]:
    """Return what the program takes: a wrapped script by its text, or the launcher with arguments.

    ``changes`` go to the environment, which loses those that are None. ``user`` is who runs it.
    """
    words = ("-c", text) if isinstance(text, str) else (str(place.launcher), *text)
    environment = {**place.environment(), **changes}
    command: dict[str, Any] = {
        "args": shell_command(place.shell, *words),
        "cwd": str(place.work),
        "env": {name: value for name, value in environment.items() if value is not None},
    }
    if user is not None:
        command |= {"user": user, "group": user, "extra_groups": []}
    return command


@dataclass
class Script:
    """A script that an agent has started."""

    agent: Agent
    number: int
    pid: int

    def wait(self) -> Ran:
        """Return how it ended."""
        return Ran(*self.agent.ask(self.number))


class Agent:
    """An agent's process. Leaving the ``with`` block ends it; ``prefix`` is a command that runs it.

    ``changes`` go to the environment of every script, and ``user`` is who runs them.
    """

    def __init__(self, place: Place, *prefix: str, user: int | None = None, **changes: str | None) -> None:
        self._place = place
        self._user = user
        self._changes = changes
        self._started = 0
        self._popen = subprocess.Popen(
            [*prefix, sys.executable, "-S", "-E", "-c", PROGRAM],
            env=place.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        place.started.append(Process(self._popen))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the agent's process, if it still runs; what it has started lives on."""
        assert self._popen.stdin is not None
        self._popen.stdin.close()
        self._popen.wait(30)

    def ask(self, command: object) -> Any:
        """Send one command to the program and return its answer."""
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._popen.stdin.write(json.dumps(command) + "\n")
        self._popen.stdin.flush()
        return json.loads(self._popen.stdout.readline())

    def start(self, text: str | Sequence[str], **changes: str | None) -> Script:
        """Start a wrapped script by its text, or the launcher with arguments."""
        command = start_command(self._place, text, user=self._user, **{**self._changes, **changes})
        pid = self.ask(command)[1]
        self._started += 1
        return Script(self, self._started - 1, pid)

    def run(self, text: str | Sequence[str], **changes: str | None) -> Ran:
        """Start a script, wait for its end and return it."""
        return self.start(text, **changes).wait()

    def run_all(self, units: Mapping[str, Spec], **changes: str | None) -> dict[str, Ran]:
        """Run the wrapped scripts of units, all started at once, and return how each ended."""
        started = {address: self.start(wrapped(address, spec), **changes) for address, spec in units.items()}
        return {address: script.wait() for address, script in started.items()}


def ended(place: Place) -> list[dict[str, Outcome]]:
    """Return the outcome of each unit that has ended, for each session and phase, the one that began first first."""
    found = []
    for log in place.root.rglob("events.tsv"):
        events = list(events_of(log))
        if events:
            ends = {each.address: Outcome(each.outcome) for each in events if each.outcome != Outcome.RUNNING}
            found.append((events[0].time, ends))
    return [outcomes for _, outcomes in sorted(found, key=lambda each: each[0])]
