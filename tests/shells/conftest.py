"""What the tests of the generated shell share."""

from __future__ import annotations

import pytest

from tests.shells.harness import SHELLS


@pytest.fixture(params=sorted(SHELLS))
def shell(request: pytest.FixtureRequest) -> str:
    """Each supported shell in turn, by its name."""
    name: str = request.param
    return name
