"""``coder exp sync`` in script bodies: waits that scripts do by themselves, read for checking and drawing.

``coder exp sync want U D...`` says that the unit ``U`` waits for the units ``D``, ``start U`` waits for them and then
starts ``U``, ``complete U`` ends it. The names are any words; here a name stands for the script whose body starts or
completes it, on the same agent. What is read makes no gate: the script waits by itself.

Source: https://coder.com/docs/admin/templates/startup-coordination.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from compiler.order.bodies import Bodies, ShellBody
from compiler.order.claims import Claim, Collected, shared_phases
from compiler.order.inventory import Inventory, Script
from compiler.order.model import Origin, OriginKind, UnknownBody
from compiler.order.outcome import Requires
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, warning
from compiler.source.limits import MAX_PAIRS
from compiler.source.span import Span
from compiler.terraform.configuration.module import walk

if TYPE_CHECKING:
    from compiler.shell.calls import Invocation
    from compiler.shell.syntax import Word
    from compiler.shell.walk import Visit


class SyncVerb(StrEnum):
    """What a call of ``coder exp sync`` does."""

    WANT = "want"
    START = "start"
    COMPLETE = "complete"
    UNKNOWN = ""

    @property
    def completes(self) -> bool:
        """Whether the call may complete a unit."""
        return self in (SyncVerb.COMPLETE, SyncVerb.UNKNOWN)


@dataclass(frozen=True, slots=True)
class SyncCommand:
    """One call: its verb, its names in order, and its place. What isn't told of its words may be any name, or verb.

    A name is one or more texts, of which each is meant (the rounds of a loop), or None where it can't be known.
    ``timeout`` is what ``--timeout`` says. ``call`` is the command with its surroundings, ``body`` what it stands in.
    """

    verb: SyncVerb
    names: tuple[tuple[str, ...] | None, ...]
    timeout: str | None
    call: Invocation
    body: ShellBody

    @property
    def span(self) -> Span:
        """The command's place."""
        return self.body.span(*self.call.place)

    @property
    def runs(self) -> bool:
        """Whether the call stands outside of functions, or in one that the script calls or may call."""
        lists = self.call.variables.argument_lists(self.call.visit)
        return lists is None or bool(lists)

    @property
    def unit(self) -> tuple[str, ...] | None:
        """What the first name may be, None where it can't be known."""
        return self.names[0] if self.names else ()


_VERBS = {verb.value: verb for verb in SyncVerb if verb.value}
_VALUED_OPTIONS = frozenset({"--timeout", "--poll-interval"})
# Options of coder itself, which may stand before its first word.
_VALUED_BEFORE = frozenset({"--url", "--token", "--global-config", "--header", "--header-command"})


def sync_commands(body: ShellBody) -> tuple[SyncCommand, ...]:
    """Return the calls of ``coder exp sync`` in a script, in order, and then those in the scripts that it carries."""
    return tuple(command for part in body.bodies if "sync" in part.text.text for command in _commands(part))


def _without_options(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return a command without the options that stand before its first argument."""
    at = 1
    while at < len(words) and (words[at].literal or "").startswith("-"):
        at += 2 if words[at].literal in _VALUED_BEFORE else 1
    return (*words[:1], *words[at:])


# Commands that only write their words, and those that run them where another agent is.
_NO_RUNNERS = frozenset({"echo", "printf", "logger", ":", "[", "[[", "test", "ssh", "docker", "podman", "kubectl"})
# Commands that run their words with more of them behind, which they read.
_READERS = frozenset({"xargs", "parallel"})


def _as_call(words: tuple[Word, ...]) -> tuple[tuple[Word, ...], bool]:
    """Return the part of a command that calls ``coder exp sync``, and whether more words follow that aren't told.

    A function or a program such as ``retry`` may stand before it. Empty where there is no such part.
    """
    texts = [word.literal for word in words]
    for at in range(len(words) - 2):
        call = _without_options(words[at:])
        if [word.literal for word in call[1:3]] == ["exp", "sync"]:
            runner = posixpath.basename(texts[0] or "") if at else ""
            return ((), False) if runner in _NO_RUNNERS else (call, runner in _READERS)
    return (), False


def _passed_on(words: tuple[Word, ...], call: Invocation) -> Iterator[list[tuple[Word, Visit]]]:
    """Yield the words of a command for each call of the function that hands its arguments on to it as ``"$@"``."""
    from compiler.shell.syntax import VariablePart

    here = [(word, call.visit) for word in words]
    at = next((at for at, word in enumerate(words) if word.parts == (VariablePart("@"),)), None)
    lists = call.variables.argument_lists(call.visit)
    if at is None or lists is None:
        yield here
        return
    for arguments, visit in lists:
        yield [*here[:at], *((word, visit) for word in arguments), *here[at + 1 :]]


def _commands(body: ShellBody) -> Iterator[SyncCommand]:
    from compiler.shell.calls import unwrapped

    for call in body.calls:
        words, more = _as_call(unwrapped(call.command.words))
        name = call.variables.text(words[0], call.visit) if words else ""
        # A variable or a substitution that finds the program is one too.
        if name is None or "${" in name or posixpath.basename(name) == "coder":
            for passed in _passed_on(words[3:], call):
                yield from _command(passed, call, body, more=more)


def _command(
    words: list[tuple[Word, Visit]], call: Invocation, body: ShellBody, *, more: bool
) -> Iterator[SyncCommand]:
    """Yield the call whose words behind ``coder exp sync`` are given; ``more`` of them may follow."""
    if not words:
        return
    verb = words[0][0].literal
    if verb is None:
        yield SyncCommand(SyncVerb.UNKNOWN, (None,), None, call, body)
        return
    if verb not in _VERBS:
        return
    names: list[tuple[str, ...] | None] = []
    timeout: str | None = None
    valued: str | None = None
    for word, visit in words[1:]:
        text = word.literal
        if valued is not None:
            timeout = text if valued == "--timeout" else timeout
            valued = None
        elif text is not None and text.startswith("-"):
            option, equals, value = text.partition("=")
            if equals and option == "--timeout":
                timeout = value
            valued = text if text in _VALUED_OPTIONS else None
        else:
            found = call.variables.literals(word, visit)
            if not names and found and call.variables.makes_several(word, visit):
                names.extend((name,) for name in found)
            else:
                names.append(found)
    yield SyncCommand(_VERBS[verb], (*names, *[None] * more), timeout, call, body)


@dataclass(frozen=True, slots=True)
class _Body:
    """A script whose body calls ``coder exp sync``, and the address of what runs it."""

    script: Script
    runtime: str
    commands: tuple[SyncCommand, ...]

    @property
    def alone(self) -> bool:
        """Whether the script belongs to a module that is read without its caller."""
        return self.runtime.startswith("var.")

    def names(self, verb: SyncVerb) -> frozenset[str]:
        """Return the units that are certainly meant."""
        return frozenset(name for command in self.commands if command.verb is verb for name in command.unit or ())


def _scripts_by_name(bodies: Iterable[_Body]) -> dict[tuple[str, str], list[Script]]:
    """Return which scripts a name stands for on a runtime: those that complete it, else those that start it."""
    found: dict[tuple[str, str], list[Script]] = {}
    for verb in (SyncVerb.COMPLETE, SyncVerb.START):
        more: dict[tuple[str, str], list[Script]] = {}
        for body in bodies:
            for name in sorted(body.names(verb)):
                more.setdefault((body.runtime, name), []).append(body.script)
        found = {**more, **found}
    return found


# Why a name may stand for a script all the same, by runtime; under None what may run on any.
_Doubts: TypeAlias = dict[str | None, list[str]]


def _read(inventory: Inventory, bodies: Bodies, doubts: _Doubts) -> Iterator[_Body]:
    """Yield the scripts that call; what isn't known of the others is noted."""
    for script in inventory.scripts:
        runtime = None if script.runtime is None else script.runtime.address
        body = bodies.of(script)
        reasons = []
        if isinstance(script.body, UnknownBody) and not _is_known_enough(body):
            reasons.append(f"its text can't be known ({script.body.reason})")
        commands = () if body is None else sync_commands(body)
        for command in commands:
            if command.verb is not SyncVerb.WANT and (command.unit is None or runtime is None):
                why = "the name that it gives can't be known" if command.unit is None else "its agent can't be found"
                reasons.append(f"{why} ({command.span.source.name}:{command.span.start_pos.line})")
        doubts.setdefault(runtime, []).extend(f"{script.address} may, since {reason}" for reason in reasons)
        if commands and runtime is not None:
            yield _Body(script, runtime, commands)


def _is_known_enough(body: ShellBody | None) -> bool:
    """Return whether a text that is known in part can call nothing beside what is read there."""
    from compiler.shell.syntax import UnknownPart

    if body is None:
        return False
    if body.script.broken or not body.script.body:
        return not body.script.interpreter.is_shell
    # What isn't known of a word can hold no command, and neither can a value in quotes: only a whole command can.
    lines = (call.command.words for call in body.calls)
    return not any(len(words) == 1 and [*map(type, words[0].parts)] == [UnknownPart] for words in lines)


def observed_claims(inventory: Inventory, bodies: Bodies) -> Collected:
    """Return what scripts wait for by themselves, as claims that require completion, and names that nothing starts."""
    doubts: _Doubts = {}
    calling = list(_read(inventory, bodies, doubts))
    by_name = _scripts_by_name(calling)
    # A name may stand for a script of a module that isn't there, which is told where that module is called.
    root = inventory.places[0].config
    all_read = not inventory.missing_in(root)
    whole = all(config.module.is_whole for config in walk(root))
    out = Collected()
    for body in calling:
        out.diagnostics.extend(_not_told(body))
        for command in body.commands:
            if command.verb is not SyncVerb.WANT:
                continue
            span = command.span
            origin = Origin(OriginKind.EXP_SYNC, span, span)
            waiting = _waiting(body, command.unit, by_name)
            for other in dict.fromkeys(name for names in command.names[1:] for name in names or ()):
                prerequisites = by_name.get((body.runtime, other), [])
                # A module on its own has a caller, whose scripts run on the same agent.
                if not prerequisites and all_read and not body.alone:
                    about = [*doubts.get(body.runtime, ()), *doubts.get(None, ())]
                    out.diagnostics.append(_nothing_starts(body.script, other, span, about, follows=not whole))
                out.claims.extend(_claims(waiting, prerequisites, origin))
                if len(out.claims) > MAX_PAIRS:
                    # What only observes must not be what makes a template too large: the rest is left out.
                    del out.claims[MAX_PAIRS:]
                    return out
    return out


def _waiting(body: _Body, unit: tuple[str, ...] | None, by_name: dict[tuple[str, str], list[Script]]) -> list[Script]:
    """Return who waits: the scripts that start the unit; as a rule that is the one that says so."""
    found: dict[Script, None] = {}
    for name in unit or ():
        mine = name in body.names(SyncVerb.START)
        found |= dict.fromkeys([body.script] if mine else by_name.get((body.runtime, name), ()))
    return list(found) or [body.script]


def _claims(waiting: Iterable[Script], prerequisites: Iterable[Script], origin: Origin) -> Iterator[Claim]:
    """Yield the claims of one name; a script that plays several units one after the other waits for no other."""
    for dependent in waiting:
        for prerequisite in prerequisites:
            if dependent.address != prerequisite.address:
                for phase in shared_phases(dependent, prerequisite):
                    yield Claim(dependent, prerequisite, phase, Requires.COMPLETION, origin)


def _not_told(body: _Body) -> Iterator[Diagnostic]:
    """Yield a warning for a script that waits for what its text doesn't tell, at the first call that does."""
    for command in body.commands:
        wants = command.verb is SyncVerb.UNKNOWN or (command.verb is SyncVerb.WANT and None in command.names[1:])
        given = any(command.call.start < end and start < command.call.end for start, end in command.body.text.holes)
        # What a module on its own is given by its caller is no matter of its text.
        if wants and not (body.alone and given) and command.runs:
            what = "words" if command.verb is SyncVerb.UNKNOWN else "names of units"
            yield warning(
                "UC224",
                command.span,
                "Waits for names that can't be read",
                f"{body.script.address} calls coder exp sync with {what} that its text doesn't give: what it waits for "
                "here is neither drawn nor checked.",
                help="write the names out, in the call, in a variable or in an array; or declare the order: "
                "# unitc: depends_on = […]",
                # What isn't known of the text may be so because of a mistake, which is told itself.
                follows=given,
            )
            return


def _nothing_starts(script: Script, name: str, span: Span, doubts: list[str], *, follows: bool) -> Diagnostic:
    detail = f'{script.address} waits with coder exp sync for "{name}", and '
    if doubts:
        more = f", and {len(doubts) - 1} more may" if len(doubts) > 1 else ""
        detail += f"nothing that is known starts or completes a unit of that name on its agent; {doubts[0]}{more}."
    else:
        detail += "no script of its agent starts or completes a unit of that name."
    return warning(
        "UC217",
        span,
        "Waits for a name that nothing starts",
        detail,
        help=f"let the script that is meant call: coder exp sync start {name}",
        follows=follows,
    )
