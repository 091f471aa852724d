"""Bodies run exactly as the agent would run them, from the supervisor and from gate mode, under every shell."""

from __future__ import annotations

import os
import pwd
import resource
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from compiler.order.outcome import Outcome
from tests.shells.harness import Place, Ran, Spec, shell_command, until, wrapped

ADDRESS = "coder_script.a"
ODD_TEXT = "".join(map(chr, range(1, 0x180))) + "\r\n'EOF'\nEOF\n\\\\ \\n %s $x `id` ${y}\n cat <<'Z'\nin\nZ\n\t"
RECORD = '#!/bin/sh\nfor each; do printf "%s\\0" "$each"; done >arguments\n'

TEXTS = {
    "odd bytes": ODD_TEXT,
    "no final newline": "echo hi",
    "many final newlines": "echo hi\n\n\n",
    "carriage returns": "echo a\r\necho b\r\n",
    "a hundred thousand bytes": "# " + ('x y z"' * 11 + "'\n") * 1_450,
    "as many quotes as fit": "'" * 26_000,
    "a quote alone": "'",
    "blanks": " \t\n ",
}

MODES = ("run", "exec", "wrapped")


def run(place: Place, mode: str, body: str, **changes: str) -> Ran:
    """Run the one unit of a place in one of the ways to run it."""
    if mode == "wrapped":
        return place.run(text=wrapped(ADDRESS, Spec(body)), **changes)
    return place.run(*(("run",) if mode == "run" else ("exec", ADDRESS)), **changes)


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def recorded(place: Place) -> list[str]:
    """Return the arguments that the recorder was called with."""
    return (place.work / "arguments").read_bytes().decode("utf-8", "surrogateescape").split("\0")[:-1]


def with_recorder(tmp_path: Path) -> Path:
    """Make an interpreter that writes its arguments down, and return its path."""
    path = tmp_path / "record"
    path.write_text(RECORD)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", TEXTS)
def test_an_interpreter_gets_the_body_byte_for_byte(tmp_path: Path, shell: str, mode: str, name: str) -> None:
    body = f"#!{with_recorder(tmp_path)}\n{TEXTS[name]}"
    with Place(tmp_path / "p", shell, {ADDRESS: Spec(body)}) as place:
        assert run(place, mode, body).code == 0
        assert recorded(place) == ["-c", body]


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("#!{}", []),
        ("#! {} ", []),
        (" \n\t#!{} -e", ["-e"]),
        ("\r\n#!{} -e\r", ["-e"]),
        ("#!/usr/bin/env {}", []),
        ("#!/usr/bin/env -S {} -x", ["-x"]),
        ("#!{} a\tb  c", ["a", "b", "c"]),
        ("#!{} 'a b' \"c  d\" e\\ f ''", ["a b", "c  d", "e f", ""]),
        ('#!{} "a\\"b\\n\\$" \'c\\d\' $x `y` * #z', ['a"b\\n$', "c\\d", "$x", "`y`", "*", "#z"]),
    ],
)
def test_the_interpreter_line_is_split_as_the_agent_does(
    tmp_path: Path, shell: str, line: str, arguments: list[str]
) -> None:
    body = line.format(with_recorder(tmp_path)) + "\necho body\n"
    with Place(tmp_path / "p", shell, {ADDRESS: Spec(body)}) as place:
        assert run(place, "run", body).code == 0
        assert recorded(place) == [*arguments, "-c", body]
        assert run(place, "wrapped", body).code == 0
        assert recorded(place) == [*arguments, "-c", body]


@pytest.mark.parametrize("body", ["#!/proc/nonexistent/x\necho no", "#!\necho no", "#!/bin/sh 'open\necho no"])
def test_an_interpreter_that_can_not_be_run_fails_the_unit(tmp_path: Path, shell: str, body: str, mode: str) -> None:
    with Place(tmp_path / "p", shell, {ADDRESS: Spec(body)}) as place:
        ran = run(place, mode, body)
        assert ran.code == (1 if mode == "run" else 127)
        assert "no\n" not in ran.stdout
        assert place.outcomes() == {ADDRESS: Outcome.FAILED}


def test_interpreters_that_are_no_shells_work(tmp_path: Path, shell: str, mode: str) -> None:
    body = "#!/usr/bin/env python3\nimport sys\nprint('a' + \"b\", sys.argv)\n"
    with Place(tmp_path / "p", shell, {ADDRESS: Spec(body)}) as place:
        assert "ab ['-c']\n" in run(place, mode, body).stdout


def test_a_body_without_interpreter_line_goes_to_the_login_shell_without_arguments(
    tmp_path: Path, shell: str, mode: str
) -> None:
    body = 'echo "$0 $#" >said'
    with Place(tmp_path / "p", shell, {ADDRESS: Spec(body)}) as place:
        run(place, mode, body)
        assert place.read("said") == f"{pwd.getpwuid(os.getuid()).pw_shell} 0\n"


SELF = """#!/bin/sh
env -0 >environment
umask >umask
pwd -P >folder
ulimit -n >limit
ls /proc/$$/fd >descriptors
grep SigIgn /proc/$$/status >signals
ps -o pgid= -o sid= -p $$ >session
echo $$ >>session
"""


def prepare(*ignored: signal.Signals) -> Callable[[], None]:
    """Return what makes a new process unusual: its umask, a limit, and the signals that it ignores."""

    def unusual() -> None:
        os.umask(0o26)
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
        for each in ignored:
            signal.signal(each, signal.SIG_IGN)

    return unusual


@pytest.mark.parametrize(
    "ignored", [(), (signal.SIGINT,), (signal.SIGHUP, signal.SIGQUIT), (signal.SIGTERM, signal.SIGPIPE)]
)
def test_everything_but_the_session_is_as_it_was_given(
    tmp_path: Path, shell: str, mode: str, ignored: tuple[signal.Signals, ...]
) -> None:
    with Place(tmp_path / "p", shell, {ADDRESS: Spec(SELF)}) as place:
        command = {
            "run": [str(place.launcher)],
            "exec": [str(place.launcher), "exec", ADDRESS],
            "wrapped": ["-c", wrapped(ADDRESS, Spec(SELF))],
        }[mode]
        given = place.environment(UNITC_SESSION="s", EMPTY="", ODD="a\nb 'c' $d", LC_ALL="C.UTF-8")
        direct = tmp_path / "direct"
        direct.mkdir()
        for arguments, folder in ((shell_command(shell, *command), place.work), (["/bin/sh", "-c", SELF], direct)):
            subprocess.run(
                arguments,
                cwd=folder,
                env=given,
                preexec_fn=prepare(*ignored),
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                check=True,
            )
        for name in ("umask", "limit", "signals", "descriptors"):
            assert place.read(name) == (direct / name).read_text(), name
        own = {"_", "PWD", "OLDPWD", "SHLVL"}
        mine = dict(line.split("=", 1) for line in place.read("environment").split("\0")[:-1])
        expected = {name: value for name, value in given.items() if not name.startswith("UNITC_")}
        assert {name: value for name, value in mine.items() if name not in own} == expected
        assert place.read("folder") == f"{place.work.resolve()}\n"
        group, session, pid = place.read("session").split()
        assert group == session == pid
        assert stat.S_IMODE((place.work / "umask").stat().st_mode) == 0o640


def test_standard_input_is_the_given_one_in_gate_mode_and_empty_in_a_run(tmp_path: Path, shell: str) -> None:
    body = "#!/bin/sh\ncat >said; : >done"
    with Place(tmp_path / "p", shell, {ADDRESS: Spec(body)}) as place:
        for arguments in (["-c", wrapped(ADDRESS, Spec(body))], [str(place.launcher)]):
            ran = subprocess.run(
                shell_command(shell, *arguments),
                cwd=place.work,
                env=place.environment(),
                input=b"given",
                capture_output=True,
                timeout=60,
                check=False,
            )
            assert (ran.returncode, (place.work / "done").exists()) == (0, True)
            assert place.read("said") == ("given" if arguments[0] == "-c" else "")


def test_a_closed_standard_input_becomes_an_empty_one(tmp_path: Path, shell: str) -> None:
    body = "#!/bin/sh\nread -r x || echo empty >said"
    with Place(tmp_path / "p", shell) as place:
        ran = subprocess.run(
            ["sh", "-c", 'exec "$@" <&-', "sh", *shell_command(shell, "-c", wrapped(ADDRESS, Spec(body)))],
            cwd=place.work,
            env=place.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (ran.returncode, ran.stderr, place.read("said")) == (0, "", "empty\n")


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("exec >&- 2>&-; : >said", 0, ""),
        ("set -eu; trap 'echo bye >said' EXIT; false", 1, "bye\n"),
        ("exec sh -c 'echo other >said; exit 4'", 4, "other\n"),
        ("cd /; exit 3", 3, ""),
        ("kill -TERM $$", 143, ""),
        ("head -c 2000000 /dev/zero | tr '\\0' x; echo; echo end >said", 0, "end\n"),
        ("unset PATH HOME; exit 5", 5, ""),
    ],
)
def test_bodies_that_do_odd_things_end_as_they_say(
    tmp_path: Path, shell: str, mode: str, body: str, code: int, said: str
) -> None:
    body = f"#!/bin/sh\n{body}\n"
    with Place(tmp_path / "p", shell, {ADDRESS: Spec(body)}) as place:
        ran = run(place, mode, body)
        assert ran.code == (min(code, 1) if mode == "run" else code)
        assert place.events()[-1].code == code
        assert place.read("said") == said


def test_what_a_body_leaves_running_keeps_neither_the_launcher_nor_its_pipes(
    tmp_path: Path, shell: str, mode: str
) -> None:
    body = "#!/bin/sh\n(exec >>out 2>&1; while [ ! -e stop ]; do sleep 0.05; done; echo late) &\nexit 0\n"
    with Place(tmp_path / "p", shell, {ADDRESS: Spec(body)}) as place:
        assert run(place, mode, body).code == 0
        assert len(place.processes()) >= 1
        (place.work / "stop").touch()


def test_a_child_that_lives_on_writes_to_the_log(tmp_path: Path, shell: str) -> None:
    body = "#!/bin/sh\n(while [ ! -e stop ]; do sleep 0.05; done; echo late; : >done) &\necho early\n"
    with Place(tmp_path / "p", shell, {ADDRESS: Spec(body)}) as place:
        ran = place.run()
        assert "coder_script.a | early\n" in ran.stdout
        (place.work / "stop").touch()
        until((place.work / "done").exists)
        (log,) = place.state.glob("*/start/logs/1.log")
        assert log.read_text() == "early\nlate\n"
