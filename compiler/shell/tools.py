"""What other programs say of shell text: the shell itself with ``-n``, and ShellCheck, where they are installed.

Each is given all texts of a template at once. What they print is turned into :class:`Remark`; nothing is raised for
what they do.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from compiler.disk import Disk
from compiler.patterns import regex
from compiler.records import dataclass

__all__ = ["Remark", "ShellText", "Tools"]

# A shell that only reads takes a moment; whatever takes longer is stuck.
_TIMEOUT = 20
# Codes that rendering causes: a text before #!, and constants where the template has values.
_CAUSED = "SC1114,SC1128,SC2050,SC2157,SC2128,SC1008,SC1091,SC1090,SC2154,SC2034"
_DIALECTS = {"bash": "bash", "sh": "sh", "dash": "dash", "ash": "dash", "busybox": "dash", "ksh": "ksh", "mksh": "ksh"}
_LINE = regex(r"(?:line )?(\d+): (?:syntax error: |Syntax error: )?(.+)")


@dataclass(frozen=True, slots=True)
class ShellText:
    """A text and the shell that runs it, None for the login shell. ``whole``: all of it is known."""

    text: str
    shell: str | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark on the text of that index, at a line and columns from 1. ``code`` and ``level`` are ShellCheck's own."""

    index: int
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    code: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs that are there: ``shellcheck`` is its path, None where it isn't installed."""

    shellcheck: str | None
    disk: Disk

    @classmethod
    def found(cls, disk: Disk) -> Tools:
        """Return the programs of this machine and of this Python environment."""
        scripts = sysconfig.get_path("scripts")
        return cls(_which(disk, "shellcheck") or _which(disk, "shellcheck", scripts), disk)

    def syntax(self, texts: Sequence[ShellText]) -> Iterator[Remark]:
        """Yield what the shells can't read of the texts that are known as a whole, where the shell is there."""
        with tempfile.TemporaryDirectory(prefix="unitc-") as folder:
            for index, item in enumerate(texts):
                program = _which(self.disk, item.shell or "bash") if item.whole else None
                if program is None:
                    continue
                try:
                    remark = _read_only(program, index, item, Path(folder))
                except (OSError, subprocess.SubprocessError):
                    self.disk.repeatable = False
                    continue
                if remark is not None:
                    yield remark

    def check(self, texts: Sequence[ShellText]) -> Iterator[Remark]:
        """Yield ShellCheck's remarks on the texts, errors and warnings, in one run."""
        if self.shellcheck is None:
            return
        with tempfile.TemporaryDirectory(prefix="unitc-") as folder:
            names = []
            for index, item in enumerate(texts):
                dialect = _DIALECTS.get(item.shell or "bash")
                if dialect is None:
                    continue
                path = Path(folder, f"{index}.sh")
                directive = f"# shellcheck shell={dialect}\n"
                path.write_text(directive + item.text, "utf-8", newline="")
                names.append(path.name)
            if not names:
                return
            command = [self.shellcheck, "--norc", "-f", "json1", "-S", "warning", "-e", _CAUSED, *names]
            try:
                ran = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
                comments = json.loads(ran.stdout)["comments"]
            except (OSError, subprocess.SubprocessError, ValueError, KeyError):
                self.disk.repeatable = False
                return
            for item in comments:
                yield Remark(
                    int(Path(item["file"]).stem),
                    item["line"] - 1,
                    item["column"],
                    item["endLine"] - 1,
                    item["endColumn"],
                    item["message"],
                    f"SC{item['code']}",
                    item["level"],
                )


def _which(disk: Disk, name: str, path: str | None = None) -> str | None:
    """Return where a program is in a search path, by default ``PATH``, with everything that decides it looked at."""
    for folder in (os.environ.get("PATH", os.defpath) if path is None else path).split(os.pathsep):
        disk.rely_on(os.path.join(folder, name))
    return shutil.which(name, path=path)


def _read_only(program: str, index: int, item: ShellText, folder: Path) -> Remark | None:
    path = folder / f"{index}.sh"
    path.write_text(item.text, "utf-8", newline="")
    ran = subprocess.run(
        [program, "-n", path.name],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        timeout=_TIMEOUT,
        check=False,
    )
    if ran.returncode == 0:
        return None
    for line in ran.stderr.splitlines():
        found = _LINE.search(line.split(path.name, 1)[-1])
        if found is not None and "warning:" not in line:
            number = int(found[1])
            return Remark(index, number, 1, number, 1, found[2].strip())
    return None
