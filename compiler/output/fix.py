"""Changes that diagnostics offer, made in the files: exactly at their places, all else byte for byte.

A diagnostic's edits are made together or not at all. Where two diagnostics would change the same place in different
ways, the first one is served; the other is told again by the next run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from compiler.disk import Disk
from compiler.source.diagnostics import Diagnostic, Edit
from compiler.source.span import Source

__all__ = ["fix_diff", "fixed", "replace_file"]


def fixed(diagnostics: Iterable[Diagnostic]) -> Mapping[Source, str]:
    """Return the files that the diagnostics' edits change, with their new texts."""
    chosen: dict[int, list[Edit]] = {}
    sources: dict[int, Source] = {}
    for diagnostic in diagnostics:
        edits = diagnostic.edits
        if not edits or not all(_fits(edit, chosen.get(id(edit.span.source), ())) for edit in edits):
            continue
        for edit in edits:
            sources[id(edit.span.source)] = edit.span.source
            known = chosen.setdefault(id(edit.span.source), [])
            if edit not in known:
                known.append(edit)
    return {sources[key]: _applied(sources[key].text, edits) for key, edits in chosen.items()}


def _fits(edit: Edit, others: Iterable[Edit]) -> bool:
    """Return whether an edit is one of the others, or touches none of them."""
    return all(
        edit == other or edit.span.end < other.span.start or other.span.end < edit.span.start for other in others
    )


def _applied(text: str, edits: Iterable[Edit]) -> str:
    for edit in sorted(edits, key=lambda item: item.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def fix_diff(source: Source, text: str) -> str:
    """Return a file's change as a unified diff."""
    from difflib import unified_diff

    return "".join(
        unified_diff(source.text.splitlines(keepends=True), text.splitlines(keepends=True), source.name, source.name)
    )


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
            shutil.copymode(path, beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
