"""How a run ends: its exit code, and the errors that end it before it has an answer."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from compiler.source.diagnostics import Diagnostic


class ExitCode(IntEnum):
    """What a run ended with, the same in every format."""

    OK = 0
    ERRORS = 1
    """Errors in the template, stale output, or a file edited by hand that would be overwritten."""
    USAGE = 2
    """The command line or the configuration is wrong."""
    FILES = 3
    """A file can't be read or written."""
    BUG = 70
    """A bug in unitc (EX_SOFTWARE of sysexits.h)."""


class Usage(Exception):
    """The command line is wrong; the message says how."""


class Misconfigured(Exception):
    """A template's configuration is wrong; the diagnostics say how. ``template`` is its path as given."""

    def __init__(self, template: str, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(template, diagnostics)
        self.template = template
        self.diagnostics = tuple(diagnostics)
