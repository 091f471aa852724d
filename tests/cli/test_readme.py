"""README's commands do what README says of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
COMMANDS = re.findall(r"^```sh\n(.*?)\n```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("at", "code", "last"), [(0, 0, "app started"), (1, 1, "skipped")])
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
        timeout=60,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    assert last in ran.stdout + ran.stderr
