"""Streams and colour: how the command line talks.

Diagnostics go to stderr in text form and to stdout in every machine form. Results go to stdout.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

from compiler.commands.shared.exits import ExitCode, Misconfigured, Usage
from compiler.disk import Disk
from compiler.records import dataclass, field
from compiler.report.formats import Format, render
from compiler.source.diagnostics import Diagnostic, Severity, has_errors
from compiler.source.prose import behind, counted, tallied

if TYPE_CHECKING:
    from compiler.report.form import Findings
    from compiler.report.text import Paint

__all__ = ["Color", "Console", "ExitCode", "Format", "Misconfigured", "Usage", "strictly"]


class Color(StrEnum):
    """When text is coloured."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def strictly(diagnostics: Sequence[Diagnostic], *, strict: bool) -> tuple[Diagnostic, ...]:
    """Return the diagnostics, with ``strict`` the warnings among them as errors."""
    if not strict:
        return tuple(diagnostics)
    return tuple(
        Diagnostic(item.code, Severity.ERROR, item.summary, item.detail, item.labels, item.help) for item in diagnostics
    )


@dataclass(frozen=True, slots=True)
class Console:
    """The streams of one run, what the user wants to see on them, and the disk that the run looks at."""

    stdout: TextIO
    stderr: TextIO
    environment: Mapping[str, str]
    color: Color = Color.AUTO
    quiet: bool = False
    disk: Disk = field(default_factory=Disk)
    collected: list[tuple[str, tuple[Diagnostic, ...]]] | None = None
    """Where diagnostics go that are told later, together with others; None where they are told at once."""

    @classmethod
    def of_process(cls, color: Color = Color.AUTO, *, quiet: bool = False, disk: Disk | None = None) -> Console:
        """Return the console of this process."""
        return cls(sys.stdout, sys.stderr, os.environ, color, quiet, disk or Disk())

    def colored(self, stream: TextIO) -> bool:
        """Return whether text on a stream is coloured (NO_COLOR: https://no-color.org; FORCE_COLOR likewise)."""
        if self.color is not Color.AUTO:
            return self.color is Color.ALWAYS
        if self.environment.get("NO_COLOR"):
            return False
        return bool(self.environment.get("FORCE_COLOR")) or stream.isatty()

    def paint(self, stream: TextIO) -> Paint:
        """Return what gives text on a stream its colour, where it has one."""
        from compiler.report import text

        return text.vivid if self.colored(stream) else text.plain

    def width(self, stream: TextIO) -> int | None:
        """Return how many columns text on a stream may take: what COLUMNS says, else what a terminal has.

        None: as many as it likes.
        """
        given = self.environment.get("COLUMNS", "")
        if given.isascii() and given.isdigit() and int(given):
            return int(given)
        if not stream.isatty():
            return None
        try:
            return os.get_terminal_size(stream.fileno()).columns or None
        except OSError:
            return None

    def out(self, text: str) -> None:
        """Print a result, byte for byte: a lone surrogate in it stands for a byte that was no UTF-8."""
        self.stdout.flush()
        buffer = getattr(self.stdout, "buffer", None)
        if buffer is None:
            self.stdout.write(text)
        else:
            buffer.write(text.encode("utf-8", "surrogateescape"))
            buffer.flush()

    def lines(self, lines: Iterable[tuple[int, str]]) -> None:
        """Print lines of a result, each with its indentation in columns, broken where the stream has a width."""
        from compiler.source.prose import visible

        width = self.width(self.stdout)
        for indent, text in lines:
            broken = behind(visible(text), width, " " * indent, " " * (indent + 4))
            self.out("".join(f"{line}\n" for line in broken))

    def note(self, text: str) -> None:
        """Print a line for the person who waits, unless they asked for quiet."""
        if not self.quiet:
            self.stderr.write(f"{text}\n")

    def fail(self, text: str) -> None:
        """Print why the run can't go on."""
        self.stderr.write(f"unitc: {text}\n")

    def report(
        self,
        results: Sequence[tuple[str, Sequence[Diagnostic]]],
        form: Format,
        files: Sequence[tuple[Format, str]] = (),
    ) -> ExitCode:
        """Print the diagnostics of some templates (path as given, diagnostics) and return the exit code they mean.

        ``files`` get them too, each in its form. Raises :class:`~compiler.disk.Unreadable` where one can't be
        written.
        """
        if self.collected is None:
            # Of nothing there is no text, and what would make one needn't be imported.
            if files or form is not Format.TEXT or any(diagnostics for _, diagnostics in results):
                from compiler.commands.shared.reports import write_reports
                from compiler.report.form import findings

                found = findings(results)
                write_reports(self.disk, found, files)
                self.tell(found, form)
        else:
            self.collected.extend((template, tuple(diagnostics)) for template, diagnostics in results)
        failed = any(has_errors(diagnostics) for _, diagnostics in results)
        return ExitCode.ERRORS if failed else ExitCode.OK

    def tell(self, found: Findings, form: Format) -> None:
        """Print diagnostics: text for people on stderr, every other form on stdout."""
        if form is Format.TEXT:
            from compiler.report import text

            self.stderr.write(text.render(found, self.paint(self.stderr), self.width(self.stderr)))
        else:
            self.out(render(found, form))

    def report_errors(self, given: str, diagnostics: Sequence[Diagnostic]) -> ExitCode:
        """Print the errors of a template, and of the warnings how many there are, where something else is asked."""
        errors = [item for item in diagnostics if item.severity is Severity.ERROR]
        code = self.report([(given, errors)], Format.TEXT)
        warnings = len(diagnostics) - len(errors)
        if warnings:
            self.note(f"{counted(warnings, 'warning')}; unitc check tells more")
        return code

    def count(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Say how many errors and warnings a template has, where something else is asked."""
        errors = sum(item.severity is Severity.ERROR for item in diagnostics)
        if diagnostics:
            counts = tallied(errors, len(diagnostics) - errors)
            self.note(f"{counts} in the template; unitc check tells more")
