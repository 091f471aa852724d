"""What a template says of order, in a form that a test can compare, and migrations of templates in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from compiler.migration.form import Form
from compiler.migration.migrate import Migration, migrate
from compiler.order.resolve import resolve_claims
from compiler.pipeline import Analysis, Options, analyze, fixed_order
from compiler.terraform.configuration.files import MemoryFiles

__all__ = ["files_of", "migrated", "order_of", "read"]


def read(files: Mapping[str, str]) -> Analysis:
    return analyze(MemoryFiles(files), Options())


def files_of(folder: Path) -> dict[str, str]:
    """Return the files below a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and "expected" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8", "surrogateescape") for path in paths}


def order_of(analysis: Analysis) -> set[tuple[object, ...]]:
    """Return who waits for whom with what, by the given values and for every input, and how."""
    fixed = fixed_order(analysis)
    always = resolve_claims(fixed.inventory, (*fixed.explicit, *fixed.everyone), fixed.observed).graphs
    return {
        (at, graph.runtime, graph.phase, edge.dependent, edge.prerequisite, edge.requires)
        for at, graphs in enumerate((analysis.graphs, always))
        for graph in graphs
        for edge in graph.edges
    }


def migrated(files: Mapping[str, str], form: Form, *, remove_waits: bool = False) -> tuple[dict[str, str], Migration]:
    """Return the files after a migration, and what it says."""
    analysis = read(files)
    assert analysis.valid, [item.detail for item in analysis.diagnostics]
    found = migrate(analysis, form, remove_waits=remove_waits)
    assert all(files[source.name] == source.text for source in found.changes)
    return {**files, **{source.name: text for source, text in found.changes.items()}}, found
