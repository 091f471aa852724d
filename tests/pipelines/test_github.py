"""What GitHub reads: the issue forms, the workflow, and the pages for those who work on unitc."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
GITHUB = ROOT / ".github"
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
WORKFLOW: dict[str, Any] = yaml.safe_load((GITHUB / "workflows" / "tests.yml").read_text("utf-8"))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_each_issue_form_asks_for_the_version_and_the_smallest_template(path: Path) -> None:
    form = yaml.safe_load(path.read_text("utf-8"))
    fields = {field["id"]: field for field in form["body"]}
    assert len(fields) == len(form["body"])
    assert "`unitc --version`" in fields["version"]["attributes"]["description"]
    assert "smallest template" in fields["template"]["attributes"]["label"]
    assert all(fields[name]["validations"]["required"] for name in ("version", "template"))


def test_the_workflow_runs_everything_on_linux_and_the_python_tests_on_macos() -> None:
    commands = {name: "\n".join(step.get("run", "") for step in job["steps"]) for name, job in WORKFLOW["jobs"].items()}
    assert commands["linux"].endswith(".ci/run")
    assert "python -m pytest" in commands["macos"]
    assert WORKFLOW["jobs"]["macos"]["runs-on"].startswith("macos")
    assert WORKFLOW["permissions"] == {"contents": "read"}
    markers = (ROOT / "pyproject.toml").read_text("utf-8").split("markers = [")[1].split("]")[0]
    known = set(re.findall(r'"(\w+):', markers))
    assert set(re.findall(r"\w+", commands["macos"].split("not (")[1].split(")")[0])) - {"or"} <= known


def test_the_workflow_names_a_template_that_there_is() -> None:
    (step,) = (step for step in WORKFLOW["jobs"]["action"]["steps"] if "id" in step)
    assert (ROOT / step["uses"] / "action.yml").is_file()
    assert (ROOT / step["with"]["path"] / "main.tf").is_file()


def test_contributing_fits_one_screen_and_names_places_that_there_are() -> None:
    text = (GITHUB / "CONTRIBUTING.md").read_text("utf-8")
    assert len(text.splitlines()) <= 40
    named = set(re.findall(r"`((?:compiler|tests|fixtures|\.ci)[\w./]*)(?<!CODE\.md)`", text))
    assert len(named) > 6
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
