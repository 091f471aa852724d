"""Templates for the command line's tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A folder with copies of some fixtures, without their goldens."""
    for name in ("chain", "order-rules", "faulty-cycle", "faulty-itself", "unknown-body", "bodies"):
        shutil.copytree(FIXTURES / name, tmp_path / name, ignore=shutil.ignore_patterns("expected"))
    return tmp_path
