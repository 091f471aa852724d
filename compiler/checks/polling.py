"""Scripts that wait for another script by looking for a file again and again, where an order would do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.checks.files import Files, FileUse, files_of
from compiler.checks.places import shown
from compiler.checks.subject import Subject, order_hint, prerequisites, reach
from compiler.order.bodies import ShellBody
from compiler.order.inventory import Script
from compiler.order.model import Phase, UnitGraph
from compiler.source.diagnostics import Diagnostic, also, warning
from compiler.source.span import Span

__all__ = ["check_polling"]


_MAX_SHOWN = 3


def check_polling(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each file that a script waits for and another one of the same agent and phase makes."""
    scripts: dict[tuple[str, Phase], list[_Reader]] = {}
    for script, body in subject.bodies.all(subject.inventory.scripts):
        if script.runtime is not None:
            for phase in script.triggers.phases:
                scripts.setdefault((script.runtime.address, phase), []).append(_Reader(script, body))
    files: dict[int, Files] = {}
    for graph in subject.graphs:
        here = scripts.get((graph.runtime, graph.phase), [])
        # Reading scripts is only worth it where one of them waits.
        if any(reader.files(files).awaited for reader in here if "sleep" in reader.body.text.text):
            yield from _in_graph(subject, graph, [(reader, reader.files(files)) for reader in here])


@dataclass(frozen=True, slots=True)
class _Reader:
    """A script and what the shell reads."""

    script: Script
    body: ShellBody

    def files(self, known: dict[int, Files]) -> Files:
        """Return what the script does with files; ``known`` holds what was read already, since instances repeat."""
        if id(self.body) not in known:
            known[id(self.body)] = files_of(self.body.script)
        return known[id(self.body)]

    def span(self, use: FileUse) -> Span:
        """Return the place of what the script does with a file."""
        return self.body.span(use.start, use.end)


def _in_graph(subject: Subject, graph: UnitGraph, readers: list[tuple[_Reader, Files]]) -> Iterator[Diagnostic]:
    makers: dict[str, list[tuple[_Reader, FileUse]]] = {}
    for reader, files in readers:
        for made in files.made:
            makers.setdefault(made.path, []).append((reader, made))
    steps = prerequisites(graph.edges)
    for reader, files in readers:
        for use in files.awaited:
            others = makers.get(use.path, [])
            # A script that makes the file itself, in the background, waits for itself.
            if not others or any(other is reader for other, _ in others):
                continue
            before = reach(steps, reader.script.address)
            if not any(other.script.address in before for other, _ in others):
                deadlock = reader.script.address in reach(steps, others[0][0].script.address)
                yield _polled(subject, reader, use, others, deadlock=deadlock)


def _polled(
    subject: Subject, reader: _Reader, use: FileUse, makers: list[tuple[_Reader, FileUse]], *, deadlock: bool
) -> Diagnostic:
    script, maker = reader.script, makers[0][0].script
    detail = f"{script.address} looks for {use.path} again and again until {maker.address} has made it."
    if deadlock:
        detail += f" But {maker.address} waits for {script.address}, so neither would come to an end."
        help_ = ["take the loop away, or turn the order around"]
    else:
        detail += " An order does that without a delay, and ends the wait where the other script fails."
        hint = order_hint(script, maker)
        help_ = [] if hint is None else [hint, "and take the loop away"]
    place = shown(subject, script, reader.body, use.start, use.end)
    return warning(
        "UC310",
        place.span,
        "Script waits for a file of another one",
        detail,
        related=[
            *place.related,
            *(also(other.span(made), f"{other.script.address} makes it") for other, made in makers[:_MAX_SHOWN]),
        ],
        help=help_,
    )
