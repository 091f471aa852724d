"""The same work on many templates: in several processes where that pays, with progress on a terminal.

Each process looks at the disk by itself, so what such a run answers isn't kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from compiler.commands.shared.templates_on_disk import TemplatePath
from compiler.disk import Disk

if TYPE_CHECKING:
    from compiler.commands.shared.console import Console

T = TypeVar("T")

# To start a process costs about as much as to read this many templates.
_FEW = 4


def processes() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def each(
    console: Console, templates: Sequence[TemplatePath], work: Callable[[TemplatePath], T], jobs: int
) -> tuple[T, ...]:
    """Return what ``work`` gives for each template, in their order, whichever was ready first.

    With more than one job, ``work`` and what it gives must be such that they can be sent to another process. What one
    raises is raised here.
    """
    jobs = min(jobs, len(templates) // _FEW)
    results = map(work, templates) if jobs < 2 else _in_processes(console.disk, templates, work, jobs)
    return tuple(_shown(console, results, len(templates)))


def _in_processes(
    disk: Disk, templates: Sequence[TemplatePath], work: Callable[[TemplatePath], T], jobs: int
) -> Iterator[T]:
    from concurrent.futures import ProcessPoolExecutor

    disk.repeatable = False
    # What is imported, read and asked for the first one is there in all processes, which are copies of this one.
    first, *others = templates
    yield work(first)
    # The pieces are small, so that one slow template holds nothing else up, and large enough to be worth a message.
    size = max(1, min(8, len(templates) // (jobs * 4)))
    with ProcessPoolExecutor(jobs, initializer=_begin, initargs=(work,)) as pool:
        places = [(template.given, template.folder) for template in others]
        yield from pool.map(_one, places, chunksize=size)


# What this process does with each template, if it is one of several. It is sent once, with all that it keeps.
_work: Callable[[TemplatePath], Any]


def _begin(work: Callable[[TemplatePath], Any]) -> None:
    global _work  # noqa: PLW0603  # A process gets no other place for what it works with.
    _work = work


def _one(place: tuple[str, Path]) -> Any:
    given, folder = place
    return _work(TemplatePath(given, folder, Disk()))


def _shown(console: Console, results: Iterator[T], count: int) -> Iterator[T]:
    """Yield the results, and say on a terminal how far it has come; the line is gone at the end."""
    shown = count > _FEW and not console.quiet and console.stderr.isatty()
    for number, result in enumerate(results, start=1):
        if shown:
            console.stderr.write(f"\r{number}/{count} templates")
            console.stderr.flush()
        yield result
    if shown:
        console.stderr.write("\r\x1b[K")
