"""Every template in ``fixtures/`` against what must come of it: diagnostics and graph, of some the drawings."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from compiler.commands.shared.console import Color, Console, Format
from compiler.drawing.draw import draw
from compiler.pipeline import Analysis, Options, analyze
from compiler.terraform.configuration.files import DiskFiles, MemoryFiles
from tests.golden import check_golden, check_orphans

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted(path.parent.name for path in FIXTURES.glob("*/main.tf"))


def diagnostics_of(analysis: Analysis) -> str:
    stderr = io.StringIO()
    Console(io.StringIO(), stderr, {}, Color.NEVER).report([(".", analysis.diagnostics)], Format.TEXT)
    return stderr.getvalue()


GOLDENS: Mapping[str, Callable[[Analysis], str]] = {
    "diagnostics.txt": diagnostics_of,
    "graph.json": lambda analysis: draw(analysis.graphs, "json"),
}
DRAWINGS: Mapping[str, Callable[[Analysis], str]] = {
    "graph.dot": lambda analysis: draw(analysis.graphs, "dot"),
    "graph.mmd": lambda analysis: draw(analysis.graphs, "mermaid"),
    "graph.txt": lambda analysis: draw(analysis.graphs, "tree"),
}
DRAWN = frozenset(
    {
        *("before-all", "database", "directives", "faulty-cycle-across-forms", "groups", "hostile-names"),
        *("modules", "mutex", "nested-modules", "script-utils", "start-and-stop", "two-agents"),
    }
)
"""The cases whose drawings are approved: between them they have all that a drawing can show of a graph."""


def goldens_of(case: str) -> Mapping[str, Callable[[Analysis], str]]:
    """Return what is approved of a case, by the names of the files."""
    return {**GOLDENS, **(DRAWINGS if case in DRAWN else {})}


def analysis_of(case: str) -> Analysis:
    return analyze(DiskFiles(FIXTURES / case), Options())


@pytest.mark.parametrize("case", CASES)
def test_a_template_gives_what_was_approved_and_is_faulty_exactly_where_its_name_says_so(case: str) -> None:
    analysis = analysis_of(case)
    assert analysis.valid is not case.startswith("faulty-")
    for name, render in goldens_of(case).items():
        check_golden(FIXTURES / case / "expected" / name, render(analysis))


@pytest.mark.parametrize("case", ["bodies", "faulty-modules", "modules", "unknown-body"])
def test_a_template_in_memory_gives_the_same_as_on_disk(case: str) -> None:
    folder = FIXTURES / case
    contents = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"), reverse=True)
        if path.is_file() and "expected" not in path.parts
    }
    in_memory = analyze(MemoryFiles(contents), Options())
    on_disk = analysis_of(case)
    for render in GOLDENS.values():
        assert render(in_memory) == render(on_disk)


def test_every_golden_has_a_case_and_every_case_its_goldens() -> None:
    there = {path.relative_to(FIXTURES).as_posix() for path in FIXTURES.glob("*/expected/*")}
    # The launchers are approved by the tests that run them.
    launchers = {f"{case}/expected/launcher-head.sh" for case in CASES if not case.startswith("faulty-")}
    check_orphans(there, launchers | {f"{case}/expected/{name}" for case in CASES for name in goldens_of(case)})
