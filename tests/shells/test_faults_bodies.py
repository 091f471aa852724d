"""Bodies that don't want to end, that leave others behind, or that say a lot."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from compiler.order.outcome import Outcome
from tests.shells.harness import SHELLS, Place, Process, Spec, shell_command, until, wrapped

A, B = "coder_script.a", "coder_script.b"
MODES = ("gate", "run")


def start(place: Place, mode: str, spec: Spec) -> Process:
    """Start the one unit of a place in gate mode or in a run."""
    return place.start() if mode == "run" else place.start(text=wrapped(A, spec))


def holders(stream: int) -> Iterator[str]:
    """Yield the names of the processes, but this one, that have the pipe open which this end of it belongs to."""
    pipe = f"pipe:[{os.fstat(stream).st_ino}]"
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.name != str(os.getpid()) and pipe in {os.readlink(each) for each in (process / "fd").iterdir()}:
                yield (process / "comm").read_text().strip()
        except OSError:
            continue  # It has ended meanwhile.


LEAVES = {
    "a child that keeps the pipes": "sleep 61 & : >up",
    "a daemon": "(setsid sh -c 'sleep 61 & : >up' &) ; until [ -e up ]; do sleep 0.05; done",
}


def program(pid: int) -> str:
    """Return the name of the program that a process runs, empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("left", LEAVES)
def test_a_unit_ends_with_its_own_process_and_nothing_of_ours_keeps_its_pipes(
    tmp_path: Path, shell: str, mode: str, left: str
) -> None:
    # A timeout and a mutex bring all the helpers along.
    spec = Spec(f"#!/bin/sh\n{LEAVES[left]}", timeout=50, mutexes=("apt",))
    with Place(tmp_path / "p", shell, {A: spec}) as place:
        process = start(place, mode, spec)
        # What it has left running lasts for longer.
        assert process.popen.wait(50) == 0
        assert place.outcomes() == {A: Outcome.SUCCEEDED}
        # A child of the body may be on its way from the shell that it was to the program that it becomes.
        until(lambda: [program(pid) for pid in place.processes()] == ["sleep"])
        for stream in (process.popen.stdout, process.popen.stderr):
            assert stream is not None
            assert set(holders(stream.fileno())) == ({"sleep"} if mode == "gate" else set())
        (sleeper,) = place.processes()
        assert Path(f"/proc/{sleeper}/comm").read_text() == "sleep\n"
        out = Path(os.readlink(f"/proc/{sleeper}/fd/1"))
        assert mode == "gate" or (out.name, out.parent.name) == ("1.log", "logs")
        assert place.leftovers() == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("whom", ["-$$", "$$"])
def test_a_killed_body_has_failed_and_its_dependents_follow(tmp_path: Path, shell: str, mode: str, whom: str) -> None:
    units = {
        A: Spec(f'#!/bin/sh\n[ "$$" -gt 1 ] && kill -KILL {whom}\necho no >>said'),
        B: Spec("#!/bin/sh\necho b >>said", [f"completion {A}"]),
        "coder_script.c": Spec("#!/bin/sh\necho no >>said", [f"success {A}"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        if mode == "run":
            assert place.run().code == 1
        else:
            running = [place.start(text=wrapped(address, spec)) for address, spec in units.items()]
            assert [process.wait().code for process in running] == [137, 0, 0]
        assert place.read("said") == "b\n"
        assert place.outcomes() == {A: Outcome.FAILED, B: Outcome.SUCCEEDED, "coder_script.c": Outcome.SKIPPED}
        assert [event.code for event in place.events() if event.address == A] == [None, 137]
        assert place.leftovers() == []


def test_a_body_that_ignores_the_signal_is_killed_ten_seconds_later(tmp_path: Path) -> None:
    """All shells and modes wait at the same time, for a timeout as for a signal."""
    # What is given to it as ignored it ignores from the first moment on.
    late = Spec("#!/bin/sh\nwhile :; do sleep 1; done", timeout=1)
    ignoring = ("sh", "-c", 'trap "" HUP; exec "$@"', "sh")
    stubborn = Spec("#!/bin/sh\ntrap '' TERM\n: >up\nwhile :; do sleep 1; done")
    with ExitStack() as stack:
        places: list[tuple[Place, str, Process]] = []
        for shell, mode, name in product(SHELLS, MODES, ("late", "stubborn")):
            spec = late if name == "late" else stubborn
            place = stack.enter_context(Place(tmp_path / f"{shell}-{mode}-{name}", shell, {A: spec}))
            place.prefix = ignoring if name == "late" else ()
            places.append((place, name, start(place, mode, spec)))
        for place, name, process in places:
            if name == "stubborn":
                until((place.work / "up").exists)
                process.send(signal.SIGTERM)
        for place, name, process in places:
            ran = process.wait()
            events = place.events()
            outcome = Outcome.TIMED_OUT if name == "late" else Outcome.CANCELED
            assert [event.outcome for event in events] == [Outcome.RUNNING, outcome], place.root
            assert events[-1].code == 128 + signal.SIGKILL
            assert events[-1].time - events[0].time > 9
            assert ran.code == {"late": 124, "stubborn": 143}[name] or (ran.code == 1 and "run-late" in place.root.name)
            assert place.leftovers() == []
            assert place.left() == []


@pytest.mark.parametrize("mode", MODES)
def test_a_lot_of_output_arrives_whole_and_in_order(tmp_path: Path, shell: str, mode: str) -> None:
    # 100 MB for one shell, 8 MB for the others.
    last = 12_500_000 if shell == "dash" else 1_200_000
    spec = Spec(f"#!/bin/sh\nseq 1 {last}")
    expected = digest(subprocess.Popen(["seq", "1", str(last)], stdout=subprocess.PIPE))
    with Place(tmp_path / "p", shell, {A: spec} if mode == "run" else {}) as place:
        words = [str(place.launcher)] if mode == "run" else ["-c", wrapped(A, spec)]
        command = shell_command(shell, *words)
        process = subprocess.Popen(command, cwd=place.work, env=place.environment(), stdout=subprocess.PIPE)
        if mode == "gate":
            assert digest(process) == expected
            return
        prefix = f"{A} | ".encode()
        seen = sha256()
        with process:
            for line in stdout_of(process):
                if line.startswith(prefix):
                    seen.update(line.removeprefix(prefix))
        assert process.returncode == 0
        (log,) = place.state.glob("*/start/logs/1.log")
        assert (seen.hexdigest(), sha256(log.read_bytes()).hexdigest()) == (expected, expected)


def stdout_of(process: subprocess.Popen[bytes]) -> BinaryIO:
    return cast(BinaryIO, process.stdout)


def digest(process: subprocess.Popen[bytes]) -> str:
    """Return the hash of what a process prints, which has to succeed."""
    seen = sha256()
    with process:
        while piece := stdout_of(process).read(1 << 20):
            seen.update(piece)
    assert process.returncode == 0
    return seen.hexdigest()
