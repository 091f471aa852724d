"""Package managers in two scripts that may run at the same time: the second finds the lock taken, and fails.

dpkg, apt, apk, pacman and zypper give up at once where another one holds their lock. dnf and yum wait for it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from compiler.checks.edits import add_directive
from compiler.checks.reading.readings import Concurrency, Reading, in_graph
from compiler.checks.subject import Subject, order_hint
from compiler.order.model import UnitGraph
from compiler.patterns import regex
from compiler.records import dataclass
from compiler.shell.calls import Invocation, program
from compiler.source.diagnostics import Diagnostic

# What takes the lock, by program: the words of which one must follow, none where the program always does.
_MANAGERS: dict[str, tuple[str, frozenset[str]]] = {
    "apt": (
        "apt",
        frozenset({"install", "update", "upgrade", "full-upgrade", "dist-upgrade", "remove", "purge", "autoremove"}),
    ),
    "apt-get": (
        "apt",
        frozenset({"install", "update", "upgrade", "dist-upgrade", "remove", "purge", "autoremove", "build-dep"}),
    ),
    "aptitude": ("apt", frozenset({"install", "update", "safe-upgrade", "full-upgrade", "remove", "purge"})),
    "add-apt-repository": ("apt", frozenset()),
    "dpkg": ("apt", frozenset({"-i", "--install", "-r", "--remove", "-P", "--purge", "--configure"})),
    "apk": ("apk", frozenset({"add", "del", "update", "upgrade"})),
    "pacman": ("pacman", frozenset({"-S", "-Sy", "-Syu", "-Syyu", "-U", "-R", "-Rs", "-Rns"})),
    "zypper": ("zypper", frozenset({"install", "in", "update", "up", "remove", "rm", "refresh", "ref"})),
}
_LIMIT = "Lock::Timeout"
_LOCKING = regex("|".join(_MANAGERS))
_SHOWN = 4
# A use is compared with so many others; where there are more, these are enough to begin with.
_COMPARED = 100


@dataclass(frozen=True, slots=True)
class _LockUse:
    """The first command of a script that takes a package manager's lock; ``waits``: until it is free."""

    reading: Reading
    family: str
    call: Invocation
    waits: bool

    @property
    def place(self) -> tuple[int, int]:
        return self.call.place


def check_packages(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each script whose package manager may run into that of another script."""
    for graph in subject.graphs:
        uses: dict[str, dict[str, _LockUse]] = {}
        for reading in in_graph(subject, graph, _LOCKING, carried=True):
            for use in _uses(reading):
                known = uses.setdefault(use.family, {})
                if known.setdefault(reading.script.address, use).waits:
                    known[reading.script.address] = use
        for family in uses.values():
            if len(family) > 1:
                yield from _at_once(subject, graph, family)


def _uses(reading: Reading) -> Iterator[_LockUse]:
    """Yield the first use of each family of package managers, and the first that doesn't wait for the lock."""
    text = reading.body.script.text
    by_option = any(_waits(call) for call in reading.calls)
    # A script that writes the limit into apt's settings gives it to all.
    if "flock" in text or "--wait" in text or (_LIMIT in text and not by_option):
        return
    seen: set[tuple[str, bool]] = set()
    for call in reading.calls:
        name, words = program(call.command)
        if name not in _MANAGERS:
            continue
        family, verbs = _MANAGERS[name]
        waits = _waits(call)
        if (family, waits) not in seen and (not verbs or verbs & {word.literal for word in words}):
            seen.add((family, waits))
            yield _LockUse(reading, family, call, waits)


def _waits(call: Invocation) -> bool:
    return any(f"{_LIMIT}=" in (word.literal or "") for word in call.command.words)


def _at_once(subject: Subject, graph: UnitGraph, uses: Mapping[str, _LockUse]) -> Iterator[Diagnostic]:
    concurrency = Concurrency(graph)
    earlier = 0
    # Those that wait for the lock come first: it is the other one of two that fails.
    for address, use in sorted(uses.items(), key=lambda item: not item[1].waits):
        others = [uses[other] for other in itertools.islice(concurrency.together(address, earlier), _COMPARED)]
        earlier |= concurrency.only(address)
        if others and not use.waits:
            yield _told(subject, use, others)


def _told(subject: Subject, use: _LockUse, others: list[_LockUse]) -> Diagnostic:
    script, other = use.reading.script, others[0]
    first = other.reading.script
    least = "at least " if len(others) == _COMPARED else ""
    more = f" So may {least}{len(others) - 1} more." if len(others) > 1 else ""
    hint = order_hint(script, first)
    fails = f"{script.address} fails while the other one holds it" if other.waits else "the second one fails"
    mutex = f'write in both: # unitc: mutex = "{use.family}"'
    directive = f'mutex = "{use.family}"'
    scripts = (script, *(item.reading.script for item in others))
    edits = [None if item.mutexes else add_directive(subject, item, directive) for item in scripts]
    return use.reading.finding(
        "UC324",
        use.place,
        "Package managers at the same time",
        f"{script.address} and {first.address} may run at the same time, and both take the lock of {use.family}: "
        f"{fails}.{more}",
        related=[
            item.reading.label(item.place, f"{item.reading.script.address} takes it too") for item in others[:_SHOWN]
        ],
        help=(mutex, f"or {hint}" if hint else ""),
        far_help=(f"{mutex} (a module call takes it for all of its scripts)",),
        edits=[edit for edit in dict.fromkeys(edits) if edit] if all(edits) else (),
    )
