"""README's commands do what README says of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.harness import run

ROOT = Path(__file__).parent.parent.parent
COMMANDS = re.findall(r"^```sh\n(.*?)\n```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("at", "code", "last"), [(0, 0, "app started"), (1, 1, "skipped"), (3, 0, "took the default theme")]
)
def test_the_commands_of_readme_compile_and_run_a_template(tmp_path: Path, at: int, code: int, last: str) -> None:
    shutil.copytree(ROOT / "fixtures", tmp_path / "fixtures")
    # The environment that is running the test stands for the one that the command makes.
    command = COMMANDS[at].replace("python3 -m venv .venv && .venv/bin/pip install -q . && ", "")
    assert "pip" not in command
    command = command.replace(".venv/bin/unitc", f"{sys.executable} -m compiler")
    ran = subprocess.run(
        ["sh", "-c", command],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        timeout=600,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    assert last in ran.stdout + ran.stderr


def said_by(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    """Return what a command prints, nothing where there is nothing to tell yet."""
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout


def test_a_prerequisite_that_hangs_is_ended_as_readme_says(tmp_path: Path) -> None:
    (kill,) = (block for block in COMMANDS if "-PROCESS" in block)
    state = tmp_path / "state"
    unit = "coder_script.clone"
    main = (ROOT / "fixtures" / "chain" / "main.tf").read_text().replace('echo "cloned', 'sleep 10000; echo "cloned')
    assert "sleep 10000" in main
    (tmp_path / "main.tf").write_text(main)
    assert run("compile", ".", "--no-wire", cwd=tmp_path).code == 0
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "UNITC_STATE_DIR": str(state), "UNITC_SESSION": "s"}
    clone, install = (
        subprocess.Popen(
            ["sh", "launcher.sh", "exec", address],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        for address in (unit, "coder_script.install")
    )
    deadline = time.monotonic() + 600
    why = ["sh", "launcher.sh", "status", "why", "Install dependencies"]
    while not (body := re.search("running since .*, process ([0-9]+)", said_by(why, tmp_path, environment))):
        assert time.monotonic() < deadline
    # It is noted a moment before it has a session of its own.
    while os.getsid(int(body[1])) != int(body[1]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    subprocess.run(["sh", "-c", kill.replace("PROCESS", body[1])], check=True)
    said, _ = install.communicate(timeout=600)
    last = said.splitlines()[-1]
    assert last == f"unitc: coder_script.install skipped: {unit} failed with exit code 143, so this one can't run."
    clone.communicate(timeout=600)
    assert (clone.returncode, install.returncode) == (143, 0)
