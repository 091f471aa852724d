"""README's pipelines: they say what there is, and their commands run."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.harness import run

ROOT = Path(__file__).parent.parent.parent
PART = (ROOT / "README.md").read_text("utf-8").split("\n## In your pipeline\n")[1].split("\n## ")[0]
GITHUB, GITLAB, PRE_COMMIT = (
    yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", PART, re.MULTILINE | re.DOTALL)
)


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A checkout with the templates ``dev`` and ``templates/dev``."""
    for copy in ("dev", "templates/dev"):
        shutil.copytree(ROOT / "fixtures" / "chain", tmp_path / copy, ignore=shutil.ignore_patterns("expected"))
    return tmp_path


def test_the_action_takes_the_inputs_that_readme_gives_it_and_has_the_output() -> None:
    action: dict[str, Any] = yaml.safe_load((ROOT / ".github/actions/unitc/action.yml").read_text("utf-8"))
    (step,) = (step for step in GITHUB["steps"] if "id" in step)
    assert step["uses"].partition("@")[0].endswith("/.github/actions/unitc")
    assert set(step["with"]) <= set(action["inputs"])
    assert re.findall(r"outputs\.(\w+)", str(GITHUB["steps"][-1]["env"])) == ["directory"]
    assert "directory" in action["outputs"]
    assert {"modules", "sarif", "compile"} <= set(action["inputs"])


def test_the_hooks_are_those_that_there_are() -> None:
    known = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    assert {hook["id"] for hook in PRE_COMMIT["repos"][0]["hooks"]} == known


def test_the_commands_for_gitlab_run_and_write_the_reports_that_it_collects(templates: Path) -> None:
    _, check, compile_check = (shlex.split(line)[1:] for line in GITLAB["unitc"]["script"])
    assert run(*check, cwd=templates).code == 0
    for report in GITLAB["unitc"]["artifacts"]["reports"].values():
        assert (templates / report).is_file()
    assert run(*compile_check, cwd=templates).code == 1
    assert run("compile", "templates", cwd=templates).code == 0
    assert run(*compile_check, cwd=templates).code == 0


@pytest.mark.parametrize("folder", ["build", "dev"])
def test_the_commands_before_a_push_compile_into_the_folder_that_is_pushed(templates: Path, folder: str) -> None:
    found = re.findall(rf"`unitc ([^`]*?) && coder templates push dev -d\s+{folder}`", PART)
    assert len(found) == 1
    assert run(*found[0].split(), cwd=templates).code == 0
    assert (templates / folder / "zz_unitc_override.tf").is_file()
