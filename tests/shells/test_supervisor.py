"""The supervisor under every shell: order, outcomes, reports, limits."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

from compiler.order.model import Phase
from compiler.order.outcome import Outcome
from tests.golden import check_golden
from tests.shells.harness import Place, Ran, Spec, shell_command, until
from tests.shells.machine import endless, read_terminal, tools_without

GOLDENS = Path(__file__).parent / "goldens"

DIAMOND = {
    "coder_script.a": Spec("echo a >>order"),
    "coder_script.b": Spec("until grep -q c order; do sleep 0.02; done; echo b >>order", ["success coder_script.a"]),
    "coder_script.c": Spec("echo c >>order", ["success coder_script.a"]),
    "coder_script.d": Spec("echo d >>order", ["success coder_script.b", "success coder_script.c"]),
}


def test_a_diamond_runs_in_order(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell, DIAMOND) as place:
        ran = place.run()
        assert (ran.code, ran.stderr) == (0, "")
        assert place.read("order").split() == ["a", "c", "b", "d"]
        assert set(place.outcomes().values()) == {Outcome.SUCCEEDED}
        assert place.leftovers() == []
        assert place.left() == []


def test_a_failure_skips_what_needs_its_success_and_nothing_else(tmp_path: Path, shell: str) -> None:
    units = {
        "coder_script.bad": Spec("exit 7"),
        "coder_script.skipped": Spec("echo no >>ran", ["success coder_script.bad"]),
        "coder_script.carried": Spec("echo no >>ran", ["start coder_script.skipped"]),
        "coder_script.after": Spec("echo yes >>ran", ["completion coder_script.skipped"]),
        "coder_script.beside": Spec("echo yes >>ran", ["start coder_script.bad"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        ran = place.run()
        assert ran.code == 1
        assert place.read("ran").split() == ["yes", "yes"]
        assert place.outcomes() == {
            "coder_script.bad": Outcome.FAILED,
            "coder_script.skipped": Outcome.SKIPPED,
            "coder_script.carried": Outcome.SKIPPED,
            "coder_script.after": Outcome.SUCCEEDED,
            "coder_script.beside": Outcome.SUCCEEDED,
        }
        assert "coder_script.skipped skipped: it needs the success of coder_script.bad, which failed" in ran.stderr


def test_a_skip_comes_at_once_even_while_other_prerequisites_run(tmp_path: Path, shell: str) -> None:
    units = {
        "coder_script.bad": Spec("exit 1"),
        "coder_script.slow": Spec("until [ -e go ]; do sleep 0.05; done"),
        "coder_script.c": Spec("true", ["success coder_script.bad", "success coder_script.slow"]),
        "coder_script.d": Spec(": >go", ["completion coder_script.c"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        place.run()
        assert place.outcomes()["coder_script.d"] is Outcome.SUCCEEDED
        assert place.outcomes()["coder_script.slow"] is Outcome.SUCCEEDED


def test_a_timeout_hangs_up_the_group_and_the_dependents_follow_the_table(tmp_path: Path, shell: str) -> None:
    units = {
        "coder_script.slow": Spec("trap 'echo hup >>said; exit 9' HUP; : >up; sleep 60 & wait", timeout=1),
        "coder_script.after": Spec("echo after >>said", ["completion coder_script.slow"]),
        "coder_script.skipped": Spec("echo no >>said", ["success coder_script.slow"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        ran = place.run()
        assert ran.code == 1
        # Where the machine is slow the body has not begun in earnest when its time is over.
        assert place.read("said").split() == [*["hup"] * (place.work / "up").exists(), "after"]
        assert place.outcomes()["coder_script.slow"] is Outcome.TIMED_OUT
        assert place.outcomes()["coder_script.skipped"] is Outcome.SKIPPED
        assert place.left() == []


def test_output_is_prefixed_and_kept_in_the_log(tmp_path: Path, shell: str) -> None:
    many = "".join(f"line {number}\n" for number in range(50))
    units = {
        "coder_script.short": Spec("printf 'one\\n\\n  two \\\\n \\t\\nlast'; echo err >&2"),
        "coder_script.many": Spec(f"printf '{many}unfinished'"),
    }
    with Place(tmp_path / "p", shell, units) as place:
        ran = place.run()
        lines = ran.stdout.splitlines()
        short = [line for line in lines if line.startswith("coder_script.short | ")]
        assert short == [f"coder_script.short | {line}" for line in ("one", "", "  two \\n \t", "lasterr")]
        long = [line.partition(" | ")[2] for line in lines if line.startswith("coder_script.many  | ")]
        assert long == [*many.splitlines(), "unfinished"]
        (log,) = place.state.glob("*/start/logs/1.log")
        assert log.read_text() == many + "unfinished"


def test_output_appears_while_the_unit_still_runs(tmp_path: Path, shell: str) -> None:
    units = {"coder_script.a": Spec("echo early; printf half; until [ -e go ]; do sleep 0.05; done; echo ' whole'")}
    with Place(tmp_path / "p", shell, units) as place:
        process = place.start()
        assert process.popen.stdout is not None
        assert process.popen.stdout.readline() == "coder_script.a | early\n"
        (place.work / "go").touch()
        ran = process.wait()
        assert ran.stdout.splitlines()[0] == "coder_script.a | half whole"


FAILING = {
    "coder_script.a": Spec("exit 7"),
    "coder_script.second": Spec("true", ["success coder_script.a"]),
    "coder_script.c": Spec("true"),
    "coder_script.extra": Spec("exit 3", ["completion coder_script.c"], says={"OPTIONAL": "1"}),
}


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_table_says_how_each_unit_ended_and_keeps_to_the_width(tmp_path: Path, shell: str, columns: int) -> None:
    with Place(tmp_path / "p", shell, FAILING) as place:
        # A time of ten seconds or more takes one column more.
        runs = (place.run(COLUMNS=str(columns)).stdout for _ in range(5))
        shown = next(shown for shown in runs if not re.search(r"\d\d\.\d", shown))
        assert max(map(len, shown.splitlines())) <= columns
        check_golden(
            GOLDENS / f"run-{columns}.txt", re.sub(r"\d\.\d+", lambda time: re.sub(r"\d", "0", time[0]), shown)
        )


def test_a_failure_is_told_before_what_it_causes(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell, FAILING) as place:
        told = place.run().stderr.splitlines()
        skipped = "unitc: coder_script.second skipped: it needs the success of coder_script.a, which failed"
        assert told.index("unitc: coder_script.a failed with exit code 7") < told.index(skipped)
        assert "unitc: coder_script.extra failed with exit code 3; it is optional" in told


def test_names_are_coloured_on_a_terminal_where_people_want_that(tmp_path: Path, shell: str) -> None:
    def colours(**changes: str) -> set[str]:
        with Place(tmp_path / str(len(changes)), shell, {f"coder_script.s{n}": Spec("echo x") for n in "12"}) as place:
            terminal, inner = os.openpty()
            ran = subprocess.Popen(
                shell_command(shell, str(place.launcher)),
                env=place.environment(**{"TERM": "xterm", **changes}),
                stdout=inner,
            )
            os.close(inner)
            shown = read_terminal(terminal)
            assert ran.wait(60) == 0
            return set(re.findall(r"\x1b\[(\d)\dm", shown))

    assert colours() == {"3"}
    assert colours(NO_COLOR="1") == set()


def test_a_body_known_only_at_apply_fails_and_is_named_before_anything_runs(tmp_path: Path, shell: str) -> None:
    units = {
        "coder_script.a": Spec("echo a"),
        "coder_script.u": Spec(None, ["success coder_script.a"]),
        "coder_script.v": Spec("true", ["completion coder_script.u"]),
        "coder_script.w": Spec("true", ["start coder_script.u"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        ran = place.run()
        assert ran.code == 1
        assert "coder_script.u failed: body known only at apply: var.x, main.tf:12" in ran.stderr
        assert place.events()[0].address == "coder_script.u"
        assert place.outcomes() == {
            "coder_script.a": Outcome.SUCCEEDED,
            "coder_script.u": Outcome.FAILED,
            "coder_script.v": Outcome.SUCCEEDED,
            "coder_script.w": Outcome.SKIPPED,
        }


def test_jobs_bounds_how_many_bodies_run_at_once(tmp_path: Path, shell: str) -> None:
    # The first two wait for each other.
    body = (
        "mkdir running.$$; until set -- running.*; [ $# -gt 1 ] || [ -e two ]; do sleep 0.02; done; : >two; "
        "echo $# >>counts; sleep 0.1; rmdir running.$$"
    )
    units = {f"coder_script.s{number}": Spec(body) for number in range(6)}
    with Place(tmp_path / "p", shell, units) as place:
        assert place.run("run", "--jobs", "2").code == 0
        counts = [int(count) for count in place.read("counts").split()]
        assert len(counts) == 6
        assert max(counts) == 2


def test_only_takes_a_unit_and_what_it_needs(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell, DIAMOND) as place:
        assert place.run("--only", "coder_script.c").code == 0
        assert place.read("order").split() == ["a", "c"]
        assert place.run("--only=coder_script.nope").code == 2


def test_units_that_hold_the_same_mutex_never_run_at_the_same_time(tmp_path: Path, shell: str) -> None:
    body = "mkdir alone || echo together >>bad; sleep 0.05; rmdir alone"
    units = {f"coder_script.s{number}": Spec(body, mutexes=("apt", "dpkg")) for number in range(4)}
    units["coder_script.x"] = Spec("true", ["success coder_script.s1"], mutexes=("apt",))
    with Place(tmp_path / "p", shell, units) as place:
        assert place.run().code == 0
        assert place.read("bad") == ""


def test_a_gate_timeout_ends_the_waiting_and_not_the_running(tmp_path: Path, shell: str) -> None:
    units = {
        # What ends the waiting of the next one would end it as well.
        "coder_script.slow": Spec(
            "until grep -q timed_out ../state/*/start/events.tsv; do sleep 0.05; done", gate_timeout=1
        ),
        "coder_script.b": Spec("echo no >>ran", ["success coder_script.slow"], gate_timeout=1),
        "coder_script.c": Spec("echo no >>ran", ["start coder_script.b"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        assert place.run().code == 1
        assert place.read("ran") == ""
        assert place.outcomes() == {
            "coder_script.slow": Outcome.SUCCEEDED,
            "coder_script.b": Outcome.TIMED_OUT,
            "coder_script.c": Outcome.SKIPPED,
        }


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_reaches_running_bodies_and_cancels_what_waits(
    tmp_path: Path, shell: str, number: signal.Signals
) -> None:
    name = number.name.removeprefix("SIG")
    units = {
        "coder_script.a": Spec(f"trap 'echo {name} >>said; exit 3' {name}; : >up; sleep 60 & wait"),
        "coder_script.b": Spec("echo no >>said", ["success coder_script.a"]),
        "coder_script.c": Spec("echo no >>said", ["completion coder_script.b"]),
        "coder_script.d": Spec("echo no >>said", ["completion coder_script.a"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        process = place.start()
        until((place.work / "up").exists)
        process.send(number)
        ran = process.wait()
        assert ran.code == 128 + number
        assert place.read("said").split() == [name]
        assert set(place.outcomes().values()) == {Outcome.CANCELED}
        assert len(place.outcomes()) == 4
        assert place.leftovers() == []
        assert place.left() == []


def test_a_second_signal_kills_at_once(tmp_path: Path, shell: str) -> None:
    # A group that is gone with its one process isn't waited for.
    body = """
        import signal
        signal.signal(signal.SIGTERM, lambda *_: open("said", "w").write("term"))
        open("up", "w")
        while True: signal.pause()
    """
    units = {"coder_script.a": Spec(f"#!{sys.executable} -IS\n{dedent(body)}")}
    with Place(tmp_path / "p", shell, units, endless(tmp_path / "bin", 1, 10)) as place:
        process = place.start()
        until((place.work / "up").exists)
        process.send(signal.SIGTERM)
        until(lambda: place.read("said"))
        process.send(signal.SIGTERM)
        assert process.wait().code == 128 + signal.SIGTERM
        assert place.left() == []


def test_phases_and_runtimes_are_kept_apart(tmp_path: Path, shell: str) -> None:
    units = [
        ("coder_script.a", Spec("echo start >>ran")),
        ("coder_script.a", Spec("echo stop >>ran", phase=Phase.STOP)),
        ("coder_script.b", Spec("echo other >>ran", runtime="coder_agent.other")),
    ]
    with Place(tmp_path / "p", shell, units) as place:
        refused = place.run()
        assert refused.code == 2
        assert "coder_agent.main\ncoder_agent.other" in refused.stderr
        assert place.run("--agent", "coder_agent.main", "--phase", "stop").code == 0
        assert place.read("ran").split() == ["stop"]
        assert place.run("run", "--agent=coder_agent.other").code == 0
        assert place.read("ran").split() == ["stop", "other"]
        nothing = place.run("--agent=coder_agent.other", "--phase=stop")
        assert (nothing.code, nothing.stdout) == (0, "")


def test_a_dry_run_says_what_would_run_and_touches_nothing(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell, DIAMOND) as place:
        ran = place.run("--dry-run")
        assert ran.code == 0
        assert ran.stdout.splitlines() == [
            "would run coder_script.a",
            "would run coder_script.b after success of coder_script.a",
            "would run coder_script.c after success of coder_script.a",
            "would run coder_script.d after success of coder_script.b, success of coder_script.c",
        ]
        assert not place.state.exists()
        assert place.read("order") == ""


def test_a_dry_run_takes_a_body_that_is_known_at_apply_for_one_that_succeeds(tmp_path: Path, shell: str) -> None:
    units = {"coder_script.a": Spec(None), "coder_script.b": Spec("true", ["success coder_script.a"])}
    with Place(tmp_path / "p", shell, units) as place:
        assert place.run("--dry-run") == Ran(
            0,
            "would run coder_script.a; body known only at apply: var.x, main.tf:12\n"
            "would run coder_script.b after success of coder_script.a\n",
            "",
        )


def test_list_plan_and_status_tell_of_the_units(tmp_path: Path, shell: str) -> None:
    limited = Spec("exit 4", timeout=9, gate_timeout=7, mutexes=("apt", "it's $x\n"))
    with Place(tmp_path / "p", shell, {**DIAMOND, "coder_script.e": limited}) as place:
        listed = place.run("list").stdout.splitlines()
        assert listed[:5] == [
            "coder_agent.main, start phase:",
            "  coder_script.a",
            "  coder_script.b",
            "    needs success of coder_script.a",
            "  coder_script.c",
        ]
        at = listed.index("  coder_script.e (timeout 9 s) (waits 7 s at most)")
        assert listed[at + 1 : at + 3] == ["    holds apt", r"    holds it's $x\n"]
        assert place.run("plan").stdout.splitlines() == [
            "coder_agent.main, start phase:",
            "  wave 1",
            "    coder_script.a",
            "    coder_script.e (waits 7 s at most)",
            "      holds apt",
            r"      holds it's $x\n",
            "  wave 2",
            "    coder_script.b",
            "    coder_script.c",
            "  wave 3",
            "    coder_script.d",
        ]
        assert place.run("status").stderr.startswith("unitc: there is no session in")
        place.run("--only", "coder_script.a")
        rows = [row.split("\t")[:2] for row in place.run("status", "--tsv").stdout.splitlines()[1:]]
        assert dict(rows) == {
            "coder_script.a": "succeeded",
            **{f"coder_script.{name}": "not_started" for name in "bcde"},
        }


@pytest.mark.parametrize(
    "words",
    [
        ("bogus",),
        ("--nope", "1"),
        ("--jobs", "0"),
        ("--jobs", "x"),
        ("--phase", "both"),
        ("--agent", "x"),
        ("exec",),
        ("exec", "nope"),
        ("exec", "coder_script.a", "ls"),
        ("list", "--dry-run"),
        ("plan", "--only", "coder_script.a"),
    ],
)
def test_a_wrong_command_line_is_told_and_nothing_runs(tmp_path: Path, words: tuple[str, ...]) -> None:
    with Place(tmp_path / "p", "dash", DIAMOND) as place:
        ran = place.run(*words)
        assert ran.code == 2
        assert ran.stderr.startswith("unitc: ")
        assert place.read("order") == ""


def test_a_launcher_without_units_has_nothing_to_do(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell, {}) as place:
        assert place.run().code == 0
        assert place.run("list").stdout == ""


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_a_report_that_is_still_to_be_read_counts_however_late_the_supervisor_is(tmp_path: Path, shell: str) -> None:
    units = {"coder_script.a": Spec(": >up; until [ -e go ]; do sleep 0.05; done")}
    with Place(tmp_path / "p", shell, units, tools_without("perl")) as place:
        process = place.start()
        until((place.work / "up").exists)
        os.kill(process.pid, signal.SIGSTOP)
        # By then two looks after the dead are due, each at a third tick, and stand before the report.
        time.sleep(7.5)
        (place.work / "go").touch()
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        until(lambda: any(") Z " in Path(f"/proc/{child}/stat").read_text() for child in children.read_text().split()))
        os.kill(process.pid, signal.SIGCONT)
        ran = process.wait()
        assert (ran.code, ran.stderr) == (0, "")
        assert place.left() == []
