"""``coder exp sync`` in script bodies: waits that scripts do by themselves, read for checking and drawing.

``coder exp sync want U D...`` says that the unit ``U`` waits for the units ``D``, ``start U`` waits for them and then
starts ``U``, ``complete U`` ends it. The names are any words; here a name stands for the script whose body starts or
completes it, on the same agent. What is read makes no gate: the script waits by itself.

Source: https://coder.com/docs/admin/templates/startup-coordination.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from compiler.order.claims import MAX_PAIRS, Claim, Claims, shared_phases
from compiler.order.inventory import Inventory, Script
from compiler.order.model import KnownBody, Origin, OriginKind
from compiler.order.outcome import Requires
from compiler.source.diagnostics import Diagnostic, warning
from compiler.source.span import Span

__all__ = ["Command", "Verb", "observed_claims", "sync_commands"]


class Verb(StrEnum):
    """What a call of ``coder exp sync`` does."""

    WANT = "want"
    START = "start"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Command:
    """One call: its verb and the names that are given literally.

    ``whole`` says that all of them are. ``carried`` marks a call in a script that the body carries in base64.
    """

    verb: Verb
    names: tuple[str, ...]
    whole: bool = True
    carried: bool = False


# The arguments end with the command: at a line's end that is no continuation, an operator or a comment.
_CALL = re.compile(
    r"(?<![\w-])coder[ \t]+exp[ \t]+sync[ \t]+(want|start|complete)(?![\w-])((?:\\\r?\n|[^\n;|&<>()`])*)"
)
_CARRIED = re.compile(
    r"""(?:echo|printf)(?:[ \t]+(?:-n|['"]?%s['"]?))*[ \t]+['"]?([A-Za-z0-9+/]{8,}={0,2})['"]?"""
    r"""[ \t]*\|[ \t]*base64[ \t]+(?:-d|-D|--decode)(?![\w-])"""
)
_PIECE = re.compile(r"""'([^']*)'|"([^"]*)"|((?:[^\s'"\\#$*?\[{~]|\\[^\n])+)""")
_VALUED_OPTIONS = frozenset({"--timeout", "--poll-interval"})


def sync_commands(text: str) -> tuple[Command, ...]:
    """Return the calls of ``coder exp sync`` in a script, in order, and in the scripts that it carries in base64."""
    found = list(_calls(text, carried=False)) if "sync" in text else []
    if "base64" in text:
        for match in _CARRIED.finditer(text):
            try:
                inner = base64.b64decode(match[1], validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                continue
            found.extend(_calls(inner, carried=True))
    return tuple(found)


def _calls(text: str, *, carried: bool) -> Iterator[Command]:
    for match in _CALL.finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if line.lstrip().startswith("#"):
            continue
        arguments = match[2]
        # A command that is itself a string, as in trap '...' EXIT, ends with that string.
        quote = _open_quote(line)
        if quote:
            arguments = arguments.split(quote)[0]
        names, whole = _names(arguments)
        yield Command(Verb(match[1]), names, whole, carried)


def _open_quote(line: str) -> str:
    """Return the quote in which a line's end stands, or an empty string."""
    quote = ""
    for character in line:
        if character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
    return quote


def _names(arguments: str) -> tuple[tuple[str, ...], bool]:
    """Return the literal words among a command's arguments, without options, and whether there are no others."""
    names = []
    whole = True
    skip = False
    for word in _words(arguments):
        if skip:
            skip = False
        elif word is None:
            whole = False
        elif word.startswith("-"):
            skip = word in _VALUED_OPTIONS
        else:
            names.append(word)
    return tuple(names), whole


def _words(arguments: str) -> Iterator[str | None]:
    """Yield a command's words, None for one that the shell would have to expand."""
    at = 0
    text = arguments.replace("\\\r\n", " ").replace("\\\n", " ")
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        if text[at] == "#":
            return
        start = at
        word = ""
        literal = True
        while at < len(text) and not text[at].isspace():
            match = _PIECE.match(text, at)
            if match is None:
                literal = False
                at += 1
                continue
            single, double, bare = match.groups()
            literal = literal and not (double is not None and re.search(r"[$\\`]", double))
            word += next(piece for piece in (single, double, bare) if piece is not None)
            at = match.end()
        assert at > start
        yield word if literal and "\\" not in word else None


@dataclass(frozen=True, slots=True)
class _Body:
    """A script whose body calls ``coder exp sync``."""

    script: Script
    commands: tuple[Command, ...]

    def names(self, verb: Verb) -> frozenset[str]:
        return frozenset(command.names[0] for command in self.commands if command.verb is verb and command.names)


_WANT = re.compile(r"coder[ \t]+exp[ \t]+sync[ \t]+want\b[^\n]*")


def _places(script: Script, commands: tuple[Command, ...]) -> Iterator[tuple[Command, Span]]:
    """Yield each ``want`` of a body with its place: where it stands in the template, else the argument.

    Text that is computed or read from a file has no place; then the counts differ, and no guess is made.
    """
    attribute = script.resource.block.body.attribute(script.argument)
    assert attribute is not None
    whole = attribute.expression.span
    wants = [command for command in commands if command.verb is Verb.WANT]
    written = [
        whole.source.span(whole.start + match.start(), whole.start + len(match[0].rstrip()) + match.start())
        for match in _WANT.finditer(whole.text)
    ]
    told = [command for command in wants if not command.carried]
    spans = written if len(written) == len(told) else [whole] * len(told)
    yield from zip(told, spans, strict=True)
    yield from ((command, whole) for command in wants if command.carried)


def _scripts_by_name(bodies: Iterable[_Body]) -> dict[tuple[str, str], list[Script]]:
    """Return which scripts a name stands for on a runtime: those that complete it, else those that start it."""
    found: dict[tuple[str, str], list[Script]] = {}
    for verb in (Verb.COMPLETE, Verb.START):
        more: dict[tuple[str, str], list[Script]] = {}
        for body in bodies:
            assert body.script.runtime is not None
            for name in sorted(body.names(verb)):
                more.setdefault((body.script.runtime.address, name), []).append(body.script)
        found = {**more, **found}
    return found


def observed_claims(inventory: Inventory) -> Claims:
    """Return what scripts wait for by themselves, as claims that require completion, and names that nothing starts."""
    bodies = []
    unknown: set[str] = set()
    for script in inventory.scripts:
        if script.runtime is None:
            continue
        if not isinstance(script.body, KnownBody):
            unknown.add(script.runtime.address)
            continue
        commands = sync_commands(script.body.text)
        if commands:
            bodies.append(_Body(script, commands))
    by_name = _scripts_by_name(bodies)
    # A name may stand for a script of a module that isn't there.
    all_read = not inventory.missing_in(inventory.places[0].config)
    claims: list[Claim] = []
    diagnostics: list[Diagnostic] = []
    for body in bodies:
        runtime = body.script.runtime
        assert runtime is not None
        for command, span in _places(body.script, body.commands):
            if not command.names:
                continue
            name, *wanted = command.names
            origin = Origin(OriginKind.EXP_SYNC, span, span)
            # Who starts the unit is who waits; as a rule that is the script that says so.
            waiting = [body.script]
            if name not in body.names(Verb.START):
                waiting = by_name.get((runtime.address, name), waiting)
            for other in wanted:
                prerequisites = by_name.get((runtime.address, other), [])
                if not prerequisites and all_read and runtime.address not in unknown:
                    diagnostics.append(_nobody(body.script, other, span))
                claims.extend(_claims(waiting, prerequisites, origin))
                if len(claims) > MAX_PAIRS:
                    # What only observes must not be what makes a template too large: the rest is left out.
                    return Claims(tuple(claims[:MAX_PAIRS]), tuple(diagnostics))
    return Claims(tuple(claims), tuple(diagnostics))


def _claims(waiting: Iterable[Script], prerequisites: Iterable[Script], origin: Origin) -> Iterator[Claim]:
    """Yield the claims of one name; a script that plays several units one after the other waits for no other."""
    for dependent in waiting:
        for prerequisite in prerequisites:
            if dependent.address != prerequisite.address:
                for phase in shared_phases(dependent, prerequisite):
                    yield Claim(dependent, prerequisite, phase, Requires.COMPLETION, origin)


def _nobody(script: Script, name: str, span: Span) -> Diagnostic:
    return warning(
        "UC217",
        span,
        "Waits for a name that nothing starts",
        f'{script.address} waits with coder exp sync for "{name}", and no script of its agent starts or completes a '
        "unit of that name.",
        help=f"let the script that is meant call: coder exp sync start {name}",
    )
