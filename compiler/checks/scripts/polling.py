"""Scripts that wait for another script by looking for a file again and again, where an order would do it."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.reading.endings import never_ends
from compiler.checks.reading.files import FileUse
from compiler.checks.reading.places import add_directive, remove_loop, shown
from compiler.checks.reading.reaching import Reach
from compiler.checks.reading.readings import Reading, in_graph
from compiler.checks.subject import Subject, order_hint, order_place, prerequisites
from compiler.order.inventory import Script
from compiler.order.model import UnitGraph
from compiler.patterns import regex
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, Edit, also, warning

PAUSE = regex("sleep")
"""The word without which no script waits for anything by hand."""


_MAX_SHOWN = 3


@dataclass(frozen=True, slots=True, eq=False)
class FileWait:
    """A script looks for a file again and again that others make: ``makers``, each with the place where it does.

    ``deadlock``: what makes it waits for the script that looks for it.
    """

    reading: Reading
    use: FileUse
    makers: list[tuple[Reading, FileUse]]
    deadlock: bool

    @property
    def maker(self) -> Script:
        """The script that makes the file, or the first of them."""
        return self.makers[0][0].script

    @property
    def goes_on(self) -> bool:
        """Whether the maker never comes to an end by itself."""
        return never_ends(self.makers[0][0].body.script.body)

    @property
    def doubt(self) -> str:
        """Why it isn't certain that the maker's success is what is waited for, a clause; empty where it is."""
        maker, script = self.maker, self.reading.script
        if self.deadlock:
            return f"{maker.address} waits for {script.address}"
        if len(self.makers) > 1:
            return "several scripts make the file"
        if self.goes_on:
            return f"{maker.address} goes on after it has made the file, and may never end"
        if self.makers[0][1].later:
            return f"{maker.address} makes the file in the background, and may end before it is there"
        if script.group or maker.group:
            return "which instances there are depends on an input, or is known only at apply"
        return ""


def check_polling(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each file that a script waits for and another one of the same agent and phase makes."""
    return (_polled(subject, wait) for wait in file_waits(subject))


def file_waits(subject: Subject) -> Iterator[FileWait]:
    """Yield the waits for files of other scripts that no order holds."""
    for graph in subject.graphs:
        asked = made_elsewhere(subject, graph)
        if not asked:
            continue
        before = Reach((unit.address for unit in graph.units), prerequisites(graph.edges))
        for reader, use, others in asked:
            address = reader.script.address
            if not any(before.leads(address, other.script.address) for other, _ in others):
                deadlock = before.leads(others[0][0].script.address, address)
                yield FileWait(reader, use, others, deadlock)


def made_elsewhere(subject: Subject, graph: UnitGraph) -> list[tuple[Reading, FileUse, list[tuple[Reading, FileUse]]]]:
    """Return which scripts look for files again and again that others of the graph make, each with those."""
    # Looking for files is only worth it where one of the scripts waits.
    if not any(reading.files.awaited for reading in in_graph(subject, graph, PAUSE)):
        return []
    readers = in_graph(subject, graph)
    makers: dict[str, list[tuple[Reading, FileUse]]] = {}
    for reader in readers:
        for made in reader.files.made:
            makers.setdefault(made.path, []).append((reader, made))
    return [
        (reader, use, others)
        for reader in readers
        for use in reader.files.awaited
        # A script that makes the file itself, in the background, waits for itself.
        if (others := makers.get(use.path)) and not any(other is reader for other, _ in others)
    ]


def _polled(subject: Subject, wait: FileWait) -> Diagnostic:
    reader, use, makers = wait.reading, wait.use, wait.makers
    script, maker = reader.script, makers[0][0].script
    detail = f"{script.address} looks for {use.path} again and again until {maker.address} has made it."
    if wait.deadlock:
        detail += f" But {maker.address} waits for {script.address}, so neither would come to an end."
        help_ = ["remove the loop, or turn the order around"]
    else:
        detail += " An order does that without a delay, and ends the wait if the other script fails."
        help_ = list(_instead(wait))
    place = shown(subject, script, reader.body, use.start, use.end)
    return warning(
        "UC310",
        place.span,
        "Script waits for a file of another one",
        detail,
        related=[
            *place.related,
            *(
                also(other.body.span(made.start, made.end), f"{other.script.address} makes it")
                for other, made in makers[:_MAX_SHOWN]
            ),
        ],
        help=help_,
        edits=() if wait.doubt or place.call is not None else _ordered(subject, reader, use, maker),
    )


def _instead(wait: FileWait) -> Iterator[str]:
    """Yield what to do instead of waiting for a file."""
    maker = wait.maker
    hint = order_hint(wait.reading.script, maker)
    if not hint:
        return
    if wait.goes_on:
        # Its success never comes; that the file is there is what makes it ready.
        yield hint.replace("depends_on_success", "depends_on_ready")
        path = wait.use.path.replace("${HOME}", "~")
        yield f'say in {maker.resource.address} when it is ready: # unitc: ready = "test -e {path}"'
    elif wait.makers[0][1].later:
        yield f"let {maker.address} end only when the file is there, as with wait"
        yield f"then {hint}"
    else:
        yield hint
    yield "and remove the loop"


def _ordered(subject: Subject, reader: Reading, use: FileUse, maker: Script) -> tuple[Edit, ...]:
    """Return the edits that put an order in the place of a loop, none where that isn't certain."""
    place = order_place(reader.script, maker)
    # A reference to a module is one to all of its scripts.
    if place is None or reader.script.place.path != maker.place.path:
        return ()
    edits = (remove_loop(reader.body, use.start), add_directive(subject, reader.script, place.directive))
    return tuple(edit for edit in edits if edit is not None) if None not in edits else ()
