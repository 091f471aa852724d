"""Files that two scripts write while both may run: the last one to write wins."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from compiler.checks.reading.files import path_of
from compiler.checks.reading.readings import Concurrency, Reading, in_graph
from compiler.checks.subject import Subject, order_hint
from compiler.patterns import regex
from compiler.records import dataclass
from compiler.shell import unwrapped
from compiler.shell.syntax import Word
from compiler.source.diagnostics import Diagnostic

_WRITING = regex(">|tee|curl|wget")

# Options after which the file is named that a download goes to.
_DOWNLOADS = {"curl": ("-o", "--output"), "wget": ("-O", "--output-document")}


@dataclass(frozen=True, slots=True)
class _Write:
    reading: Reading
    path: str
    place: tuple[int, int]


def check_written_files(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each file that a script replaces while another one may do so."""
    for graph in subject.graphs:
        concurrency = Concurrency(graph)
        writers: dict[str, int] = {}
        known: dict[tuple[str, str], _Write] = {}
        for reading in in_graph(subject, graph, _WRITING):
            address = reading.script.address
            for write in _writes(reading):
                earlier = writers.get(write.path, 0)
                other = next(concurrency.together(address, earlier), None)
                if other is not None:
                    yield _told(write, known[write.path, other])
                writers[write.path] = earlier | concurrency.only(address)
                known[write.path, address] = write


def _writes(reading: Reading) -> Iterator[_Write]:
    seen: set[str] = set()
    for call in reading.calls:
        targets: list[Word | None] = [
            item.target
            for item in (*call.command.redirections, *call.visit.redirections)
            if item.operator in (">", ">|", "&>") or (item.operator == ">&" and item.both)
        ]
        words = unwrapped(call.command.words)
        name = words[0].literal if words else None
        if name == "tee" and not any(word.literal in ("-a", "--append") for word in words):
            targets += [word for word in words[1:] if not (word.literal or "").startswith("-")]
        for word, following in itertools.pairwise(words):
            if word.literal in _DOWNLOADS.get(name or "", ()):
                targets.append(following)
        for target in targets:
            path = None if target is None else path_of(target, call)
            if path is not None and path not in seen:
                seen.add(path)
                yield _Write(reading, path, call.place)


def _told(write: _Write, other: _Write) -> Diagnostic:
    script, first = write.reading.script, other.reading.script
    hint = order_hint(script, first)
    mutex = 'write in both: # unitc: mutex = "files"'
    return write.reading.finding(
        "UC337",
        write.place,
        "File that two scripts write at the same time",
        f"{script.address} and {first.address} may run at the same time, and both write {write.path}: the one that is "
        "last wins.",
        related=[other.reading.label(other.place, f"{first.address} writes it too")],
        help=("let each write a file of its own", *([f"or {hint}"] if hint is not None else [f"or {mutex}"])),
        far_help=mutex,
    )
