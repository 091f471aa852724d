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
from pathlib import Path

import pytest

from tests.cli.harness import run

CHAIN = Path(__file__).parent.parent.parent / "fixtures" / "chain"
CLONE, INSTALL, APP = "coder_script.clone", "coder_script.install", "coder_script.app"
# Long enough that a machine with other work draws the table meanwhile.
LASTING = [word for unit in (CLONE, INSTALL, APP) for word in ("--duration", f"{unit}=1s")]
COLUMNS = 70
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_terminal(*arguments: str, columns: int = COLUMNS) -> tuple[int, str]:
    """Run ``unitc`` on a terminal and return its exit code and all that it wrote."""
    reads, writes = pty.openpty()
    fcntl.ioctl(writes, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns)}
    command = [sys.executable, "-m", "compiler", *arguments]
    with subprocess.Popen(command, stdin=writes, stdout=writes, stderr=writes, env=environment) as process:
        os.close(writes)
        said = b""
        # Linux says by an error that the other end is closed, other systems by an empty answer.
        with contextlib.suppress(OSError):
            while more := os.read(reads, 65536):
                said += more
        os.close(reads)
    return process.returncode, said.decode()


def test_the_table_shows_states_while_units_run_and_then_makes_room_for_the_timeline() -> None:
    code, said = on_terminal("run", str(CHAIN), "--stub", *LASTING, "--fail", INSTALL)
    assert code == 1
    # Each time the table is drawn again, the cursor goes back to its first line.
    frames = [_CONTROL.sub("", frame) for frame in re.split(r"(?:\x1b\[2K\x1b\[1A)+\x1b\[2K", said)]
    table, rest = frames[:-1], frames[-1]

    def shown(*states: str) -> bool:
        lines = ([line.split()[:2] for line in frame.splitlines()] for frame in table)
        return any(all([unit, state] in rows for unit, state in zip((CLONE, INSTALL, APP), states, strict=True))
                   for rows in lines)  # fmt: skip

    assert shown("running", "pending", "pending")
    assert shown("succeeded", "running", "pending")
    assert any("waits for" in frame for frame in table)
    assert max(len(line) for frame in table for line in frame.splitlines()) <= COLUMNS
    assert "* critical path:" in rest
    assert "pending" not in rest


def test_colours_are_left_out_where_they_are_not_wanted(tmp_path: Path) -> None:
    code, said = on_terminal("run", str(CHAIN), "--stub", *LASTING, "--color", "never")
    assert code == 0
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", said)
    assert "\x1b[" not in run("run", CHAIN, "--stub", *LASTING, cwd=tmp_path).stdout


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
    # What units print is theirs: only the terminal breaks it.
    assert max(len(line) for line in lines if "dpkg" not in line) <= columns
