"""Commands that one script installs and another one uses without waiting for it."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.reading.endings import functions_of
from compiler.checks.reading.readings import Concurrency, Reading, in_graph
from compiler.checks.subject import Subject, order_hint
from compiler.order.model import UnitGraph
from compiler.patterns import regex
from compiler.records import dataclass
from compiler.shell.calls import Invocation, program, unwrapped
from compiler.source.diagnostics import Diagnostic

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
                yield _told(reading, call, name, makers[0])


def _told(reading: Reading, call: Invocation, name: str, maker: _Installed) -> Diagnostic:
    script, other = reading.script, maker.reading.script
    hint = order_hint(script, other)
    return reading.finding(
        "UC342",
        call.place,
        "Command that another script installs",
        f"{script.address} uses {name}, which {other.address} installs, and doesn't wait for it.",
        related=[maker.reading.label(maker.call.place, f"{other.address} installs it")],
        help=hint,
        far_help=hint,
    )
