"""Signals at every moment: a script, or a supervisor, is hit at each of its forks in turn."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGKILL, SIGSEGV, SIGTERM, Signals

import pytest

from compiler.order.outcome import Outcome
from tests.shells import at_fork
from tests.shells.at_fork import EARLY
from tests.shells.harness import Place, Ran, Spec, drawn, until, wrapped
from tests.shells.machine import endless

A, B = "coder_script.a", "coder_script.b"
BODY = "#!/bin/sh\n: >up\nexec sleep 60"
UNITS = {
    # Its mutexes are free and its timeout never comes, but it does all that such a unit does.
    "running": Spec(BODY, timeout=600, mutexes=("apt",)),
    "waiting": Spec(BODY, ["success coder_script.never"], gate_timeout=1),
    "supervised": Spec(BODY),
    "probed": Spec(BODY, says={"PROBE": "exit 1", "UNLESS": "exit 1"}),
    "again": Spec(
        '#!/bin/sh\n"$UNITC_READY"\n[ -e tried ] || { : >tried; exit 1; }\n: >up\nexec sleep 60',
        says={"NOTIFY": "1", "RETRIES": "1", "RETRY_DELAY": "0"},
    ),
    "attended": Spec(BODY, says={"PROBE": "false", "UNLESS": "false", "RETRIES": "2"}),
}
AT_ONCE = 4
FIRST = 8
"""Up to this fork a unit that waits does the same as any other, and one that is killed has not begun to be there."""
LAST = 70
"""More forks than any of them has, save for tickers."""


def each_moment(folder: Path, shell: str, unit: str, numbers: tuple[Signals, ...], check: Callable[..., None]) -> int:
    """Send a unit a signal at its forks, have the check look at what came of it, and return the last one hit."""

    def hit(moment: int) -> bool:
        number = numbers[moment // moments.step % len(numbers)]
        spec, supervised = UNITS[unit], unit in ("supervised", "attended")
        with Place(folder / str(moment), shell, {A: spec} if supervised else {}) as place:
            place.prefix = (sys.executable, "-IS", at_fork.__file__, number.name, str(moment), str(place.work / "up"))
            ran = place.run(**({} if supervised else {"text": wrapped(A, spec)}), UNITC_SESSION="s")
            # A unit that has waited long enough is over, and hears no signal any more.
            over = ran.code == EARLY or "timed out" in ran.stderr
            if not over:
                place.prefix = ()
                if shell == "zsh" and ran.code == 128 + SIGSEGV:
                    # It runs a trap inside its signal handler, and now and then crashes there. No script can prevent
                    # that, so what holds for a supervisor that was killed has to hold.
                    is_dead_with_all_bodies(place, ran, SIGSEGV)
                else:
                    check(place, ran, number)
            return not over

    begin = FIRST if unit == "waiting" or numbers == (SIGKILL,) else 1
    numbered = drawn(shell, LAST - begin)
    moments = range(begin + numbered.start, LAST, numbered.step)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for first in range(0, len(moments), AT_ONCE):
            block = moments[first : first + AT_ONCE]
            reached = list(pool.map(hit, block))
            if not all(reached):
                break
    return block[0] + (sum(reached) - 1) * moments.step


def is_canceled(place: Place, ran: Ran, number: Signals) -> None:
    assert ran.code == 128 + number, ran
    assert place.outcomes() == {A: Outcome.CANCELED}, (place.root.name, ran)
    has_run = Outcome.RUNNING in {event.outcome for event in place.events()}
    # The first few forks find out about the system, so the body had not begun.
    assert not has_run or int(place.root.name) > 5
    # A body that the signal didn't reach is killed 10 s later. Where a background process ignores SIGINT, one that has
    # not become the text yet does so.
    deaf = number == SIGINT and place.shell in ("dash", "busybox")
    assert deaf or place.events()[-1].code != 128 + SIGKILL
    assert has_run or not place.read("up")
    assert place.leftovers() == []
    until(lambda: not place.processes())


@pytest.mark.parametrize("unit", ["running", "waiting", "probed", "again", "supervised", "attended"])
def test_a_signal_at_any_moment_cancels_and_leaves_nothing(tmp_path: Path, shell: str, unit: str) -> None:
    # In a run a body that has only just begun may not hear SIGINT yet.
    numbers = (SIGTERM, SIGHUP) if unit in ("supervised", "attended") else (SIGTERM, SIGINT, SIGHUP)
    assert each_moment(tmp_path, shell, unit, numbers, is_canceled) > 10


def is_dead(place: Place, ran: Ran, number: Signals) -> None:
    assert ran.code == 128 + number, ran
    until(lambda: not place.processes())
    if not list(place.state.glob("*/start/outcomes/*.claim")):
        assert place.events() == []
        return
    after = place.run(text=wrapped(B, Spec("true", [f"completion {A}"], gate_timeout=20)), UNITC_SESSION="s")
    assert after.code == 0, after
    assert place.outcomes() == {A: Outcome.FAILED, B: Outcome.SUCCEEDED}
    # Before it has a helper nobody can clean up after it.
    if "exited without reporting an outcome" not in after.stderr:
        assert place.leftovers() == []


@pytest.mark.parametrize("unit", ["running", "waiting", "probed", "again"])
def test_a_script_killed_at_any_moment_takes_its_body_with_it_and_has_failed(
    tmp_path: Path, shell: str, unit: str
) -> None:
    assert each_moment(tmp_path, shell, unit, (SIGKILL,), is_dead) >= 10


def is_dead_with_all_bodies(place: Place, ran: Ran, number: Signals) -> None:
    assert ran.code == 128 + number, ran
    until(lambda: not place.processes())
    if place.events():
        assert place.outcomes() == {A: Outcome.FAILED}
        assert place.leftovers() == []


@pytest.mark.parametrize("unit", ["supervised", "attended"])
def test_a_supervisor_killed_at_any_moment_takes_its_bodies_with_it(tmp_path: Path, shell: str, unit: str) -> None:
    assert each_moment(tmp_path, shell, unit, (SIGKILL,), is_dead_with_all_bodies) > 10


@pytest.mark.parametrize("number", [SIGTERM, SIGINT, SIGHUP])
def test_a_script_that_waits_for_a_mutex_is_canceled(tmp_path: Path, shell: str, number: Signals) -> None:
    holds = Spec("#!/bin/sh\n: >up\nuntil [ -e go ]; do sleep 0.05; done", mutexes=("apt",))
    with Place(tmp_path / "p", shell) as place:
        first = place.start(text=wrapped(A, holds))
        until((place.work / "up").exists)
        second = place.start(text=wrapped(B, Spec("echo no >>said", mutexes=("apt",))))
        assert second.popen.stderr is not None
        # bash loses a SIGINT that comes while a command substitution runs, and none does once it has said this.
        assert second.popen.stderr.readline() == f"unitc: waiting for the mutex apt (held by {A})\n"
        second.send(number)
        assert second.wait().code == 128 + number
        (place.work / "go").touch()
        assert first.wait().code == 0
        assert place.outcomes() == {A: Outcome.SUCCEEDED, B: Outcome.CANCELED}
        assert place.read("said") == ""
        assert place.leftovers() == []
        assert place.left() == []


def test_a_second_signal_to_a_script_kills_its_body_at_once(tmp_path: Path, shell: str) -> None:
    body = "#!/bin/sh\ntrap 'echo term >>said' TERM\n: >up\nwhile :; do sleep 0.1; done"
    with Place(tmp_path / "p", shell, path=endless(tmp_path / "bin", 10)) as place:
        process = place.start(text=wrapped(A, Spec(body)))
        until((place.work / "up").exists)
        process.send(SIGTERM)
        until(lambda: place.read("said"))
        process.send(SIGHUP)
        assert process.wait().code == 128 + SIGTERM
        assert place.outcomes() == {A: Outcome.CANCELED}
        assert place.leftovers() == []
        assert place.left() == []
