"""The wheel, as somebody gets it: built, installed into an empty environment, used once."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import compiler

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_the_wheel_compiles_a_template_in_an_empty_environment(tmp_path: Path) -> None:
    def run(*command: str | Path, cwd: Path = tmp_path) -> str:
        scrubbed = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "UNITC"))}
        ran = subprocess.run(
            [os.fspath(word) for word in command],
            cwd=cwd,
            env=scrubbed,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path / "wheel", ROOT)
    (wheel,) = (tmp_path / "wheel").glob("unitc_coder-*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    programs = tmp_path / "venv" / "bin"
    run(programs / "python", "-m", "pip", "install", "--quiet", wheel)
    assert run(programs / "unitc", "--version").startswith("unitc ")
    run(programs / "unitc", "compile", ROOT / "fixtures" / "chain" / "main.tf", "--no-wire", "-o", "launcher.sh")
    assert "app started" in run("sh", "launcher.sh")
    assert "UC203" in run(programs / "unitc", "explain", "UC203")


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" not in project["project"]
    assert (ROOT / project["tool"]["hatch"]["version"]["path"]).samefile(compiler.__file__)
