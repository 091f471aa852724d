"""What other programs say of shell text: the shell itself with ``-n``, and ShellCheck, where they are installed.

Each is given all texts of a template at once. What they print is turned into :class:`Remark`; nothing is raised for
what they do.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from compiler.disk import Disk, telling
from compiler.patterns import regex
from compiler.records import dataclass, field, replace
from compiler.signals import handled, leave

if TYPE_CHECKING:
    import subprocess

    _Process = subprocess.Popen[bytes]
    _Ending = contextlib.ExitStack

# Seconds. ShellCheck reads all texts in a few; what takes longer is stuck.
TIMEOUT = 60
# What the programs are called where one of them gave no answer.
_SHELLCHECK, _SHELLS = "ShellCheck", "a shell"
_TEMPORARY = ("/tmp", "/var/tmp")
# How many texts one process has read by their shells, one after the other; several such processes work at once.
_AT_ONCE = 1_000
# What it does: of each text that its shell can't read, it tells the name and what the shell said.
_READ_ALL = """\
while [ $# -gt 0 ]; do
  said=$("$1" $2 -n "$3" 2>&1 >/dev/null) || printf '%s\\n%s\\0' "$3" "$said"
  shift 3
done
"""
# Codes that rendering causes: a text before #!, and constants where the template has values.
_CAUSED = "SC1114,SC1128,SC2050,SC2157,SC2128,SC1008,SC1091,SC1090,SC2154,SC2034"
# Codes for what the check of bashisms tells, once a script.
_TOLD = "SC2112,SC2113,SC3001,SC3010,SC3011,SC3020,SC3030,SC3046,SC3054"
# The shell in a program that holds many.
_APPLETS = {"busybox": "sh"}
_DIALECTS = {"bash": "bash", "sh": "sh", "dash": "dash", "ash": "dash", "busybox": "dash", "ksh": "ksh", "mksh": "ksh"}
_LINE = regex(r"(?:line )?(\d+)\]?: (?:syntax error: |Syntax error: )?(.+)")


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
    """The programs that are there: ``shellcheck`` is its path, None where it isn't installed.

    ``missing`` are the shells that were to read a text, and aren't installed. ``unheard`` are the programs that didn't
    start, ended without an answer or took longer than ``TIMEOUT`` seconds.
    """

    shellcheck: str | None
    disk: Disk
    missing: set[str] = field(default_factory=set)
    unheard: set[str] = field(default_factory=set)

    @classmethod
    def found(cls, disk: Disk) -> Tools:
        """Return the programs of this machine and of this Python environment."""
        scripts = os.path.dirname(sys.executable)
        return cls(_which(disk, "shellcheck") or _which(disk, "shellcheck", scripts), disk)

    @contextlib.contextmanager
    def reading(self, texts: Sequence[ShellText]) -> Iterator[Iterator[Remark]]:
        """Give what the shells can't read, of the texts that are known as a whole, and then ShellCheck's remarks.

        What isn't installed says nothing. All of them read from now on. Raises :class:`Unreadable` where the texts
        can't be written for them.
        """
        with contextlib.ExitStack() as ending:
            if not texts:
                yield iter(())
                return
            ending.enter_context(handled(leave))
            folder = _written(texts, ending)
            checking = self._start_shellcheck(texts, folder, ending)
            yield self._remarks(self._start_shells(texts, folder, ending), checking)

    def _start_shellcheck(self, texts: Sequence[ShellText], folder: str, ending: _Ending) -> _Process | None:
        names = [f"{index}.sh" for index, item in enumerate(texts) if (item.shell or "bash") in _DIALECTS]
        if self.shellcheck is None or not names:
            return None
        command = [self.shellcheck, "--norc", "-f", "json1", "-S", "warning", "-e", f"{_CAUSED},{_TOLD}", *names]
        return self._start(command, folder, ending)

    def _start_shells(self, texts: Sequence[ShellText], folder: str, ending: _Ending) -> list[_Process]:
        """Start what has each text read by its shell. To start that many shells from here would hold us up."""
        shells = {item.shell or "bash" for item in texts if item.whole}
        programs = {shell: _which(self.disk, shell) for shell in sorted(shells)}
        self.missing.update(shell for shell, program in programs.items() if program is None)
        wanted = [
            [program, _APPLETS.get(item.shell or "", ""), f"{index}.sh"]
            for index, item in enumerate(texts)
            if item.whole and (program := programs[item.shell or "bash"]) is not None
        ]
        pieces = [wanted[first : first + _AT_ONCE] for first in range(0, len(wanted), _AT_ONCE)]
        commands = [["/bin/sh", "-c", _READ_ALL, "sh", *chain(*piece)] for piece in pieces]
        # They start others, and only a group of their own can be ended as a whole.
        started = [self._start(command, folder, ending, group=0) for command in commands]
        return [process for process in started if process is not None]

    def _start(
        self, command: Sequence[str], folder: str, ending: _Ending, *, group: int | None = None
    ) -> _Process | None:
        """Start a program; it is gone, with its ``group`` if it leads one, when what is ``ending`` has ended."""
        # Imported late: where neither is installed there is nothing to start.
        import subprocess

        try:
            process = ending.enter_context(
                subprocess.Popen(
                    command,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    process_group=group,
                )
            )
        except OSError:
            self._not_heard(_SHELLS if group is not None else _SHELLCHECK)
            return None
        ending.callback(process.kill if group is None else partial(_end_group, process))
        return process

    def _remarks(self, reading: Sequence[_Process], checking: _Process | None) -> Iterator[Remark]:
        for process in reading:
            for told in self._printed(process, _SHELLS).split(b"\0")[:-1]:
                name, _, said = told.decode("utf-8", "replace").partition("\n")
                remark = _unread(name, said)
                if remark is not None:
                    yield remark
        if checking is not None:
            yield from self._said(checking)

    def _not_heard(self, name: str) -> None:
        self.unheard.add(name)
        self.disk.repeatable = False

    def _printed(self, process: _Process, name: str) -> bytes:
        """Return what a program prints until it has ended, or for as long as it may take."""
        import subprocess

        try:
            return process.communicate(timeout=TIMEOUT)[0]
        except subprocess.TimeoutExpired as exc:
            self._not_heard(name)
            return exc.stdout or b""

    def _said(self, checking: _Process) -> Iterator[Remark]:
        try:
            comments = json.loads(self._printed(checking, _SHELLCHECK))["comments"]
        except (ValueError, KeyError):
            self._not_heard(_SHELLCHECK)
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


class AskedOnce:
    """Remarks on texts of many templates, of which each is asked about once: many templates hold the same ones."""

    def __init__(self, source: Remarks) -> None:
        self._source = source
        self._known: dict[ShellText, list[Remark]] = {}

    @contextlib.contextmanager
    def reading(self, texts: Sequence[ShellText]) -> Iterator[Iterator[Remark]]:
        """Give the remarks on texts, in the order of the texts."""
        asked = [text for text in dict.fromkeys(texts) if text not in self._known]
        with self._source.reading(asked) as remarks:
            yield self._all(texts, asked, remarks)

    def _all(
        self, texts: Sequence[ShellText], asked: Sequence[ShellText], remarks: Iterator[Remark]
    ) -> Iterator[Remark]:
        self._known.update((text, []) for text in asked)
        for remark in remarks:
            self._known[asked[remark.index]].append(remark)
        for index, text in enumerate(texts):
            for remark in self._known[text]:
                yield replace(remark, index=index)


def _written(texts: Sequence[ShellText], ending: _Ending) -> str:
    """Return a new folder of files with the texts, each below one line; it goes when what is ``ending`` has ended."""
    # Where tempfile would make it, which takes longer to import than to have the shells read ten texts.
    places = [*filter(None, map(os.environ.get, ("TMPDIR", "TEMP", "TMP"))), *_TEMPORARY]
    place = next((place for place in places if os.access(place, os.W_OK | os.X_OK)), places[-1])
    folder = os.path.join(os.path.abspath(place), f"unitc-{os.urandom(8).hex()}")
    with telling(folder, always=True):
        # First, so that no signal comes in between.
        ending.callback(_remove, folder)
        os.mkdir(folder, 0o700)
        for index, item in enumerate(texts):
            dialect = _DIALECTS.get(item.shell or "bash")
            head = "#" if dialect is None else f"# shellcheck shell={dialect}"
            with open(os.path.join(folder, f"{index}.sh"), "xb") as file:
                file.write(f"{head}\n{item.text}".encode("utf-8", "surrogateescape"))
    return folder


def _remove(folder: str) -> None:
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)


def _end_group(process: _Process) -> None:
    # The number of one that was waited for may be another's by now.
    if process.returncode is None:
        import signal

        os.killpg(process.pid, signal.SIGKILL)


def _which(disk: Disk, name: str, path: str | None = None) -> str | None:
    """Return where a program is in a search path, by default ``PATH``, with everything that decides it looked at."""
    found = None
    for folder in (os.environ.get("PATH", os.defpath) if path is None else path).split(os.pathsep):
        program = os.path.join(folder, name)
        disk.rely_on(program)
        if found is None and disk.is_file(program) and os.access(program, os.X_OK):
            found = program
    return found


def _unread(name: str, said: str) -> Remark | None:
    """Return what a shell said of the text in the file of that name, None where it named no line."""
    for line in said.splitlines():
        found = _LINE.search(line.split(name, 1)[-1])
        if found is not None and "warning:" not in line:
            number = int(found[1]) - 1
            return Remark(int(Path(name).stem), number, 1, number, 1, found[2].strip())
    return None
