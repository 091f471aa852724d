"""Places whose folder for state is a file system of its own, which nothing outside of them sees."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final

import pytest

from tests.shells.harness import Place

__all__ = ["Confined", "needs_root"]

needs_root: Final = pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts file systems")

_HOLD: Final = 'mkdir "$1" && mount -t tmpfs -o "$2" none "$1" && echo && read -r x'


@dataclass
class Confined(Place):
    """A place in a mount namespace. ``options`` are those of its file system for state, as mount(8) takes them."""

    options: str = "size=64k,mode=700"
    holder: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        words = ["unshare", "--mount", "sh", "-c", _HOLD, "sh", str(self.root / "state"), self.options]
        self.holder = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.holder.stdout is not None
        assert self.holder.stdout.readline() == "\n"
        self.prefix = self.inside

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self.holder.communicate()

    @property
    def inside(self) -> tuple[str, ...]:
        """The words before a command that runs in here."""
        return ("nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt", f"--wd={self.work}", "--")

    @property
    def state(self) -> Path:
        """The folder for state, as it is seen from outside."""
        return Path(f"/proc/{self.holder.pid}/root{self.root}/state")

    def environment(self, **changes: str) -> dict[str, str]:
        """Return the environment of everything that is started here."""
        return {**super().environment(**changes), "UNITC_STATE_DIR": str(self.root / "state")}

    def do(self, script: str) -> None:
        """Run a script inside; $STATE is the folder for state."""
        subprocess.run(
            [*self.inside, "sh", "-c", script],
            env={**self.environment(), "STATE": str(self.root / "state")},
            check=True,
        )
