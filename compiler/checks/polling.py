"""Scripts that wait for another script by looking for a file again and again, where an order would do it."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.files import Files, FileUse, files_of
from compiler.checks.subject import Subject, attribute_of, order_hint, prerequisites, reach
from compiler.order.inventory import Script
from compiler.order.model import KnownBody, Phase, UnitGraph
from compiler.source.diagnostics import Diagnostic, also, warning
from compiler.source.span import Span

__all__ = ["check_polling"]


_MAX_SHOWN = 3


def check_polling(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each file that a script waits for and another one of the same agent and phase makes."""
    scripts: dict[tuple[str, Phase], list[Script]] = {}
    for script in subject.inventory.scripts:
        if script.runtime is not None and isinstance(script.body, KnownBody):
            for phase in script.triggers.phases:
                scripts.setdefault((script.runtime.address, phase), []).append(script)
    texts: dict[str, Files] = {}
    for graph in subject.graphs:
        here = scripts.get((graph.runtime, graph.phase), [])
        # Reading scripts is only worth it where one of them waits.
        if not any(_files(script, texts).awaited for script in here if "sleep" in _text(script)):
            continue
        yield from _in_graph(graph, [(script, _files(script, texts)) for script in here])


def _text(script: Script) -> str:
    assert isinstance(script.body, KnownBody)
    return script.body.text


def _files(script: Script, texts: dict[str, Files]) -> Files:
    """Return what a script does with files; ``texts`` holds what is known already, since instances repeat."""
    text = _text(script)
    if text not in texts:
        texts[text] = files_of(text)
    return texts[text]


def _in_graph(graph: UnitGraph, scripts: list[tuple[Script, Files]]) -> Iterator[Diagnostic]:
    makers: dict[str, list[tuple[Script, FileUse]]] = {}
    for script, files in scripts:
        for made in files.made:
            makers.setdefault(made.path, []).append((script, made))
    steps = prerequisites(graph.edges)
    for script, files in scripts:
        for use in files.awaited:
            others = makers.get(use.path, [])
            # A script that makes the file itself, in the background, waits for itself.
            if not others or any(other is script for other, _ in others):
                continue
            before = reach(steps, script.address)
            if not any(other.address in before for other, _ in others):
                yield _polled(script, use, others, deadlock=script.address in reach(steps, others[0][0].address))


def _polled(script: Script, use: FileUse, makers: list[tuple[Script, FileUse]], *, deadlock: bool) -> Diagnostic:
    maker, _ = makers[0]
    detail = f"{script.address} looks for {use.path} again and again until {maker.address} has made it."
    if deadlock:
        detail += f" But {maker.address} waits for {script.address}, so neither would come to an end."
        help_ = ["take the loop away, or turn the order around"]
    else:
        detail += " An order does that without a delay, and ends the wait where the other script fails."
        hint = order_hint(script, maker)
        help_ = [] if hint is None else [hint, "and take the loop away"]
    return warning(
        "UC310",
        _line_in_source(script, use),
        "Script waits for a file of another one",
        detail,
        related=[
            also(_line_in_source(other, made), f"{other.address} makes it") for other, made in makers[:_MAX_SHOWN]
        ],
        help=help_,
    )


def _line_in_source(script: Script, use: FileUse) -> Span:
    """Return the line's place in the template, or the argument where the text comes from elsewhere."""
    attribute = attribute_of(script)
    assert attribute is not None, "a script whose text is known has an argument that holds it"
    span = attribute.expression.span
    at = span.text.find(use.line)
    if at < 0 or span.text.find(use.line, at + 1) >= 0:
        return attribute.name_span
    return Span(span.source, span.start + at, span.start + at + len(use.line))
