"""Start scripts that go wrong from the second start on, because the home folder is still as they left it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from compiler.checks.reading.files import path_of
from compiler.checks.reading.readings import Reading, readings
from compiler.checks.subject import Subject
from compiler.patterns import regex
from compiler.shell.calls import Invocation, program
from compiler.source.diagnostics import Diagnostic

_HOME = ("${HOME}", "/home/", "/root/")
_GONE = ("/tmp/", "/var/tmp/", "${TMPDIR}", "/run/", "/dev/shm/")
_LOG = regex(r"log|history|/tmp/", re.IGNORECASE)
# Options of git clone that take a value as the next word.
_VALUED = frozenset({"-b", "--branch", "--depth", "-o", "--origin", "-c", "--config", "-u", "--reference", "-j"})
# Without one of these nothing is different at the second start.
_REPEATED = regex("git|mkdir|>>|tee")
_LOOKS_INTO = frozenset({"grep", "sed", "rm", "truncate", "cp", "mv"})


def check_restarts(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each command that fails, or adds the same once more, at the second start."""
    for reading in readings(subject, _REPEATED):
        if not reading.script.triggers.start:
            continue
        seen: set[str] = set()
        written = {
            path
            for call in reading.calls
            for item in (*call.command.redirections, *call.visit.redirections)
            if item.operator in (">", ">|") and item.target is not None and (path := path_of(item.target, call))
        }
        for call in reading.calls:
            if call.visit.conditional or call.visit.function or call.visit.tested or not call.direct:
                continue
            again = _fails(reading, call)
            if again is not None:
                yield reading.finding(
                    "UC334",
                    call.place,
                    "Fails from the second start on",
                    f"{reading.script.address} runs at every start of the workspace. {again}, and set -e ends the "
                    "script there.",
                    help="test for it first, as with [ -d … ] ||",
                )
            for path in _appended(call):
                if path not in seen | written and not _is_guarded(reading, path):
                    seen.add(path)
                    yield reading.finding(
                        "UC335",
                        call.place,
                        "Adds the same at every start",
                        f"{reading.script.address} runs at every start of the workspace, and each time it adds to "
                        f"{path}, which is kept.",
                        help="test for the line first: grep -q … FILE ||",
                    )


def _fails(reading: Reading, call: Invocation) -> str | None:
    """Return what fails at the second start, None where nothing does or the script goes on."""
    name, rest = program(call.command)
    if not reading.stops_on_failure or call.visit.background or call.visit.loops or _goes_on(reading, call):
        return None
    if name == "git" and rest and rest[0].literal == "clone":
        operands = []
        skip = False
        for word in rest[1:]:
            text = word.literal or ""
            if skip:
                skip = False
            elif text.startswith("-"):
                skip = text in _VALUED
            else:
                operands.append(word)
        folder = call.variables.text(operands[1], call.visit) if len(operands) > 1 else None
        if len(operands) == 1:
            url = call.variables.text(operands[0], call.visit)
            folder = None if url is None else posixpath.basename(url.rstrip("/")).removesuffix(".git")
        if folder and not folder.startswith(("/", "${")):
            folder = _beneath(reading, call, folder)
        if not folder or folder.startswith(_GONE) or _removed(reading, call):
            return None
        return "The second time its folder is there, so git clone fails"
    if name == "mkdir" and rest and not any((word.literal or "").startswith(("-p", "--parents")) for word in rest):
        path = path_of(rest[-1], call)
        if path is not None and path.startswith(_HOME) and not _removed(reading, call):
            return "The second time the folder is there, so mkdir without -p fails"
    return None


def _goes_on(reading: Reading, call: Invocation) -> bool:
    """Return whether a failure doesn't count at a command, or the script may have ended well before it."""
    before = [other for other in reading.calls if other.start < call.start and other.direct]
    for other in before:
        texts = [word.literal for word in other.command.words]
        if texts[:1] in (["exit"], ["return"]) and other.visit.conditional and texts[1:] in ([], ["0"]):
            return True
    sets = [other.command for other in before if other.command.name == "set"]
    return bool(sets) and any((text or "").startswith("+") and "e" in (text or "") for text in sets[-1].texts[1:])


def _beneath(reading: Reading, call: Invocation, folder: str) -> str | None:
    """Return a folder with the one before it that the script is in, None where that isn't known."""
    changes = [other for other in reading.calls if other.command.name == "cd" and other.start < call.start]
    if not changes:
        return folder
    words = changes[-1].command.words[1:]
    base = changes[-1].variables.text(words[0], changes[-1].visit) if len(words) == 1 else "${HOME}"
    return None if base is None else posixpath.join(base, folder)


def _removed(reading: Reading, call: Invocation) -> bool:
    """Return whether something is removed, or a folder of its own made, before a command."""
    return any(
        other.command.name in ("rm", "mktemp") or (other.command.name == "cd" and "mktemp" in reading.body.script.text)
        for other in reading.calls
        if other.start < call.start
    )


def _appended(call: Invocation) -> Iterator[str]:
    name, words = program(call.command)
    targets = [item.target for item in (*call.command.redirections, *call.visit.redirections) if item.operator == ">>"]
    if name == "tee" and any(word.literal in ("-a", "--append") for word in words):
        targets += [word for word in words if not (word.literal or "").startswith("-")]
    for target in targets:
        path = None if target is None else path_of(target, call)
        if path is not None and path.startswith(_HOME) and not _LOG.search(path):
            yield path


def _is_guarded(reading: Reading, path: str) -> bool:
    """Return whether the script looks into the file, or takes something out of it, somewhere."""
    name = posixpath.basename(path)
    return any(
        program(call.command)[0] in _LOOKS_INTO and any(name in (word.text or "") for word in call.command.words)
        for call in reading.calls
    )
