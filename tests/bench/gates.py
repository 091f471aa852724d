"""What waiting in gate mode costs: time from an outcome to the body that waited for it, and memory."""

from __future__ import annotations

import ctypes
import os
import signal
import statistics
import struct
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.shells.harness import Place, Process, Spec, reset_environment, until, wrapped

__all__ = ["gate_latencies", "poll_latencies", "ready_latencies", "supervisor_memory", "waiter_memory"]

_CREATED: Final = 0x100  # IN_CREATE, inotify(7)
_HEAD: Final = struct.Struct("iIII")


class _Watch:
    """Notes when files appear in folders, by the same clock for all of them: inotify(7), which Python doesn't wrap."""

    def __init__(self, *folders: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.inotify_init1(os.O_CLOEXEC)
        for folder in folders:
            if self._libc.inotify_add_watch(self._fd, os.fsencode(folder), _CREATED) < 0:
                raise OSError(ctypes.get_errno(), "inotify_add_watch", str(folder))

    def until(self, last: str) -> Mapping[str, float]:
        """Return the time at which each file appeared, in seconds, when the last one has."""
        seen: dict[str, float] = {}
        while last not in seen:
            data = os.read(self._fd, 1 << 16)
            now = time.perf_counter()
            while data:
                length = _HEAD.unpack_from(data)[3]
                name = data[_HEAD.size : _HEAD.size + length].rstrip(b"\0").decode()
                seen.setdefault(name, now)
                data = data[_HEAD.size + length :]
        os.close(self._fd)
        return seen


def _name(number: int) -> str:
    return f"coder_script.u{number}"


def gate_latencies(shell: str, folder: Path, count: int) -> list[float]:
    """Return the seconds between published end and start of the next body, ``count`` of them, in a chain of scripts.

    All scripts but the first wait before the first is started. The outcome is published by a file, and a body makes
    one as its first act.
    """
    with Place(folder, shell) as place:

        def start(number: int) -> Process:
            gates = [f"success {_name(number - 1)}"] if number else []
            return place.start(text=wrapped(_name(number), Spec(f"#!/bin/sh\n: >started.{number}", gates)))

        waiting = [start(number) for number in range(count, 0, -1)]
        until(lambda: len(list(place.state.glob("*/start/outcomes/*.waiter.*"))) == count)
        time.sleep(0.3)  # The last of them is on its way from its file to its sleep.
        watch = _Watch(next(place.state.glob("*/start/outcomes")), place.work)
        first = start(0)
        seen = watch.until(f"+{_name(count)}.succeeded")
        for process in (first, *waiting):
            ran = process.wait()
            assert ran.code == 0, ran
        return [seen[f"started.{number}"] - seen[f"+{_name(number - 1)}.succeeded"] for number in range(1, count + 1)]


def ready_latencies(shell: str, folder: Path, count: int) -> list[float]:
    """Return the seconds between a probe's yes and the first act of the body that waited for it, in so many runs."""
    server, client = _name(0), _name(1)
    units = {
        server: Spec("#!/bin/sh\nuntil [ -e started ]; do sleep 0.1; done", says={"PROBE": ": >yes"}),
        client: Spec("#!/bin/sh\n: >started", [f"ready {server}"]),
    }
    found = []
    for number in range(count):
        with Place(folder / str(number), shell, units) as place:
            watch = _Watch(place.work)
            process = place.start("run")
            seen = watch.until("started")
            found.append(seen["started"] - seen["yes"])
            ran = process.wait()
            assert ran.code == 0, ran
    return found


def poll_latencies(folder: Path, count: int) -> list[float]:
    """Return the same of ``count`` pairs where the waiting one looks once a second, as ``coder exp sync`` does."""
    folder.mkdir()
    script = "until [ -e done.$1 ]; do sleep 1; done; : >started.$1"
    waiting = []
    for number in range(count):
        waiting.append(
            subprocess.Popen(["dash", "-c", script, "dash", str(number)], cwd=folder, env=reset_environment())
        )
        time.sleep(1 / count)  # So that they look at different moments.
    watch = _Watch(folder)
    # The last of all to appear is known only when all have; one more file ends the watch.
    for number in range(count):
        (folder / f"done.{number}").touch()
    finisher = subprocess.Popen(["dash", "-c", "sleep 1.3; : >over"], cwd=folder, env=reset_environment())
    seen = watch.until("over")
    for process in (*waiting, finisher):
        process.wait()
    return [seen[f"started.{number}"] - seen[f"done.{number}"] for number in range(count)]


# --- memory


def _pss(pid: int) -> int:
    """Return the proportional set size of a process in KiB, proc(5); 0 where it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


def _rss(pid: int) -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS:"))


def _end(*processes: Process) -> None:
    for process in processes:
        process.send(signal.SIGTERM)
    for process in processes:
        process.wait()


def supervisor_memory(shell: str, folder: Path, waiting: int) -> tuple[int, int]:
    """Return RSS of a supervisor, and PSS of all processes of the run, in KiB, while so many units wait for one."""
    specs = {_name(0): Spec("#!/bin/sh\n: >started\nexec sleep 60")}
    specs |= {_name(number): Spec("#!/bin/sh\ntrue", [f"success {_name(0)}"]) for number in range(1, waiting + 1)}
    with Place(folder, shell, specs) as place:
        process = place.start("run")
        until((place.work / "started").exists)
        time.sleep(0.5)
        memory = _rss(process.pid), sum(map(_pss, place.processes()))
        _end(process)
        return memory


def waiter_memory(shell: str, folder: Path, count: int) -> tuple[float, float]:
    """Return RSS of a wrapped script that waits, and PSS of it with its helpers, in KiB, where so many wait."""
    with Place(folder, shell) as place:
        gates = ["success coder_script.other"]
        processes = [place.start(text=wrapped(_name(number), Spec("true", gates))) for number in range(count)]
        until(lambda: len(list(place.state.glob("*/start/outcomes/*.waiter.*"))) == count)
        time.sleep(0.5)
        rss = statistics.median(_rss(process.pid) for process in processes)
        pss = sum(map(_pss, place.processes())) / count
        _end(*processes)
        return rss, pss
