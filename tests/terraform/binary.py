"""The real Terraform, run where it finds nothing but what it is given: no network, no settings, no home of its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

__all__ = ["terraform"]

_PATIENCE = 600
"""Seconds, of which nothing here takes more than a few: what takes longer hangs."""


def terraform(
    folder: Path, *arguments: str, text: str = "", variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Terraform in a folder with a text to read, and return what came of it.

    ``variables`` are more of its environment.
    """
    with tempfile.TemporaryDirectory() as home:
        settings = Path(home, "terraform.rc")
        settings.write_text("")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "TF_CLI_CONFIG_FILE": str(settings),
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "NO_COLOR": "1",
            **(variables or {}),
        }
        return subprocess.run(
            ["terraform", *arguments],
            input=text,
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=_PATIENCE,
            check=False,
        )
