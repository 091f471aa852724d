"""Run a command and send it a signal at the moment of its Nth fork: ``at_fork.py SIGNAL N FILE COMMAND ARGUMENT...``.

The forks of its descendants count too. A process that forks stands still when the signal is sent, so each moment
between two processes is hit for certain, in every shell and without a stand-in. The command leads a session of its own.

The exit code is that of the command, or 128+n where signal n killed it. It is 99 where the command ended before its Nth
fork, or where no fork came for a while though FILE was there, and all were asleep: then it is killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from typing import Final

__all__ = ["EARLY", "main"]

EARLY: Final = 99
"""The exit code that says that there were fewer forks."""
QUIET: Final = 0.8
"""Seconds without a fork after which none is waited for any more, unless a process is about to do something."""
LOST: Final = 20
"""Seconds after which SIGINT is sent again, since bash 5.2 may lose it: see the harness."""

_SEIZE, _CONT, _LISTEN = 0x4206, 7, 0x4208
_FORKS: Final = (1, 2, 3)
"""The events of ptrace(2) for fork, vfork and clone; as options they are the bits of the same numbers."""
_STOP: Final = 128
_ALL: Final = 0x40000000
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def _ptrace(request: int, pid: int, data: int) -> None:
    if _LIBC.ptrace(ctypes.c_long(request), ctypes.c_long(pid), ctypes.c_void_p(0), ctypes.c_void_p(data)) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _sleeps(pid: int) -> bool:
    """Return whether a process waits for something, or has ended."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(") ")[2][0] in "SZX"
    except OSError:
        return True


def main(words: list[str]) -> int:
    """Do what the module says and return the exit code."""
    number, left, file, command = signal.Signals[words[0]], int(words[1]), words[2], words[3:]
    ready, go = os.pipe()
    root = os.fork()
    if root == 0:
        os.setsid()
        os.read(ready, 1)
        os.execvp(command[0], command)
    _ptrace(_SEIZE, root, sum(1 << event for event in _FORKS))
    os.write(go, b".")
    # Its forks are watched until then only: those who clean up after it have forks of their own.
    quiet, watched = False, {root}

    def give_up(*_: object) -> None:
        nonlocal quiet
        quiet = left > 0 and os.path.exists(file) and all(map(_sleeps, watched))
        if quiet:
            os.kill(root, signal.SIGKILL)
        elif left > 0:
            signal.setitimer(signal.ITIMER_REAL, QUIET)
        else:
            os.kill(root, number)

    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, QUIET)
    while True:
        pid, status = os.waitpid(-1, _ALL)
        if not os.WIFSTOPPED(status):
            watched.discard(pid)
            if pid != root:
                continue
            code = os.waitstatus_to_exitcode(status)
            return EARLY if quiet or left > 0 else 128 - code if code < 0 else code
        watched.add(pid)
        event, passed = status >> 16, os.WSTOPSIG(status)
        if event in _FORKS and not quiet and left > 0:
            signal.setitimer(signal.ITIMER_REAL, 0)
            left -= 1
            if left == 0:
                os.kill(root, number)
            signal.setitimer(signal.ITIMER_REAL, QUIET if left > 0 else LOST if number == signal.SIGINT else 0)
        # Who was killed where it stood can't be told to go on.
        with suppress(ProcessLookupError):
            if event == _STOP and passed != signal.SIGTRAP:
                _ptrace(_LISTEN, pid, 0)
            else:
                _ptrace(_CONT, pid, 0 if event else passed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
