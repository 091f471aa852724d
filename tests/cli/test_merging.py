"""Two pull requests that change different scripts, merged by git: what of the generated files it can't merge."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.harness import files_of, run

# Where git is told nothing, it asks who commits. What a user has told it may change how it merges.
_ME = ("-c", "user.name=unitc", "-c", "user.email=unitc@example.com")
_ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *_ME, *arguments],
        cwd=folder,
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def compiled(folder: Path) -> Mapping[str, bytes]:
    assert run("compile", ".", cwd=folder).code == 0
    return {name: data for name, data in files_of(folder).items() if not name.startswith(".git/")}


def change(folder: Path, branch: str, before: str, after: str) -> set[str]:
    """Make a change on a branch of its own and return the files that it changes."""
    git(folder, "switch", "-q", "main")
    git(folder, "switch", "-qc", branch)
    main = folder / "main.tf"
    assert main.read_text().count(before) == 1
    main.write_text(main.read_text().replace(before, after))
    compiled(folder)
    changed = set(git(folder, "diff", "--name-only").stdout.split())
    assert git(folder, "commit", "-qam", branch).returncode == 0
    return changed


def conflicts(text: str) -> list[list[str]]:
    """Return the lines between the marks of each conflict, of both sides."""
    found: list[list[str]] = []
    inside = False
    for line in text.splitlines():
        if line.startswith("<<<<<<< "):
            found.append([])
            inside = True
        elif line.startswith(">>>>>>> "):
            inside = False
        elif inside and line != "=======":
            found[-1].append(line)
    return found


@pytest.fixture
def repository(templates: Path) -> Path:
    folder = templates / "chain"
    assert git(folder, "init", "-q", "-b", "main").returncode == 0
    compiled(folder)
    git(folder, "add", "-A")
    assert git(folder, "commit", "-qm", "base").returncode == 0
    return folder


def test_changes_of_different_scripts_conflict_in_the_line_of_the_hash_and_nowhere_else(repository: Path) -> None:
    generated = {"launcher.sh", "zz_unitc_override.tf"}
    assert generated & change(repository, "one", "echo installed", "echo one") == generated
    assert generated & change(repository, "other", '"app started"', '"other"') == generated
    merged = git(repository, "merge", "-q", "one")
    assert merged.returncode == 1
    assert set(git(repository, "diff", "--name-only", "--diff-filter=U").stdout.split()) == generated
    for name in generated:
        (torn,) = conflicts((repository / name).read_text())
        assert len(torn) == 2
        assert all(line.startswith("# content: sha256:") for line in torn)
    said = run("compile", "--check", cwd=repository)
    assert said.code == 1
    assert said.stderr.count("error[UC420]") == 2
    assert "help: run: unitc compile --force" in said.stderr
    assert run("compile", "--force", cwd=repository).code == 0
    mended = compiled(repository)
    assert b"echo one" in mended["launcher.sh"]
    assert b'echo "other"' in mended["launcher.sh"]
    for name in (*generated, "unitc/gate.sh"):
        (repository / name).unlink()
    assert compiled(repository) == mended


def test_a_change_of_a_script_and_one_of_what_is_not_written_merge_without_a_conflict(repository: Path) -> None:
    assert "launcher.sh" in change(repository, "one", "echo installed", "echo one")
    header = 'resource "coder_agent" "main" {'
    assert change(repository, "other", header, f"# The only agent.\n{header}") == {"main.tf"}
    assert git(repository, "merge", "-q", "one").returncode == 0
    assert run("compile", "--check", cwd=repository).code == 0
