"""Files that two scripts write while both may run, their logs included: the last one to write wins."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from functools import partial

from compiler.checks.reading.files import path_of
from compiler.checks.reading.places import Shown, shown
from compiler.checks.reading.readings import Concurrency, Reading, in_graph
from compiler.checks.subject import Declared, Subject, far_call, order_hint
from compiler.order.inventory import Script
from compiler.patterns import regex
from compiler.records import dataclass, replace
from compiler.shell.calls import Invocation, program
from compiler.shell.syntax import Word
from compiler.source.diagnostics import Diagnostic, also, warning

_WRITING = regex(">|tee|curl|wget")

# The option that names the file a download goes to, and its letter, which may stand behind others.
_DOWNLOADS = {"curl": ("--output", "o"), "wget": ("--output-document", "O")}
# What the home folder is called in the path of a log, and where a path leads that isn't absolute, unless the agent is
# told otherwise.
# Source: https://github.com/coder/coder/blob/main/agent/agentscripts/agentscripts.go, ``run``.
_HOME = regex(r"^~|\$HOME\b|\$\{HOME\}")
_LOG_FOLDER = "/tmp"


@dataclass(frozen=True, slots=True)
class _Write:
    """A script writes a file; ``shown`` tells where that is said. ``goes_on``: it still writes when it has ended."""

    script: Script
    path: str
    shown: Callable[[], Shown]
    goes_on: bool = False


def check_written_files(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each file that a script replaces while another one may do so."""
    logs = {write.script.address: write for write in _logs(subject)}
    for graph in subject.graphs:
        concurrency = Concurrency(graph)
        writers: dict[str, int] = {}
        known: dict[tuple[str, str], _Write] = {}
        texts = {reading.script.address: reading for reading in in_graph(subject, graph, _WRITING)}
        for address in (unit.address for unit in graph.units):
            written = [logs[address]] if address in logs else []
            written += _writes(subject, texts[address]) if address in texts else ()
            for write in written:
                earlier = writers.get(write.path, 0)
                other = next(concurrency.together(address, earlier), None)
                if other is not None:
                    yield _told(write, known[write.path, other])
                writers[write.path] = earlier | concurrency.only(address)
                known[write.path, address] = write


def _logs(subject: Subject) -> Iterator[_Write]:
    """Yield the logs that have a path."""
    scripts = {script.address: script for script in subject.inventory.scripts}
    for item in subject.declared:
        script = scripts.get(item.address)
        value = item.value("log_path") if script is not None and item.resource.type == "coder_script" else None
        if script is not None and value is not None and isinstance(value.data, str) and not value.is_sensitive:
            path = _HOME.sub("${HOME}", value.text)
            if path:
                path = path if path.startswith("${") else posixpath.join(_LOG_FOLDER, path)
                yield _Write(script, posixpath.normpath(path), partial(_shown_log, subject, script, item))


def _shown_log(subject: Subject, script: Script, item: Declared) -> Shown:
    call = far_call(subject, script)
    span = item.span("log_path")
    return Shown(span, (), None) if call is None else Shown(call.block.header_span, (also(span, "its log"),), call)


def _writes(subject: Subject, reading: Reading) -> Iterator[_Write]:
    seen: set[str] = set()
    for call in reading.calls:
        targets: list[Word | None] = [
            item.target
            for item in (*call.command.redirections, *call.visit.redirections)
            if item.operator in (">", ">|", "&>") or (item.operator == ">&" and item.both)
        ]
        name, words = program(call.command)
        if name == "tee" and not any(word.literal in ("-a", "--append") for word in words):
            targets += [word for word in words if not (word.literal or "").startswith("-")]
        paths = [path_of(target, call) for target in targets if target is not None]
        if name in _DOWNLOADS:
            paths += _downloaded(call, words, *_DOWNLOADS[name])
        for path in paths:
            if path is not None and path not in seen:
                seen.add(path)
                where = partial(shown, subject, reading.script, reading.body, *call.place)
                yield _Write(reading.script, path, where, call.visit.background)


def _downloaded(call: Invocation, words: tuple[Word, ...], option: str, letter: str) -> Iterator[str | None]:
    """Yield the files that a download goes to, as the option's value or behind it in the same word."""
    named = re.compile(rf"{option}(?:=(?P<long>.+))?|-[a-zA-Z]*?{letter}(?P<short>.+)?")
    for at, word in enumerate(words):
        found = named.fullmatch(word.literal or "")
        value = found and (found["long"] or found["short"])
        if found and value:
            yield path_of(replace(word, parts=(value,)), call)
        elif found and at + 1 < len(words):
            yield path_of(words[at + 1], call)


def _told(write: _Write, other: _Write) -> Diagnostic:
    script, first = write.script, other.script
    hint = order_hint(script, first)
    mutex = 'write in both: # unitc: mutex = "files"'
    place = write.shown()
    own = "let each write a file of its own"
    # Neither an order nor a mutex holds for what goes on in the background.
    goes_on = write.goes_on or other.goes_on
    return warning(
        "UC337",
        place.span,
        "File that two scripts write at the same time",
        f"{script.address} and {first.address} may run at the same time, and both write {write.path}: the one that is "
        "last wins.",
        related=[*place.related, also(other.shown().span, f"{first.address} writes it too")],
        help=own if goes_on else (own, f"or {hint or mutex}"),
    )
