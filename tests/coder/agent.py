"""A small workspace agent: it starts every script of a phase at once, the way Coder's agent does.

A script runs as ``SHELL -c TEXT`` with the user's login shell, or, where its text starts with ``#!``, as
``INTERPRETER [ARGUMENTS] -c TEXT``; in a session of its own, with /dev/null as standard input and a pipe for each of
stdout and stderr. A script ends when its process has ended and both pipes are closed; pipes that stay open for
:attr:`Agent.pipe_delay` seconds longer make it fail. A timeout sends SIGHUP to the script's process group, and SIGKILL
to its process after the same delay.

The agent is a process of its own, ``python -m tests.coder.agent``, because scripts look at their parent. It reads one
command a line from standard input and answers each with one line.

Source of the behaviour: https://github.com/coder/coder/tree/main/agent (agentscripts, agentssh, usershell).
"""

from __future__ import annotations

import base64
import json
import os
import pwd
import random
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self
from uuid import uuid4

from tests.coder.terraform import Script

__all__ = ["Agent", "Leftover", "Report", "Status"]

_CHECKOUT: Final = Path(__file__).parents[2]
_UNKNOWN_EXIT: Final = 255
_STARTS_WITHIN: Final = 0.02  # Seconds, over which the starts of the scripts are spread by chance.


class Status(StrEnum):
    """How the agent saw a script end. HUNG: it was still there when the bound on the whole phase had passed."""

    OK = "ok"
    EXIT_FAILURE = "exit_failure"
    TIMED_OUT = "timed_out"
    PIPES_LEFT_OPEN = "pipes_left_open"
    NOT_STARTED = "not_started"
    HUNG = "hung"


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


class Leftover(NamedTuple):
    """A process that outlived the script which it comes from, and its command line."""

    pid: int
    command: str


class Agent:
    """The test's side of an agent process. Leaving the ``with`` block ends the process.

    ``folder`` becomes home, temporary folder and place of the scripts' data. ``shell`` replaces the login shell.
    """

    def __init__(
        self,
        folder: Path,
        *,
        shell: str | None = None,
        environment: Mapping[str, str] | None = None,
        pipe_delay: float = 10.0,
    ) -> None:
        self.folder = folder
        self.pipe_delay = pipe_delay
        self._shell = shell
        self._sessions: set[int] = set()
        # A variable that is in the environment of every process that comes from this agent and of no other one.
        self._token = str(uuid4())
        home, temporary = folder / "home", folder / "tmp"
        for each in (home, temporary):
            each.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.coder.agent"],
            cwd=_CHECKOUT,
            env={
                "CODER_AGENT_URL": "https://coder.example.com",
                "HOME": str(home),
                "LANG": "C.UTF-8",
                "PATH": os.environ["PATH"],
                "TMPDIR": str(temporary),
                **(environment or {}),
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
        """Run the scripts that run on start and return their reports by address; see :meth:`_run` for the options."""
        return self._run([script for script in scripts if script.run_on_start], **options)

    def stop(self, scripts: Iterable[Script], **options: Any) -> dict[str, Report]:
        """Run the scripts that run on stop and return their reports by address; see :meth:`_run` for the options."""
        return self._run([script for script in scripts if script.run_on_stop], **options)

    def _run(
        self,
        scripts: Sequence[Script],
        *,
        workspace: str = "workspace",
        name: str = "main",
        seed: int = 0,
        environment: Mapping[str, str] | None = None,
        bound: float = 60.0,
    ) -> dict[str, Report]:
        """Run scripts to their end, started in an order that ``seed`` chooses.

        ``workspace`` and ``name`` are the workspace's and the agent's name, ``environment`` what coder_env and the
        agent's ``env`` set. What still runs after ``bound`` seconds is killed and reported as hung.
        """
        command = {
            "scripts": [asdict(script) for script in scripts],
            "workspace": workspace,
            "name": name,
            "seed": seed,
            "environment": dict(environment or {}),
            "bound": bound,
            "pipe_delay": self.pipe_delay,
            "shell": self._shell,
            "token": self._token,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        reports = [
            Report(
                **{
                    **each,
                    "status": Status(each["status"]),
                    "stdout": base64.b64decode(each["stdout"]),
                    "stderr": base64.b64decode(each["stderr"]),
                }
            )
            for each in json.loads(self._process.stdout.readline())
        ]
        self._sessions |= {report.pid for report in reports}
        return {report.address: report for report in reports}

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

    def end_leftovers(self) -> None:
        """Kill the processes that are left of all scripts so far."""
        for leftover in self.leftovers():
            os.kill(leftover.pid, signal.SIGKILL)

    def kill(self) -> None:
        """Kill the agent's process, and it alone, as running out of memory would."""
        self._process.kill()
        self.close()

    def close(self) -> None:
        """End the agent's process; scripts that it started live on."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _arguments(text: str, shell: str) -> list[str]:
    """Return the command that runs a script. Raises ValueError where the ``#!`` line can't be split."""
    trimmed = text.strip()
    if not trimmed.startswith("#!"):
        return [shell, "-c", text] if text else [shell, "-l"]
    interpreter, *arguments = shlex.split(trimmed.split("\n", 1)[0].strip().removeprefix("#!"))
    return [interpreter, *arguments, "-c", text]


def _login_shell() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_shell
    except KeyError:
        return os.environ["SHELL"]


def _environment(command: Mapping[str, Any], data: Path) -> dict[str, str]:
    """Return the environment of a script: later ones of the agent's layers replace earlier ones."""
    home = data / "coder-script-data"
    own = data / "coder-script-data" / str(uuid4())
    binaries = home / "bin"
    for folder in (home, binaries, own):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "USER": pwd.getpwuid(os.getuid()).pw_name,
        "SSH_CLIENT": "0.0.0.0 0 0",
        "SSH_CONNECTION": "0.0.0.0 0 0.0.0.0 0",
        "CODER": "true",
        "CODER_WORKSPACE_NAME": command["workspace"],
        "CODER_WORKSPACE_AGENT_NAME": command["name"],
        "GIT_SSH_COMMAND": f"{sys.executable} gitssh --",
        "CS_DISABLE_GETTING_STARTED_OVERRIDE": "true",
        **command["environment"],
        "CODER_AGENT_TOKEN": command["token"],
    }
    environment["PATH"] = f"{binaries}:{environment['PATH']}"
    environment["CODER_SCRIPT_DATA_DIR"] = str(own)
    environment["CODER_SCRIPT_BIN_DIR"] = str(binaries)
    return environment


@dataclass
class _Following:
    """Follows one script's process to its end."""

    process: subprocess.Popen[bytes]
    timeout: int
    pipe_delay: float
    hung: threading.Event

    def run(self) -> tuple[Status, int, bytes, bytes]:
        """Return how the script ended, its exit code and its output on both pipes."""
        process = self.process
        assert process.stdout is not None
        assert process.stderr is not None
        output = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
        began = time.monotonic()
        expires = began + self.timeout if self.timeout else None
        timed_out = False
        gives_up: float | None = None
        end = os.pidfd_open(process.pid)
        with selectors.DefaultSelector() as selector:
            for descriptor in (end, *output):
                selector.register(descriptor, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(0.1):
                    if key.fd == end:
                        process.wait()
                        selector.unregister(end)
                        gives_up = gives_up or time.monotonic() + self.pipe_delay
                    elif data := os.read(key.fd, 65536):
                        output[key.fd] += data
                    else:
                        selector.unregister(key.fd)
                now = time.monotonic()
                if expires is not None and now >= expires and process.returncode is None and not timed_out:
                    timed_out = True
                    gives_up = now + self.pipe_delay
                    os.killpg(process.pid, signal.SIGHUP)
                if (gives_up is not None and now >= gives_up) or self.hung.is_set():
                    break
            left_open = any(descriptor in selector.get_map() for descriptor in output)
        os.close(end)
        if process.returncode is None:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()
        stdout, stderr = map(bytes, output.values())
        return *self._verdict(timed_out, left_open), stdout, stderr

    def _verdict(self, timed_out: bool, left_open: bool) -> tuple[Status, int]:
        code = self.process.returncode
        if self.hung.is_set():
            return Status.HUNG, _UNKNOWN_EXIT
        if timed_out:
            return Status.TIMED_OUT, _UNKNOWN_EXIT
        if code != 0:
            return Status.EXIT_FAILURE, max(code, -1)
        if left_open:
            return Status.PIPES_LEFT_OPEN, _UNKNOWN_EXIT
        return Status.OK, 0


def _report(script: Script, command: Mapping[str, Any], hung: threading.Event, pids: set[int]) -> Report:
    environment = _environment(command, Path(os.environ["TMPDIR"]))
    started = time.time()
    try:
        arguments = _arguments(script.text, command["shell"] or _login_shell())
        interpreter = shutil.which(arguments[0])
        if interpreter is None:
            raise FileNotFoundError(f"exec: {arguments[0]!r}: executable file not found in $PATH")
        process = subprocess.Popen(
            arguments,
            executable=interpreter,
            cwd=os.environ["HOME"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as reason:
        ended = time.time()
        why = str(reason).encode()
        return Report(script.address, Status.NOT_STARTED, _UNKNOWN_EXIT, started, ended, 0, b"", why)
    pids.add(process.pid)
    status, code, stdout, stderr = _Following(process, script.timeout, command["pipe_delay"], hung).run()
    return Report(script.address, status, code, started, time.time(), process.pid, stdout, stderr)


def _run_phase(command: Mapping[str, Any]) -> list[Report]:
    chance = random.Random(command["seed"])
    scripts = [Script(**each) for each in command["scripts"]]
    chance.shuffle(scripts)
    reports: list[Report] = []
    hung = threading.Event()
    pids: set[int] = set()

    def run(script: Script, delay: float) -> None:
        time.sleep(delay)
        reports.append(_report(script, command, hung, pids))

    threads = [
        threading.Thread(target=run, args=(script, chance.random() * _STARTS_WITHIN), daemon=True) for script in scripts
    ]
    for thread in threads:
        thread.start()
    last = time.monotonic() + command["bound"]
    for thread in threads:
        thread.join(max(0.0, last - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        hung.set()
        for thread in threads:
            thread.join()
        for pid in pids:
            _kill_session(pid)
    return sorted(reports, key=lambda report: report.address)


def _kill_session(leader: int) -> None:
    """Kill every process of a session, also those in process groups of their own."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,sess="], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        pid, session = map(int, line.split())
        if session == leader:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue  # It ended after it was listed.


def _encoded(report: Report) -> dict[str, Any]:
    texts = {"stdout": report.stdout, "stderr": report.stderr}
    return {**asdict(report), **{name: base64.b64encode(text).decode() for name, text in texts.items()}}


def _main() -> None:
    for line in sys.stdin:
        answer = [_encoded(report) for report in _run_phase(json.loads(line))]
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
