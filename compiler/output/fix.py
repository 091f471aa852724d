"""Changes that diagnostics offer, made in the files: exactly at their places, all else byte for byte.

A diagnostic's edits are made together or not at all. Where two diagnostics would change the same place in different
ways, the first one is served; the other is told again by the next run.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from compiler.disk import Disk
from compiler.output.changes import diff_lines
from compiler.source.diagnostics import Diagnostic, Edit, Severity
from compiler.source.span import Source


def fixable(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics that offer changes, all of them in the template's own files."""
    return [item for item in diagnostics if item.edits and all(edit.span.own for edit in item.edits)]


def chosen_edits(diagnostics: Iterable[Diagnostic]) -> Mapping[Source, list[Edit]]:
    """Return the edits that can be made together, by the file that they change: those of errors, if there are any.

    What an error has broken, such as an order by a misspelt name, must not be fixed a second time in another way.
    """
    chosen: dict[Source, list[Edit]] = {}
    offered = fixable(diagnostics)
    for diagnostic in [item for item in offered if item.severity is Severity.ERROR] or offered:
        if not all(_fits(edit, chosen.get(edit.span.source, ())) for edit in diagnostic.edits):
            continue
        for edit in diagnostic.edits:
            known = chosen.setdefault(edit.span.source, [])
            if edit not in known:
                known.append(edit)
    return chosen


def put_together(first: Mapping[Source, str], then: Mapping[Source, str]) -> Mapping[Source, str]:
    """Return two rounds of changes as one, by the files as they were at first."""
    names = {source.name: source for source in first}
    return {**first, **{names.get(source.name, source): text for source, text in then.items()}}


def fixed(diagnostics: Iterable[Diagnostic]) -> Mapping[Source, str]:
    """Return the files that the diagnostics' edits change, with their new texts."""
    return {source: edited(source.text, edits) for source, edits in chosen_edits(diagnostics).items()}


def _fits(edit: Edit, others: Iterable[Edit]) -> bool:
    """Return whether an edit is one of the others, or touches none of them."""
    return all(
        edit == other or edit.span.end < other.span.start or other.span.end < edit.span.start for other in others
    )


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a file's text with changes made, those at one place in their order. No two may overlap."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda item: (item.span.start, item.span.end)):
        pieces += [text[at : edit.span.start], edit.text]
        at = max(at, edit.span.end)
    return "".join((*pieces, text[at:]))


def fix_diff(source: Source, text: str, folder: str = "") -> str:
    """Return a file's change as a unified diff; ``folder`` stands before the file's name, with a slash at its end."""
    from difflib import unified_diff

    name = f"{folder}{source.name}"
    return "".join(unified_diff(diff_lines(source.text), diff_lines(text), name, name))


def replace_file(disk: Disk, path: Path, text: str) -> None:
    """Put a text in the place of a file's, or where there is none, at once; its mode stays. Raises OSError."""
    disk.wrote()
    if path.exists() and not path.is_file():
        # A device or a pipe is written to.
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        return
    # A link stays, and what it leads to changes.
    path = path.resolve()
    beside = path.with_name(f".{path.name}.unitc")
    try:
        beside.write_bytes(text.encode("utf-8", "surrogateescape"))
        if path.exists():
            beside.chmod(stat.S_IMODE(path.stat().st_mode))
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
