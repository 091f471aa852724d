"""Limits of the system, tools that are missing, and a clock that runs on: each unit ends, and says what was wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from signal import SIGTERM

import pytest

from compiler.order.outcome import Outcome
from tests.shells.confined import Confined, needs_root
from tests.shells.harness import SHELLS, Place, Spec, shells_with, wrapped
from tests.shells.machine import endless
from tests.waiting import turns, until

A, B = "coder_script.a", "coder_script.b"
KEYED = 'coder_script.x["k"]'
PAIR = {
    A: Spec("#!/bin/sh\n: >up\nsleep 0.5", timeout=30, mutexes=("apt",)),
    B: Spec("#!/bin/sh\n: >after", [f"completion {A}"], gate_timeout=20),
}
MODES = ("gate", "run")
TOOLS = "sh env printf mkdir mkfifo rm sleep date ls id cat base64 openssl awk tail wc setsid perl ps tr find true"


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder that every user may pass through."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


def is_quiet(place: Place) -> bool:
    return not place.processes()


def limited(folder: Path, shell: str, mode: str, option: str, limits: Sequence[int]) -> Iterator[tuple[Place, int]]:
    """Run units under each of the limits, at the same time, by users that nobody else is, and yield how they ended."""
    started = []
    for limit in limits:
        place = Place(folder / f"{mode}-{limit}", shell, PAIR if mode == "run" else {})
        # The limit of processes counts all that a user has.
        user = 1_000_000 + os.getpid() * 100 + limit
        for each in (place.root, place.work):
            os.chown(each, user, user)
        place.prefix = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups")
        place.prefix += ("prlimit", f"--{option}={limit}:{limit}", "--")
        started.append((place, place.start() if mode == "run" else place.start(text=wrapped(A, PAIR[A]))))
    for place, process in started:
        with place:
            ran = process.wait()
            assert ran.code == 0 or ran.stderr or option == "nofile", ran
            assert ran.code != 0 or (place.work / "up").exists()
            assert place.outcomes().get(A) in ({Outcome.SUCCEEDED, None} if ran.code == 0 else {Outcome.FAILED, None})
            is_over = [
                path for path in place.state.glob("*/start/outcomes/*") if path.suffix in (".succeeded", ".failed")
            ]
            assert is_over or not (place.work / "after").exists()
            until(partial(is_quiet, place))
            yield place, ran.code


@needs_root
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shell", ["busybox", "dash"])
def test_too_many_processes_fail_the_unit_and_nothing_hangs(open_path: Path, shell: str, mode: str) -> None:
    """bash and mksh try each fork again for up to half a minute; zsh then leaves without its traps."""
    codes = [code for _, code in limited(open_path, shell, mode, "nproc", range(1, 6))]
    assert codes[0] != 0


@needs_root
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shell", ["busybox", "dash"])
def test_who_can_not_count_the_time_any_more_does_not_wait_for_ever(open_path: Path, shell: str, mode: str) -> None:
    units = {A: Spec("#!/bin/sh\n: >up\nexec tail -f /dev/null")}
    waits = wrapped(A, Spec("true", ["success coder_script.never"]))
    user = 1_000_000 + os.getpid() * 100 + 99
    with Place(open_path / "p", shell, units if mode == "run" else {}) as place:
        for each in (place.root, place.work):
            os.chown(each, user, user)
        place.prefix = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--")
        process = place.start() if mode == "run" else place.start(text=waits)
        if mode == "run":
            until((place.work / "up").exists)
        # Between two sleeps it has none.
        counter = next(nap for _ in turns(50) for nap in naps(process.pid))
        subprocess.run([*place.prefix, "prlimit", f"--pid={counter}", "--nproc=1:1"], check=True)
        ran = process.wait(50)
        assert ran.code == (1 if mode == "run" else 125)
        assert "unitc: no process can be started.\n" in ran.stderr
        assert place.outcomes() == {A: Outcome.FAILED}
        until(partial(is_quiet, place))


def naps(shell: int) -> list[int]:
    """Return the children of a shell that are shells themselves and wait for a child called sleep."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
            parents[int(status.parent.name)] = (int(fields["PPid"]), fields["Name"])
    asleep = {parent for parent, name in parents.values() if name == "sleep"}
    return [pid for pid, (parent, _) in parents.items() if parent == shell and pid in asleep]


@needs_root
@pytest.mark.parametrize("mode", MODES)
def test_too_few_open_files_fail_the_unit_and_nothing_hangs(open_path: Path, shell: str, mode: str) -> None:
    """With very few of them a shell can't even say so."""
    codes = [code for _, code in limited(open_path, shell, mode, "nofile", range(5, 21))]
    assert codes[0] != 0
    assert codes[-1] == 0


@needs_root
@pytest.mark.parametrize("mode", MODES)
def test_a_limit_on_the_size_of_files_spares_the_outcome(open_path: Path, shell: str, mode: str) -> None:
    ((place, code),) = limited(open_path, shell, mode, "fsize", [0])
    assert code == 0
    assert list(place.state.glob("*/start/outcomes/*.succeeded"))


def tools(folder: Path, *missing: str) -> str:
    """Make a folder of all tools but some, and return it as a PATH."""
    folder.mkdir()
    shells = {words[0] for words in SHELLS.values()}
    for name in {*TOOLS.split(), *shells} - {*missing}:
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    return str(folder)


@pytest.mark.parametrize(
    ("shell", "missing"),
    shells_with([("base64",), ("base64", "openssl"), ("setsid",), ("setsid", "perl"), ("env",)]),
)
def test_a_tool_with_a_fallback_is_not_missed(tmp_path: Path, shell: str, missing: tuple[str, ...]) -> None:
    # What a body starts while its processes are being listed would be missed without a group.
    units = {A: Spec("#!/bin/sh\nsleep 60 &\n: >up\nwait"), B: Spec("#!/bin/sh\nprintf 'b\\n' >>order")}
    # Whoever doesn't hear of the signal would be killed after such a sleep.
    path = endless(tmp_path / "sleeps", 10, path=tools(tmp_path / "bin", *missing))
    with Place(tmp_path / "p", shell, units) as place:
        ran = place.run("--only", B, PATH=path)
        assert (ran.code, ran.stderr) == (0, "")
        ran = place.run(text=wrapped(B, units[B]), PATH=path)
        assert (ran.code, ran.stderr) == (0, "")
        assert place.read("order") == "b\nb\n"
        process = place.start(text=wrapped(A, units[A]), PATH=path)
        until((place.work / "up").exists)
        process.send(SIGTERM)
        assert process.wait().code == 128 + SIGTERM
        until(lambda: not place.processes())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("missing", "address"), [("mkfifo", A), ("date", A), ("awk", KEYED)])
def test_a_tool_without_a_fallback_is_named(tmp_path: Path, shell: str, mode: str, missing: str, address: str) -> None:
    unit = Spec("#!/bin/sh\n: >up")
    path = tools(tmp_path / "bin", missing)
    with Place(tmp_path / "p", shell, {address: unit} if mode == "run" else {}) as place:
        ran = place.run(PATH=path) if mode == "run" else place.run(text=wrapped(address, unit), PATH=path)
        assert ran.code == (1 if mode == "run" else 125)
        assert f"unitc: the command {missing} is missing.\n" in ran.stderr
        assert place.read("up") == ""
        assert place.leftovers() == []


def test_a_folder_without_fifos_fails_the_unit_and_its_dependents_follow(tmp_path: Path, shell: str) -> None:
    path = tools(tmp_path / "bin", "mkfifo")
    (tmp_path / "bin" / "mkfifo").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin" / "mkfifo").chmod(0o755)
    with Place(tmp_path / "p", shell, PAIR) as place:
        ran = place.run(text=wrapped(A, PAIR[A]), PATH=path, UNITC_SESSION="s")
        assert ran.code == 125
        assert "unitc: no FIFO can be made in /" in ran.stderr
        assert place.run(text=wrapped(B, PAIR[B]), UNITC_SESSION="s").code == 0
        assert place.outcomes() == {A: Outcome.FAILED, B: Outcome.SUCCEEDED}
        ran = place.run(PATH=path)
        assert ran.code == 1
        assert "unitc: no FIFO can be made in /" in ran.stderr
        assert not (place.work / "up").exists()


@needs_root
def test_who_waits_says_each_half_minute_for_what(tmp_path: Path, shell: str) -> None:
    (tmp_path / "bin").mkdir()
    sleep = tmp_path / "bin" / "sleep"
    sleep.write_text(f"#!/bin/sh\nexec {shutil.which('sleep')} 0.05\n")
    sleep.chmod(0o755)
    unit = Spec("true", ["success coder_script.never", 'start coder_script.x["a b"]'])
    lines = []
    with Confined(tmp_path / "p", shell) as place:

        def set_clock(now: int) -> None:
            # A file that changes while a shell reads it could be neither the old nor the new one.
            (tmp_path / str(now)).write_text(f"{now}.00 1.0\n")
            place.do(f"mount --bind {tmp_path}/{now} /proc/uptime")

        set_clock(100_000)
        process = place.start(text=wrapped(A, unit), PATH=f"{sleep.parent}:{os.environ['PATH']}")
        assert process.popen.stderr is not None
        lines.append(process.popen.stderr.readline())
        # Once the time is counted it has looked at the clock.
        until(lambda: naps(process.pid))
        for now in (100_010, 100_031, 100_040, 100_062):
            set_clock(now)
            if now in (100_031, 100_062):
                lines.append(process.popen.stderr.readline())
        process.send(SIGTERM)
        lines += process.wait().stderr.splitlines(keepends=True)
    what = 'unitc: waiting for coder_script.never and coder_script.x["a b"]\n'
    assert lines == [
        what,
        what,
        what,
        f"unitc: {A} canceled: it was sent SIGTERM.\n",
    ]
