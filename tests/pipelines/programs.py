"""The programs that Python packages bring, found as a shell would with their environment first."""

from __future__ import annotations

import os
import shutil
import sys

__all__ = ["SEARCH_PATH", "program"]

SEARCH_PATH = os.pathsep.join((os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)))


def program(name: str) -> str:
    """Return the path of a program, which has to be there."""
    found = shutil.which(name, path=SEARCH_PATH)
    assert found is not None, f"{name} isn't installed"
    return found
