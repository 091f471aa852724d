"""Runs of the whole program, from its first line on, in children of this process; each tells whether it was answered
with what an earlier one kept.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from compiler import cli, start

__all__ = ["CHECKOUT", "Ran", "run", "run_twice"]

CHECKOUT = Path(cli.__file__).parent.parent
"""Where the package lies. An answer depends on the names there, and other tests make folders in a checkout."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended, what it printed to standard output and to standard error, and whether it did any work."""

    code: int
    stdout: bytes
    stderr: bytes
    worked: bool

    @property
    def said(self) -> tuple[int, bytes, bytes]:
        """What the caller notices."""
        return (self.code, self.stdout, self.stderr)


def run(arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Ran:
    """Run ``unitc`` with these arguments in a folder."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr, tempfile.TemporaryFile() as worked:
        child = os.fork()
        if child == 0:
            code = 99
            try:
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                os.dup2(stdout.fileno(), 1)
                os.dup2(stderr.fileno(), 2)
                os.chdir(cwd)
                _be_a_process(arguments, environment, worked.fileno())
            except SystemExit as exc:
                code = exc.code if isinstance(exc.code, int) else 99
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        for stream in (stdout, stderr, worked):
            stream.seek(0)
        return Ran(os.waitstatus_to_exitcode(status), stdout.read(), stderr.read(), bool(worked.read()))


def _be_a_process(arguments: Sequence[str], environment: Mapping[str, str], worked: int) -> NoReturn:
    sys.stdin, sys.stdout, sys.stderr = (open(number, mode, closefd=False) for number, mode in enumerate("rww"))  # noqa: SIM115
    sys.argv = ["unitc", *arguments]
    os.environ.clear()
    os.environ.update({"PATH": os.defpath, **environment})
    sys.path[:] = [each for each in sys.path if Path(each) != CHECKOUT]
    main = cli.main

    def noticed(*given: object) -> None:
        os.write(worked, b"yes")
        main(*given)  # type: ignore[arg-type]  # As it was called.

    cli.main = noticed  # type: ignore[assignment]
    start.main()


def run_twice(arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Ran:
    """Run until an answer is kept, and return it as it is given again."""
    first = run(arguments, cwd, environment)
    again = run(arguments, cwd, environment)
    assert not again.worked, (arguments, first)
    assert again.said == first.said
    return again
