"""What tests change of the machine, or read of it: the tools on PATH, and terminals."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

__all__ = ["endless", "read_terminal", "tools_without"]


@cache
def _tools_without(names: tuple[str, ...]) -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="tools-")
    for place in os.environ["PATH"].split(os.pathsep):
        for tool in sorted(Path(place).glob("*")):
            link = Path(folder.name, tool.name)
            if tool.name not in names and not link.is_symlink():
                link.symlink_to(tool)
    return folder


def tools_without(*names: str) -> str:
    """Return a value for PATH with all that there is but the tools of these names. It lives as long as the tests."""
    return _tools_without(names).name


def endless(folder: Path, *naps: int, path: str = "") -> str:
    """Return a PATH, that of the tests or another one, with which a sleep of one of so many seconds never ends.

    It needs a folder that isn't there yet. What would happen after such a sleep never does, so a test that ends has
    seen what happens at once, however slow the machine is.
    """
    sleep = folder / "sleep"
    folder.mkdir()
    lasts = " | ".join(map(str, naps))
    sleep.write_text(f'#!/bin/sh\ncase $1 in {lasts}) set -- 1000 ;; esac\nexec {shutil.which("sleep")} "$@"\n')
    sleep.chmod(0o755)
    return f"{folder}{os.pathsep}{path or os.environ['PATH']}"


def read_terminal(terminal: int) -> str:
    """Return what is shown on a terminal until its last process has ended, and close it."""
    with open(terminal, "rb", buffering=0) as shown:
        text = b""
        # The end of a terminal is an error.
        with suppress(OSError):
            while more := shown.read(65536):
                text += more
    return text.decode()
