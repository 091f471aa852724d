"""What other programs say of shell text: the shell itself with ``-n``, and ShellCheck, where they are installed.

Each is given all texts of a template at once. What they print is turned into :class:`Remark`; nothing is raised for
what they do.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # What signal is made of; typeshed leaves it out.
import contextlib
import json
import os
import select
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from compiler.disk import Disk, telling
from compiler.patterns import regex
from compiler.records import dataclass, field, replace
from compiler.signals import handled, leave

# Seconds. ShellCheck reads all texts in a few; what takes longer is stuck.
TIMEOUT = 60
# What the programs are called where one of them gave no answer.
_SHELLCHECK, _SHELLS = "ShellCheck", "a shell"
_TEMPORARY = ("/tmp", "/var/tmp")
# How many texts one process has read by their shell; several such processes work at once.
_AT_ONCE = 1_000
# What it does: it has the shell read a file of all texts in one, and tells nothing where that can be read. Else it has
# each read by itself, and of those that can't be read it tells the name and what the shell said.
_READ_ALL = """\
cd "$1" && joined=$2 shell=$3 option=$4 && shift 4
[ -n "$joined" ] && "$shell" $option -n "$joined" >/dev/null 2>&1 && exit
for text; do
  said=$("$shell" $option -n "$text" 2>&1 >/dev/null) || printf '%s\\n%s\\0' "$text" "$said"
done
"""
# What stands around each text in that file, so that none ends what another one has begun: a bracket or a word of the
# grammar that is open would have to end before the brace, and a quote makes one of the brackets in quotes a real one.
# Each stands there in two frames, since a text that closes a frame may open another like it, and none does so with
# both. Only a heredoc could go on, so a text with one isn't joined.
_AFTER = b"\n: \"')'\" '\")\"' '`)`'\n"
_FRAMES = ((b"{ :\n", _AFTER + b"}\n"), (b"( :\n", _AFTER + b")\n"))
_HEREDOC = "<<"
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


@dataclass(frozen=True, slots=True)
class _Program:
    """A program that was started, and the end of the pipe into which it prints."""

    name: str
    printed: int


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
            folder = _new_folder(ending)
            with telling(folder, always=True):
                written = [*map(_file_of, texts)]
                for index, data in enumerate(written):
                    _write(f"{folder}/{index}.sh", data)
                checking = self._start_shellcheck(texts, folder, ending)
                reading = self._start_shells(texts, written, folder, ending)
            yield self._remarks(reading, checking)

    def _start_shellcheck(
        self, texts: Sequence[ShellText], folder: str, ending: contextlib.ExitStack
    ) -> _Program | None:
        names = [f"{folder}/{index}.sh" for index, item in enumerate(texts) if (item.shell or "bash") in _DIALECTS]
        if self.shellcheck is None or not names:
            return None
        command = [self.shellcheck, "--norc", "-f", "json1", "-S", "warning", "-e", f"{_CAUSED},{_TOLD}", *names]
        return self._start(_SHELLCHECK, command, ending)

    def _start_shells(
        self, texts: Sequence[ShellText], written: Sequence[bytes], folder: str, ending: contextlib.ExitStack
    ) -> list[_Program]:
        """Start what has each text read by its shell. To start that many shells from here would hold us up."""
        groups: dict[tuple[str, bool], list[int]] = {}
        for index, item in enumerate(texts):
            if item.whole:
                groups.setdefault((item.shell or "bash", _HEREDOC in item.text), []).append(index)
        started = []
        for (shell, heredocs), indexes in sorted(groups.items()):
            program = _which(self.disk, shell)
            if program is None:
                self.missing.add(shell)
                continue
            for first in range(0, len(indexes), _AT_ONCE):
                piece = indexes[first : first + _AT_ONCE]
                joined = "" if heredocs or len(piece) == 1 else f"{shell}{first}"
                if joined:
                    framed = [before + written[each] + after for each in piece for before, after in _FRAMES]
                    _write(f"{folder}/{joined}", b"".join(framed))
                arguments = [folder, joined, program, _APPLETS.get(shell, ""), *(f"{each}.sh" for each in piece)]
                started.append(self._start(_SHELLS, ["/bin/sh", "-c", _READ_ALL, "sh", *arguments], ending))
        return [process for process in started if process is not None]

    def _start(self, name: str, command: list[str], ending: contextlib.ExitStack) -> _Program | None:
        """Start a program; it is gone, with those that it starts itself, when what is ``ending`` has ended."""
        printed, into = os.pipe()
        ending.callback(os.close, printed)
        null = os.devnull
        try:
            # In place of the module subprocess, which takes longer to import than all of this to start.
            number = os.posix_spawn(
                command[0],
                command,
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, into, 1),
                    (os.POSIX_SPAWN_OPEN, 0, null, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 2, null, os.O_WRONLY, 0),
                ],
                # Only a group of its own can be ended as a whole.
                setpgroup=0,
            )
        except OSError:
            self._not_heard(name)
            return None
        finally:
            os.close(into)
        ending.callback(_end, number)
        return _Program(name, printed)

    def _remarks(self, reading: Sequence[_Program], checking: _Program | None) -> Iterator[Remark]:
        for process in reading:
            for told in self._printed(process).split(b"\0")[:-1]:
                name, _, said = told.decode("utf-8", "replace").partition("\n")
                remark = _unread(name, said)
                if remark is not None:
                    yield remark
        if checking is not None:
            yield from self._said(checking)

    def _not_heard(self, name: str) -> None:
        self.unheard.add(name)
        self.disk.repeatable = False

    def _printed(self, program: _Program) -> bytes:
        """Return what a program prints until it has ended, or for as long as it may take."""
        latest = time.monotonic() + TIMEOUT
        ready, found = select.poll(), []
        ready.register(program.printed, select.POLLIN)
        while ready.poll(max(0, latest - time.monotonic()) * 1000):
            found.append(os.read(program.printed, 65_536))
            if not found[-1]:
                break
        else:
            self._not_heard(program.name)
        return b"".join(found)

    def _said(self, checking: _Program) -> Iterator[Remark]:
        try:
            comments = json.loads(self._printed(checking))["comments"]
        except (ValueError, KeyError):
            self._not_heard(_SHELLCHECK)
            return
        for item in comments:
            yield Remark(
                _index_of(item["file"]),
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


def _new_folder(ending: contextlib.ExitStack) -> str:
    """Return a new folder, which goes when what is ``ending`` has ended. Raises :class:`Unreadable`."""
    # Where tempfile would make it, which takes longer to import than to have the shells read ten texts.
    places = [*filter(None, map(os.environ.get, ("TMPDIR", "TEMP", "TMP"))), *_TEMPORARY]
    place = next((place for place in places if os.access(place, os.W_OK | os.X_OK)), places[-1])
    folder = os.path.join(os.path.abspath(place), f"unitc-{os.urandom(8).hex()}")
    # First, so that no signal comes in between.
    ending.callback(_remove, folder)
    with telling(folder, always=True):
        os.mkdir(folder, 0o700)
    return folder


def _file_of(item: ShellText) -> bytes:
    """Return what the file of a text holds: one line, and the text."""
    dialect = _DIALECTS.get(item.shell or "bash")
    head = "#" if dialect is None else f"# shellcheck shell={dialect}"
    return f"{head}\n{item.text}".encode("utf-8", "surrogateescape")


def _write(path: str, data: bytes) -> None:
    with open(path, "xb", buffering=0) as file:
        file.write(data)


def _index_of(name: str) -> int:
    return int(os.path.basename(name).removesuffix(".sh"))


def _remove(folder: str) -> None:
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)


def _end(number: int) -> None:
    """End a program with its group, and wait until it is gone. What has ended by itself is still there until then."""
    with contextlib.suppress(OSError):
        os.killpg(number, _signal.SIGKILL)
    os.waitpid(number, 0)


def _which(disk: Disk, name: str, path: str | None = None) -> str | None:
    """Return where a program is in a search path, by default ``PATH``, with everything that decides it looked at."""
    found = None
    for folder in (os.environ.get("PATH", os.defpath) if path is None else path).split(os.pathsep):
        program = os.path.join(folder, name)
        disk.rely_on(program)
        if found is None and disk.is_file(program) and os.access(program, os.X_OK):
            # A search path may name folders from here, and the shells are started in another one.
            found = os.path.abspath(program)
    return found


def _unread(name: str, said: str) -> Remark | None:
    """Return what a shell said of the text in the file of that name, None where it named no line."""
    for line in said.splitlines():
        found = _LINE.search(line.split(name, 1)[-1])
        if found is not None and "warning:" not in line:
            number = int(found[1]) - 1
            return Remark(_index_of(name), number, 1, number, 1, found[2].strip())
    return None
