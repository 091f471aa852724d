"""The supervisor's spawner: bodies are the same with it and without it, and nothing is lost where it can't be had."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from compiler.order.outcome import Outcome
from tests.shells.harness import Event, Place, Spec, until
from tests.shells.machine import tools_without
from tests.shells.model import problems
from tests.shells.random_cases import Mode, make_case

SEEDS = [seed for seed in range(400, 460) if make_case(seed).mode is Mode.SUPERVISOR]

CHAIN = {
    "coder_script.a": Spec("echo a >>order"),
    "coder_script.b": Spec("#!/bin/sh\necho b >>order", ["success coder_script.a"]),
    "coder_script.c": Spec("echo c >>order; exit 3", ["success coder_script.b"]),
    "coder_script.d": Spec("echo no >>order", ["success coder_script.c"]),
    "coder_script.e": Spec("echo e >>order", ["completion coder_script.d"]),
}
CHAIN_EVENTS = [
    "a running",
    "a succeeded",
    "b running",
    "b succeeded",
    "c running",
    "c failed",
    "d skipped",
    "e running",
    "e succeeded",
]


ENDS = ("running", "succeeded")


def told(events: list[Event]) -> list[str]:
    return [f"{event.address.removeprefix('coder_script.')} {event.outcome}" for event in events]


def tree_of(place: Place) -> dict[str, list[int]]:
    """Return the processes of a place by the name of their program."""
    found: dict[str, list[int]] = {}
    for pid in place.processes():
        try:
            name = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
        except OSError:
            continue  # It has ended meanwhile.
        found.setdefault(name, []).append(pid)
    return found


def parent_of(pid: int) -> int:
    """Return the parent of a process, 0 where it has ended meanwhile."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def spawner_of(place: Place) -> int:
    """Return the process that starts the bodies: the perl whose parent is none."""
    perls = {pid for name, pids in tree_of(place).items() if name.startswith("perl") for pid in pids}
    (top,) = {pid for pid in perls if parent_of(pid) not in perls}
    return top


@pytest.mark.parametrize("seed", SEEDS)
def test_random_graphs_end_as_the_model_says_without_perl(tmp_path: Path, seed: int) -> None:
    assert problems(make_case(seed), tmp_path / "p", path=tools_without("perl")) == []


@pytest.mark.parametrize("missing", [(), ("perl",), ("perl", "setsid")], ids=["all there", "no perl", "no setsid"])
def test_the_same_happens_whoever_starts_the_bodies(tmp_path: Path, shell: str, missing: tuple[str, ...]) -> None:
    with Place(tmp_path / "p", shell, CHAIN, tools_without(*missing)) as place:
        ran = place.run()
        assert ran.code == 1
        assert place.read("order").split() == ["a", "b", "c", "e"]
        assert told(place.events()) == CHAIN_EVENTS
        skipped = "unitc: coder_script.d skipped: it needs the success of coder_script.c, which failed\n"
        assert ran.stderr == f"unitc: coder_script.c failed with exit code 3\n{skipped}"
        assert place.leftovers() == []
        assert place.left() == []


def test_a_perl_that_does_not_work_is_done_without(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell, CHAIN) as place:
        tools = tmp_path / "tools"
        tools.mkdir()
        (tools / "perl").write_text("#!/bin/sh\nexit 1\n")
        (tools / "perl").chmod(0o755)
        place.path = f"{tools}{os.pathsep}{os.environ['PATH']}"
        assert place.run().code == 1
        assert told(place.events()) == CHAIN_EVENTS
        assert place.leftovers() == []


def test_a_killed_spawner_takes_its_bodies_along_and_the_rest_runs_without_it(tmp_path: Path, shell: str) -> None:
    units = {
        "coder_script.a": Spec("echo up >>said; sleep 60; echo no >>said"),
        "coder_script.b": Spec("echo b >>said", ["completion coder_script.a"]),
        "coder_script.c": Spec("echo no >>said", ["success coder_script.a"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        process = place.start()
        until(lambda: "coder_script.a" in {event.address for event in place.events()})
        until(lambda: place.read("said"))
        os.kill(spawner_of(place), signal.SIGKILL)
        ran = process.wait(50)
        assert ran.code == 1
        assert place.read("said").split() == ["up", "b"]
        assert place.outcomes() == {
            "coder_script.a": Outcome.FAILED,
            "coder_script.b": Outcome.SUCCEEDED,
            "coder_script.c": Outcome.SKIPPED,
        }
        assert "coder_script.a failed: what waits for it exited without reporting an outcome" in ran.stderr
        assert place.leftovers() == []
        until(lambda: not place.processes())


def test_a_child_that_is_kept_ready_may_be_killed(tmp_path: Path, shell: str) -> None:
    units = {
        "coder_script.a": Spec(": >up; until [ -e go ]; do sleep 0.05; done"),
        "coder_script.b": Spec("echo b >>said", ["success coder_script.a"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        process = place.start()
        until((place.work / "up").exists)
        spawner = spawner_of(place)

        def ready() -> list[int]:
            perls = (pids for name, pids in tree_of(place).items() if name.startswith("perl"))
            return [pid for each in perls for pid in each if parent_of(pid) == spawner]

        for _ in range(3):
            until(lambda: len(ready()) == 2)
            for pid in ready():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        until(lambda: len(ready()) == 2)
        (place.work / "go").touch()
        assert process.wait(50).code == 0
        assert place.read("said") == "b\n"


# Three of the children that take an order die with it, and each that tells of one does so late.
DIES = 'sysopen(my $x, "$ENV{PLACE}/died.$_", POSIX::O_CREAT() | POSIX::O_EXCL()) && kill KILL => $$ for 1 .. 3;'
LATE = "select undef, undef, undef, 0.1;"


def test_what_a_child_that_was_killed_had_to_start_is_started_all_the_same(tmp_path: Path, shell: str) -> None:
    units = {f"coder_script.u{number}": Spec(f"#!/bin/sh\necho {number} >>ran") for number in range(12)}
    with Place(tmp_path / "p", shell, units) as place:
        text = place.launcher.read_text()
        for before, line in ((DIES, "my $row = sprintf"), (LATE, 'syswrite STDOUT, "run $unit')):
            assert text.count(line) == 1
            text = text.replace(line, f"{before} {line}")
        place.launcher.write_text(text)
        ran = place.run()
        assert (ran.code, ran.stderr) == (0, "")
        assert len(list(place.root.glob("died.*"))) == 3
        assert sorted(place.read("ran").split(), key=int) == [str(number) for number in range(12)]
        assert sorted(told(place.events())) == sorted(f"u{n} {what}" for n in range(12) for what in ENDS)
        assert place.left() == []


def test_a_locale_that_is_not_installed_is_nobodys_business(tmp_path: Path) -> None:
    units = {"coder_script.a": Spec("#!/bin/sh\nenv >environment")}
    with Place(tmp_path / "p", "dash", units) as place:
        ran = place.run(LC_ALL="xx_XX.UTF-8")
        assert (ran.code, ran.stderr) == (0, "")
        assert "LC_ALL=xx_XX.UTF-8\n" in place.read("environment")
        assert "PERL" not in place.read("environment")
        place.run(PERL_BADLANG="")
        assert "PERL_BADLANG=\n" in place.read("environment")


def test_more_units_than_are_ordered_at_once_all_run(tmp_path: Path) -> None:
    units = {f"coder_script.u{number}": Spec("#!/bin/sh\n:") for number in range(1_100)}
    with Place(tmp_path / "p", "dash", units) as place:
        assert place.start().wait(300).code == 0
        assert set(place.outcomes().values()) == {Outcome.SUCCEEDED}
        assert len(place.outcomes()) == 1_100


# Answers every order as the spawner does when no process can be started.
REFUSING = """#!/bin/sh
cat >/dev/null
for each; do case $each in *.orders) exec 5<"$each" && break ;; esac; done
echo up
while read -r unit <&5; do echo "end $unit - it could not be started: full"; done
"""


def test_more_refused_orders_than_are_given_at_once_end_the_run(tmp_path: Path) -> None:
    units = {f"coder_script.u{number}": Spec("true") for number in range(1_100)}
    with Place(tmp_path / "p", "dash", units) as place:
        tools = tmp_path / "tools"
        tools.mkdir()
        (tools / "perl").write_text(REFUSING)
        (tools / "perl").chmod(0o755)
        place.path = f"{tools}{os.pathsep}{os.environ['PATH']}"
        ran = place.start().wait(300)
        assert ran.code == 1
        assert ran.stderr.count("failed: it could not be started: full\n") == 1_100
        assert set(place.outcomes().values()) == {Outcome.FAILED}
