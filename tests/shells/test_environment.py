"""What the environment and the options of the caller hold doesn't change what a launcher or a wrapped script does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from signal import SIGINT, SIGTERM, Signals

import pytest

from compiler.launcher.runtime import gate_runtime
from compiler.order.outcome import Outcome
from tests.shells.harness import Place, Spec, launcher_of, shell_command, until, wrapped

A, B, C = "coder_script.a", "coder_script.b", "coder_script.c"
UNITS = {
    A: Spec("#!/bin/sh\nsleep 0.2; echo a >>order"),
    B: Spec("#!/bin/sh\necho b >>order", [f"success {A}"], timeout=50, mutexes=("m",)),
    C: Spec("#!/bin/sh\necho c >>order", [f"success {B}"], gate_timeout=50, mutexes=("m",)),
}
MEANT = {"UNITC_DISABLE", "UNITC_STATE_DIR", "UNITC_SESSION"}
FUNCTIONS = ("read", "printf", "test", "echo", "kill", "wait", "command", "local")
BASH = [
    {"SHELLOPTS": "errexit:nounset:noclobber:allexport"},
    {"BASHOPTS": "failglob:nocasematch"},
    {"GLOBIGNORE": "*:/*/*"},
    {"TMOUT": "1", "FUNCNEST": "1"},
    {f"BASH_FUNC_{name}%%": "() {  echo poisoned\n}" for name in FUNCTIONS},
]


def names() -> set[str]:
    """Return every variable that the text of the runtime names, those with numbers behind them with some of these."""
    text = gate_runtime() + launcher_of(UNITS)
    found = set(re.findall(r"\bu_\w*[a-z]|\bUNITC_[A-Z_0-9]*[A-Z0-9]\b", text))
    ends = set(re.findall(r"\b(u_\w*?_?)\$(?:u_|[0-9])", text)) | {"u_n", "u_c", "u_b", "u_f", "u_r", "u_d", "u_p"}
    return (found | {f"{name}{number}" for name in ends for number in (1, 2, 3)}) - MEANT


def run_both(place: Place, **changes: str) -> None:
    """Run the units in both modes, and hold that they succeed in their order."""
    scripts = [place.start(text=wrapped(address, UNITS[address]), **changes) for address in (C, B, A)]
    for script in scripts:
        ran = script.wait(50)
        assert (ran.code, ran.told) == (0, "")
    assert place.read("order").split() == ["a", "b", "c"]
    ran = place.run(**changes)
    assert (ran.code, ran.stderr) == (0, "")
    assert place.read("order").split() == ["a", "b", "c"] * 2
    assert set(place.outcomes().values()) == {Outcome.SUCCEEDED}


@pytest.mark.parametrize("value", ["gone", "0", "77", ""])
def test_no_variable_of_the_runtime_comes_from_outside(tmp_path: Path, shell: str, value: str) -> None:
    poison = dict.fromkeys(names(), value)
    assert {"u_holder_1", "u_missing_1", "u_timeout_1", "UNITC_TIMEOUT", "UNITC_MUTEXES"} <= set(poison)
    with Place(tmp_path / "p", shell, UNITS) as place:
        run_both(place, **poison)
        status = place.run("status", **poison)
        assert (status.code, status.stderr) == (0, "")
        assert "start phase: 3 succeeded" in status.stdout


@pytest.mark.parametrize("changes", BASH, ids=lambda changes: next(iter(changes)))
@pytest.mark.parametrize("shell", ["bash", "bash-posix", "zsh"])
def test_what_a_shell_would_heed_of_its_environment_reaches_the_body_alone(
    tmp_path: Path, shell: str, changes: Mapping[str, str]
) -> None:
    with Place(tmp_path / "p", shell, UNITS) as place:
        run_both(place, **changes)
        show = f"import json, os; print(json.dumps({{n: os.environ.get(n) for n in {sorted(changes)!r}}}))"
        unit = Spec(f"#!{sys.executable} -S\n{show}", timeout=50)
        place.launcher.write_text(launcher_of({A: unit}))
        for ran in (place.run(text=wrapped(A, unit), UNITC_SESSION="q", **changes), place.run(**changes)):
            given = json.loads(ran.stdout.splitlines()[0].removeprefix(f"{A} | "))
            for name, value in changes.items():
                assert set(value.split(":")) <= set((given[name] or "").split(":")) or given[name] == value, given


def test_bash_takes_no_function_for_a_special_built_in(tmp_path: Path) -> None:
    functions = {
        f"BASH_FUNC_{name}%%": "() {  echo poisoned\n}"
        for name in ("[", "exec", "exit", "set", "trap", "unset", "eval")
    }
    with Place(tmp_path / "p", "bash", UNITS) as place:
        run_both(place, **functions)


@pytest.mark.parametrize("options", ["-eu", "-euC", "-a", "-f", "-m"])
def test_options_of_the_command_line_change_nothing(tmp_path: Path, shell: str, options: str) -> None:
    with Place(tmp_path / "p", shell, UNITS) as place:
        words = shell_command(shell, options, str(place.launcher))
        ran = subprocess.run(
            words, cwd=place.work, env=place.environment(), capture_output=True, text=True, timeout=60, check=False
        )
        assert ran.returncode == 0
        # Without a terminal some shells say by themselves that they can't do what -m asks for.
        assert options == "-m" or ran.stderr == ""
        assert place.read("order").split() == ["a", "b", "c"]


def test_zsh_needs_no_option(tmp_path: Path) -> None:
    with Place(tmp_path / "p", "zsh", UNITS) as place:
        ran = subprocess.run(
            ["zsh", str(place.launcher)],
            cwd=place.work,
            env=place.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        assert place.read("order").split() == ["a", "b", "c"]


@pytest.mark.parametrize("way", ["wrapped", "exec", "command"])
def test_disabled_scripts_run_at_once_and_say_so(tmp_path: Path, shell: str, way: str) -> None:
    unit = Spec("#!/bin/sh\necho it''s >>order; exit 4", ["success coder_script.never"], mutexes=("m",))
    with Place(tmp_path / "p", shell, {A: unit, "coder_script.never": Spec()}) as place:
        if way == "wrapped":
            ran = place.run(text=wrapped(A, unit), UNITC_DISABLE="1")
        elif way == "exec":
            ran = place.run("exec", A, UNITC_DISABLE="1")
        else:
            ran = place.run("exec", A, "--", "sh", "-c", "echo its >>order; exit 4", UNITC_DISABLE="1")
        said = f"unitc: UNITC_DISABLE is set: {A} runs at once, without its gates, mutexes and timeouts.\n"
        assert (ran.code, ran.stdout, ran.stderr) == (4, "", said)
        assert place.read("order") == "its\n"
        assert not place.state.exists()


@pytest.mark.parametrize("number", [SIGINT, SIGTERM])
def test_a_signal_reaches_the_bodies_behind_units_that_wait(tmp_path: Path, shell: str, number: Signals) -> None:
    heeds = "#!/bin/sh\ntrap 'echo heard >>said; exit 0' INT TERM; : >up.{}; while :; do sleep 0.1; done"
    units = {
        "coder_script.a": Spec(heeds.format(1)),
        "coder_script.m": Spec("true", ["success coder_script.a"]),
        "coder_script.z": Spec(heeds.format(2)),
    }
    with Place(tmp_path / "p", shell, units) as place:
        process = place.start()
        until(lambda: len(list(place.work.glob("up.*"))) == 2)
        process.send(number)
        assert process.wait().code == 128 + number
        assert place.read("said").split() == ["heard", "heard"]


HOLDS = {
    "blocked": "signal.pthread_sigmask(signal.SIG_BLOCK, set(range(1, 32)) - {signal.SIGCHLD})",
    "ignored": "[signal.signal(each, signal.SIG_IGN) for each in range(1, 32) if each not in (9, 19)]",
    "childless": "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})",
}


def held(how: str) -> tuple[str, ...]:
    """Return the command that starts another one which doesn't hear some signals."""
    return (sys.executable, "-c", f"import os, signal, sys; {HOLDS[how]}; os.execvp(sys.argv[1], sys.argv[1:])")


@pytest.mark.parametrize("mode", ["gate", "run"])
@pytest.mark.parametrize("how", ["blocked", "ignored"])
def test_nothing_hangs_where_no_signal_is_heard(tmp_path: Path, shell: str, how: str, mode: str) -> None:
    with Place(tmp_path / "p", shell, UNITS) as place:
        place.prefix = held(how)
        if mode == "gate":
            run = [place.start(text=wrapped(address, UNITS[address])) for address in (C, B, A)]
        else:
            run = [place.start()]
        for process in run:
            ran = process.wait(50)
            assert (ran.code, ran.told) == (0, "")
        assert place.read("order").split() == ["a", "b", "c"]
        until(lambda: not place.processes())


@pytest.mark.parametrize("mode", ["gate", "run"])
@pytest.mark.parametrize("shell", ["dash", "busybox"])
def test_a_shell_that_can_not_wait_for_its_children_says_so(tmp_path: Path, shell: str, mode: str) -> None:
    with Place(tmp_path / "p", shell, UNITS) as place:
        place.prefix = held("childless")
        process = place.start() if mode == "run" else place.start(text=wrapped(A, UNITS[A]))
        ran = process.wait()
        assert ran.code == (1 if mode == "run" else 125)
        assert ran.stderr == "unitc: SIGCHLD is blocked, so this shell can't wait for what it starts.\n"


def test_a_timeout_is_said_in_words_and_nothing_else_is_said(tmp_path: Path, shell: str) -> None:
    unit = Spec("#!/bin/sh\nsleep 30", timeout=1)
    with Place(tmp_path / "p", shell) as place:
        ran = place.run(text=wrapped(A, unit))
        assert (ran.code, ran.stderr) == (124, f"unitc: {A} timed out: it ran for more than 1 s.\n")
        # A second start has no one to tell.
        ran = place.run(text=wrapped(A, unit))
        assert (ran.code, ran.stderr) == (124, f"unitc: {A} timed out: it ran for more than 1 s.\n")
        until(lambda: not place.processes())


def test_status_shows_no_session_of_another_template(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell, {A: Spec("exit 3")}) as place:
        assert place.run().code == 1
        mine = place.run("status").stdout
        text = place.launcher.read_text()
        place.launcher.write_text(text.replace("u_template='0", "u_template='1"))
        ran = place.run("status")
        assert (ran.code, ran.stdout) == (1, "")
        assert ran.stderr == f"unitc: there is no session in {place.state} that is of this template.\n"
        place.launcher.write_text(text)
        assert place.run("status").stdout == mine != ""
