"""Gate mode under every shell: scripts that are all started at once and order themselves through shared state."""

from __future__ import annotations

import os
import random
import re
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from compiler.order.model import Phase
from compiler.order.outcome import Outcome
from compiler.terraform.configuration.address import quote
from tests.shells.harness import Place, Process, Ran, Spec, until, wrapped

KEY = "a b/'$(touch pwned)`\"\\ é \n\t${x} %{% A"
HOSTILE = f"coder_script.x[{quote(KEY)}]"


def start_all(place: Place, units: Mapping[str, Spec], seed: int = 0, **changes: str) -> dict[str, Process]:
    """Start the wrapped script of every unit, in an order chosen by chance."""
    addresses = sorted(units)
    random.Random(seed).shuffle(addresses)
    return {address: place.start(text=wrapped(address, units[address]), **changes) for address in addresses}


def run_all(place: Place, units: Mapping[str, Spec], seed: int = 0, **changes: str) -> dict[str, Ran]:
    """Run the wrapped script of every unit and return how each ended."""
    return {address: process.wait() for address, process in start_all(place, units, seed, **changes).items()}


@pytest.mark.parametrize("seed", range(3))
def test_a_diamond_with_odd_keys_runs_in_order(tmp_path: Path, shell: str, seed: int) -> None:
    units = {
        HOSTILE: Spec("echo a >>order"),
        'module.m["k"].coder_script.X[0]': Spec(
            "until grep -q c order; do sleep 0.02; done; echo b >>order", [f"success {HOSTILE}"]
        ),
        'module.m["K"].coder_script.x[0]': Spec("echo c >>order", [f"success {HOSTILE}"]),
        "coder_script.d": Spec(
            "echo d >>order",
            ['success module.m["K"].coder_script.x[0]', 'completion module.m["k"].coder_script.X[0]'],
        ),
    }
    with Place(tmp_path / "p", shell) as place:
        ran = run_all(place, units, seed)
        assert {address: each.code for address, each in ran.items()} == dict.fromkeys(units, 0)
        assert place.read("order").split() == ["a", "c", "b", "d"]
        assert place.outcomes() == dict.fromkeys(units, Outcome.SUCCEEDED)
        assert os.listdir(place.work) == ["order"]
        assert place.left() == []


def test_outcomes_and_exit_codes_follow_the_table(tmp_path: Path, shell: str) -> None:
    units = {
        "coder_script.bad": Spec("exit 7"),
        "coder_script.killed": Spec("kill -KILL $$"),
        "coder_script.late": Spec("sleep 60", timeout=1),
        "coder_script.skipped": Spec("echo no >>ran", ["success coder_script.bad"]),
        "coder_script.carried": Spec("echo no >>ran", ["start coder_script.skipped"]),
        "coder_script.after": Spec("echo yes >>ran", ["completion coder_script.skipped"]),
        "coder_script.beside": Spec("echo yes >>ran", ["start coder_script.late"]),
        "coder_script.end": Spec("echo yes >>ran", ["completion coder_script.late"]),
    }
    with Place(tmp_path / "p", shell) as place:
        ran = run_all(place, units)
        assert {address.removeprefix("coder_script."): each.code for address, each in ran.items()} == {
            "bad": 7,
            "killed": 137,
            "late": 124,
            "skipped": 0,
            "carried": 0,
            "after": 0,
            "beside": 0,
            "end": 0,
        }
        assert place.read("ran").split() == ["yes"] * 3
        reason = (
            "unitc: coder_script.skipped skipped: coder_script.bad failed with exit code 7, so this one can't run.\n"
        )
        assert ran["coder_script.skipped"].told == reason
        reason = reason.replace("skipped skipped", "carried skipped").replace(
            "so this", "so coder_script.skipped and this"
        )
        assert ran["coder_script.carried"].told == reason
        assert place.outcomes()["coder_script.late"] is Outcome.TIMED_OUT
        assert place.outcomes()["coder_script.killed"] is Outcome.FAILED
        assert place.left() == []


def test_exec_takes_units_of_the_launcher_as_terraform_prints_them(tmp_path: Path, shell: str) -> None:
    units = {
        HOSTILE: Spec("#!/bin/sh\necho a >>order"),
        "coder_script.b": Spec("echo baked", [f"success {HOSTILE}"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        second = place.start("exec", "coder_script.b", "--", "sh", "-c", 'echo "$1" >>order', "sh", "b  c")
        assert place.run("exec", HOSTILE).code == 0
        ended = second.wait()
        assert (ended.code, ended.stdout, ended.told) == (0, "", "")
        assert place.read("order") == "a\nb  c\n"
        assert place.outcomes() == dict.fromkeys(units, Outcome.SUCCEEDED)
        rows = place.run("status", "--tsv").stdout.splitlines()[1:]
        assert [row.split("\t")[1] for row in rows] == ["succeeded", "succeeded"]
        assert place.run("status", "why", HOSTILE).stdout.startswith(f"{HOSTILE}: succeeded at ")


def test_the_environment_of_exec_replaces_what_the_launcher_knows(tmp_path: Path, shell: str) -> None:
    units = {"coder_script.a": Spec("exit 1"), "coder_script.b": Spec(None, ["success coder_script.a"])}
    with Place(tmp_path / "p", shell, units) as place:
        assert place.run("exec", "coder_script.a").code == 1
        ran = place.run("exec", "coder_script.b", UNITC_GATES="completion coder_script.a", UNITC_BODY="exit 9")
        assert ran.code == 9
        ran = place.run("exec", "coder_script.b", UNITC_BODY_BASE64="ZXhpdCA4", UNITC_SESSION="other", UNITC_GATES="")
        assert ran.code == 8
    with Place(tmp_path / "q", shell, units) as place:
        ran = place.run("exec", "coder_script.b", UNITC_GATES="")
        assert (ran.code, ran.stderr) == (
            125,
            "unitc: coder_script.b can't run here: body known only at apply: var.x, main.tf:12.\n",
        )
        assert place.outcomes() == {"coder_script.b": Outcome.FAILED}


def test_a_second_start_in_a_session_runs_at_once_and_publishes_nothing(tmp_path: Path, shell: str) -> None:
    unit = Spec("echo ran >>order", ["success coder_script.never"])
    with Place(tmp_path / "p", shell) as place:
        first = place.start(text=wrapped("coder_script.a", unit))
        until(lambda: list(place.state.glob("*/start/outcomes/*.claim")))
        assert place.run(text=wrapped("coder_script.a", unit)).code == 0
        assert place.read("order").split() == ["ran"]
        assert place.events() == []
        first.send(signal.SIGTERM)
        assert first.wait().code == 143
        assert place.outcomes() == {"coder_script.a": Outcome.CANCELED}
        assert place.left() == []


def test_a_script_of_both_phases_takes_its_second_start_for_the_stop_phase(tmp_path: Path, shell: str) -> None:
    both = (Phase.START, Phase.STOP)
    text = wrapped("coder_script.a", Spec("echo a >>order", ["success coder_script.b"], phase=Phase.STOP), phases=both)
    stopping = wrapped("coder_script.b", Spec("echo b >>order", phase=Phase.STOP))
    with Place(tmp_path / "p", shell) as place:
        assert place.run(text=text).code == 0
        second = place.start(text=text)
        assert place.run(text=stopping).code == 0
        assert second.wait().code == 0
        assert place.read("order").split() == ["a", "b", "a"]
        assert place.run(text=text).code == 0
        phases = [log.parent.name for log in sorted(place.state.glob("*/*/events.tsv"))]
        assert phases == ["start", "stop"]
        assert [event.address for event in place.events()] == ["coder_script.a"] * 2 + ["coder_script.b"] * 2 + [
            "coder_script.a"
        ] * 2


def test_a_signal_to_the_wrapper_reaches_the_body_and_cancels(tmp_path: Path, shell: str) -> None:
    units = {
        "coder_script.a": Spec("trap 'echo term >>said; exit 0' TERM; : >up; sleep 60 & wait"),
        "coder_script.b": Spec("echo no >>said", ["completion coder_script.a"]),
    }
    with Place(tmp_path / "p", shell) as place:
        running = start_all(place, units)
        until((place.work / "up").exists)
        running["coder_script.a"].send(signal.SIGTERM)
        assert running["coder_script.a"].wait().code == 143
        assert running["coder_script.b"].wait().code == 0
        assert place.outcomes() == {"coder_script.a": Outcome.CANCELED, "coder_script.b": Outcome.SKIPPED}
        assert place.read("said").split() == ["term"]
        assert place.left() == []


def test_a_killed_wrapper_takes_its_body_with_it_and_has_failed(tmp_path: Path, shell: str) -> None:
    units = {
        "coder_script.a": Spec(": >up; sleep 60; echo no >>said"),
        "coder_script.b": Spec("echo b >>said", ["completion coder_script.a"]),
        "coder_script.c": Spec("echo no >>said", ["success coder_script.a"]),
    }
    with Place(tmp_path / "p", shell) as place:
        running = start_all(place, units)
        until(lambda: "coder_script.a" in {event.address for event in place.events()})
        until((place.work / "up").exists)
        running["coder_script.a"].send(signal.SIGKILL)
        assert running["coder_script.b"].wait().code == 0
        assert running["coder_script.c"].wait().code == 0
        assert place.read("said").split() == ["b"]
        assert place.outcomes()["coder_script.a"] is Outcome.FAILED
        assert place.left(30) == []


def test_a_killed_group_is_noticed_by_those_who_wait(tmp_path: Path, shell: str) -> None:
    units = {
        "coder_script.a": Spec(": >up; sleep 60; echo no >>said"),
        "coder_script.b": Spec("echo b >>said", ["completion coder_script.a"]),
    }
    with Place(tmp_path / "p", shell) as place:
        running = start_all(place, units)
        # Only a body that has been noted can be found by those who come after its shell.
        until(lambda: "coder_script.a" in {event.address for event in place.events()})
        until((place.work / "up").exists)
        os.killpg(running["coder_script.a"].pid, signal.SIGKILL)
        ran = running["coder_script.b"].wait()
        assert ran.code == 0
        assert "the shell of coder_script.a exited without reporting an outcome" in ran.stderr
        assert place.outcomes() == {"coder_script.a": Outcome.FAILED, "coder_script.b": Outcome.SUCCEEDED}
        until(lambda: not place.processes())


def test_units_that_hold_the_same_mutex_never_run_at_the_same_time(tmp_path: Path, shell: str) -> None:
    body = "mkdir alone || echo together >>bad; sleep 0.05; rmdir alone; echo >>ran"
    units = {f"coder_script.s{number}": Spec(body, mutexes=("apt", "d p/k g")) for number in range(4)}
    with Place(tmp_path / "p", shell) as place:
        assert {ran.code for ran in run_all(place, units).values()} == {0}
        assert (place.read("bad"), place.read("ran")) == ("", "\n" * 4)
        assert place.left() == []


def test_the_mutex_of_a_dead_owner_is_freed(tmp_path: Path, shell: str) -> None:
    units = {
        "coder_script.a": Spec(": >up; sleep 60", mutexes=("apt",)),
        "coder_script.b": Spec("echo b >>said", mutexes=("apt",)),
    }
    with Place(tmp_path / "p", shell) as place:
        first = place.start(text=wrapped("coder_script.a", units["coder_script.a"]))
        until(lambda: "coder_script.a" in {event.address for event in place.events()})
        until((place.work / "up").exists)
        second = place.start(text=wrapped("coder_script.b", units["coder_script.b"]))
        until(lambda: list(place.state.glob("*/mutexes/*.waiter.*")))
        os.killpg(first.pid, signal.SIGKILL)
        assert second.wait().code == 0
        assert place.read("said") == "b\n"
        # Who takes it ends what the dead one has left running, or two would hold it.
        until(lambda: not place.processes())


def test_a_gate_timeout_bounds_the_waiting(tmp_path: Path, shell: str) -> None:
    units = {"coder_script.b": Spec("echo no", ["success coder_script.never"], gate_timeout=1)}
    with Place(tmp_path / "p", shell) as place:
        ran = run_all(place, units)["coder_script.b"]
        assert ran.code == 124
        assert ran.stderr == (
            "unitc: waiting for coder_script.never\n" * 2 + "unitc: coder_script.b timed out: it waited 1 s.\n"
        )
        assert place.outcomes() == {"coder_script.b": Outcome.TIMED_OUT}
        assert place.left() == []


def test_a_waiting_script_says_for_what_at_once_and_when_it_goes_on(tmp_path: Path, shell: str) -> None:
    units = {
        "coder_script.a": Spec("until [ -e go ]; do sleep 0.05; done", mutexes=("apt",)),
        'coder_script.b["x y"]': Spec("true", ["success coder_script.a", "start coder_script.never"]),
        "coder_script.c": Spec("true", ["success coder_script.a"]),
        "coder_script.d": Spec("true", mutexes=("apt",)),
    }
    with Place(tmp_path / "p", shell) as place:
        running = {"coder_script.a": place.start(text=wrapped("coder_script.a", units["coder_script.a"]))}
        until(lambda: ("coder_script.a", "running") in place.happened())
        for address in list(units)[1:]:
            running[address] = place.start(text=wrapped(address, units[address]))
        said = {}
        for address, process in running.items():
            if address != "coder_script.a":
                assert process.popen.stderr is not None
                said[address] = re.sub("running for [0-9]+ s", "running for N s", process.popen.stderr.readline())
        a = "coder_script.a (running for N s)"
        assert said == {
            'coder_script.b["x y"]': f"unitc: waiting for {a} and coder_script.never\n",
            "coder_script.c": f"unitc: waiting for {a}\n",
            "coder_script.d": "unitc: waiting for the mutex apt (held by coder_script.a)\n",
        }
        (place.work / "go").touch()
        for address in ("coder_script.c", "coder_script.d"):
            ended = running[address].wait(50)
            assert ended.code == 0
            assert re.fullmatch(r"unitc: waited [0-9]+ s; starting\n", ended.stderr)


def test_what_a_body_leaves_running_does_not_keep_the_wrapper(tmp_path: Path, shell: str) -> None:
    units = {"coder_script.a": Spec("sleep 60 >/dev/null 2>&1 & echo started")}
    with Place(tmp_path / "p", shell) as place:
        ran = run_all(place, units)["coder_script.a"]
        assert (ran.code, ran.stdout) == (0, "started\n")
        assert len(place.processes()) == 1
