"""What a repository has taken over from before: findings that are known and wait for their turn.

A baseline is a JSON file that people review and commit. A finding is known by its fingerprint, which stays the same
where lines move; its file is named from the baseline's own folder, so that it doesn't matter where a run starts.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from compiler.commands.shared.console import Usage
from compiler.disk import Disk, telling
from compiler.output.fix import replace_file
from compiler.report.form import file_path, line_digest
from compiler.source.diagnostics import Diagnostic

Results = Sequence[tuple[str, Sequence[Diagnostic]]]
Row = tuple[str, str, str]


def _row(path: str, template: str, diagnostic: Diagnostic) -> Row:
    """Return what a finding is known by: its file from the baseline's folder, its code, and a digest of its line."""
    span = diagnostic.primary.span
    there = os.path.relpath(file_path(template, span.source.name), os.path.dirname(path) or ".").replace(os.sep, "/")
    return (there, diagnostic.code, line_digest(diagnostic.code, there, span.source.line(span.start_pos.line)))


def read_baseline(disk: Disk, path: str) -> Counter[Row]:
    """Return how many findings of each kind a baseline knows.

    Raises :class:`Unreadable` where the file can't be read, :class:`Usage` where it is no baseline.
    """
    with telling(path):
        text = disk.read(path)
    try:
        document: Any = json.loads(text)
        if document["format_version"] != "1":
            raise Usage(f"{path} is a baseline of another version; write it again with --write-baseline")
        return Counter({(item["file"], item["code"], item["line"]): int(item["count"]) for item in document["known"]})
    except (ValueError, TypeError, LookupError):
        raise Usage(f"{path} is not a baseline; write one with --write-baseline") from None


def without_known(known: Counter[Row], path: str, results: Results) -> tuple[Results, int]:
    """Return what a baseline doesn't know of some templates, and how many of its findings are gone."""
    left = Counter(known)

    def new(template: str, diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        for diagnostic in diagnostics:
            row = _row(path, template, diagnostic)
            if left[row] > 0:
                left[row] -= 1
            else:
                yield diagnostic

    told = [(template, tuple(new(template, diagnostics))) for template, diagnostics in results]
    return told, left.total()


def write_baseline(disk: Disk, path: str, results: Results) -> int:
    """Write a baseline that knows all that there is, and return how many findings these are.

    Raises :class:`Unreadable` where the file can't be written.
    """
    known = Counter(_row(path, template, item) for template, diagnostics in results for item in diagnostics)
    rows = [
        {"file": file, "code": code, "line": line, "count": count}
        for (file, code, line), count in sorted(known.items())
    ]
    with telling(path, always=True):
        replace_file(disk, Path(path), json.dumps({"format_version": "1", "known": rows}, indent=2) + "\n")
    return known.total()
