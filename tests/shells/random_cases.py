"""Random units with random order between them, told to end in every way there is. A seed makes the whole case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from random import Random
from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM, Signals
from typing import Final, NamedTuple
from urllib.parse import quote as percent_encode

from compiler.order.outcome import Outcome, Requires
from compiler.terraform.configuration.address import quote
from tests.shells.harness import SHELLS, Spec
from tests.simulation import Moment, Scripted

__all__ = [
    "COMBINATIONS",
    "Case",
    "Does",
    "Edge",
    "Interrupt",
    "Member",
    "Mode",
    "Ready",
    "Says",
    "make_case",
    "smaller",
]


PATIENCE: Final = 6
"""The seconds after which a unit that is late times out, in which a slow machine has done all that comes before."""


class Mode(Enum):
    """Who starts the units."""

    SUPERVISOR = "supervisor"
    GATE = "gate mode"


COMBINATIONS: Final = tuple((shell, mode) for shell in sorted(SHELLS) for mode in Mode)
"""Every shell in both modes; seed n is a case of number n, modulo their count."""


class _Told(NamedTuple):
    """What a body does after its start mark, how that ends, and the exit code that its event has."""

    lines: str
    scripted: Scripted
    code: int | None


_ENDED: Final = 'echo "end {number}" >>marks'
# The shell above a body is killed only where it is one of the case: PLACE in its environment says so.
_KILL_ABOVE: Final = 'sleep 0.3\ngrep -qa "PLACE=$PLACE" "/proc/$PPID/environ" && kill -KILL "$PPID"\nsleep 60'


class Does(Enum):
    """What a unit is told to do."""

    SUCCEEDS = _Told(_ENDED, Scripted(Outcome.SUCCEEDED), 0)
    LEAVES = _Told(f"sleep 0.2 >/dev/null 2>&1 &\n{_ENDED}", Scripted(Outcome.SUCCEEDED), 0)
    FAILS = _Told(f"{_ENDED}\nexit 3", Scripted(Outcome.FAILED), 3)
    KILLED = _Told(f"{_ENDED}\nkill -KILL $$", Scripted(Outcome.FAILED), 137)
    TERMINATED = _Told(f"{_ENDED}\nkill -TERM $$", Scripted(Outcome.FAILED), 143)
    LATE = _Told("sleep 60", Scripted(Outcome.TIMED_OUT), None)
    ORPHANED = _Told(_KILL_ABOVE, Scripted(Outcome.FAILED), None)
    UNKNOWN = _Told("", Scripted(Outcome.FAILED, Moment.AT_ONCE), None)

    @property
    def told(self) -> _Told:
        """What stands behind the name."""
        value: _Told = self.value
        return value


class Ready(Enum):
    """How a unit becomes ready, once its body has begun in earnest."""

    NEVER = ""
    PROBE = "probe"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class Says:
    """What a unit says of itself.

    Its first ``failing`` attempts fail, and there are ``retries`` more than one. ``unless`` is what that command says,
    where there is one.
    """

    ready: Ready = Ready.NEVER
    unless: bool | None = None
    failing: int = 0
    retries: int = 0
    optional: bool = False

    @property
    def gives_up(self) -> bool:
        """Whether all attempts fail."""
        return self.failing > self.retries


_NOTHING: Final = Says()


@dataclass(frozen=True, slots=True)
class Member:
    """A unit of a case, which takes ``pause`` hundredths of a second."""

    address: str
    does: Does
    pause: int
    shebang: bool
    mutexes: tuple[str, ...]
    says: Says = _NOTHING

    @property
    def scripted(self) -> Scripted:
        """What it is told to do, attempts and all."""
        if self.says.unless:
            return Scripted(Outcome.SUCCEEDED, Moment.AT_START)
        if self.says.gives_up:
            return Scripted(Outcome.FAILED)
        told = self.does.told.scripted
        return Scripted(told.outcome, told.moment, self.says.ready is not Ready.NEVER)

    @property
    def code(self) -> int | None:
        """The exit code of its event."""
        if self.says.unless:
            return None
        return 4 if self.says.gives_up else self.does.told.code


class Edge(NamedTuple):
    """What one unit waits for."""

    dependent: str
    prerequisite: str
    requires: Requires


@dataclass(frozen=True, slots=True)
class Interrupt:
    """A signal from outside, so many hundredths of a second after the start: to the supervisor, or to one unit."""

    number: Signals
    after: int
    unit: str


@dataclass(frozen=True, slots=True)
class Case:
    """One run. ``order`` is that in which the units are started in gate mode, ``stagger`` hundredths apart."""

    seed: int
    shell: str
    mode: Mode
    members: tuple[Member, ...]
    edges: tuple[Edge, ...]
    order: tuple[str, ...]
    stagger: int
    jobs: int | None
    interrupt: Interrupt | None

    def specs(self) -> dict[str, Spec]:
        """Return the units as the harness wants them."""
        gates: dict[str, list[str]] = {member.address: [] for member in self.members}
        for edge in self.edges:
            gates[edge.dependent].append(f"{edge.requires} {edge.prerequisite}")
        return {
            member.address: Spec(
                _body(member, number),
                gates[member.address],
                timeout=PATIENCE if member.does is Does.LATE else None,
                mutexes=member.mutexes,
                says=_variables(member.says, number),
            )
            for number, member in enumerate(self.members)
        }

    def __str__(self) -> str:
        """Return the case for a person who has to find out what went wrong in it."""
        lines = [f"seed {self.seed}: {self.shell}, {self.mode.value}, {len(self.members)} units"]
        if self.jobs is not None:
            lines.append(f"  --jobs {self.jobs}")
        if self.mode is Mode.GATE:
            lines.append(f"  started {self.stagger} hundredths apart: {', '.join(self.order)}")
        if self.interrupt is not None:
            whom = "the supervisor" if self.mode is Mode.SUPERVISOR else self.interrupt.unit
            lines.append(f"  {self.interrupt.number.name} to {whom} after {self.interrupt.after} hundredths")
        for number, member in enumerate(self.members):
            held = f", holds {' '.join(member.mutexes)}" if member.mutexes else ""
            held += "" if member.says == _NOTHING else f", {member.says}"
            how = "#!/bin/sh" if member.shebang else "login shell"
            lines.append(
                f"  {number} {member.address}: {member.does.name} after {member.pause} hundredths, {how}{held}"
            )
            lines += [
                f"      needs {edge.requires} of {edge.prerequisite}"
                for edge in self.edges
                if edge.dependent == member.address
            ]
        return "\n".join(lines)


def _body(member: Member, number: int) -> str | None:
    if member.does is Does.UNKNOWN:
        return None
    # A shell above that dies before it has told that the body runs is another case: the pause in _KILL_ABOVE.
    pause = f"sleep 0.{member.pause:02}\n" if member.pause else ""
    head = "#!/bin/sh\n" if member.shebang else ""
    lines = member.does.told.lines.replace("{number}", str(number))
    before = _FAILING.format(number=number, failing=member.says.failing) if member.says.failing else ""
    ready = _READY[member.says.ready].format(number=number, percent=percent_encode(member.address, safe=""))
    return f'{head}{before}echo "start {number}" >>marks\necho "out {number}"\n{ready}{pause}{lines}\n'


_FAILING: Final = 'echo >>tries.{number}\n[ "$(wc -l <tries.{number})" -gt {failing} ] || exit 4\n'
# Whoever is probed can't know when the probe has told what it found, so that is waited for.
_SEEN: Final = "until grep -q '{percent}\tready' ../state/*/start/events.tsv; do sleep 0.05; done\n"
_READY: Final = {Ready.NEVER: "", Ready.NOTIFY: '"$UNITC_READY"\n', Ready.PROBE: f": >up.{{number}}\n{_SEEN}"}


def _variables(says: Says, number: int) -> dict[str, str]:
    """Return what a unit says of itself as the harness wants it."""
    values = {
        "PROBE": f"test -e up.{number}" if says.ready is Ready.PROBE else "",
        "NOTIFY": "1" if says.ready is Ready.NOTIFY else "",
        "UNLESS": "" if says.unless is None else f"{str(says.unless).lower()} # {number}",
        "RETRIES": str(says.retries) if says.retries else "",
        "RETRY_DELAY": "0" if says.retries else "",
        "OPTIONAL": "1" if says.optional else "",
    }
    return {name: value for name, value in values.items() if value}


def _address(chance: Random, number: int) -> str:
    match chance.randrange(6):
        case 0:
            return f"coder_script.each[{quote(f'{number} é/$x')}]"
        case 1:
            return f'module.m["A"].coder_script.U{number}[0]'
        case _:
            return f"coder_script.u{number}"


_COMMON: Final = (Does.SUCCEEDS,) * 11 + (Does.FAILS,) * 3 + (Does.LEAVES, Does.KILLED, Does.TERMINATED)


def _says(chance: Random, does: Does) -> Says:
    """Return what a unit says of itself.

    One that kills the shell above says nothing, since too much could come of it, nor does one without a body; one that
    is late has no time for a probe, and what fails in the end is run in earnest once.
    """
    if does in (Does.ORPHANED, Does.UNKNOWN) or chance.random() < 0.4:
        return _NOTHING
    failing, retries = chance.choice((0, 0, 0, 1, 2)), chance.randint(0, 2)
    return Says(
        chance.choice((Ready.NEVER, Ready.NEVER, Ready.NOTIFY, *[Ready.PROBE] * (does is not Does.LATE))),
        chance.choice((None, None, None, False, True)),
        failing,
        min(failing, retries) if does.told.scripted.outcome is Outcome.FAILED else retries,
        optional=chance.random() < 0.3,
    )


def make_case(seed: int) -> Case:
    """Return the case of a seed."""
    chance = Random(seed)
    shell, mode = COMBINATIONS[seed % len(COMBINATIONS)]
    count = chance.randint(1, 9)
    numbers = chance.sample(range(count), count)
    does = [chance.choice(_COMMON) for _ in range(count)]
    # What takes long is rare, and once in a case.
    if chance.random() < 0.08:
        does[chance.randrange(count)] = Does.LATE
    if chance.random() < (0.08 if mode is Mode.GATE else 0.03):
        orphan = chance.randrange(count)
        # In a run the process above is the spawner's, which takes along what else is running.
        if mode is Mode.GATE or Does.LATE not in does:
            does[orphan] = Does.ORPHANED
    if mode is Mode.SUPERVISOR and chance.random() < 0.15:
        does[chance.randrange(count)] = Does.UNKNOWN
    names = ("apt", "a b/é", "Z") if chance.random() < 0.4 else ()
    members = tuple(
        Member(
            _address(chance, number),
            told,
            chance.choice((0, 0, 1, 3, 8)),
            chance.random() < 0.7,
            tuple(sorted(name for name in names if chance.random() < 0.4)),
        )
        for number, told in zip(numbers, does, strict=True)
    )
    # Units that say nothing are run otherwise by the supervisor, so some of its cases have only such.
    if mode is Mode.GATE or chance.random() < 0.7:
        members = tuple(replace(member, says=_says(chance, member.does)) for member in members)
    density = chance.choice((0.15, 0.35, 0.7))
    edges = tuple(
        Edge(dependent.address, prerequisite.address, chance.choice(tuple(Requires)))
        for position, dependent in enumerate(members)
        for prerequisite in members[:position]
        if chance.random() < density
    )
    interrupt = None
    if chance.random() < 0.15:
        interrupt = Interrupt(
            chance.choice((SIGTERM, SIGTERM, SIGINT, SIGHUP, SIGKILL)),
            chance.randint(0, 40),
            chance.choice(members).address,
        )
    return Case(
        seed,
        shell,
        mode,
        members,
        edges,
        tuple(chance.sample([member.address for member in members], count)),
        chance.choice((0, 0, 1, 3)),
        chance.randint(1, 3) if mode is Mode.SUPERVISOR and chance.random() < 0.25 else None,
        interrupt,
    )


def smaller(case: Case) -> Iterator[Case]:
    """Yield cases with one thing less each, those that leave out most first."""
    for gone in case.members:
        if len(case.members) > 1 and not (case.interrupt and case.interrupt.unit == gone.address):
            yield replace(
                case,
                members=tuple(member for member in case.members if member is not gone),
                edges=tuple(edge for edge in case.edges if gone.address not in edge[:2]),
                order=tuple(address for address in case.order if address != gone.address),
            )
    if case.interrupt:
        yield replace(case, interrupt=None)
    if case.jobs is not None:
        yield replace(case, jobs=None)
    for gone_edge in case.edges:
        yield replace(case, edges=tuple(edge for edge in case.edges if edge is not gone_edge))
    for member in case.members:
        for plain in (
            replace(member, mutexes=()),
            replace(member, says=_NOTHING),
            replace(member, does=Does.SUCCEEDS),
            replace(member, pause=0),
        ):
            if plain != member:
                yield replace(case, members=tuple(plain if each is member else each for each in case.members))
