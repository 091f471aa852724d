"""Golden files: what a stage made, held byte for byte against what was read and approved.

A golden is updated by running the failing test with ``UNITC_UPDATE_GOLDENS=1``, and the change read in the diff. That
is refused where ``CI`` is set, so that no run there can approve its own output.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest

UPDATE = "UNITC_UPDATE_GOLDENS"


def check_golden(path: Path, actual: str) -> None:
    """Fail with a unified diff unless the file at ``path`` holds exactly ``actual``."""
    data = actual.encode()
    expected = path.read_bytes() if path.exists() else None
    if expected == data:
        return
    if os.environ.get(UPDATE) == "1":
        if os.environ.get("CI"):
            pytest.fail(f"{UPDATE} is refused where CI is set")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return
    before = "" if expected is None else expected.decode("utf-8", "backslashreplace")
    diff = "".join(
        difflib.unified_diff(
            before.splitlines(keepends=True), actual.splitlines(keepends=True), f"golden {path.name}", "actual"
        )
    )
    test = os.environ.get("PYTEST_CURRENT_TEST", "").split(" ")[0]
    what = "is missing" if expected is None else "differs"
    pytest.fail(f"{path.name} {what}:\n{diff}\nto approve: {UPDATE}=1 pytest '{test}'", pytrace=False)


def check_orphans(goldens: set[str], cases: set[str]) -> None:
    """Fail where a golden has no case or a case has no golden."""
    assert goldens - cases == set(), "goldens without a case"
    assert cases - goldens == set(), "cases without a golden"
