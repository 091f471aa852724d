"""What the tests of pipelines share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _install_without_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pip leave out bytecode: most of what an installation here brings is never imported."""
    monkeypatch.setenv("PIP_COMPILE", "0")
