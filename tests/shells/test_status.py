"""The command in the workspace that shows what has become of a start, and lets go of a unit or skips it."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from compiler.launcher.launcher import coded_address
from compiler.launcher.runtime import offer_runtime
from compiler.order.outcome import Outcome
from compiler.terraform.configuration.address import quote
from tests.golden import check_golden
from tests.shells.harness import Place, Ran, Spec, shell_command, until, wrapped
from tests.shells.machine import endless, read_terminal

GOLDENS = Path(__file__).parent / "goldens"
NOON = 1_800_014_400  # 12:00:00 UTC on a day in 2027.
NAMED = "It's \\n `b`\n\x1b[31m"
EVIL = f"coder_script.evil[{quote(chr(27) + '[31m' + chr(10))}]"


@cache
def command_text() -> str:
    """Return the command as the first script of a session leaves it in the session's folder."""
    with tempfile.TemporaryDirectory() as folder, Place(Path(folder, "p"), "dash") as place:
        place.run(text=wrapped("coder_script.a", Spec(), room=offer_runtime()))
        (path,) = place.state.glob("*/unitc-status")
        until(lambda: os.access(path, os.X_OK))
        return path.read_text("ascii")


def write_command(folder: Path) -> Path:
    """Write the command into a folder, and return its path."""
    path = folder / "unitc-status"
    path.write_text(command_text(), "ascii")
    path.chmod(0o755)
    return path


def ask(place: Place, command: Path, *words: str, **changes: str) -> Ran:
    """Run the command as a file of its own."""
    ran = subprocess.run(
        shell_command(place.shell, str(command), *words),
        env=place.environment(**{"TZ": "UTC0", **changes}),
        cwd=place.work,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Ran(ran.returncode, ran.stdout.decode("utf-8", "surrogateescape"), ran.stderr.decode())


@dataclass
class Told:
    """What a session knows of a unit: see the file about, the events, and the files beside it."""

    name: str = ""
    gates: Sequence[str] = ()
    events: Sequence[str] = ()
    mutexes: Sequence[str] = ()
    body: bool = False


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def make_session(state: Path, units: Mapping[str, Told]) -> Path:
    """Make the folder of a session whose shells are all this process, and return the command in it.

    An event is the seconds since noon, what happened, and the code where it has one.
    """
    phase = state / "+session" / "start"
    (phase / "outcomes").mkdir(parents=True)
    state.chmod(0o700)
    events = []
    for number, (address, told) in enumerate(units.items()):
        unit = coded_address(address)
        if told.events or told.body or told.gates or told.mutexes:
            first = "\t".join((unit, coded(told.name), " ".join(map(coded, told.mutexes)), f"{NOON + number}.25", ""))
            (phase / "outcomes" / f"u{number}.about").write_text("\n".join((first, *told.gates, "")))
            (phase / "outcomes" / f"u{number}.owner.{os.getpid()}.1").touch()
        if told.body:
            (phase / "outcomes" / f"u{number}.body.{os.getpgrp()}.1").touch()
        for event in told.events:
            seconds, what, *code = event.split(" ")
            events.append((NOON + float(seconds), percent(address), what, *(code or "-")))
    (phase / "events.tsv").write_text(
        "".join(f"{time:.2f}\t" + "\t".join(rest) + "\n" for time, *rest in sorted(events))
    )
    return write_command(phase.parent)


def percent(address: str) -> str:
    return re.sub(rb"[^A-Za-z0-9_.~-]", lambda found: b"%%%02X" % found[0][0], address.encode()).decode()


HANGING: Mapping[str, Told] = {
    "coder_script.clone": Told("Git Clone", events=["58 running"], body=True),
    "coder_script.deps": Told("Install dependencies", ["success coder_script.clone"]),
    "coder_script.tools": Told("Tools", events=["59 running"], mutexes=["apt"], body=True),
    "module.extra.coder_script.tools": Told("Tools", mutexes=["apt", "dpkg"]),
    "coder_script.dotfiles": Told("Dotfiles", events=["60 running", "61.5 failed 128"]),
    "coder_script.shell": Told("Shell", ["success coder_script.dotfiles"], ["62 skipped"]),
    "coder_script.prompt": Told(
        "Prompt", ["completion coder_script.tools", "success coder_script.shell"], ["62 skipped"]
    ),
    "coder_script.server": Told("Serveur des données", events=["63 running", "64 retrying 9", "65 retrying 7"]),
    "coder_script.browser": Told("Browser", ["ready coder_script.server", "stop success coder_script.clone"]),
    "coder_script.late": Told("Late", ["start coder_script.never"], ["90 timed_out"]),
    EVIL: Told(
        "Evil \x1b]0;x\x07\r\n\t\x7f\u009b1m\u202enames",
        ["success coder_script.deps", "failure coder_script.clone"],
    ),
    "coder_script.ready": Told("", events=["70 running", "71 ready"]),
    "coder_script.canceled": Told("Canceled", events=["72 release", "72 running", "73 canceled 143"]),
    "coder_script.quick": Told("Quick", events=["74 release", "74 running", "75 succeeded 0"]),
    "coder_script.by_hand": Told("By hand", ["success coder_script.clone"], ["76 skip", "76 skipped"]),
    "coder_script.dead": Told("Dead", events=["77 failed"]),
}  # fmt: skip


def test_the_table_fits_the_terminal(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell) as place:
        command = make_session(place.state, HANGING)
        for columns in ("40", "80", "120", ""):
            ran = ask(place, command, **({"COLUMNS": columns} if columns else {}))
            assert (ran.code, ran.stderr) == (0, "")
            assert not columns or max(map(len, ran.stdout.splitlines())) <= int(columns)
            shown = ran.stdout.replace(f"process {os.getpgrp()}", "process 1234")
            check_golden(GOLDENS / f"status-{columns or 'wide'}.txt", shown)


def test_whys_and_rows_are_told_of_each_unit(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell) as place:
        command = make_session(place.state, HANGING)
        rows = ask(place, command, "--tsv")
        assert (rows.code, rows.stderr) == (0, "")
        check_golden(GOLDENS / "status.tsv", rows.stdout)
        asked = ("Install dependencies", "module.extra.coder_script.tools", "Prompt", "Browser", "Late", EVIL)
        told = [ask(place, command, "why", unit, COLUMNS="80").stdout for unit in asked]
        check_golden(GOLDENS / "status-why.txt", "".join(told).replace(f"process {os.getpgrp()}", "process 1234"))
        assert "\x1b" not in rows.stdout + "".join(told)


def rows_of(ran: Ran) -> dict[str, tuple[str, ...]]:
    """Return for each address its state, for what it waits, who holds that, its exit code and the reason."""
    assert (ran.code, ran.stderr) == (0, "")
    head, *rows = (line.split("\t") for line in ran.stdout.splitlines())
    assert head == ["address", "state", "since", "waits_for", "held_by", "exit_code", "reason", "name"]
    return {address: (state, *rest) for address, state, _, *rest, _ in rows}


def test_a_start_that_hangs_is_seen_and_let_go(tmp_path: Path, shell: str) -> None:
    a, b, c, d, e, f = (f"coder_script.{name}" for name in "abcdef")
    units = {
        a: Spec("echo begun; : >up; until [ -e go ]; do sleep 0.05; done", mutexes=("apt",)),
        b: Spec("echo b >>order", [f"success {a}"], name=NAMED),
        c: Spec("echo c >>order", [f"start {b}", "success coder_script.never"]),
        d: Spec("echo d >>order", mutexes=("apt",)),
        e: Spec("exit 3"),
        f: Spec("echo no >>order", [f"success {e}"]),
        EVIL: Spec("echo evil >>order", [f"completion {c}"]),
    }
    logs = tmp_path / "logs"
    logs.mkdir()
    # Without ticks, whoever waits hears of what happens now or never.
    with Place(tmp_path / "p", shell, path=endless(tmp_path / "bin", 4)) as place:
        command = write_command(place.root)
        assert ask(place, command) == Ran(1, "", "unitc: there is no start to show.\n")
        running = {}
        for address, unit in units.items():
            log = {"CODER_SCRIPT_DATA_DIR": f"/data/{address[13]}", "CODER_AGENT_LOG_DIR": str(logs)}
            running[address] = place.start(text=wrapped(address, unit), **log)
            if address == a:
                until(lambda: (a, "running") in place.happened() and (place.work / "up").exists())
        assert running[e].wait().code == 3
        assert running[f].wait().code == 0
        pids = [running[address].pid for address in (b, c, d, EVIL)]
        until(lambda: all(any(place.state.glob(f"*/**/*.waiter.{pid}")) for pid in pids))
        never, evil = "coder_script.never", percent(EVIL)
        assert rows_of(ask(place, command, "--tsv")) == {
            a: ("running", "-", "-", "-", "-"),
            b: ("waiting", a, "-", "-", "-"),
            c: ("waiting", f"{b},{never}", "-", "-", "-"),
            d: ("waiting", "mutex:apt", a, "-", "-"),
            e: ("failed", "-", "-", "3", "-"),
            f: ("skipped", "-", "-", "-", f"{e} failed with exit code 3"),
            evil: ("waiting", c, "-", "-", "-"),
            never: ("not_started", "-", "-", "-", "-"),
        }
        table = ask(place, command).stdout
        assert table.startswith("start phase: 1 running, 4 waiting, 1 failed, 1 skipped, 1 not started\n\nunit  ")
        why = ask(place, command, "why", c).stdout
        timeless = re.sub(r"[0-9]{2}(:[0-9]{2}){2}", "T", re.sub("process [0-9]+", "process P", why))
        assert timeless == (
            f"{c}: waiting since T\n"
            "  the start of It's \\n `b`\\n\\u001b[31m: waiting since T\n"
            f"    the success of {a}: running since T, process P\n"
            f"  the success of {never}: not started\n"
        )
        (logs / "coder-script-a.log").write_text("begun\n")
        assert ask(place, command, "log", a) == Ran(0, "begun\n", "")
        assert ask(place, command, "log", b).stderr == f"unitc: there is no log of {b} here; Coder shows it.\n"

        # What can't be, with a sentence that says why.
        refused = ask(place, command, "release", d)
        assert refused == Ran(1, "", f"unitc: all gates of {d} are open; it waits for the mutex apt, held by {a}.\n")
        refused = ask(place, command, "skip", a)
        body = re.search(r"This ends its body: kill -- -([0-9]+)\n$", refused.stderr)
        assert refused.code == 1
        assert body is not None
        assert os.getpgid(int(body[1])) == int(body[1])
        assert ask(place, command, "skip", never).stderr == f"unitc: {never} is not waiting: not started.\n"
        assert (
            ask(place, command, "release", "x\n\x1b[31m").stderr
            == r"unitc: there is no unit x\n\u001b[31m here." + "\n"
        )
        stranger = tmp_path / "stranger"
        stranger.mkdir()
        (stranger / "id").write_text("#!/bin/sh\necho 4711\n")
        (stranger / "id").chmod(0o755)
        refused = ask(place, command, "skip", b, PATH=f"{stranger}:{os.environ['PATH']}")
        assert refused == Ran(1, "", f"unitc: only the user {os.getuid()}, whose start this is, can skip a unit.\n")

        # What takes effect at once.
        assert ask(place, command, "release", NAMED) == Ran(0, "released It's \\n `b`\\n\\u001b[31m\n", "")
        assert running[b].wait().stderr.endswith(" s; released by hand; starting\n")
        assert ask(place, command, "skip", d) == Ran(0, f"skipped {d}\n", "")
        assert running[d].wait().stderr.endswith(f"unitc: {d} skipped: by hand.\n")
        assert ask(place, command, "skip", c) == Ran(0, f"skipped {c}\n", "")
        assert running[EVIL].wait().code == 0
        assert place.read("order").split() == ["b", "evil"]
        happened = place.happened()
        at = happened.index((b, "release"))
        assert happened[at : at + 7] == [
            (b, "release"),
            (b, "running"),
            (b, "succeeded"),
            (d, "skip"),
            (d, "skipped"),
            (c, "skip"),
            (c, "skipped"),
        ]
        watching = subprocess.Popen(
            shell_command(shell, str(command), "--watch"), env=place.environment(), stdout=subprocess.PIPE, text=True
        )
        assert watching.stdout is not None
        assert watching.stdout.readline().startswith("start phase: 1 running, ")
        (place.work / "go").touch()
        assert running[a].wait().code == 0
        with watching.stdout as stream:
            rest = stream.read()
        assert watching.wait(50) == 0
        assert "\n\nstart phase: 3 succeeded, " in rest
        assert "\x1b" not in rest + table


def test_the_first_script_leaves_the_command_in_the_session_and_on_the_path(tmp_path: Path, shell: str) -> None:
    folder = tmp_path / "data" / "bin"
    folder.mkdir(parents=True)
    with Place(tmp_path / "p", shell) as place:
        for address in ("coder_script.a", "coder_script.b"):
            unit = Spec('test -z "$UNITC_STATUS" && echo done')
            text = wrapped(address, unit, room=offer_runtime())
            assert place.run(text=text, CODER_SCRIPT_BIN_DIR=str(folder)) == Ran(0, "done\n", "")
        link = folder / "unitc-status"
        until(lambda: os.access(link, os.X_OK))
        assert link.resolve().read_text("ascii") == command_text()
        (session,) = place.state.glob("*")
        assert link.resolve().parent == session
        text = wrapped("coder_script.c", Spec(), room=offer_runtime())
        assert place.run(text=text, CODER_SCRIPT_BIN_DIR=str(folder), UNITC_SESSION="a start later").code == 0
        # It is made anew, so there is none for a moment.
        until(lambda: link.exists() and link.resolve().parent != session)
        assert set(rows_of(ask(place, session / link.name, "--tsv"))) == {"coder_script.a", "coder_script.b"}
        assert set(rows_of(ask(place, link, "--tsv"))) == {"coder_script.c"}


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_script_minds_nothing_of_a_command_that_can_not_be_left(tmp_path: Path, shell: str, folder: str) -> None:
    (tmp_path / "file").touch()
    with Place(tmp_path / "p", shell) as place:
        text = wrapped("coder_script.a", Spec("echo done"), room=offer_runtime())
        assert place.run(text=text, CODER_SCRIPT_BIN_DIR=str(tmp_path / folder)) == Ran(0, "done\n", "")
        until(lambda: not place.processes())


# Source: https://github.com/coder/coder, agent/agentscripts/agentscripts.go (run) and
# provisioner/terraform/resources.go (the two scripts of an agent); the folder is os.TempDir where the agent isn't given
# one (cli/agent.go, --log-dir).
LOGS = {
    "coder_script.a": "coder-script-ID.log",
    "module.m.coder_script.startup_script": "coder-script-ID.log",
    "coder_agent.main.startup_script": "coder-startup-script.log",
    "module.m.coder_agent.main[0].startup_script": "coder-startup-script.log",
    "coder_agent.main.shutdown_script": "coder-shutdown-script.log",
}


@pytest.mark.parametrize("variable", ["CODER_AGENT_LOG_DIR", "TMPDIR"])
def test_a_log_is_found_under_the_name_that_coder_gives_it(tmp_path: Path, shell: str, variable: str) -> None:
    for at, (address, name) in enumerate(LOGS.items()):
        logs = tmp_path / f"logs{at}"
        logs.mkdir()
        with Place(tmp_path / f"p{at}", shell) as place:
            command = write_command(place.root)
            place.run(text=wrapped(address, Spec()), CODER_SCRIPT_DATA_DIR="/data/ID", **{variable: str(logs)})
            (logs / name).write_text("said\n")
            assert ask(place, command, "log", address) == Ran(0, "said\n", ""), address


def test_a_name_of_several_units_is_no_name(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell) as place:
        command = make_session(place.state, HANGING)
        assert ask(place, command, "why", "Tools") == Ran(
            1,
            "",
            "unitc: several units are called Tools. Name one by its address:\n"
            "  coder_script.tools\n  module.extra.coder_script.tools\n",
        )


def test_a_unit_whose_shell_is_gone_is_lost_and_times_are_those_of_the_place(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell) as place:
        command = make_session(place.state, {"coder_script.a": Told("A", events=["1 running"])})
        (owner,) = place.state.glob("*/start/outcomes/*.owner.*")
        gone = subprocess.Popen("true")
        gone.wait()
        owner.rename(owner.with_name(f"u0.owner.{gone.pid}.1"))
        said = "(its shell exited without reporting an outcome)"
        for zone, time in (("XXX-5:30", "17:30:01"), ("XXX+3", "09:00:01")):
            assert ask(place, command, "why", "A", TZ=zone).stdout == f"A: lost since {time} {said}\n"
        refused = ask(place, command, "release", "A")
        assert refused == Ran(1, "", "unitc: A is not waiting: lost since 12:00:01.\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["why"], "why takes one unit."),
        (["skip", "a", "b"], "skip takes one unit."),
        (["nope"], "there is no nope; --help says what there is."),
    ],
)
def test_a_wrong_command_line_is_told(tmp_path: Path, shell: str, words: list[str], said: str) -> None:
    with Place(tmp_path / "p", shell) as place:
        command = write_command(place.root)
        assert ask(place, command, *words) == Ran(2, "", f"unitc: {said}\n")


def test_a_terminal_is_cleared_before_the_table_and_fits_it(tmp_path: Path, shell: str) -> None:
    with Place(tmp_path / "p", shell) as place:
        command = make_session(place.state, {"coder_script.a": Told("A", events=["1 running", "2 failed 1"])})
        terminal, inner = os.openpty()
        # The first terminal that the leader of a session opens becomes that of the session.
        enter = 'exec <>"$0" >&0 2>&0; stty rows 24 cols 20; exec "$@"'
        words = ["sh", "-c", enter, os.ttyname(inner), *shell_command(shell, str(command), "--watch")]
        with subprocess.Popen(words, env=place.environment(TZ="UTC0"), start_new_session=True) as watching:
            until(lambda: watching.poll() is not None)
        os.close(inner)
        text = read_terminal(terminal)
        assert watching.returncode == 0
        shown = "start phase: 1\n  failed\n\nA: failed with\n  exit code 1 at\n  12:00:02\n"
        assert text.replace("\r\n", "\n") == f"\x1b[H\x1b[J{shown}"


def test_a_run_of_the_launcher_is_seen_and_let_go(tmp_path: Path, shell: str) -> None:
    a, b, c, d, e = (f"coder_script.{name}" for name in "abcde")
    units = {
        a: Spec("echo begun; : >up; until [ -e go ]; do sleep 0.05; done", mutexes=("apt",)),
        b: Spec("echo b >>order", [f"success {a}"]),
        c: Spec("echo c >>order", [f"success {b}", f"completion {a}"]),
        d: Spec("echo d >>order", mutexes=("apt",)),
        e: Spec("exit 3"),
        EVIL: Spec("echo evil >>order", [f"completion {c}"]),
    }
    with Place(tmp_path / "p", shell, units) as place:
        running = place.start("run")
        until(lambda: {(a, "running"), (e, "failed")} <= set(place.happened()) and (place.work / "up").exists())
        evil = percent(EVIL)
        assert rows_of(place.run("status", "--tsv")) == {
            a: ("running", "-", "-", "-", "-"),
            b: ("waiting", a, "-", "-", "-"),
            c: ("waiting", f"{a},{b}", "-", "-", "-"),
            d: ("waiting", "mutex:apt", a, "-", "-"),
            e: ("failed", "-", "-", "3", "-"),
            evil: ("waiting", c, "-", "-", "-"),
        }
        session, phase = place.run("status").stdout.splitlines()[:2]
        assert re.fullmatch(f"session {place.state}/.*run%s.*[0-9]", session)
        assert phase == "start phase: 1 running, 4 waiting, 1 failed"
        assert place.run("status", "log", a) == Ran(0, "begun\n", "")
        assert place.run("status", "skip", a).code == 1
        assert place.run("status", "release", d).code == 1
        # A command of its own would not know what the numbers of a run stand for.
        assert ask(place, write_command(place.root)).stderr == "unitc: there is no start to show.\n"

        assert place.run("status", "skip", d) == Ran(0, f"skipped {d}\n", "")
        assert place.run("status", "release", b) == Ran(0, f"released {b}\n", "")
        until(lambda: (b, "succeeded") in place.happened())
        assert place.run("status", "release", c) == Ran(0, f"released {c}\n", "")
        until(lambda: (EVIL, "succeeded") in place.happened())
        (place.work / "go").touch()
        ran = running.wait()
        assert ran.code == 1
        assert ran.stderr == (
            f"unitc: {e} failed with exit code 3\nunitc: {d} skipped: by hand\n"
            f"unitc: {b}: released by hand\nunitc: {c}: released by hand\n"
        )
        assert place.read("order").split() == ["b", "c", "evil"]
        assert place.outcomes()[d] is Outcome.SKIPPED
        assert place.leftovers() == []
