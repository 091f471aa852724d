"""Where the process starts: an interrupt ends it without a traceback, also while the program is still being loaded."""

from __future__ import annotations

import os
import signal
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line and leave the process with its exit code, 130 on an interrupt."""
    # What the caller ignores stays ignored. While files are written the writer holds the signal back.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(128 + signal.SIGINT))
    from compiler.cli import main

    main()
