"""Units that aren't run where that isn't needed, are run again where they fail, or may fail."""

from __future__ import annotations

import itertools
import signal
import time
from pathlib import Path

import pytest

from compiler.order.outcome import Outcome
from tests.shells.harness import Place, Spec, shells_with, until, wrapped
from tests.shells.test_gate import run_all, start_all

A, B, C, D = (f"coder_script.{name}" for name in "abcd")
AT_ONCE = {"RETRIES": "2", "RETRY_DELAY": "0"}


def words(place: Place, address: str = A) -> list[str]:
    """Return what became of a unit, in the order of the events."""
    return [str(event.outcome) for event in place.events() if event.address == address]


def failing(times: int, code: int = 7) -> str:
    """Return a body that fails so many times."""
    return f'echo >>tries; [ "$(wc -l <tries)" -gt {times} ] || exit {code}'


def test_a_failure_opens_one_gate_and_a_success_makes_it_needless(tmp_path: Path, shell: str) -> None:
    units = {
        A: Spec("exit 7"),
        B: Spec("sleep 60", timeout=1),
        C: Spec("echo $0 report >>ran", [f"failure {A}", f"failure {B}"]),
        D: Spec("true"),
        "coder_script.e": Spec("echo no >>ran", [f"failure {D}"]),
        "coder_script.f": Spec("echo no >>ran", ["failure coder_script.e"]),
    }
    with Place(tmp_path / "p", shell) as place:
        ran = run_all(place, units)
        assert [ran[address].code for address in sorted(units)] == [7, 124, 0, 0, 0, 0]
        assert place.read("ran").split()[-1:] == ["report"]
        assert ran["coder_script.e"].told == f"unitc: coder_script.e skipped: nothing to do: {D} succeeded.\n"
        assert ran["coder_script.f"].told == (
            "unitc: coder_script.f skipped: nothing to do: coder_script.e was skipped.\n"
        )
        assert place.left() == []


def test_a_body_that_is_not_needed_is_not_run_and_its_unit_has_succeeded(tmp_path: Path, shell: str) -> None:
    unless = "#!/bin/sh\necho asked; test -d it\\'s"
    units = {
        A: Spec("echo no >>ran", says={"UNLESS": unless}),
        B: Spec("echo b >>ran", [f"success {A}"]),
        C: Spec("echo c >>ran", [f"start {A}"]),
        D: Spec("echo d >>ran", [f"ready {A}"]),
    }
    with Place(tmp_path / "p", shell) as place:
        (place.work / "it's").mkdir()
        ran = run_all(place, units)
        assert {each.code for each in ran.values()} == {0}
        said = f"unitc: {A} succeeded without running, since this exited with 0: {unless}\n"
        assert (ran[A].stdout, ran[A].stderr) == ("asked\n", said)
        assert sorted(place.read("ran").split()) == ["b", "c", "d"]
        assert words(place) == ["succeeded"]
        assert place.left() == []


def test_a_body_is_run_where_unless_says_no_and_holds_its_mutex_for_both(tmp_path: Path, shell: str) -> None:
    alone = "mkdir alone || echo together >>bad; sleep 0.1; rmdir alone; "
    units = {
        address: Spec(f"{alone} echo ran >>ran", mutexes=("m",), says={"UNLESS": f"{alone} exit 3"})
        for address in (A, B)
    }
    with Place(tmp_path / "p", shell) as place:
        assert {ran.code for ran in run_all(place, units).values()} == {0}
        assert (place.read("bad"), place.read("ran")) == ("", "ran\nran\n")
        assert words(place) == ["running", "succeeded"]
        assert place.left() == []


def test_a_body_that_fails_is_run_again_and_each_attempt_is_told(tmp_path: Path, shell: str) -> None:
    units = {
        A: Spec(failing(2), says=AT_ONCE, mutexes=("m",)),
        B: Spec("wc -l <tries >seen", [f"success {A}"]),
        C: Spec("echo no >>no", [f"failure {A}"]),
    }
    with Place(tmp_path / "p", shell) as place:
        ran = run_all(place, units)
        assert {each.code for each in ran.values()} == {0}
        assert ran[A].stderr == "".join(
            f"unitc: {A}: attempt {n} of 3 failed with exit code 7. The next one starts in 0 s.\n" for n in (1, 2)
        )
        assert words(place) == ["running", "retrying", "retrying", "succeeded"]
        assert [event.code for event in place.events() if event.outcome == "retrying"] == [7, 7]
        assert (place.read("seen").strip(), place.read("no")) == ("3", "")
        assert place.left() == []


def test_the_outcome_is_that_of_the_last_attempt(tmp_path: Path, shell: str) -> None:
    body = 'echo >>tries; exit "$(wc -l <tries)"'
    units = {A: Spec(body, says=AT_ONCE), B: Spec("echo no", [f"success {A}"]), C: Spec("true", [f"failure {A}"])}
    with Place(tmp_path / "p", shell) as place:
        ran = run_all(place, units)
        assert (ran[A].code, ran[B].code, ran[C].code) == (3, 0, 0)
        assert place.outcomes() == {A: Outcome.FAILED, B: Outcome.SKIPPED, C: Outcome.SUCCEEDED}
        assert place.events()[3].code == 3
        assert place.left() == []


def test_pauses_between_attempts_double(tmp_path: Path) -> None:
    with Place(tmp_path / "p", "dash") as place:
        says = {"RETRIES": "3", "RETRY_DELAY": "1"}
        ran = place.run(text=wrapped(A, Spec("date +%s.%N >>times; exit 1", says=says)))
        times = [float(line) for line in place.read("times").split()]
        pauses = [second - first for first, second in itertools.pairwise(times)]
        assert all(pause > least for pause, least in zip(pauses, (1, 2, 4), strict=True)), pauses
        assert [line.split()[-2] for line in ran.stderr.splitlines()] == ["1", "2", "4"]


@pytest.mark.parametrize(
    ("spec", "most"),
    [
        (Spec("echo >>tries; exit 1", timeout=2, says={"RETRIES": "9", "RETRY_DELAY": "60"}), 1),
        # No attempt takes as long by itself, so that it would fail after the last one.
        (Spec("echo >>tries; sleep 1; exit 1", timeout=3, says={"RETRIES": "9", "RETRY_DELAY": "0"}), 9),
        (Spec("true", timeout=2, says={"UNLESS": "sleep 60", "RETRIES": "9"}), 0),
    ],
    ids=["pause", "attempt", "unless"],
)
def test_a_timeout_bounds_all_attempts_and_pauses_together(tmp_path: Path, shell: str, spec: Spec, most: int) -> None:
    with Place(tmp_path / "p", shell) as place:
        begin = time.monotonic()
        ran = place.start(text=wrapped(A, spec)).wait(50)
        assert ran.code == 124, ran
        assert spec.timeout is not None
        assert time.monotonic() - begin > spec.timeout - 0.1
        assert ran.stderr.splitlines()[-1] == f"unitc: {A} timed out: it ran for more than {spec.timeout} s."
        assert place.outcomes() == {A: Outcome.TIMED_OUT}
        assert place.read("tries").count("\n") <= most
        assert place.left() == []


RESTING = Spec(": >up; exit 1", mutexes=("m",), says={"RETRIES": "9", "RETRY_DELAY": "60"})
ASKING = Spec("echo no >>no", mutexes=("m",), says={"UNLESS": ": >up; sleep 60"})


@pytest.mark.parametrize(
    ("shell", "spec", "number"),
    [
        pytest.param(shell, spec, number, id=f"{shell}-{name}-{number.name}")
        for shell, ((name, spec), number) in shells_with(
            itertools.product(
                (("resting", RESTING), ("asking", ASKING)),
                (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL),
            )
        )
    ],
)
def test_signals_end_a_unit_that_rests_or_asks(tmp_path: Path, shell: str, spec: Spec, number: signal.Signals) -> None:
    units = {A: spec, B: Spec("echo b >>ran", [f"completion {A}"]), C: Spec("echo c >>ran", mutexes=("m",))}
    with Place(tmp_path / "p", shell) as place:
        first = place.start(text=wrapped(A, units[A]))
        until((place.work / "up").exists)
        if spec is RESTING:
            until(lambda: "retrying" in words(place))
        others = [place.start(text=wrapped(address, units[address])) for address in (B, C)]
        first.send(number)
        ran = first.wait(50)
        assert [other.wait(50).code for other in others] == [0, 0]
        if number == signal.SIGKILL:
            assert place.outcomes()[A] is Outcome.FAILED
            assert sorted(place.read("ran").split()) == ["b", "c"]
            # A sleep that nobody waits for any more ends by itself.
            if spec is ASKING:
                assert place.left(30) == []
        else:
            assert ran.code == 128 + number
            assert place.outcomes()[A] is Outcome.CANCELED
            assert place.read("ran").split() == ["c"]
            assert place.left() == []
        assert place.read("no") == ""


@pytest.mark.parametrize(
    ("spec", "outcome"),
    [
        (Spec("exit 7", says={"OPTIONAL": "1"}), Outcome.FAILED),
        (Spec("sleep 60", timeout=1, says={"OPTIONAL": "1"}), Outcome.TIMED_OUT),
        (Spec("true", ["success coder_script.x"], gate_timeout=1, says={"OPTIONAL": "1"}), Outcome.TIMED_OUT),
    ],
    ids=["failed", "late", "waited"],
)
def test_an_optional_unit_fails_for_its_dependents_alone(
    tmp_path: Path, shell: str, spec: Spec, outcome: Outcome
) -> None:
    units = {A: spec, B: Spec("echo no >>no", [f"success {A}"]), C: Spec("echo c >>ran", [f"failure {A}"])}
    with Place(tmp_path / "p", shell) as place:
        ran = run_all(place, units)
        assert {each.code for each in ran.values()} == {0}
        assert place.outcomes() == {A: outcome, B: Outcome.SKIPPED, C: Outcome.SUCCEEDED}
        assert (place.read("no"), place.read("ran")) == ("", "c\n")
        assert outcome is Outcome.FAILED or "timed out" in ran[A].stderr
        assert place.left() == []


def test_an_optional_unit_that_is_canceled_says_so_all_the_same(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell) as place:
        running = place.start(text=wrapped(A, Spec(": >up; sleep 60", says={"OPTIONAL": "1"})))
        until((place.work / "up").exists)
        running.send(signal.SIGTERM)
        assert running.wait(50).code == 128 + signal.SIGTERM
        assert place.left() == []


def test_a_later_start_runs_the_body_once_whatever_its_unit_says(tmp_path: Path, shell: str) -> None:
    says = {"PROBE": "echo probe >>said", "UNLESS": "[ -e ran ]", **AT_ONCE}
    spec = Spec('echo ran >>ran; [ "$(wc -l <ran)" != 2 ]', says=says)
    notified = Spec('"$UNITC_READY"; echo $? >>rang', says={"NOTIFY": "1"})
    with Place(tmp_path / "p", shell) as place:
        for address, each in ((A, spec), (B, notified)):
            assert place.run(text=wrapped(address, each), UNITC_SESSION="s").code == 0
        before = place.events()
        ran = [
            place.run(text=wrapped(address, each), UNITC_SESSION="s") for address, each in ((A, spec), (B, notified))
        ]
        assert [(each.code, each.stderr) for each in ran] == [(1, ""), (0, "")]
        assert (place.read("ran"), place.read("rang")) == ("ran\nran\n", "0\n0\n")
        assert place.events() == before
        assert place.left() == []


def test_disabling_runs_the_body_alone(tmp_path: Path, shell: str) -> None:
    says = {"PROBE": "echo probe >>said", "NOTIFY": "1", "UNLESS": "true", "OPTIONAL": "1", **AT_ONCE}
    with Place(tmp_path / "p", shell) as place:
        ran = place.run(text=wrapped(A, Spec('"$UNITC_READY" && exit 7', says=says)), UNITC_DISABLE="1")
        assert ran.code == 7
        assert (place.read("said"), place.events()) == ("", [])


def test_nothing_of_what_a_unit_says_reaches_its_body(tmp_path: Path, shell: str) -> None:
    says = {"PROBE": "env >>seen", "PROBE_INTERVAL": "1", "UNLESS": "env >>seen; false", "OPTIONAL": "1", **AT_ONCE}
    with Place(tmp_path / "p", shell) as place:
        body = 'env >>seen; until [ "$(grep -c ^PLACE= seen)" -ge 3 ]; do sleep 0.02; done'
        assert place.run(text=wrapped(A, Spec(body, says=says))).code == 0
        assert place.read("seen").count("PLACE=") == 3
        names = {line.partition("=")[0] for line in place.read("seen").splitlines()}
        assert not {name for name in names if name.startswith(("UNITC_", "u_"))}


def test_a_body_that_dies_of_a_signal_is_run_again(tmp_path: Path, shell: str) -> None:
    body = '#!/bin/sh\necho >>tries; [ "$(wc -l <tries)" -gt 1 ] || kill -KILL $$'
    with Place(tmp_path / "p", shell) as place:
        ran = start_all(place, {A: Spec(body, says=AT_ONCE)})[A].wait()
        assert ran.code == 0
        assert words(place) == ["running", "retrying", "succeeded"]
        assert place.events()[1].code == 137
        assert place.left() == []
