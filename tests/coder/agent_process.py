"""The process of the agent of :mod:`tests.coder.agent`: reads one command a line, and answers each with one line."""

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
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from tests.coder.agent import Report, Status
from tests.coder.kinds import cron_fields_fit
from tests.coder.terraform import Script

_UNKNOWN_EXIT: Final = 255
_STARTS_WITHIN: Final = 0.02  # Seconds, over which the starts of the scripts are spread by chance.


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


@dataclass
class _Round:
    """Scripts that were started at once, and what is known of them so far."""

    command: Mapping[str, Any]
    hung: threading.Event = field(default_factory=threading.Event)
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    tried: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    reports: list[Report] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, scripts: Iterable[Script], chance: random.Random) -> None:
        """Start the scripts, in an order that chance chooses."""
        shuffled = list(scripts)
        chance.shuffle(shuffled)
        for script in shuffled:
            delay = chance.random() * _STARTS_WITHIN
            self.threads.append(threading.Thread(target=self._follow, args=(script, delay), daemon=True))
        for thread in self.threads:
            thread.start()

    def _follow(self, script: Script, delay: float) -> None:
        time.sleep(delay)
        self.reports.append(self._report(script))

    def _report(self, script: Script) -> Report:
        command = self.command
        started = time.time()
        try:
            environment = _environment(command, Path(os.environ["TMPDIR"]))
            arguments = _arguments(script.text, _login_shell())
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
            self.running[process.pid] = process
        except (OSError, ValueError) as reason:
            ended = time.time()
            why = str(reason).encode()
            return Report(script.address, Status.NOT_STARTED, _UNKNOWN_EXIT, started, ended, 0, b"", why)
        finally:
            self.tried.release()
        following = _Following(process, script.timeout, command["pipe_delay"], self.hung)
        status, code, stdout, stderr = following.run()
        return Report(script.address, status, code, started, time.time(), process.pid, stdout, stderr)

    def hang_up(self) -> None:
        """Send SIGHUP to the process group of each script that still runs, once all of them were started.

        A script may have asked for the end of the workspace before it is known here.
        """
        for _ in self.threads:
            self.tried.acquire()
        for pid, process in tuple(self.running.items()):
            if process.returncode is None:
                _signal_group(pid, signal.SIGHUP)

    def join(self, last: float) -> None:
        """Wait for all scripts; what still runs when the clock says ``last`` is killed and counts as hung."""
        for thread in self.threads:
            thread.join(max(0.0, last - time.monotonic()))
        if any(thread.is_alive() for thread in self.threads):
            self.hung.set()
            for thread in self.threads:
                thread.join()
            for pid in self.running:
                _kill_session(pid)

    @property
    def alive(self) -> bool:
        """Whether one of the scripts hasn't ended."""
        return any(thread.is_alive() for thread in self.threads)

    @property
    def answer(self) -> list[dict[str, Any]]:
        """What is reported of the scripts, by address."""
        return [_encoded(report) for report in sorted(self.reports, key=lambda report: report.address)]


def _signal_group(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return  # It has ended meanwhile.


def _parses(cron: str) -> bool:
    """Return whether the agent's parser takes a schedule: fields only, the last one optional; no descriptors."""
    fields = cron.partition(" ")[2] if cron.startswith(("TZ=", "CRON_TZ=")) else cron
    return not fields.strip().startswith("@") and cron_fields_fit(fields)


def _refused(command: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the reports where the agent refuses its manifest, none of whose scripts then runs, else None."""
    scripts = [Script(**each) for each in command["manifest"]]
    wrong = next((script for script in scripts if script.cron and not _parses(script.cron)), None)
    if wrong is None:
        return None
    now = time.time()
    why = f"init script runner: parse cron {wrong.cron!r}".encode()
    reports = (Report(each.address, Status.REFUSED, _UNKNOWN_EXIT, now, now, 0, b"", why) for each in scripts)
    return [_encoded(report) for report in sorted(reports, key=lambda report: report.address)]


def _run_phase(command: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Run the scripts of one phase to their end."""
    refused = _refused(command)
    if refused is not None:
        return refused
    phase = _Round(command)
    phase.begin((Script(**each) for each in command["scripts"]), random.Random(command["seed"]))
    phase.join(time.monotonic() + command["bound"])
    return phase.answer


def _live(command: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
    """Run the scripts of a whole life; return the reports of its start, of each tick, and of its stop."""
    refused = _refused(command)
    if refused is not None:
        return [refused]
    scripts = [Script(**each) for each in command["manifest"]]
    chance = random.Random(command["seed"])
    last = time.monotonic() + command["bound"]
    start, stop = _Round(command), _Round(command)
    start.begin((script for script in scripts if script.run_on_start), chance)
    closed_by = None if command["closed_by"] is None else Path(command["closed_by"])
    while start.alive and time.monotonic() < last and not (closed_by is not None and closed_by.exists()):
        time.sleep(0.01)
    ticks: list[_Round] = []
    if not start.alive:
        # The schedule is entered once the last start script has ended.
        for _ in range(command["ticks"]):
            ticks.append(_Round(command))
            ticks[-1].begin((script for script in scripts if script.cron), chance)
            ticks[-1].join(last)
    start.hang_up()
    stop.begin((script for script in scripts if script.run_on_stop), chance)
    stop.join(last)
    start.join(last)
    return [start.answer, *(tick.answer for tick in ticks), stop.answer]


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
        command = json.loads(line)
        answer = _live(command) if command["life"] else [_run_phase(command)]
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
