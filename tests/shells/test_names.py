"""What scripts that wait call each other, under every shell: display names, as far as those tell them apart."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from tests.shells.harness import Place, Process, Spec, until, wrapped

MUTEX = "a\tpt"
UNITS = {
    "coder_script.docker": Spec("until [ -e go ]; do sleep 0.05; done; exit 128", mutexes=(MUTEX,), name="Docker"),
    "coder_script.red": Spec("true", mutexes=(MUTEX,), name="\x1b[31mR\n\\t"),
    'coder_script.twin["a b"]': Spec("true", ["success coder_script.docker"], name="Twin"),
    'coder_script.twin["c"]': Spec("true", ['success coder_script.twin["a b"]'], name="Twin"),
    "coder_script.last": Spec("true", ['start coder_script.twin["c"]', "success coder_script.docker"], name="Last"),
}


def line_of(process: Process) -> str:
    assert process.popen.stderr is not None
    return re.sub("running for [0-9]+ s", "running for N s", process.popen.stderr.readline()).removeprefix("unitc: ")


def test_scripts_call_each_other_by_display_names_and_those_that_share_one_by_addresses_as_well(
    tmp_path: Path, shell: str
) -> None:
    with Place(tmp_path / "p", shell) as place:
        docker, *others = UNITS
        running = {docker: place.start(text=wrapped(docker, UNITS[docker]))}
        until(lambda: (docker, "running") in place.happened())
        said = []
        for address in others:
            running[address] = place.start(text=wrapped(address, UNITS[address]))
            said.append(line_of(running[address]))
        first, second = 'Twin (coder_script.twin["a b"])', 'Twin (coder_script.twin["c"])'
        assert said == [
            "waiting for the mutex a\\tpt (held by Docker)\n",
            "waiting for Docker (running for N s)\n",
            f"waiting for {first}\n",
            f"waiting for {second} and Docker (running for N s)\n",
        ]
        (place.work / "go").touch()
        assert running[docker].wait().code == 128
        assert re.fullmatch(r"unitc: waited [0-9]+ s; starting\n", running["coder_script.red"].wait().stderr)
        why = "skipped: Docker failed with exit code 128, so"
        assert line_of(running[others[1]]) == f"{first} {why} this one can't run.\n"
        assert line_of(running[others[2]]) == f"{second} {why} {first} and this one can't run.\n"
        assert line_of(running[others[3]]) in {
            f"Last {why} this one can't run.\n",
            f"Last {why} {first}, {second} and this one can't run.\n",
        }


def test_of_many_units_between_a_failure_and_one_that_is_skipped_three_are_named(tmp_path: Path, shell: str) -> None:
    names = "abcdefg"
    units = {"coder_script.a": Spec("exit 3", name="A")}
    for before, name in pairwise(names):
        units[f"coder_script.{name}"] = Spec("true", [f"success coder_script.{before}"], name=name.upper())
    with Place(tmp_path / "p", shell) as place:
        ran = [place.run(text=wrapped(address, unit)).stderr for address, unit in units.items()]
    between = ["", "B and ", "B, C and ", "B, C, D and ", "B, C, D, 1 more and ", "B, C, D, 2 more and "]
    assert ran[1:] == [
        f"unitc: {name.upper()} skipped: A failed with exit code 3, so {each}this one can't run.\n"
        for name, each in zip(names[1:], between, strict=True)
    ]


def test_a_script_says_its_own_name(tmp_path: Path, shell: str) -> None:
    slow = Spec("sleep 60", timeout=1, name="Slow one")
    again = Spec("exit 4", says={"RETRIES": "1", "RETRY_DELAY": "0"}, name="Again")
    with Place(tmp_path / "p", shell) as place:
        ran = place.run(text=wrapped("coder_script.slow", slow))
        assert ran.stderr == "unitc: Slow one timed out: it ran for more than 1 s.\n"
        ran = place.run(text=wrapped("coder_script.again", again))
        said = "unitc: Again: attempt 1 of 2 failed with exit code 4. The next one starts in 0 s.\n"
        assert ran.stderr == said
        ran = place.run(text=wrapped("coder_script.off", Spec("true", name="It's\n")), UNITC_DISABLE="1")
        assert ran.stderr.startswith("unitc: UNITC_DISABLE is set: It's\\n runs at once, ")
