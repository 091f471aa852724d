"""What two scripts install or lock at the same time, or one uses that another one installs.

dpkg, apt, apk, pacman and zypper give up at once where another one holds their lock. dnf and yum wait for it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from compiler.checks.reading.endings import functions_of
from compiler.checks.reading.places import add_directive
from compiler.checks.reading.readings import Concurrency, Reading, in_graph, readings
from compiler.checks.subject import Subject, order_hint
from compiler.order.model import UnitGraph
from compiler.patterns import regex
from compiler.records import dataclass
from compiler.shell.calls import Invocation, program, unwrapped
from compiler.shell.syntax import Not, ShellLoop, Statement
from compiler.shell.walk import nodes, visits
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
_MANAGING = regex("|".join(_MANAGERS))
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
        for reading in in_graph(subject, graph, _MANAGING, carried=True):
            for use in _locking_uses(reading):
                known = uses.setdefault(use.family, {})
                if known.setdefault(reading.script.address, use).waits:
                    known[reading.script.address] = use
        for family in uses.values():
            if len(family) > 1:
                yield from _at_once(subject, graph, family)


def _locking_uses(reading: Reading) -> Iterator[_LockUse]:
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
            yield _locked(subject, use, others)


def _locked(subject: Subject, use: _LockUse, others: list[_LockUse]) -> Diagnostic:
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


# Programs that install packages, with the word after which their names stand.
_INSTALLERS = {
    "apt": "install",
    "apt-get": "install",
    "apk": "add",
    "dnf": "install",
    "yum": "install",
    "brew": "install",
    "pacman": "-S",
    "pip": "install",
    "pip3": "install",
    "pipx": "install",
    "cargo": "install",
    "npm": "install",
}
# Of npm only what goes to all projects is a command.
_GLOBAL = {"npm": frozenset({"-g", "--global"})}
# A package without its version.
_PACKAGE = regex(r"[\w.+-]+")
_INSTALLING = regex("|".join(_INSTALLERS))
# Where a package brings a command of another name.
_COMMANDS = {
    "docker.io": "docker",
    "docker-ce": "docker",
    "nodejs": "node",
    "ripgrep": "rg",
    "golang": "go",
    "golang-go": "go",
    "postgresql-client": "psql",
    "awscli": "aws",
    "python3-pip": "pip3",
}
# What every image has.
_BUILTIN = frozenset({"echo", "printf", "test", "cat", "sh", "bash", "ls", "rm", "cp", "mv", "mkdir", "sed", "grep"})
_ASKS = frozenset({"command", "which", "type", "hash"})


@dataclass(frozen=True, slots=True)
class _Installed:
    reading: Reading
    call: Invocation


def check_commands(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each use of a command that one other script installs while both may run."""
    for graph in subject.graphs:
        installed: dict[str, list[_Installed]] = {}
        for reading in in_graph(subject, graph, _INSTALLING):
            for name, call in installs(reading):
                installed.setdefault(name, []).append(_Installed(reading, call))
        if installed:
            yield from _uses(graph, in_graph(subject, graph), installed)


def installs(reading: Reading) -> Iterator[tuple[str, Invocation]]:
    """Yield the commands that a script installs packages for, each with the call that does."""
    for call in reading.calls:
        name, words = program(call.command)
        verb = _INSTALLERS.get(name)
        texts = [word.literal for word in words]
        if verb is not None and verb in texts and (name not in _GLOBAL or _GLOBAL[name] & set(texts)):
            for text in texts[texts.index(verb) + 1 :]:
                package = None if text is None or text.startswith("-") else _PACKAGE.match(text)
                if package is not None:
                    yield _COMMANDS.get(package[0], package[0]), call


def _uses(graph: UnitGraph, known: list[Reading], installed: dict[str, list[_Installed]]) -> Iterator[Diagnostic]:
    concurrency = Concurrency(graph)
    for reading in known:
        looked_for = {
            word.literal for call in reading.calls if call.command.name in _ASKS for word in call.command.words[1:]
        }
        own = functions_of(reading.body.script.body).keys()
        told: set[str] = set()
        for call in reading.calls:
            words = unwrapped(call.command.words)
            name = words[0].literal if words else None
            makers = installed.get(name or "", [])
            if (
                name is None
                or name in told | looked_for | own | _BUILTIN
                or any(maker.reading is reading for maker in makers)
            ):
                continue
            if len(makers) == 1 and not concurrency.ordered(reading.script.address, makers[0].reading.script.address):
                told.add(name)
                other = makers[0].reading.script
                hint = order_hint(reading.script, other)
                yield reading.finding(
                    "UC342",
                    call.place,
                    "Command that another script installs",
                    f"{reading.script.address} uses {name}, which {other.address} installs, and doesn't wait for it.",
                    related=[makers[0].reading.label(makers[0].call.place, f"{other.address} installs it")],
                    help=hint,
                    far_help=hint,
                )


_PROGRAMS = frozenset({"flock", "lockfile", "dotlockfile", "shlock"})
_LOCKING = regex("lock|mkdir")


def check_locks(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each lock of a script: a program that takes one, or a loop around ``mkdir``."""
    for reading in readings(subject, _LOCKING):
        place = _lock(reading)
        if place is not None:
            yield reading.finding(
                "UC341",
                place,
                "Lock by hand",
                f"{reading.script.address} takes a lock of its own. A mutex keeps scripts apart without one: it is "
                "released however the script ends, and the run shows which script holds it.",
                help='write in each of the scripts: # unitc: mutex = "NAME"',
            )


def _lock(reading: Reading) -> tuple[int, int] | None:
    for call in reading.calls:
        if program(call.command)[0] in _PROGRAMS:
            return call.place
    for node in nodes(reading.body.script.body):
        if isinstance(node, ShellLoop) and node.keyword in ("until", "while"):
            for visit in visits(node.condition):
                name, words = program(visit.command)
                made = name == "mkdir" and not any(word.literal == "-p" for word in words)
                if made and (node.keyword == "until" or _negated(node.condition)):
                    return visit.command.start, visit.command.end
    return None


def _negated(condition: tuple[Statement, ...]) -> bool:
    return len(condition) == 1 and isinstance(condition[0].node, Not)
