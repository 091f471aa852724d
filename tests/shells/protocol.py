"""An explorer of protocols: the steps of processes are values, and every order in which they can happen is tried.

Everything is a bit: a file that is there, a process that is alive, a word in a FIFO, a body that runs. A process is at
a label of its program, which has moves: what each needs and must not find, what it makes and takes away, and where it
leads. Between any two moves all others may take theirs, or a process may crash. What the processes of the runtime do
stands in ``roles.py`` and ``supervising.py``.

Not every order is taken. Where nobody else can ever touch what a process is about to touch, its move is taken alone:
whatever others do meanwhile can as well be done after it, and a crash before it leaves the same as a crash after it,
but for something that nobody asks for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

__all__ = ["Explored", "Machine", "Move", "Names", "Program", "explore"]

Names = frozenset[str]
"""Things that are there or not, by their names."""

_NOTHING: Final[Names] = frozenset()


class Move(NamedTuple):
    """A step of a process: it is possible where ``needs`` are there and ``lacks`` are not.

    ``word`` is what a trace of the runtime shows of it. ``starts`` is a process and the label where that begins.
    ``sees`` is what it is held against, beside what it touches. Where there are ``ticks`` it is one, which comes once
    something has crashed, and only where one of these pairs of what is there and what is not says that it finds
    something.
    """

    then: str
    word: str = ""
    needs: Names = _NOTHING
    lacks: Names = _NOTHING
    makes: Names = _NOTHING
    takes: Names = _NOTHING
    starts: tuple[str, str] | None = None
    sees: Names = _NOTHING
    ticks: tuple[tuple[Names, Names], ...] = ()


Program = Mapping[str, tuple[Move, ...]]
"""The moves of a process by its labels."""


@dataclass
class Machine:
    """Processes with their programs, and what has to hold of them.

    ``programs`` has the moves of each label, of which the first that is possible is taken; where the label is one of
    ``choices``, any of them. ``begins`` are the labels of those that are there from the beginning; the others are
    started. The ``victims`` may crash. ``dies`` is what goes with a process, beside itself. ``stays`` tells of a name
    whether it is never taken away. ``wrong`` says what is wrong with a move, by its word and what was there before it,
    and ``left`` what is wrong where nothing is possible any more.
    """

    programs: Mapping[str, Program]
    begins: Mapping[str, str]
    victims: Names
    choices: Names
    dies: Mapping[str, Names]
    stays: Callable[[str], bool]
    wrong: Callable[[str, Names], Iterator[str]]
    left: Callable[[Names, Mapping[str, str]], Iterator[str]]


@dataclass
class Explored:
    """What came of trying everything: how many states there are, and what is wrong in one of them and how it came."""

    states: int = 0
    wrong: list[str] = field(default_factory=list)
    way: list[str] = field(default_factory=list)


class _Coded(NamedTuple):
    """A move in numbers."""

    needs: int
    lacks: int
    makes: int
    takes: int
    then: int
    child: int
    begin: int
    held: bool
    ticks: tuple[tuple[int, int], ...]
    word: str


class _Label(NamedTuple):
    """A label in numbers, with what its moves touch, and what the process may still touch from there on."""

    moves: tuple[_Coded, ...]
    choice: bool
    reads: int
    writes: int
    alone: bool
    future_reads: int
    future_writes: int


class _Code:
    """A machine in numbers: things are bits, and processes and labels have numbers. Label 0 is that of who isn't
    there."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.processes = list(machine.programs)
        self.bits: dict[str, int] = {name: 1 << number for number, name in enumerate(self.processes)}
        self.labels = [["", *program] for program in machine.programs.values()]
        self.dies = [self.mask({name, *machine.dies.get(name, ())}) for name in self.processes]
        self.begin = bytes(
            labels.index(machine.begins.get(name, "")) for name, labels in zip(self.processes, self.labels, strict=True)
        )
        self.victims = {self.processes.index(name) for name in machine.victims}
        self.alive = (1 << len(self.processes)) - 1
        coded = [[self._moves(name, label) for label in program] for name, program in machine.programs.items()]
        self.stays = self.mask(name for name in self.bits if machine.stays(name))
        self.programs = [
            [_Label((), False, 0, 0, False, 0, 0), *rows]
            for rows in self._with_futures([[self._label(*each) for each in rows] for rows in coded])
        ]

    def mask(self, names: Names | set[str] | Iterator[str]) -> int:
        """Return the bits of names."""
        mask = 0
        for name in names:
            mask |= self.bits.setdefault(name, 1 << len(self.bits))
        return mask

    def names(self, mask: int) -> Names:
        """Return the names of bits."""
        return frozenset(name for name, bit in self.bits.items() if mask & bit)

    def _moves(self, process: str, label: str) -> tuple[list[tuple[Move, _Coded]], bool]:
        number = self.processes.index(process)
        moves = []
        for move in self.machine.programs[process][label]:
            child, begin = (-1, 0)
            makes = self.mask(move.makes)
            if move.starts:
                child = self.processes.index(move.starts[0])
                begin = self.labels[child].index(move.starts[1])
                makes |= 1 << child
            takes = self.mask(move.takes) | (0 if move.then else self.dies[number])
            then = self.labels[number].index(move.then)
            held = move.word.startswith("become") or move.word.rpartition(".")[2] in ("succeeded", "failed", "skipped")
            coded = _Coded(
                self.mask(move.needs),
                self.mask(move.lacks),
                makes,
                takes,
                then,
                child,
                begin,
                held,
                tuple((self.mask(needs), self.mask(lacks)) for needs, lacks in move.ticks),
                f"{process}: {move.word or label}",
            )
            moves.append((move, coded))
        return moves, label in self.machine.choices

    def _label(self, moves: list[tuple[Move, _Coded]], choice: bool) -> _Label:
        reads = writes = 0
        alone = True
        for move, coded in moves:
            reads |= coded.needs | coded.lacks | self.mask(move.sees)
            writes |= coded.makes | coded.takes
            for needs, lacks in coded.ticks:
                reads |= needs | lacks
            alone = alone and coded.child < 0 and not coded.ticks and bool(coded.then)
        return _Label(tuple(coded for _, coded in moves), choice, reads, writes, alone, reads, writes)

    def _with_futures(self, programs: list[list[_Label]]) -> list[list[_Label]]:
        changed = True
        while changed:
            changed = False
            for rows in programs:
                for number, label in enumerate(rows):
                    reads, writes = label.future_reads, label.future_writes
                    for move in label.moves:
                        follows = [rows[move.then - 1]] if move.then else []
                        follows += [programs[move.child][move.begin - 1]] if move.child >= 0 else []
                        for each in follows:
                            reads, writes = reads | each.future_reads, writes | each.future_writes
                    if (reads, writes) != (label.future_reads, label.future_writes):
                        rows[number] = label._replace(future_reads=reads, future_writes=writes)
                        changed = True
        return programs


_State = tuple[int, bytes, int]
"""What is there, where each process is, and how many more may crash."""


def explore(machine: Machine, crashes: int) -> Explored:
    """Try every order of moves with at most so many crashes, and stop at the first state with something wrong in it."""
    code = _Code(machine)
    first = (code.mask(iter(machine.begins)), code.begin, crashes)
    came: dict[_State, tuple[_State, str] | None] = {first: None}
    left = deque([first])
    explored = Explored()
    while left and not explored.wrong:
        state = left.popleft()
        following, wrong = _following(code, state)
        if not following and not wrong:
            steps = {name: code.labels[n][state[1][n]] for n, name in enumerate(code.processes) if state[1][n]}
            wrong = list(machine.left(code.names(state[0]), steps))
        if wrong:
            explored.wrong, explored.way = wrong, _way(came, state)
        for each, word in following:
            if each not in came:
                came[each] = (state, word)
                left.append(each)
    explored.states = len(came)
    return explored


def _way(came: Mapping[_State, tuple[_State, str] | None], state: _State) -> list[str]:
    words = []
    while before := came[state]:
        state, word = before
        words.append(word)
    return words[::-1]


def _possible(there: int, label: _Label) -> Iterator[_Coded]:
    for move in label.moves:
        if move.needs & there != move.needs or move.lacks & there:
            continue
        if move.ticks and not any(needs & there == needs and not lacks & there for needs, lacks in move.ticks):
            continue
        yield move
        if not label.choice:
            break


def _following(code: _Code, state: _State) -> tuple[list[tuple[_State, str]], list[str]]:
    """Return the states that follow, with the words of how they do, and what is wrong with one of these moves."""
    there, steps, can_crash = state
    labels = [(n, code.programs[n][step]) for n, step in enumerate(steps) if step]
    moves = {number: possible for number, label in labels if (possible := list(_possible(there, label)))}
    found: list[tuple[_State, str]] = []
    wrong: list[str] = []
    taken, crash = _taken(code, state, labels, moves)
    for number in taken:
        for move in moves.get(number, ()):
            if move.held:
                wrong += code.machine.wrong(move.word.partition(": ")[2], code.names(there))
            found.append((_after(state, number, move, code.alive), move.word))
        if crash and number in code.victims and steps[number] != code.begin[number]:
            after = (there & ~code.dies[number], _moved(steps, number, 0), can_crash - 1)
            found.append((after, f"{code.processes[number]}: crash at {code.labels[number][steps[number]]}"))
    return found, wrong


def _taken(
    code: _Code, state: _State, labels: list[tuple[int, _Label]], moves: Mapping[int, list[_Coded]]
) -> tuple[list[int], bool]:
    """Return the processes of which one takes the next move, and whether they may crash before it.

    One is enough that meets nobody. Else those are who meet each other, and nobody else.
    """
    there, _, can_crash = state
    # What never goes away and is there changes nothing any more.
    keeps = ~(there & code.stays)
    future = []
    for number, label in labels:
        dies = code.dies[number] if can_crash and number in code.victims else 0
        future.append((number, label.future_reads | label.future_writes | dies, label.future_writes | dies))
    for number, label in labels:
        if label.alone and number in moves and not _met(number, label.reads & keeps, label.writes & keeps, future):
            return [number], False
    best = [number for number, _ in labels]
    meets = {}
    for number, label in labels:
        dies = code.dies[number] if can_crash and number in code.victims else 0
        meets[number] = _met(number, label.reads & keeps | 1 << number, label.writes & keeps | dies, future)
    for number in moves:
        cluster, todo = {number}, [number]
        while todo and len(cluster) < len(best):
            for other in meets[todo.pop()]:
                if other not in cluster:
                    cluster.add(other)
                    todo.append(other)
        if len(cluster) < len(best):
            best = sorted(cluster)
    return best, bool(can_crash)


def _met(number: int, reads: int, writes: int, future: list[tuple[int, int, int]]) -> list[int]:
    """Return the processes that may ever read what is written, or write what is read."""
    return [other for other, both, written in future if (writes & both or reads & written) and other != number]


def _moved(steps: bytes, number: int, label: int) -> bytes:
    return steps[:number] + bytes((label,)) + steps[number + 1 :]


def _after(state: _State, number: int, move: _Coded, alive: int) -> _State:
    there = (state[0] & ~move.takes) | move.makes
    steps = _moved(state[1], number, move.then)
    if move.child >= 0:
        steps = _moved(steps, move.child, move.begin)
    gone = state[0] & ~there & alive
    if gone:
        steps = bytes(0 if gone >> n & 1 else step for n, step in enumerate(steps))
    return there, steps, state[2]
