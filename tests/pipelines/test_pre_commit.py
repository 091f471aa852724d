"""The hooks for pre-commit, run by the real one in a repository of their own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
HOOKS = ROOT / ".pre-commit-hooks.yaml"
# What an installation of the package needs.
SOURCES = ("compiler", "templates", "README.md", "pyproject.toml", HOOKS.name)


def _git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main")
    ran = subprocess.run(
        ["git", *who, *arguments],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def _environment() -> dict[str, str]:
    """Return the environment without what binds git to another repository, or Python to these sources."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON", "UNITC"))}


def _repository(folder: Path) -> str:
    """Make a repository of what is in a folder, and return its commit."""
    _git(folder, "init", "-q")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "Start")
    return _git(folder, "rev-parse", "HEAD")


def test_each_hook_is_a_command_that_there_is_and_sees_all_that_a_template_reads() -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load(HOOKS.read_text("utf-8"))}
    assert {name: hook["entry"] for name, hook in hooks.items()} == {
        "unitc-check": "unitc check",
        "unitc-compile": "unitc compile",
        "unitc-compile-check": "unitc compile --check",
    }
    for hook in hooks.values():
        changed = re.compile(hook["files"])
        for path in ("main.tf", "a/b.tf", "x.tf.json", "dev.tfvars", "run.sh", "a/run.sh.tftpl", "unitc.toml"):
            assert changed.search(path), path
        assert not changed.search("README.md")


@pytest.mark.slow
def test_the_hooks_hold_back_mistakes_and_templates_that_were_not_compiled(tmp_path: Path) -> None:
    source, repository = tmp_path / "unitc", tmp_path / "templates"
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            # Bytecode comes and goes there while other tests run.
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    revision = _repository(source)
    shutil.copytree(ROOT / "fixtures" / "chain", repository / "chain", ignore=shutil.ignore_patterns("expected"))
    hooks = "".join(f"      - id: {hook}\n" for hook in ("unitc-check", "unitc-compile", "unitc-compile-check"))
    config = f"repos:\n  - repo: {source}\n    rev: {revision}\n    hooks:\n{hooks}"
    (repository / ".pre-commit-config.yaml").write_text(config)
    _repository(repository)

    def run(hook: str) -> tuple[int, str]:
        ran = subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", hook, "--all-files", "--color", "never"],
            cwd=repository,
            env={**_environment(), "PRE_COMMIT_HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return ran.returncode, ran.stdout + ran.stderr

    # This installs unitc from the package index: what pip says is what is wrong where there is none.
    code, said = run("unitc-check")
    assert code == 0, said
    code, said = run("unitc-compile-check")
    assert code == 1
    assert "chain/launcher.sh is missing" in " ".join(said.split())
    assert run("unitc-compile")[0] == 0
    # What was installed brings along all that a launcher is made of.
    ran = subprocess.run(
        ["sh", "chain/launcher.sh"], cwd=repository, env=_environment(), capture_output=True, text=True, check=True
    )
    assert "app started" in ran.stdout
    _git(repository, "add", "-A")
    assert run("unitc-compile-check")[0] == 0
    main = repository / "chain" / "main.tf"
    main.write_text(main.read_text().replace("coder_script.clone]", "coder_script.clon]"))
    code, said = run("unitc-check")
    assert code == 1
    assert "UC204" in said
    main.write_text(main.read_text().replace("coder_script.clon]", "coder_script.clone]").replace("cloned", "fetched"))
    # What is compiled again differs from what is in the commit, and that is what pre-commit fails for.
    code, said = run("unitc-compile")
    assert code == 1
    assert "files were modified by this hook" in said
