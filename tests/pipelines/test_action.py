"""The composite action: its steps run under bash as GitHub runs them, and their shell is clean."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from tests.pipelines.programs import SEARCH_PATH, program

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / ".github" / "actions" / "unitc"
ACTION: dict[str, Any] = yaml.safe_load((FOLDER / "action.yml").read_text("utf-8"))
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}
SHELL = [name for name, step in STEPS.items() if "run" in step]
LOCK = (FOLDER / "requirements.txt").read_text("utf-8")


@dataclass(frozen=True)
class Ran:
    """How a step ended, what it printed, and what it handed on."""

    code: int
    said: str
    outputs: dict[str, str]
    summary: str
    path: list[str]


def _step(name: str, work: Path, inputs: dict[str, str], path: str = "") -> Ran:
    """Run a step in a folder as a runner does: bash, the inputs in the environment, files for what it hands on."""
    given = {key: value["default"] for key, value in ACTION["inputs"].items()} | inputs
    values = {f"inputs.{key}": value for key, value in given.items()} | {"github.action_path": os.fspath(FOLDER)}
    step = STEPS[name]
    temp = work / "temp"
    temp.mkdir(exist_ok=True)
    files = {variable: temp / variable.lower() for variable in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
    for file in files.values():
        file.write_text("")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "UNITC", "GITHUB_"))}
    ran = subprocess.run(
        # https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=work,
        env={
            **kept,
            "RUNNER_TEMP": os.fspath(temp),
            "PATH": os.pathsep.join(filter(None, (path, SEARCH_PATH))),
            **{variable: os.fspath(file) for variable, file in files.items()},
            **{key: _filled(value, values) for key, value in step.get("env", {}).items()},
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    return Ran(
        ran.returncode,
        ran.stdout + ran.stderr,
        outputs,
        files["GITHUB_STEP_SUMMARY"].read_text(),
        files["GITHUB_PATH"].read_text().splitlines(),
    )


def _filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{\{ ([\w.]+) \}\}", lambda found: values[found[1]], text)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A checkout with a template in a folder whose name needs quotes, and one with a mistake."""
    for name, copy in (("chain", "my templates/chain"), ("faulty-cycle", "faulty")):
        shutil.copytree(ROOT / "fixtures" / name, tmp_path / copy, ignore=shutil.ignore_patterns("expected"))
    return tmp_path


@pytest.mark.parametrize("name", SHELL)
def test_no_input_is_pasted_into_shell_and_shellcheck_finds_nothing(name: str) -> None:
    assert "${{" not in STEPS[name]["run"]
    ran = subprocess.run(
        [program("shellcheck"), "--norc", "--shell", "bash", "-"],
        input=STEPS[name]["run"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.stdout == ""
    assert ran.returncode == 0


def test_a_template_is_checked_and_compiled_into_the_folder_of_the_output(work: Path) -> None:
    checked = _step("Check", work, {"path": "my templates/chain"})
    assert checked.code == 0, checked.said
    sarif = json.loads(Path(checked.outputs["sarif"]).read_text("utf-8"))
    assert sarif["version"] == "2.1.0"
    compiled = _step("Compile", work, {"path": "my templates/chain"})
    assert compiled.code == 0, compiled.said
    directory = Path(compiled.outputs["directory"])
    assert {"main.tf", "zz_unitc_override.tf"} <= {path.name for path in directory.iterdir()}


def test_what_is_wrong_is_annotated_summed_up_and_fails_the_step(work: Path) -> None:
    checked = _step("Check", work, {"path": "faulty"})
    assert checked.code == 1
    assert ",file=faulty/main.tf,line=30," in checked.said
    assert "UC203" in checked.summary
    rules = json.loads(Path(checked.outputs["sarif"]).read_text("utf-8"))["runs"][0]["results"]
    assert "UC203" in {rule["ruleId"] for rule in rules}


def test_strict_fails_for_warnings(work: Path) -> None:
    main = work / "my templates" / "chain" / "main.tf"
    main.write_text(main.read_text().replace("test -s project/lock", "server &"))
    assert _step("Check", work, {"path": "my templates"}).code == 0
    assert _step("Check", work, {"path": "my templates", "strict": "true"}).code == 1


def test_a_path_that_looks_like_an_option_is_a_path(work: Path) -> None:
    (work / "my templates" / "chain").rename(work / "--version")
    checked = _step("Check", work, {"path": "--version"})
    assert checked.code == 0
    assert "unitc 0" not in checked.said


@pytest.mark.terraform
def test_modules_are_installed_in_each_folder_that_holds_terraform(work: Path) -> None:
    chain = work / "my templates" / "chain"
    (chain / "tools").mkdir()
    (chain / "tools" / "main.tf").write_text("")
    (chain / "more.tf").write_text('module "tools" {\n  source = "./tools"\n}\n')
    chain = chain.rename(work / "-chain")
    for path in (".", "-chain", "-chain/main.tf", os.fspath(chain)):
        shutil.rmtree(chain / ".terraform", ignore_errors=True)
        got = _step("Install the modules", work, {"path": path})
        assert got.code == 0, got.said
        assert (chain / ".terraform" / "modules" / "modules.json").is_file()


@pytest.mark.slow
def test_the_lock_installs_a_program_that_runs(work: Path) -> None:
    installed = _step("Install unitc", work, {})
    assert installed.code == 0, installed.said
    (programs,) = installed.path
    assert Path(programs, "shellcheck").is_file()
    checked = _step("Check", work, {"path": "my templates"}, programs)
    assert checked.code == 0, checked.said


def test_the_lock_holds_what_the_project_needs_each_with_its_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    needed = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    needed += [*extras["shellcheck"], *extras["re2"]]
    locked: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", LOCK, re.MULTILINE):
        locked.setdefault(name.lower(), []).append(version)
    for requirement in map(Requirement, needed):
        versions = locked.get(requirement.name.lower(), [])
        assert versions, requirement
        assert all(version in requirement.specifier for version in versions), requirement
    assert re.findall(r"^([\w.-]+)==[^\n]*\n(?!    --hash=sha256:)", LOCK, re.MULTILINE) == []
    assert "://" not in LOCK


def test_the_outputs_are_those_of_steps_that_there_are() -> None:
    ids = {step["id"] for step in STEPS.values() if "id" in step}
    for output in ACTION["outputs"].values():
        assert re.findall(r"steps\.(\w+)\.", output["value"])[0] in ids
