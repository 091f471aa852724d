"""The command line: arguments, streams and environment in, a named exit code out.

What is heavy is imported by the command that needs it, so that ``--version`` and ``--help`` answer at once.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from copy import copy
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

import typer

from compiler import __version__
from compiler.command_line.application import Given, app
from compiler.commands.shared.console import ExitCode
from compiler.disk import Disk

if TYPE_CHECKING:
    from typer.models import CommandInfo

__all__ = ["main", "stream_failed"]

_HOMES = MappingProxyType(
    {
        "making": ("check", "clean", "compile", "migrate"),
        "asking": ("eval", "explain", "graph", "show", "why"),
        "watching": ("run", "simulate", "timeline"),
        "serving": ("lsp",),
        "describing": ("config", "emit"),
    }
)
"""The commands by the module that has them."""


def _needed(arguments: Sequence[str]) -> typer.Typer:
    """Return the application with the one command that the arguments begin with, none for the version, or else all.

    typer makes the parameters of all commands before it looks at the arguments, which takes longer than a kept answer.
    """
    wanted = arguments[0] if arguments else ""
    homes = [home for home, names in _HOMES.items() if wanted in names] or list(_HOMES)
    version = wanted == "--version"
    for home in () if version else homes:
        import_module(f"compiler.command_line.{home}")
    one = copy(app)
    one.registered_commands = [item for item in app.registered_commands if _name(item) == wanted]
    one.registered_groups = [item for item in app.registered_groups if item.name == wanted]
    return one if version or one.registered_commands or one.registered_groups else app


def _name(item: CommandInfo) -> str | None:
    return item.name or (item.callback.__name__ if item.callback else None)


def main(arguments: Sequence[str] | None = None, disk: Disk | None = None) -> NoReturn:
    """Run the command line and leave the process with its exit code; ``disk`` keeps what the run looks at."""
    given = Given(tuple(sys.argv[1:] if arguments is None else arguments), disk or Disk())
    try:
        _needed(given.arguments)(args=list(given.arguments), prog_name="unitc", obj=given)
    except OSError as exc:
        # What names no file is a stream of this process, such as standard output on a full disk.
        if exc.filename is not None:
            _bug()
        stream_failed(exc)
    except Exception:
        _bug()
    raise SystemExit(ExitCode.OK)


def stream_failed(exc: OSError) -> NoReturn:
    """Say that what was to be printed couldn't be, and leave."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"unitc: standard output: {exc.strerror or exc}\n")
    with contextlib.suppress(OSError, ValueError):
        # What is still buffered would fail once more when Python leaves.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(ExitCode.FILES)


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
