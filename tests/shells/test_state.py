"""One start, one state: what one start of a workspace knows, no other one sees; under every shell."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from compiler.order.model import Phase
from compiler.order.outcome import Outcome
from tests.shells.agent import PROGRAM, Agent, ended, start_command
from tests.shells.harness import Place, Ran, Spec, until, wrapped
from tests.shells.machine import endless

A, B = "coder_script.a", "coder_script.b"

# In the first start a fails. A later one in which somebody still takes a for failed, or for ended, shows it whichever
# of the two comes first: b is skipped, or nothing is published.
UNITS = {
    B: Spec("#!/bin/sh\necho b >>ran", [f"success {A}"]),
    A: Spec("#!/bin/sh\n[ -e fixed ]"),
}
FAILED = {A: Outcome.FAILED, B: Outcome.SKIPPED}
SUCCEEDED = {A: Outcome.SUCCEEDED, B: Outcome.SUCCEEDED}

CONTAINER = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")

# Runs a command in which the files beside it stand for what tells one start from another: the boot, the birth of the
# first process, the birth of the agent, which is this process. Nothing else can change them while the agent lives.
STAND_INS = """
cd "$PLACE"
cat /proc/sys/kernel/random/boot_id >boot
cat /proc/1/stat >init
cat /proc/$$/stat >agent
mount --bind boot /proc/sys/kernel/random/boot_id
mount --bind init /proc/1/stat
mount --bind agent /proc/$$/stat
exec "$@"
"""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make namespaces and change owners everywhere")


def born_again(stat: Path) -> None:
    """Change the time at which the process of a file like /proc/PID/stat has started."""
    name, _, rest = stat.read_text().rpartition(") ")
    fields = rest.split()
    fields[19] = str(int(fields[19]) + 1)
    stat.write_text(f"{name}) {' '.join(fields)}\n")


def parent_of(pid: int) -> int | None:
    """Return the parent of a process, None where it has ended."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    return None


def sessions(place: Place) -> set[Path]:
    """Return the folders that hold a session, or several of one agent."""
    return {each.parent for each in place.state.glob("*/agent.*")}


@needs_root
def test_every_part_of_what_a_start_is_tells_it_from_others(tmp_path: Path, shell: str) -> None:
    with (
        Place(tmp_path / "p", shell) as place,
        Agent(place, "unshare", "--mount", "sh", "-ec", STAND_INS, "sh") as agent,
    ):
        agent.run_all(UNITS)
        assert ended(place) == [FAILED]
        # As long as nothing changes, this is the same start.
        agent.run_all(UNITS)
        assert ended(place) == [FAILED]
        agent.run_all(UNITS, CODER_WORKSPACE_NAME="claimed")
        assert ended(place) == [FAILED] * 2
        agent.run_all(UNITS, CODER_WORKSPACE_AGENT_NAME="second")
        assert ended(place) == [FAILED] * 3
        # The process that has this number isn't the agent of the three sessions before.
        born_again(place.root / "agent")
        agent.run_all(UNITS)
        assert ended(place) == [FAILED]
        # A container that has another first process may share the folder, and its agent may be alive.
        born_again(place.root / "init")
        agent.run_all(UNITS)
        assert ended(place) == [FAILED] * 2
        # No agent outlives the boot.
        (place.root / "boot").write_text("01234567-89ab-cdef-0123-456789abcdef\n")
        agent.run_all(UNITS)
        assert ended(place) == [FAILED]


def test_a_restarted_agent_sees_nothing_of_the_start_before(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell) as place:
        with Agent(place) as agent:
            agent.run_all(UNITS)
            # What has ended stays to be looked at.
            assert ended(place) == [FAILED]
            (phase,) = (log.parent for log in place.state.rglob("events.tsv"))
            assert {path.name for path in phase.iterdir()} >= {"events.tsv", "logs", "outcomes"}
        (place.work / "fixed").touch()
        with Agent(place) as agent:
            agent.run_all(UNITS)
        assert ended(place) == [SUCCEEDED]
        assert place.read("ran") == "b\n"


@needs_root
def test_an_agent_whose_number_comes_round_again_sees_nothing_of_the_start_before(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell) as place:
        commands = [start_command(place, wrapped(address, spec)) for address, spec in UNITS.items()]
        (place.root / "commands").write_text("".join(f"{json.dumps(each)}\n" for each in [*commands, 0, 1]))
        twice = """
        for round in first second; do
            echo 499 >/proc/sys/kernel/ns_last_pid
            "$@" <"$PLACE/commands" || exit
            : >"$PLACE/work/fixed"
        done
        """
        ran = subprocess.run(
            [*CONTAINER, "sh", "-c", twice, "sh", sys.executable, "-S", "-E", "-c", PROGRAM],
            env=place.environment(),
            capture_output=True,
            check=True,
        )
        numbers = [answer[0] for answer in map(json.loads, ran.stdout.splitlines()) if len(answer) == 2]
        assert numbers == [500] * 4
        assert ended(place) == [SUCCEEDED]


@needs_root
def test_scripts_whose_parent_is_out_of_sight_share_the_start_of_their_session(tmp_path: Path, shell: str) -> None:
    """A command that is sent into a container from outside has a parent without a number and without a birth."""
    together = "import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])"
    with Place(tmp_path / "p", shell) as place, Agent(place, *CONTAINER) as agent:
        agent.run("true")
        commands = [start_command(place, wrapped(address, spec))["args"] for address, spec in UNITS.items()]
        (place.root / "both").write_text("".join(f"{shlex.join(command)} &\n" for command in commands) + "wait\n")
        (container,) = (pid for pid in place.processes() if parent_of(pid) == place.started[0].pid)
        enter = ["nsenter", f"--target={container}", "--pid", "--mount", f"--wd={place.work}"]
        enter += [sys.executable, "-S", "-E", "-c", together]
        for _ in range(2):
            subprocess.run([*enter, "sh", f"{place.root}/both"], env=place.environment(), check=True)
            (place.work / "fixed").touch()
        assert ended(place) == [SUCCEEDED]


def test_agents_that_are_alive_keep_their_sessions_apart(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell) as place, Agent(place) as one, Agent(place) as other:
        waiting = one.start(wrapped(B, UNITS[B]))
        until(lambda: list(place.state.rglob("*.waiter.*")))
        assert other.run(wrapped(A, Spec("#!/bin/sh\ntrue"))).code == 0
        assert other.run(wrapped(B, UNITS[B])).code == 0
        assert one.run(wrapped(A, UNITS[A])).code == 1
        assert "skipped" in waiting.wait().stderr
        assert ended(place) == [SUCCEEDED, FAILED]


def test_a_session_stays_until_its_agent_is_gone_and_another_one_starts(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell) as place:
        with Agent(place) as one, Agent(place) as two:
            one.run_all(UNITS)
            (first,) = sessions(place)
            two.run_all(UNITS)
            (second,) = sessions(place) - {first}
            one.close()
            two.run_all(UNITS, CODER_WORKSPACE_NAME="claimed")
            assert sessions(place) > {second}
            assert first not in sessions(place)
        with Agent(place) as three:
            three.run_all(UNITS)
            assert len(sessions(place)) == 1
            assert ended(place) == [FAILED]


def test_only_what_holds_a_session_is_ever_taken_away(tmp_path: Path, shell: str) -> None:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    with Place(tmp_path / "p", shell) as place:
        place.state.mkdir(mode=0o700)
        names = ("project/agent.py", "x/agent.", "y/agent.d/z", "z/agent.0.1.2.3", "file")
        others = [place.state / name for name in names]
        # A container that shares the folder has the same boot, and nothing tells whether its agent is alive.
        others.append(place.state / "container" / f"agent.{boot}.1.2.3")
        for path in others:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        (place.state / "link").symlink_to(place.state / "project")
        earlier = place.state / "earlier" / "agent.01234567-89ab-cdef-0123-456789abcdef.1.2.3"
        earlier.parent.mkdir()
        earlier.touch()
        with Agent(place) as agent:
            assert agent.run_all(UNITS)[A].stderr == ""
        assert not earlier.parent.exists()
        assert all(path.exists() for path in others)
        assert (place.state / "link").exists()


def test_a_third_start_runs_at_once_while_the_second_runs_and_neither_publishes(tmp_path: Path, shell: str) -> None:
    body = "#!/bin/sh\n: >up.$NAME; until [ -e go ]; do sleep 0.05; done"
    # The stop phase, which has no gate here, is for a start that comes after the end of the first one.
    gated = wrapped(B, Spec(body, [f"success {A}"]), phases=(Phase.START, Phase.STOP))
    with Place(tmp_path / "p", shell) as place, Agent(place) as agent:
        first = agent.start(gated, NAME="first")
        until(lambda: list(place.state.rglob("*.waiter.*")))
        second = agent.start(gated, NAME="second")
        until((place.work / "up.second").exists)
        third = agent.start(gated, NAME="third")
        until((place.work / "up.third").exists)
        assert not (place.work / "up.first").exists()
        assert ended(place) == []
        (place.work / "go").touch()
        assert (second.wait().code, third.wait().code) == (0, 0)
        assert ended(place) == []
        assert agent.run(wrapped(A, UNITS[A])).code == 1
        assert first.wait().code == 0
        assert ended(place) == [FAILED]
        assert not (place.work / "up.first").exists()


def test_the_phases_are_apart_also_for_a_unit_of_both(tmp_path: Path, shell: str) -> None:
    both = wrapped(A, UNITS[A], phases=(Phase.START, Phase.STOP))
    starting, stopping = (wrapped(B, Spec("#!/bin/sh\n:", [f"success {A}"], phase=phase)) for phase in Phase)
    with Place(tmp_path / "p", shell) as place, Agent(place) as agent:
        waiting = agent.start(stopping)
        until(lambda: list(place.state.rglob("*.waiter.*")))
        assert agent.run(both).code == 1
        assert "skipped" in agent.run(starting).stderr
        (place.work / "fixed").touch()
        assert agent.run(both).code == 0
        assert re.fullmatch(rf"unitc: waiting for {A}\nunitc: waited \d+ s; starting\n", waiting.wait().stderr)
        assert ended(place) == [FAILED, SUCCEEDED]


def test_a_mutex_is_handed_over_from_phase_to_phase_at_once(tmp_path: Path, shell: str) -> None:
    holder = Spec("#!/bin/sh\n: >up; until [ -e go ]; do sleep 0.05; done", mutexes=("apt",))
    with Place(tmp_path / "p", shell) as place, Agent(place) as agent:
        holding = agent.start(wrapped(A, holder))
        until((place.work / "up").exists)
        # Without ticks, on which it would look after dead holders, it hears of the end now or never.
        stops = Spec("#!/bin/sh\n:", mutexes=("apt",), phase=Phase.STOP)
        taking = agent.start(wrapped(B, stops), PATH=endless(tmp_path / "bin", 4))
        until(lambda: list(place.state.rglob("mutexes/*.waiter.*")))
        (place.work / "go").touch()
        assert holding.wait().code == 0
        assert taking.wait().code == 0


NAMES = (
    *(
        "../x",
        "/",
        "//",
        "a/b",
        "a",
        "A",
        "\u00e9",
        ".",
        "..",
        " ",
        "  ",
        "a ",
        "\t",
        "\n",
        "a\n",
        "a\nb",
        "*",
        "[a]",
        "~",
    ),
    *("-rf", "%s", "^", "^0.", "+", "@", "@a", "'", '"$(touch pwned)', "`touch pwned`", "\\", "\\n", "\udcff\udcc3"),
    *("x" * 300, "X" * 300, "x" * 301, "\u65e5" * 90, "\u65e5" * 91),
)


def outside_of(place: Place) -> set[Path]:
    """Return all that is in the place but not in its state."""
    return {path for path in place.root.rglob("*") if place.state not in path.parents}


def test_a_session_with_any_name_is_one_of_its_own_inside_the_folder(tmp_path: Path, shell: str) -> None:
    unit = wrapped(A, Spec("#!/bin/sh\n:"))
    with Place(tmp_path / "p", shell) as place, Agent(place, LC_ALL="C.UTF-8") as agent:
        outside = outside_of(place)
        started = [agent.start(unit, UNITC_SESSION=name) for name in NAMES]
        assert [script.wait() for script in started] == [(0, "", "")] * len(NAMES)
        assert len(ended(place)) == len(NAMES)
        # Also on a disk that takes upper and lower case for the same.
        assert len({str(path).lower() for path in place.state.rglob("events.tsv")}) == len(NAMES)
        assert outside_of(place) == {*outside, place.state}
        # An empty one isn't a name.
        assert agent.run(unit, UNITC_SESSION="").code == 0
        assert len(ended(place)) == len(NAMES) + 1


def test_a_named_session_joins_what_has_nothing_else_in_common(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell, UNITS) as place, Agent(place) as one, Agent(place) as other:
        waiting = one.start(wrapped(B, UNITS[B]), UNITC_SESSION="s", CODER_WORKSPACE_NAME="w")
        assert other.run(["exec", A], UNITC_SESSION="s").code == 1
        assert "skipped" in waiting.wait().stderr
        # It is there for as long as one of its agents is.
        one.close()
        other.run_all(UNITS)
        assert ended(place) == [FAILED] * 2


def said(place: Place, times: int) -> bool:
    """Return whether so many runs have come to the unit that says its session."""
    return place.read("said") == "none\n" * times


def test_a_run_has_a_session_of_its_own_whatever_its_name(tmp_path: Path, shell: str) -> None:
    body = "#!/bin/sh\necho ${UNITC_SESSION-none} >>said; until [ -e fixed ]; do sleep 0.05; done"
    units = {**UNITS, "coder_script.c": Spec(body)}
    with Place(tmp_path / "p", shell, units) as place, Agent(place, UNITC_SESSION="s") as agent:
        agent.run_all(UNITS)
        runs = []
        for number in (1, 2):
            runs.append(agent.start(["run"]))
            until(partial(said, place, number))
        until(lambda: len(ended(place)) == 3)
        (place.work / "fixed").touch()
        for run in runs:
            run.wait()
        assert agent.run(["run"]).code == 0
        # The runs that are over are gone when the next one comes, while the agent and its session are there.
        assert ended(place) == [FAILED, {**SUCCEEDED, "coder_script.c": Outcome.SUCCEEDED}]


def test_scripts_and_their_children_are_in_the_session_of_their_agent(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell, UNITS) as place, Agent(place) as agent:
        waiting = agent.start(["exec", B])
        child = shlex.join(start_command(place, ["exec", A])["args"])
        agent.run(f"{child} || true")
        assert "skipped" in waiting.wait().stderr
        assert ended(place) == [FAILED]


def shown_by(ran: Ran) -> dict[str, str]:
    """Return the state of each unit that a status shows."""
    return dict(row.split("\t")[:2] for row in ran.stdout.splitlines()[1:])


def test_status_shows_the_newest_session(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell, UNITS) as place, Agent(place) as agent:
        agent.run_all(UNITS)
        for changes in ({"CODER_WORKSPACE_NAME": "long" * 100}, {"UNITC_SESSION": "over\nlines"}):
            (place.work / "fixed").touch()
            agent.run_all(UNITS, **changes)
            assert shown_by(agent.run(["status", "--tsv"])) == {A: "succeeded", B: "succeeded"}
            (place.work / "fixed").unlink()
            agent.run(["run"])
            assert shown_by(agent.run(["status", "--tsv"])) == {A: "failed", B: "skipped"}
