"""The graphs that the launcher's benchmark runs, and the other programs that run them.

All do the same work: one ``/bin/sh -c TEXT`` a unit. GNU make would drop the recipe ``sh -c :``, so the text is a
command. None of them limits how many units run at the same time, but the loops, which know no order at all and stand
for the least that starting so many processes costs. The launcher starts each unit in a session of its own, as Coder's
agent does; one of the loops does so too, with setsid(1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from tests.shells.harness import Spec, launcher_of, shell_command
from tests.shells.machine import tools_without

__all__ = ["LAUNCHER_SHELLS", "LOOPS", "MAKE", "Contender", "Graph", "chain", "contenders", "fan", "layered"]

LAUNCHER_SHELLS: Final = ("dash", "busybox", "bash", "mksh")
MAKE: Final = "make -j"
LOOPS: Final = ("bare loop, two at a time", "the same, each in a session")


@dataclass(frozen=True, slots=True)
class Graph:
    """Units by number, each with the numbers of those that it waits for; ``path`` is the longest chain in it."""

    name: str
    needs: tuple[tuple[int, ...], ...]
    path: int

    @property
    def edges(self) -> int:
        """How many edges it has."""
        return sum(map(len, self.needs))


def chain(count: int) -> Graph:
    """Return units of which each waits for the one before."""
    name = "one unit" if count == 1 else f"chain of {count:,}"
    return Graph(name, ((), *((number,) for number in range(count - 1))), count)


def fan(count: int) -> Graph:
    """Return one unit and others that all wait for it."""
    return Graph(f"fan of {count:,}", ((), *((0,) for _ in range(count - 1))), 2)


def layered(layers: int, width: int, edges: int) -> Graph:
    """Return layers of units, each of which waits for at least three units of the layer before."""
    chance = Random(1)
    needs: list[set[int]] = [set() for _ in range(layers * width)]
    below = range(width, layers * width)
    for number in below:
        first = (number // width - 1) * width
        needs[number] = set(chance.sample(range(first, first + width), 3))
    missing = edges - 3 * len(below)
    while missing > 0:
        number = chance.choice(below)
        other = (number // width - 1) * width + chance.randrange(width)
        missing -= other not in needs[number]
        needs[number].add(other)
    graph = Graph(f"layers: {layers * width:,} units, {edges:,} edges", tuple(tuple(sorted(n)) for n in needs), layers)
    assert graph.edges == edges
    return graph


@dataclass(frozen=True, slots=True)
class Contender:
    """One that runs graphs. ``prepare`` writes what it needs into a folder and returns the command to run in it.

    ``path`` is a PATH to run it with.
    """

    name: str
    prepare: Callable[[Graph, str, Path], list[str]]
    path: str | None = None


def _launcher(shell: str, *missing: str) -> Contender:
    def prepare(graph: Graph, text: str, folder: Path) -> list[str]:
        specs: Mapping[str, Spec] = {
            f"coder_script.u{number}": Spec(
                f"#!/bin/sh\n{text}", [f"success coder_script.u{needed}" for needed in needs]
            )
            for number, needs in enumerate(graph.needs)
        }
        (folder / "launcher.sh").write_text(launcher_of(specs))
        return shell_command(shell, "launcher.sh", "run")

    if missing:
        return Contender(f"launcher, {shell}, no {' '.join(missing)}", prepare, tools_without(*missing))
    return Contender(f"launcher, {shell}", prepare)


def _make(graph: Graph, text: str, folder: Path) -> list[str]:
    rules = "".join(
        f"u{number}:{''.join(f' u{needed}' for needed in needs)}\n\t@sh -c '{text}'\n"
        for number, needs in enumerate(graph.needs)
    )
    names = " ".join(f"u{number}" for number in range(len(graph.needs)))
    (folder / "Makefile").write_text(f".PHONY: all {names}\nall: {names}\n{rules}")
    return ["make", "-j", "-r", "all"]


def _ninja(graph: Graph, text: str, folder: Path) -> list[str]:
    # ninja runs each command by /bin/sh -c itself.
    rules = "".join(
        f"build u{number}: unit{''.join(f' u{needed}' for needed in needs)}\n"
        for number, needs in enumerate(graph.needs)
    )
    (folder / "build.ninja").write_text(f"rule unit\n  command = {text}\n{rules}")
    return ["ninja", "-j", "0", "--quiet"]


def _loop(start: str) -> Callable[[Graph, str, Path], list[str]]:
    def prepare(graph: Graph, text: str, folder: Path) -> list[str]:
        (folder / "loop.sh").write_text(
            f"i=0\nwhile [ $i -lt {len(graph.needs)} ]; do\n"
            f"  {start} '{text}' &\n  i=$((i + 1))\n"
            f"  [ $i -eq {len(graph.needs)} ] || {start} '{text}'\n  i=$((i + 1))\n  wait $!\ndone\n"
        )
        return ["dash", "loop.sh"]

    return prepare


def contenders() -> tuple[Contender, ...]:
    """Return all that run graphs, in the order of the table."""
    return (
        Contender(LOOPS[0], _loop("sh -c")),
        Contender(LOOPS[1], _loop("setsid sh -c")),
        Contender(MAKE, _make),
        Contender("ninja", _ninja),
        *(_launcher(shell) for shell in LAUNCHER_SHELLS),
        _launcher("dash", "perl"),
    )
