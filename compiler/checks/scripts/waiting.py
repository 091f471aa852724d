"""Waits that a script does by hand, where an order would do it: a loop that looks for something, a first ``sleep``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from compiler.checks.reading.files import before_break
from compiler.checks.reading.places import remove_loop
from compiler.checks.reading.readings import Concurrency, Reading, in_graph, readings
from compiler.checks.scripts.installing import installs
from compiler.checks.scripts.polling import PAUSE, made_elsewhere
from compiler.checks.subject import Subject, far_call, order_hint
from compiler.order.model import Phase
from compiler.patterns import regex
from compiler.records import dataclass, field
from compiler.shell.calls import Invocation, program
from compiler.shell.syntax import Command, ShellLoop, Statement
from compiler.shell.walk import visits
from compiler.source.diagnostics import Diagnostic, also

_LOOKS = frozenset({"command", "which", "type"})
_ASKS = frozenset({"curl", "wget", "nc"})
_NUMBER = regex(r"\d+")
_LOCAL = regex(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d{2,5})(?!\d)")


@dataclass(frozen=True, slots=True)
class Maker:
    """The one other script that brings something about. ``goes_on``: it does so while it runs, not by its end."""

    reading: Reading
    call: Invocation
    what: str
    goes_on: bool


_Kind: TypeAlias = Callable[[Reading], Iterator[tuple[str, Maker]]]


@dataclass(slots=True)
class Makers:
    """Finds who brings about what loops ask for. What the scripts of a graph install and name is gathered once."""

    subject: Subject
    # By graph and kind: the addresses of the graph's units, and what their scripts make, by name.
    _known: dict[tuple[int, _Kind], tuple[frozenset[str], dict[str, list[Maker]]]] = field(default_factory=dict)

    def maker_of(self, reading: Reading, loop: ShellLoop) -> Maker | None:
        """Return who brings about what a loop asks for, None where that can't be told or several scripts may."""
        for visit in visits(loop.condition):
            name, arguments = program(visit.command)
            words = [word.literal or "" for word in arguments]
            if name in _LOOKS:
                names = [word for word in words if not word.startswith("-")]
                return self._only(reading, names[0], _installs) if names else None
            if name in _ASKS:
                port = _port(name, words)
                return self._only(reading, port, _names_ports) if port else None
        return None

    def _only(self, reading: Reading, what: str, kind: _Kind) -> Maker | None:
        """Return the first of the other scripts that make something, where all of it is made by one script."""
        found = (maker for maker in self._all(reading, what, kind) if maker.reading.script is not reading.script)
        first = next(found, None)
        if first is None or any(maker.reading.script.address != first.reading.script.address for maker in found):
            return None
        return first

    def _all(self, reading: Reading, what: str, kind: _Kind) -> Iterator[Maker]:
        for number, graph in enumerate(self.subject.graphs):
            key = (number, kind)
            if key not in self._known:
                makers: dict[str, list[Maker]] = {}
                for other in in_graph(self.subject, graph):
                    for name, maker in kind(other):
                        makers.setdefault(name, []).append(maker)
                self._known[key] = (frozenset(unit.address for unit in graph.units), makers)
            here, makers = self._known[key]
            if reading.script.address in here:
                yield from makers.get(what, ())


def _port(name: str, words: list[str]) -> str:
    """Return the port of this machine that a command asks, empty where it asks something else."""
    if name == "nc":
        local = any(word in ("localhost", "127.0.0.1", "::1") for word in words)
        return next((word for word in reversed(words) if local and word.isdecimal()), "")
    return next((found[1] for word in words if (found := _LOCAL.search(word))), "")


def _installs(reading: Reading) -> Iterator[tuple[str, Maker]]:
    for name, call in installs(reading):
        yield name, Maker(reading, call, f"installs {name}", goes_on=False)


def _names_ports(reading: Reading) -> Iterator[tuple[str, Maker]]:
    """Yield the numbers that a script names in commands which don't ask for them."""
    for call in reading.calls:
        name, words = program(call.command)
        if name not in (*_ASKS, "echo", "printf"):
            for port in dict.fromkeys(number for word in words for number in _NUMBER.findall(word.literal or "")):
                yield port, Maker(reading, call, f"names port {port}", goes_on=True)


# What a loop asks for, by program: how the finding names it.
_PROBES = {
    "curl": "an address",
    "wget": "an address",
    "nc": "a port",
    "pgrep": "a process",
    "pidof": "a process",
    "docker": "Docker",
    "command": "a command",
    "which": "a command",
    "type": "a command",
    "test": "a file",
    "[": "a file",
    "[[": "a file",
    "ss": "a port",
    "netstat": "a port",
    "pg_isready": "a database",
    "mysqladmin": "a database",
    "redis-cli": "a database",
    "systemctl": "a service",
    "fuser": "a lock",
    "lsof": "a lock",
    "kubectl": "a cluster",
}
# Of programs that also do something: what only asks.
_ASKS_HERE = regex(r"localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]")
_WORK = {
    "curl": _ASKS_HERE,
    "wget": _ASKS_HERE,
    "docker": regex(r"^(?:info|ps|version)\b"),
    "systemctl": regex(r"^is-"),
    "kubectl": regex(r"^(?:get|wait|cluster-info|version)\b"),
    **dict.fromkeys(("[", "[[", "test"), regex(r"(?:^|[ !])-[efsrxdSp] ")),
}
_FILE_TESTS = frozenset({"-e", "-f", "-s", "-r", "-x", "-d", "-S", "-p"})
# A shorter pause lets something settle; a longer one waits for another script.
_LONG = 3
# And one that is longer than this keeps the script alive.
_ENDLESS = 3600


def check_needless_waits(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each loop that waits for a file of a script that has ended before, by an order."""
    for graph in subject.graphs:
        asked = made_elsewhere(subject, graph)
        if not asked:
            continue
        concurrency = Concurrency(graph)
        for reading, use, others in asked:
            address = reading.script.address
            ended = (item for item in others if concurrency.ended(item[0].script.address, address))
            maker = next(((other, made) for other, made in ended if not made.later), None)
            if maker is None:
                continue
            other, made = maker
            edit = None if far_call(subject, reading.script) else remove_loop(reading.body, use.start)
            yield reading.finding(
                "UC322",
                (use.start, use.end),
                "Wait that an order makes needless",
                f"{reading.script.address} looks for {use.path} again and again, and runs after "
                f"{other.script.address}, which makes it, in any case.",
                related=[
                    other.label((made.start, made.end), f"{other.script.address} makes it"),
                    *(
                        also(origin.item, "this is the order")
                        for origin in concurrency.order(reading.script.address, other.script.address)[:1]
                    ),
                ],
                help="remove the loop",
                edits=[] if edit is None else [edit],
            )


def check_waits(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each loop of a start script that waits for something, and for a long pause at its start."""
    waiting = list(readings(subject, PAUSE))
    making = readings(subject) if any(reading.files.awaited for reading in waiting) else ()
    made = {use.path for reading in making for use in reading.files.made}
    makers = Makers(subject)
    for reading in waiting:
        if Phase.START not in reading.script.triggers.phases:
            continue
        for loop, (start, end) in reading.body.loops:
            # A file that a script of the template makes is told with that script.
            awaited = {use.path for use in reading.files.awaited if start <= use.start < end}
            asked = None if awaited & made else _asks_for(loop)
            if asked is not None:
                maker = makers.maker_of(reading, loop)
                yield _by_hand(reading, (start, end), f"waits in a loop for {asked}", maker)
        first = next((visit for visit in visits(reading.body.script.body) if _acts(visit.command)), None)
        if first is not None and not first.loops and not first.function and _LONG <= _seconds(first.command) < _ENDLESS:
            seconds = first.command.words[-1].literal
            yield _by_hand(reading, (first.command.start, first.command.end), f"begins with a pause of {seconds} s")


def _acts(command: Command) -> bool:
    return bool(command.words) and command.name not in ("set", "export", "echo", "printf", "trap", "cd", "source", ".")


def _seconds(command: Command) -> float:
    name, words = program(command)
    if name != "sleep" or len(words) != 1:
        return 0
    try:
        return float((words[0].literal or "0").removesuffix("s"))
    except ValueError:
        return 0


def _asks_for(loop: ShellLoop) -> str | None:
    """Return what a loop with a pause waits for, None where it waits for nothing."""
    pauses = any(not visit.loops and program(visit.command)[0] == "sleep" for visit in visits(loop.body))
    if not pauses:
        return None
    for visit in visits(loop.condition if loop.keyword in ("until", "while") else ()):
        name, words = program(visit.command)
        if name in ("[", "[[", "test") and not _FILE_TESTS & {word.literal for word in words}:
            continue
        if name in _PROBES:
            return _PROBES[name]
    asked = [node for node in map(before_break, loop.body) if node is not None]
    for visit in visits(tuple(Statement(node, False) for node in asked)):
        name, words = program(visit.command)
        # What is tried again until it works, such as a download, asks nothing.
        if name in _PROBES and (
            name not in _WORK or _WORK[name].search(" ".join(word.literal or "" for word in words))
        ):
            return _PROBES[name]
    return None


def _by_hand(reading: Reading, place: tuple[int, int], what: str, maker: Maker | None = None) -> Diagnostic:
    start, end = place
    place = (start, start + len(reading.body.script.text[start:end].split("\n")[0].rstrip()))
    if maker is None:
        detail = f"{reading.script.address} {what}. Where another script brings it about, an order"
        related = []
        help_ = [
            "wait for that script instead: # unitc: depends_on_success = […]",
            "or, where it goes on running, until it is ready: # unitc: depends_on_ready = […]",
        ]
    else:
        other = maker.reading.script
        detail = f"{reading.script.address} {what}, and {other.address} {maker.what}. An order"
        related = [maker.reading.label(maker.call.place, f"{other.address} {maker.what}")]
        hint = order_hint(reading.script, other)
        if hint and maker.goes_on:
            hint = f"{hint.replace('_success', '_ready')}, and say in {other.address} when it is ready"
        help_ = [hint]
    detail += " does that without a delay, and ends the wait if the other script fails."
    return reading.finding("UC323", place, "Wait by hand", detail, related=related, help=help_)
