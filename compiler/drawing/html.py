"""The graph as a page: one file that loads nothing, with what is known of each unit beside the drawing.

Its policy lets nothing run but the page's own script and style, named by their hashes
(https://www.w3.org/TR/CSP3/#framework-directive-source-list). Names and bodies stand in the page as XML text or as
JSON, in which no ``<`` is left; the script makes text nodes of them.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from importlib.resources import files

from compiler.drawing.picture import Picture
from compiler.drawing.svg import STYLE, quote, to_svg
from compiler.drawing.traits import traits
from compiler.order.model import KnownBody, Unit, UnitGraph
from compiler.source.diagnostics import Diagnostic, Severity

__all__ = ["to_html"]


def _asset(name: str) -> str:
    return (files("compiler") / "drawing" / "page" / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def to_html(graphs: Sequence[UnitGraph], pictures: Sequence[Picture], diagnostics: Sequence[Diagnostic]) -> str:
    """Return the page of graphs and of their pictures, with what is wrong with the template."""
    # The drawing's classes; its colours are the page's own.
    style = STYLE[STYLE.index(".paper") :] + _asset("page.css")
    script = _asset("page.js")
    data = {
        "units": [unit for graph in graphs for unit in _units(graph)],
        "diagnostics": [_diagnostic(each) for each in diagnostics],
    }
    text = json.dumps(data, ensure_ascii=True).replace("<", "\\u003c")
    title = quote(", ".join(picture.title for picture in pictures) or "no units")
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
        "</header>\n"
        f'<main><div class="scroll" tabindex="0" aria-label="Graph">\n{to_svg(pictures, standalone=False)}</div>'
        '<aside aria-live="polite"></aside></main>\n'
        f'<script type="application/json" id="data">{text}</script>\n<script>{script}</script>\n</body>\n</html>\n'
    )


def _units(graph: UnitGraph) -> Iterator[dict[str, object]]:
    gates: dict[str, list[str]] = {}
    dependents: dict[str, list[str]] = {}
    for edge in graph.edges:
        gates.setdefault(edge.dependent, []).append(f"{edge.requires} of {edge.prerequisite}")
        dependents.setdefault(edge.prerequisite, []).append(edge.dependent)
    for unit in graph.units:
        yield _unit(unit, gates.get(unit.address, ()), dependents.get(unit.address, ()))


def _unit(unit: Unit, gates: Sequence[str], dependents: Sequence[str]) -> dict[str, object]:
    pos = unit.span.start_pos
    facts = [
        ("Display name", unit.display_name),
        ("Declared at", f"{unit.span.source.name}:{pos.line}:{pos.column}"),
        ("Waits for", ", ".join(gates) or "nothing"),
        ("Is waited for by", ", ".join(dependents)),
        ("Timeout", "" if unit.timeout is None else f"{unit.timeout} s"),
        ("Besides", "; ".join(traits(unit))),
    ]
    body = unit.body.text if isinstance(unit.body, KnownBody) else f"known only at apply: {unit.body.reason}"
    return {
        "address": unit.address,
        "facts": [[name, value] for name, value in facts if value],
        "body": body,
        "words": f"{unit.address} {unit.display_name or ''}".lower(),
    }


def _diagnostic(diagnostic: Diagnostic) -> dict[str, object]:
    place = diagnostic.primary.span
    text = f"{diagnostic.code} {place.source.name}:{place.start_pos.line}: {diagnostic.summary}"
    return {"text": text, "error": diagnostic.severity is Severity.ERROR}
