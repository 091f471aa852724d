"""``unitc run`` on a terminal: a table that is drawn again while the units run, and is gone afterwards."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.harness import run

CHAIN = Path(__file__).parent.parent.parent / "fixtures" / "chain"
CLONE, INSTALL, APP = "coder_script.clone", "coder_script.install", "coder_script.app"
QUICK = [word for unit in (CLONE, INSTALL, APP) for word in ("--duration", f"{unit}=0.1s")]
COLUMNS = 70
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_terminal(
    *arguments: str, columns: int = COLUMNS, watch: Callable[[str], object] = len, **changes: str
) -> tuple[int, str]:
    """Run ``unitc`` on a terminal and return its exit code and all that it wrote.

    ``watch`` gets all that it has written whenever that is more; ``changes`` go to the environment.
    """
    reads, writes = pty.openpty()
    fcntl.ioctl(writes, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns), **changes}
    command = [sys.executable, "-m", "compiler", *arguments]
    with subprocess.Popen(command, stdin=writes, stdout=writes, stderr=writes, env=environment) as process:
        os.close(writes)
        said = b""
        # Linux says by an error that the other end is closed, other systems by an empty answer.
        with contextlib.suppress(OSError):
            while more := os.read(reads, 65536):
                said += more
                watch(said.decode("utf-8", "ignore"))
        os.close(reads)
    return process.returncode, said.decode()


def frames_of(said: str) -> list[str]:
    """Return what stood on the terminal one after the other: for the table, the cursor goes back to its first line."""
    return [_CONTROL.sub("", frame) for frame in re.split(r"(?:\x1b\[2K\x1b\[1A)+\x1b\[2K", said)]


def test_the_table_shows_states_while_units_run_and_then_makes_room_for_the_timeline(tmp_path: Path) -> None:
    seen = tmp_path / "seen0", tmp_path / "seen1"
    text = (CHAIN / "main.tf").read_text().replace("timeout      = 60", "")
    # Each of the first two runs until the table has shown that it does, or so long that it never will.
    for number, old in enumerate(('mkdir -p "$PWD/project"', "test -d project")):
        assert text.count(old) == 1
        text = text.replace(
            old, f"for i in $(seq 2000); do [ ! -e '{seen[number]}' ] || exit {number}; sleep 0.05; done"
        )
    (tmp_path / "main.tf").write_text(text)
    states = (("running", "pending", "pending"), ("succeeded", "running", "pending"))

    def watch(said: str) -> None:
        for frame in frames_of(said):
            rows = [line.split()[:2] for line in frame.splitlines()]
            for each, file in zip(states, seen, strict=True):
                if all([unit, state] in rows for unit, state in zip((CLONE, INSTALL, APP), each, strict=True)):
                    file.touch()

    code, said = on_terminal("run", str(tmp_path), watch=watch, HOME=str(tmp_path))
    assert [file.exists() for file in seen] == [True, True]
    assert code == 1
    *table, rest = frames_of(said)
    assert any("waits for" in frame for frame in table)
    assert max(len(line) for frame in table for line in frame.splitlines()) <= COLUMNS
    assert "* critical path:" in rest
    assert "pending" not in rest


def test_colours_are_left_out_where_they_are_not_wanted(tmp_path: Path) -> None:
    code, said = on_terminal("run", str(CHAIN), "--stub", *QUICK, "--color", "never")
    assert code == 0
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", said)
    assert "\x1b[" not in run("run", CHAIN, "--stub", *QUICK, cwd=tmp_path).stdout


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_terminal_sees_what_units_print_and_what_failed_above_the_table(columns: int) -> None:
    code, said = on_terminal("run", str(CHAIN.with_name("failing-script")), columns=columns)
    assert code == 1
    assert re.search("\x1b\\[3[0-9]m *coder_script.install +\\|", said)
    lines = [line for line in re.split("[\r\n]+", _CONTROL.sub("\r", said)) if line.strip()]
    assert "coder_script.install |" in lines
    text = " ".join(" ".join(lines).split())
    failed = text.index("unitc: coder_script.install failed with exit code 100")
    skipped = "unitc: coder_script.app skipped: coder_script.install failed with exit code 100, so this one can't run"
    assert failed < text.index(skipped)
    assert re.search(r"2 succeeded, 1 failed, 2 skipped in [0-9.]+ s$", text)
    if columns == 120:
        rows = [line for frame in frames_of(said) for line in frame.splitlines()]
        assert any(re.match(r"coder_script.app +skipped +coder_script.install failed with exit", row) for row in rows)
    # What units print is theirs: only the terminal breaks it.
    assert max(len(line) for line in lines if "dpkg" not in line) <= columns
