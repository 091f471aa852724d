"""How the command line talks, and how a run ends: streams, colour, reports, exit codes.

Diagnostics go to stderr in text form and to stdout in every machine form. Results go to stdout.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from compiler.disk import Disk, telling
from compiler.records import dataclass, field
from compiler.report.formats import Format, render
from compiler.source.diagnostics import Diagnostic, Severity, has_errors
from compiler.source.prose import behind, counted, tallied

if TYPE_CHECKING:
    from compiler.pipeline import Options
    from compiler.report.form import Findings
    from compiler.report.text import Paint

__all__ = ["Color", "Console", "ExitCode", "Format", "Misconfigured", "ReportFile", "TemplateRun", "Usage"]

ReportFile = tuple[Format, str]


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


def read_reports(texts: Iterable[str]) -> tuple[ReportFile, ...]:
    """Return what ``--report`` asks for. Raises :class:`Usage` where one can't be read or two name one file."""
    from compiler.source.suggest import did_you_mean

    reports: dict[str, Format] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or not path:
            raise Usage(f"--report {text}: write it as FORMAT=FILE, such as sarif=unitc.sarif")
        if name not in list(Format):
            near = did_you_mean(name, list(Format))
            raise Usage(
                f"--report {text}: there is no format {name}; {f'did you mean {near}' if near else 'see --help'}?"
            )
        if path in reports:
            raise Usage(f"--report {text}: {path} is named twice")
        reports[path] = Format(name)
    return tuple((form, path) for path, form in reports.items())


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
        files: Sequence[ReportFile] = (),
    ) -> ExitCode:
        """Print the diagnostics of some templates (path as given, diagnostics) and return the exit code they mean.

        ``files`` get them too, each in its form. Raises :class:`~compiler.disk.Unreadable` where one can't be
        written.
        """
        if self.collected is None:
            # Of nothing there is no text, and what would make one needn't be imported.
            if files or form is not Format.TEXT or any(diagnostics for _, diagnostics in results):
                from compiler.output.fix import replace_file
                from compiler.report.form import findings

                found = findings(results)
                for other, path in files:
                    with telling(path, always=True):
                        replace_file(self.disk, Path(path), render(found, other))
                self.tell(found, form)
        else:
            self.collected.extend((template, tuple(diagnostics)) for template, diagnostics in results)
        failed = any(has_errors(diagnostics) for _, diagnostics in results)
        return ExitCode.ERRORS if failed else ExitCode.OK

    def tell(self, found: Findings, form: Format) -> None:
        """Print diagnostics: text for people on stderr, every other form on stdout."""
        if form is Format.TEXT:
            from compiler.report import text

            self.stderr.write(text.to_text(found, self.paint(self.stderr), self.width(self.stderr)))
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


@dataclass(frozen=True, slots=True)
class TemplateRun:
    """What every command that reads a template gets: the console, and what the user gave beside the template.

    ``arguments`` are those of the command line, without the command's name.
    """

    console: Console
    options: Options
    arguments: tuple[str, ...]
