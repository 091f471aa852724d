"""What comes of templates, in a form that a test can compare."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from compiler.pipeline import Analysis, Options, analyze
from compiler.source.diagnostics import Diagnostic, Severity
from compiler.terraform.configuration.files import MemoryFiles

__all__ = ["Marked", "analysis_of", "at_marks", "codes", "edges", "edges_of", "found", "marked", "ordering", "units"]


def analysis_of(files: str | Mapping[str, str], options: Options | None = None) -> Analysis:
    """Return what a template says; a text alone is its ``main.tf``."""
    return analyze(MemoryFiles({"main.tf": files} if isinstance(files, str) else files), options or Options())


def edges(analysis: Analysis) -> list[str]:
    """Return the edges: ``dependent < prerequisite``, then what isn't a success in a start phase of the main agent."""
    return sorted(
        f"{edge.dependent} < {edge.prerequisite}"
        + (f" ({edge.requires})" if edge.requires != "success" else "")
        + (f" on {graph.phase}" if graph.phase != "start" else "")
        + (f" of {graph.runtime}" if graph.runtime != "coder_agent.main" else "")
        for graph in analysis.graphs
        for edge in graph.edges
    )


def units(analysis: Analysis) -> list[str]:
    """Return the units as ``address on phase of runtime``."""
    return [f"{unit.address} on {unit.phase} of {unit.runtime}" for graph in analysis.graphs for unit in graph.units]


# What is checked of scripts beside their order has tests of its own.
_BESIDE = re.compile("UC1(0[3-9]|[1-4])|UC3")


def ordering(analysis: Analysis) -> list[Diagnostic]:
    """Return what was found about reading the template and about its order."""
    return [item for item in analysis.diagnostics if not _BESIDE.match(item.code)]


def codes(analysis: Analysis) -> list[str]:
    """Return the codes of what was found, warnings in small letters, in report order."""
    return [found.code if found.severity is Severity.ERROR else found.code.lower() for found in ordering(analysis)]


def found(analysis: Analysis) -> list[tuple[str, str, str]]:
    """Return each diagnostic as its code, its place (``file:line:column``) and the text under its caret."""
    return [
        (
            item.code if item.severity is Severity.ERROR else item.code.lower(),
            f"{item.primary.span.source.name}:{item.primary.span.start_pos.line}:{item.primary.span.start_pos.column}",
            item.primary.span.text,
        )
        for item in ordering(analysis)
    ]


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with marks taken out of it, and what stood between ``«`` and ``»``, with the place of each."""

    text: str
    places: tuple[tuple[str, str], ...]


def marked(text: str, name: str = "main.tf") -> Marked:
    """Return a text whose marks ``«…»`` say where diagnostics are expected."""
    plain: list[str] = []
    places: list[tuple[str, str]] = []
    for part in text.split("«"):
        inside, closing, outside = part.partition("»")
        if closing:
            before = "".join(plain)
            line = before.count("\n") + 1
            column = len(before) - (before.rfind("\n") + 1) + 1
            places.append((f"{name}:{line}:{column}", inside))
            plain.append(inside + outside)
        else:
            plain.append(part)
    return Marked("".join(plain), tuple(places))


def edges_of(files: str | Mapping[str, str], options: Options | None = None) -> list[str]:
    """Return the edges of a template, in whose order nothing may be wrong."""
    analysis = analysis_of(files, options)
    assert codes(analysis) == []
    return edges(analysis)


def at_marks(code: str, text: str, more: Mapping[str, str] | None = None) -> Analysis:
    """Return what a template says, which must be told of a code at each mark in its ``main.tf``, and of nothing else.

    ``more`` are its other files.
    """
    template = marked(text)
    analysis = analysis_of({"main.tf": template.text, **(more or {})})
    assert found(analysis) == [(code, *place) for place in template.places]
    return analysis
