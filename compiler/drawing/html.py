"""The page: graphs and timelines in one file that loads nothing, with what is known of each unit beside the drawing.

Its policy lets nothing run but the page's own script and style, named by their hashes
(https://www.w3.org/TR/CSP3/#framework-directive-source-list). Names and bodies stand in the page as XML text or as
JSON, in which no ``<`` is left; the script makes text nodes of them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

from compiler.digests import sha256
from compiler.drawing.picture import Picture
from compiler.drawing.svg import STYLE, quote, replaced, to_svg
from compiler.drawing.timeline import Timeline, said
from compiler.drawing.timeline_svg import BARS
from compiler.drawing.timeline_svg import to_svg as timelines_to_svg
from compiler.drawing.traits import traits
from compiler.order.model import KnownBody, Unit, UnitGraph
from compiler.source.diagnostics import Diagnostic, Severity


def _asset(name: str) -> str:
    return (files("compiler") / "drawing" / "page" / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def to_html(
    graphs: Sequence[UnitGraph],
    pictures: Sequence[Picture],
    diagnostics: Sequence[Diagnostic],
    timelines: Sequence[Timeline] = (),
) -> str:
    """Return the page of graphs and of their pictures, below timelines, with what is wrong with the template."""
    # The drawing's classes; its colours are the page's own.
    style = STYLE[STYLE.index(".paper") :] + BARS + _asset("page.css")
    script = _asset("page.js")
    runs: dict[str, list[list[str]]] = {}
    for timeline in timelines:
        for bar in timeline.bars:
            runs.setdefault(bar.address, []).append([timeline.title, said(bar)])
    declared = {unit.address for graph in graphs for unit in graph.units}
    data = {
        "units": [unit for graph in graphs for unit in _units(graph, runs)]
        + [_entry(address, runs[address]) for address in sorted(runs.keys() - declared)],
        "diagnostics": [_diagnostic(each) for each in diagnostics],
    }
    text = json.dumps(data, ensure_ascii=True).replace("<", "\\u003c")
    titles = [timeline.title for timeline in timelines] or [picture.title for picture in pictures]
    title = quote(", ".join(titles) or "no units")
    drawings = [timelines_to_svg(timelines, standalone=False)] if timelines else []
    drawings += [to_svg(pictures, standalone=False)] if pictures or not timelines else []
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header><h1>{title}</h1>"
        '<input id="search" type="search" placeholder="Search ( / )" aria-label="Search units" autocomplete="off">'
        '<div role="group" aria-label="Zoom"><button id="out" aria-label="Smaller ( - )">−</button>'
        '<button id="in" aria-label="Larger ( + )">+</button></div>'
        "</header>\n"
        f'<main><div class="scroll" tabindex="0" aria-label="Drawing">\n{"".join(drawings)}</div>'
        '<aside aria-live="polite"></aside></main>\n'
        f'<script type="application/json" id="data">{text}</script>\n<script>{script}</script>\n</body>\n</html>\n'
    )


def _units(graph: UnitGraph, runs: Mapping[str, list[list[str]]]) -> Iterator[dict[str, object]]:
    gates: dict[str, list[str]] = {}
    dependents: dict[str, list[str]] = {}
    for edge in graph.edges:
        gates.setdefault(edge.dependent, []).append(f"{edge.requires} of {edge.prerequisite}")
        dependents.setdefault(edge.prerequisite, []).append(edge.dependent)
    for unit in graph.units:
        known = _facts(unit, gates.get(unit.address, ()), dependents.get(unit.address, ()))
        body = unit.body.text if isinstance(unit.body, KnownBody) else f"known only at apply: {unit.body.reason}"
        yield _entry(unit.address, [*runs.get(unit.address, ()), *known], unit.display_name or "", body)


def _facts(unit: Unit, gates: Sequence[str], dependents: Sequence[str]) -> list[list[str]]:
    pos = unit.span.start_pos
    facts = [
        ("Display name", unit.display_name or ""),
        ("Declared at", f"{unit.span.source.name}:{pos.line}:{pos.column}"),
        ("Waits for", ", ".join(gates) or "nothing"),
        ("Is waited for by", ", ".join(dependents)),
        ("Timeout", "" if unit.timeout is None else f"{unit.timeout} s"),
        ("Besides", "; ".join(traits(unit))),
    ]
    return [[name, value] for name, value in facts if value]


def _entry(address: str, facts: list[list[str]], name: str = "", body: str | None = None) -> dict[str, object]:
    """Return what the page's script knows of a unit, which drawings know by its key."""
    return {
        "key": replaced(address),
        "address": address,
        "facts": facts,
        "body": body,
        "words": f"{address} {name}".lower(),
    }


def _diagnostic(diagnostic: Diagnostic) -> dict[str, object]:
    place = diagnostic.primary.span
    text = f"{diagnostic.code} {place.source.name}:{place.start_pos.line}: {diagnostic.summary}"
    return {"text": text, "error": diagnostic.severity is Severity.ERROR}
