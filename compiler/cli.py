"""The command line: arguments, streams and environment in, a named exit code out.

What is heavy is imported by the command that needs it, so that ``--version`` and ``--help`` answer at once.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from compiler import __version__
from compiler.command_line.application import CommandLine
from compiler.command_line.plain import read
from compiler.commands.shared.console import ExitCode
from compiler.disk import Disk


def main(arguments: Sequence[str] | None = None, disk: Disk | None = None) -> NoReturn:
    """Run the command line and leave the process with its exit code; ``disk`` keeps what the run looks at."""
    given = CommandLine(tuple(sys.argv[1:] if arguments is None else arguments), disk or Disk())
    try:
        _run(given)
    except OSError as exc:
        # What names no file is a stream of this process, such as standard output on a full disk.
        if exc.filename is not None:
            _bug()
        stream_failed(exc)
    except Exception:
        _bug()


def _run(given: CommandLine) -> NoReturn:
    # A shell that completes asks with any command line.
    plain = None if "_UNITC_COMPLETE" in os.environ else read(given.arguments)
    if plain is None:
        from compiler.command_line.typed import run

        run(given)
    command, values = plain
    command.run(given, values)


def stream_failed(exc: OSError) -> NoReturn:
    """Say that what was to be printed couldn't be, and leave; a reader who has gone needs no word, as typer has it."""
    ended = isinstance(exc, BrokenPipeError)
    with contextlib.suppress(OSError):
        sys.stderr.write("" if ended else f"unitc: standard output: {exc.strerror or exc}\n")
    with contextlib.suppress(OSError, ValueError):
        # What is still buffered would fail once more when Python leaves.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(ExitCode.ERRORS if ended else ExitCode.FILES)


def _bug() -> NoReturn:
    """Say that unitc is at fault, and what to report."""
    import platform
    import traceback

    trace = traceback.format_exc()
    sys.stderr.write(
        f"unitc: this is a bug in unitc {__version__}, not in your template.\n"
        "Please report it with the template (or the part that matters) and these lines:\n"
        f"  python {platform.python_version()} on {sys.platform}\n"
        + "".join(f"  {line}\n" for line in trace.splitlines()[-12:])
    )
    raise SystemExit(ExitCode.BUG)
