"""Where the process starts: an answer that still holds is given again, before anything else is imported.

An interrupt ends the process without a traceback, also while the program is still being loaded.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # What signal is made of; typeshed leaves it out.
import gc
import os
import sys

from compiler.memo import Answer, Memo

# The modules for types and for signals take longer to import than a kept answer to give.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn, TextIO

PURE = frozenset(
    {"--help", "--version", "-h", "check", "compile", "emit", "eval", "explain", "graph", "show", "simulate", "why"}
)
"""First arguments of runs that only answer, or write only what isn't there yet. Others act on the world each time."""

LOOKED_AT = frozenset(
    {"COLUMNS", "ENV", "FORCE_COLOR", "HOME", "LANG", "LANGUAGE", "LINES", "NO_COLOR", "PATH", "TEMP", "TERM"}
)
PREFIXES_LOOKED_AT = (
    *("BASH", "LC_", "LD_", "NETWORKX_", "PYDANTIC_", "PYTHON", "SHELL", "TF_", "TMP", "TYPER_", "UNITC_", "XDG_"),
    *("_NETWORKX", "_PYTHON", "_TYPER"),
)
"""The environment that a run, a library, or a shell that it starts, may look at: names, and how names begin.

A name too many costs a kept answer, a name too few would give a wrong one.
"""


def _key(arguments: Sequence[str], environment: Mapping[str, str]) -> list[str] | None:
    """Return what an answer depends on beside the disk, None where this command line always has to run."""
    if not arguments or arguments[0] not in PURE or "--no-cache" in arguments:
        return None
    # A completing shell asks with the command line in the environment, and "-" reads standard input, but for compile.
    if "_UNITC_COMPLETE" in environment or ("-" in arguments and arguments[0] != "compile"):
        return None
    try:
        folder = os.getcwd()
        streams = [_stream(sys.stdout), _stream(sys.stderr)]
    except (OSError, ValueError, AttributeError):
        # A stream that is closed or isn't one of the system's has no descriptor to say anything of.
        return None
    variables = [
        f"{name}={value}"
        for name, value in sorted(environment.items())
        if name in LOOKED_AT or name.startswith(PREFIXES_LOOKED_AT)
    ]
    return [folder, *streams, str(sys.flags), str(len(arguments)), *arguments, *variables]


def _stream(stream: TextIO) -> str:
    """Return what a stream does to what is printed: a terminal has colours and a width."""
    descriptor = stream.fileno()
    width = os.get_terminal_size(descriptor).columns if os.isatty(descriptor) else 0
    return f"{descriptor} {os.isatty(descriptor)} {width} {stream.encoding} {stream.errors}"


def _say(answer: Answer) -> bool:
    """Print an answer; return False where a stream takes nothing, so that a run can tell why."""
    printed = False
    for descriptor, data in answer.output:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(descriptor, rest) :]
            except OSError as exc:
                if not printed:
                    return False
                from compiler.cli import stream_failed

                stream_failed(exc)
            printed = True
    return True


def main() -> NoReturn:
    """Run the command line and leave the process with its exit code, 130 on an interrupt."""
    try:
        _run()
    except SystemExit as exc:
        _leave(exc)


def _leave(ending: SystemExit) -> NoReturn:
    """End the process as it stands, with nothing left unsaid.

    Python would first take apart every module and value, which costs a seventh of a compile and changes nothing: files
    are closed and children are waited for where they are used, and nothing is registered for the end of the process.
    """
    for stream in (sys.stdout, sys.stderr):
        # A stream that was closed when the process began is None; the language server closes those that it was given.
        if stream is not None and not stream.closed:
            try:
                stream.flush()
            except OSError as exc:
                from compiler.cli import stream_failed

                stream_failed(exc)
    os._exit(ending.code or 0)  # type: ignore[arg-type]  # The command line ends with numbers only.


def _run() -> NoReturn:
    """Give the kept answer, or else run the command line. Raises SystemExit with the exit code."""
    # What the caller ignores stays ignored. While files are written the writer holds the signal back.
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, lambda _number, _frame: os._exit(128 + _signal.SIGINT))
    arguments = sys.argv[1:]
    key = _key(arguments, os.environ)
    memo = None if key is None else Memo(key, os.environ)
    answer = None if memo is None else memo.recall()
    if answer is not None and _say(answer):
        raise SystemExit(answer.code)
    # A run is over before it makes enough garbage to be worth looking for; the search costs a tenth of a compile.
    gc.disable()
    if memo is None:
        from compiler.cli import main

        main(arguments)
    from compiler.kept import run_and_keep

    run_and_keep(memo, arguments)
