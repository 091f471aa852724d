"""What other programs say of shell text: the shell itself with ``-n``, and ShellCheck, where they are installed.

Each is given all texts of a template at once. What they print is turned into :class:`Remark`; nothing is raised for
what they do.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from compiler.disk import Disk
from compiler.patterns import regex
from compiler.records import dataclass

if TYPE_CHECKING:
    _Process = subprocess.Popen[bytes]
    _Ending = contextlib.ExitStack

# A shell that only reads takes a moment; whatever takes longer is stuck. ShellCheck reads all texts, in seconds.
_TIMEOUT = 20
_TIMEOUT_OF_ALL = 60
# How many shells read at the same time.
_AT_ONCE = 16
# Codes that rendering causes: a text before #!, and constants where the template has values.
_CAUSED = "SC1114,SC1128,SC2050,SC2157,SC2128,SC1008,SC1091,SC1090,SC2154,SC2034"
# Codes for what the check of bashisms tells, once a script.
_TOLD = "SC2112,SC2113,SC3001,SC3010,SC3011,SC3020,SC3030,SC3046,SC3054"
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
    """A remark on the text of that index, at a line and columns from 1.

    ``code`` and ``level`` are ShellCheck's own, empty in what a shell says.
    """

    index: int
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    code: str = ""
    level: str = ""


class Remarks(Protocol):
    """Where remarks come from: the programs, or what they have said before."""

    def reading(self, texts: Sequence[ShellText]) -> contextlib.AbstractContextManager[Iterator[Remark]]:
        """Return what gives remarks on texts, of each text first what its shell says; they may be read meanwhile."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs that are there: ``shellcheck`` is its path, None where it isn't installed."""

    shellcheck: str | None
    disk: Disk

    @classmethod
    def found(cls, disk: Disk) -> Tools:
        """Return the programs of this machine and of this Python environment."""
        scripts = os.path.dirname(sys.executable)
        return cls(_which(disk, "shellcheck") or _which(disk, "shellcheck", scripts), disk)

    @contextlib.contextmanager
    def reading(self, texts: Sequence[ShellText]) -> Iterator[Iterator[Remark]]:
        """Give what the shells can't read, of the texts that are known as a whole, and then ShellCheck's remarks.

        What isn't installed says nothing. ShellCheck, which takes longest, reads from now on.
        """
        with tempfile.TemporaryDirectory(prefix="unitc-") as folder, contextlib.ExitStack() as ending:
            yield self._remarks(texts, self._start_shellcheck(texts, folder, ending), folder, ending)

    def _remarks(
        self, texts: Sequence[ShellText], checking: _Process | None, folder: str, ending: _Ending
    ) -> Iterator[Remark]:
        known = [(index, item) for index, item in enumerate(texts) if item.whole]
        shells = {item.shell or "bash" for _, item in known}
        programs = {shell: _which(self.disk, shell) for shell in sorted(shells)}
        for first in range(0, len(known), _AT_ONCE):
            yield from self._syntax(known[first : first + _AT_ONCE], programs, folder, ending)
        if checking is not None:
            yield from self._said(checking)

    def _syntax(
        self,
        texts: Sequence[tuple[int, ShellText]],
        programs: Mapping[str, str | None],
        folder: str,
        ending: _Ending,
    ) -> Iterator[Remark]:
        reading = []
        for index, item in texts:
            program = programs[item.shell or "bash"]
            if program is None:
                continue
            Path(folder, f"{index}.txt").write_text(item.text, "utf-8", newline="")
            try:
                reading.append((index, _start([program, "-n", f"{index}.txt"], folder, ending)))
            except OSError:
                self.disk.repeatable = False
        for index, process in reading:
            try:
                _, said = process.communicate(timeout=_TIMEOUT)
            except subprocess.SubprocessError:
                self.disk.repeatable = False
                continue
            remark = _unread(index, said.decode("utf-8", "replace")) if process.returncode else None
            if remark is not None:
                yield remark

    def _start_shellcheck(self, texts: Sequence[ShellText], folder: str, ending: _Ending) -> _Process | None:
        names = []
        for index, item in enumerate(texts):
            dialect = _DIALECTS.get(item.shell or "bash")
            if self.shellcheck is None or dialect is None:
                continue
            names.append(f"{index}.sh")
            Path(folder, names[-1]).write_text(f"# shellcheck shell={dialect}\n{item.text}", "utf-8", newline="")
        if self.shellcheck is None or not names:
            return None
        command = [self.shellcheck, "--norc", "-f", "json1", "-S", "warning", "-e", f"{_CAUSED},{_TOLD}", *names]
        try:
            return _start(command, folder, ending)
        except OSError:
            self.disk.repeatable = False
            return None

    def _said(self, checking: _Process) -> Iterator[Remark]:
        try:
            printed, _ = checking.communicate(timeout=_TIMEOUT_OF_ALL)
            comments = json.loads(printed)["comments"]
        except (subprocess.SubprocessError, ValueError, KeyError):
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


def _start(command: Sequence[str], folder: str, ending: _Ending) -> _Process:
    """Start a program; it is gone when what is ``ending`` has ended."""
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    process = ending.enter_context(subprocess.Popen(command, cwd=folder, stdin=null, stdout=pipe, stderr=pipe))
    ending.callback(process.kill)
    return process


def _which(disk: Disk, name: str, path: str | None = None) -> str | None:
    """Return where a program is in a search path, by default ``PATH``, with everything that decides it looked at."""
    for folder in (os.environ.get("PATH", os.defpath) if path is None else path).split(os.pathsep):
        disk.rely_on(os.path.join(folder, name))
    return shutil.which(name, path=path)


def _unread(index: int, said: str) -> Remark | None:
    """Return what a shell said of the text of that index, None where it named no line."""
    for line in said.splitlines():
        found = _LINE.search(line.split(f"{index}.txt", 1)[-1])
        if found is not None and "warning:" not in line:
            number = int(found[1])
            return Remark(index, number, 1, number, 1, found[2].strip())
    return None
