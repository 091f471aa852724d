"""Reports in files, beside what is printed: ``--report FORMAT=FILE``, any number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.commands.shared.exits import Usage
from compiler.disk import Disk, telling
from compiler.report.formats import Format, render

if TYPE_CHECKING:
    from compiler.report.form import Findings

ReportFile = tuple[Format, str]


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


def write_reports(disk: Disk, found: Findings, reports: Sequence[ReportFile]) -> None:
    """Write the reports. Raises :class:`Unreadable` where a file can't be written."""
    from compiler.output.fix import replace_file

    for form, path in reports:
        with telling(path, always=True):
            replace_file(disk, Path(path), render(found, form))
