"""The image's Containerfile: linted, and its build replayed step by step in a folder in the place of an image."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.pipelines.programs import program

ROOT = Path(__file__).parent.parent.parent
FILE = ROOT / ".container" / "Containerfile"
# Each instruction with its arguments on one line, by stage.
STAGES = [
    re.findall(r"^([A-Z]+) (.*)$", stage, re.MULTILINE)
    for stage in re.split(r"^(?=FROM )", FILE.read_text("utf-8").replace("\\\n", " "), flags=re.MULTILINE)[1:]
]


def test_hadolint_finds_nothing() -> None:
    ran = subprocess.run(
        [program("hadolint"), "--no-color", FILE], capture_output=True, text=True, timeout=600, check=False
    )
    assert ran.stdout + ran.stderr == ""
    assert ran.returncode == 0


def test_the_image_has_what_unitc_asks_and_copies_from_stages_that_there_are() -> None:
    names = {arguments.split(" AS ")[1] for stage in STAGES for word, arguments in stage if " AS " in arguments}
    copied = [arguments.split() for word, arguments in STAGES[-1] if word == "COPY"]
    assert {source.removeprefix("--from=") for source, _, _ in copied} == names
    assert {os.path.basename(target) for _, _, target in copied} == {"terraform", "shellcheck", "unitc"}


@pytest.mark.slow
def test_the_build_installs_a_program_that_runs(tmp_path: Path) -> None:
    (build,) = (stage for stage in STAGES if stage[0] == ("FROM", "docker.io/library/python:3.13-slim AS build"))
    work, made = tmp_path / "src", tmp_path / "opt"
    work.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "UNITC"))}

    def run(command: str) -> str:
        ran = subprocess.run(
            ["sh", "-ec", command], cwd=work, env=kept, capture_output=True, text=True, timeout=600, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    for word, arguments in build:
        if word == "COPY":
            *sources, target = arguments.split()
            for source in sources:
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, work / target, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(ROOT / source, work / target)
        elif word == "RUN":
            run(arguments.replace("/opt/unitc", os.fspath(made)))
    assert run(f"{made}/bin/unitc --version").startswith("unitc ")
    assert "UC203" in run(f"{made}/bin/unitc explain UC203")
