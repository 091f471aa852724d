"""What real scripts and runs do is a path of the model, process by process, so that the model is of them."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from compiler.order.outcome import Outcome
from tests.shells.harness import Place, Process, Spec, launcher_of, until, wrapped
from tests.shells.machine import tools_without
from tests.shells.roles import gate_mode
from tests.shells.steps import Unit
from tests.shells.supervising import supervised
from tests.shells.traces import strays, traced

A, B, C = "coder_script.a", "coder_script.b", "coder_script.c"
SERVES = ": >up; until grep -q ready ../state/*/start/events.tsv; do sleep 0.02; done"
ONCE_MORE = "[ -e tried ] || { : >tried; exit 1; }"
RICH = {
    A: Spec(
        f"{SERVES}; {ONCE_MORE}", mutexes=("apt",), says={"PROBE": "test -e up", "RETRIES": "1", "RETRY_DELAY": "0"}
    ),
    B: Spec("true", [f"ready {A}"], mutexes=("apt",), says={"UNLESS": "false", "NOTIFY": "1"}),
    C: Spec("exit 3", [f"success {A}", f"completion {B}"]),
}
MODEL = {
    "a": Unit(mutex=True, ready="probe", attempts=2),
    "b": Unit((("ready", "a"),), mutex=True, unless=True, ready="notify"),
    "c": Unit((("success", "a"), ("completion", "b")), ends="failed"),
}
PLAIN = {"a": Unit(), "b": Unit((("completion", "a"),))}


def names(*units: str) -> dict[str, str]:
    """Return the units of a model by what they are called in files and events."""
    spelled = {address: address.removeprefix("coder_script.") for address in units}
    numbered = {str(number): unit for number, unit in enumerate(spelled.values(), 1)}
    return {**spelled, **{f"+{address}": unit for address, unit in spelled.items()}, **numbered}


def trace_of(place: Place) -> str:
    """Return the trace of a place by now, without a line that is being written."""
    trace = place.root / "trace"
    return trace.read_text("utf-8").rpartition("\n")[0] + "\n" if trace.exists() else ""


def roles_of(trace: str) -> dict[str, int]:
    """Return the processes of a trace by their roles, of which each has one."""
    rows = [line.split() for line in trace.splitlines() if " role " in line]
    return {" ".join([row[2], *(name.rpartition(".")[2] for name in row[3:])]): int(row[0]) for row in rows}


def test_scripts_do_what_the_model_of_gate_mode_does(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell) as place:
        running = [place.start(text=traced(wrapped(address, spec))) for address, spec in RICH.items()]
        assert [process.wait().code for process in running] == [0, 0, 3]
        trace = trace_of(place)
        assert {"shell", "sentinel", "body", "watch"} == {role.partition(" ")[0] for role in roles_of(trace)}
        assert list(strays(trace, gate_mode(MODEL), names(*RICH))) == []


@pytest.mark.parametrize(
    ("killed", "waits", "settlers"),
    [
        (["shell a"], False, {"sentinel a"}),
        # Where the sentinel stands still for a tick, the one who waits is faster.
        (["shell a"], True, {"sentinel a", "shell b"}),
        (["sentinel a", "shell a"], True, {"shell b"}),
    ],
)
def test_who_outlives_a_dead_script_does_what_the_model_does(
    tmp_path: Path, shell: str, killed: list[str], waits: bool, settlers: set[str]
) -> None:
    specs = {A: Spec("sleep 60"), B: Spec("true", [f"completion {A}"])}
    with Place(tmp_path / "p", shell) as place:
        first, *others = [place.start(text=traced(wrapped(each, specs[each]))) for each in (A, B)[: 1 + waits]]
        needed = {"shell a", *killed, *settlers}
        until(lambda: (A, Outcome.RUNNING) in place.happened() and needed <= roles_of(trace_of(place)).keys())
        until(lambda: not waits or ".waiter." in trace_of(place))
        roles = roles_of(trace_of(place))
        for role in killed:
            os.kill(roles[role], signal.SIGKILL)
        assert first.wait().code == -signal.SIGKILL
        assert [process.wait().code for process in others] == [0] * waits
        until(lambda: place.outcomes().get(A) is Outcome.FAILED)
        trace = trace_of(place)
        settled = re.search(r"^(\d+) make 0 \S+\.buried\.1$", trace, re.MULTILINE)
        assert settled, trace
        assert int(settled[1]) in {roles[role] for role in settlers}
        assert list(strays(trace, gate_mode(PLAIN, 1), names(*specs))) == []


JOBS = {
    A: Spec(SERVES, says={"PROBE": "test -e up"}),
    B: Spec("exit 3", [f"ready {A}"]),
    C: Spec("true", [f"success {A}", f"failure {B}"]),
}
MIXED = {
    "a": Unit(ready="probe"),
    "b": Unit((("ready", "a"),), ends="failed"),
    "c": Unit((("success", "a"), ("failure", "b"))),
}


def start_traced(place: Place, units: Mapping[str, Spec]) -> Process:
    """Start a run that leaves a trace."""
    place.launcher.write_text(traced(launcher_of(units)), "utf-8")
    return place.start()


def test_a_run_does_what_the_model_of_the_supervisor_does(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell, path=tools_without("perl")) as place:
        assert start_traced(place, JOBS).wait().code == 1
        trace = trace_of(place)
        expected = {"supervisor", "guard", "job", "body", "shell", "sentinel", "watch"}
        assert expected == {role.partition(" ")[0] for role in roles_of(trace)}
        assert list(strays(trace, supervised(MIXED), names(*JOBS))) == []


@pytest.mark.parametrize("late", [False, True], ids=["", "late"])
def test_who_outlives_a_dead_supervisor_does_what_the_model_does(tmp_path: Path, shell: str, late: bool) -> None:
    units = {A: Spec("sleep 60", says={"UNLESS": "false"}), B: Spec(": >up; sleep 60", [f"start {A}"])}
    model = {"a": Unit(unless=True), "b": Unit((("start", "a"),))}
    with Place(tmp_path / "p", shell, path=tools_without("perl")) as place:
        process = start_traced(place, units)
        until(lambda: (place.work / "up").exists() and " role sentinel " in trace_of(place))
        trace = trace_of(place)
        guard, (sentinel,) = roles_of(trace)["guard"], re.findall(r"^(\d+) role sentinel ", trace, re.MULTILINE)
        if late:
            os.kill(int(sentinel), signal.SIGSTOP)
        process.send(signal.SIGKILL)
        until(lambda: place.outcomes() == {A: Outcome.FAILED, B: Outcome.FAILED})
        if late:
            # The guard has settled the unit and is gone, so the sentinel takes it over from the dead, and finds it so.
            until(lambda: guard not in place.processes())
            os.kill(int(sentinel), signal.SIGCONT)
        until(lambda: not place.processes())
        trace = trace_of(place)
        assert f"{guard} make 0 " in trace
        assert not late or re.search(rf"^{sentinel} make 0 \S+/1\.buried\.2$", trace, re.MULTILINE)
        assert list(strays(trace, supervised(model, 1), names(*units))) == []


def test_what_is_no_path_of_the_model_is_found(tmp_path: Path) -> None:
    with Place(tmp_path / "p", "dash") as place:
        place.start(text=traced(wrapped(A, Spec("true", mutexes=("apt",))))).wait()
        trace = trace_of(place)
    lines = [line for line in trace.splitlines() if "role" not in line and ("make" in line or "event" in line)]
    machine, units = gate_mode({"a": Unit(mutex=True)}), names(A)
    assert list(strays(trace, machine, units)) == []
    for line in lines:
        if not line.endswith((".claim", "succeeded", "running")):
            continue
        assert list(strays(trace.replace(f"{line}\n", "", 1), machine, units)), line
        assert list(strays(trace.replace(f"{line}\n", f"{line}\n{line}\n", 1), machine, units)), line
