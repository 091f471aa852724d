"""What happened, or would happen, when: one model for every form of a timeline, and all forms but SVG.

A :class:`Timeline` is made from a log or from a simulation. Seconds count from its begin.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from compiler.order.outcome import Outcome, Requires
from compiler.records import dataclass
from compiler.source.prose import behind, columns, visible
from compiler.status.decision import skip_reason
from compiler.status.events import Lifetime
from compiler.status.schedule import Schedule, Why

_WIDTH = 40
"""Columns of a unit's bar, where there are so many."""
_LEAST = 8
"""With fewer columns, a gap included, a bar tells nothing, and is left out."""
_TOUCHING = 0.5
"""Seconds between an end and a start that may still be one because of the other, where no order is known."""


class Doing(StrEnum):
    """What a unit does for a while."""

    WAITING = "waiting"
    PROBING = "probing"
    """Its body runs, and isn't ready yet."""
    RETRYING = "retrying"
    """An attempt has failed: it rests, or runs once more."""
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A while in which a unit does one thing, in seconds."""

    doing: Doing
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One unit. ``start`` is None where its body didn't run, ``end`` where it isn't known.

    ``marks`` are what happened while it ran, a time and a word each; ``because`` is why it was skipped, in words.
    """

    address: str
    outcome: Outcome
    start: float | None
    end: float | None
    marks: tuple[tuple[float, str], ...] = ()
    because: str = ""
    code: int | None = None

    def stretches(self, makespan: float) -> tuple[Stretch, ...]:
        """Return what the unit did from the begin to its end, or to the makespan where its end isn't known.

        Only the last one can be empty, of a unit that ran for no time that can be told.
        """
        end = makespan if self.end is None else self.end
        doing, at = Doing.WAITING, 0.0
        found = []
        for time, word in ((end if self.start is None else self.start, ""), *self.marks, (end, "")):
            until_then = min(max(time, at), end)
            if until_then > at:
                found.append(Stretch(doing, at, until_then))
            at = until_then
            doing = self._after(word)
        if self.start is not None and (not found or found[-1].doing is Doing.WAITING):
            found.append(Stretch(Doing.RUNNING, end, end))
        return tuple(found)

    def _after(self, word: str) -> Doing:
        if word == "retrying":
            return Doing.RETRYING
        is_ready_later = word != "ready" and any(other == "ready" for _, other in self.marks)
        return Doing.PROBING if is_ready_later else Doing.RUNNING


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars by start, then address; those that didn't run come last.

    ``chain`` are the units that decided when the last one ended, in running order, each with what it waited for, in
    words. ``guessed``: the order isn't known, so the chain was made from times alone.
    """

    title: str
    bars: tuple[Bar, ...]
    chain: tuple[tuple[str, str], ...]
    makespan: float
    guessed: bool = False


def duration(seconds: float) -> str:
    """Return seconds as people read them: ``0.2 s``, ``12 s``, ``3 min 5 s``."""
    if seconds >= 59.95:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    text = f"{seconds:.2f}" if seconds < 1 else f"{seconds:.1f}"
    return f"{text.rstrip('0').rstrip('.')} s"


def _sorted(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    return tuple(sorted(bars, key=lambda bar: (bar.start is None, bar.start or 0, bar.address)))


def from_schedule(title: str, schedule: Schedule) -> Timeline:
    """Return the timeline of a simulation."""
    reasons = {each.address: each.because for each in schedule.units.values() if each.because is not None}
    bars = _sorted(
        Bar(each.address, each.outcome, each.start, each.end, (), skip_reason(each.address, reasons, {}))
        if each.address in reasons
        else Bar(each.address, each.outcome, each.start, each.end)
        for each in schedule.units.values()
    )
    chain = []
    for address in schedule.critical_path():
        cause = schedule.units[address].cause
        after = ""
        if cause is not None:
            words = {
                Why.GATE: f"{cause.what} of",
                Why.MUTEX: f"mutex {cause.what}, held by",
                Why.PLACE: "a place after",
            }
            after = f"{words[cause.why]} {cause.unit}"
        chain.append((address, after))
    return Timeline(title, bars, tuple(chain), schedule.makespan)


def from_spans(
    title: str,
    spans: Mapping[str, Lifetime],
    gates: Iterable[tuple[str, str, Requires]] | None = None,
    reasons: Mapping[str, str] = MappingProxyType({}),
) -> Timeline:
    """Return the timeline of a log. ``gates`` are (dependent, prerequisite, requires), None where they aren't known.

    ``reasons`` say why units were skipped, as far as that is known.
    """
    bars = _sorted(
        Bar(each.address, each.outcome, each.start, each.end, each.marks, reasons.get(each.address, ""), each.code)
        for each in spans.values()
    )
    makespan = max((each.end for each in spans.values() if each.end is not None), default=0.0)
    chain = _chain(spans, None if gates is None else tuple(gates))
    return Timeline(title, bars, chain, makespan, guessed=gates is None)


def _chain(
    spans: Mapping[str, Lifetime], gates: Sequence[tuple[str, str, Requires]] | None
) -> tuple[tuple[str, str], ...]:
    """Return the chain back from the unit that ended last: each step to the prerequisite that came last."""
    ran = [span for span in spans.values() if span.start is not None and span.end is not None]
    if not ran:
        return ()
    at = min(ran, key=lambda span: (-(span.end or 0), span.address))
    chain = []
    seen = set()
    while at.address not in seen:
        seen.add(at.address)
        found = _before(at, spans, gates)
        chain.append((at.address, "" if found is None else found[1]))
        if found is None:
            break
        at = found[0]
    return tuple(reversed(chain))


def _before(
    span: Lifetime, spans: Mapping[str, Lifetime], gates: Sequence[tuple[str, str, Requires]] | None
) -> tuple[Lifetime, str] | None:
    if span.start is None:
        return None
    known = None if gates is None else _last_opened(span, spans, gates)
    if known is not None and span.start - known[2] < _TOUCHING:
        return known[:2]
    if gates is None or span.start > _TOUCHING:
        # No gate held it so long: a mutex, or a place, that became free when another one ended.
        ended = [each for each in spans.values() if each.end is not None and 0 <= span.start - each.end < _TOUCHING]
        ended = [each for each in ended if each.address != span.address and each.start is not None]
        if ended:
            last = min(ended, key=lambda each: (-(each.end or 0), each.address))
            return last, f"the end of {last.address}"
    return None if known is None else known[:2]


def _last_opened(
    span: Lifetime, spans: Mapping[str, Lifetime], gates: Sequence[tuple[str, str, Requires]]
) -> tuple[Lifetime, str, float] | None:
    """Return whose doing opened the last gate, in words too, and when."""
    opened = []
    for dependent, prerequisite, requires in gates:
        other = spans.get(prerequisite)
        if dependent == span.address and other is not None:
            time = _opening(other, requires)
            if time is not None:
                opened.append((-time, prerequisite, requires, other))
    if not opened:
        return None
    time, prerequisite, requires, other = min(opened, key=lambda each: each[:2])
    return other, f"{requires} of {prerequisite}", -time


def _opening(span: Lifetime, requires: Requires) -> float | None:
    """Return when a unit opened a gate that requires this of it."""
    if requires is Requires.START:
        return span.start
    said = [time for time, word in span.marks if word == "ready"]
    return said[0] if requires is Requires.READY and said else span.end


def to_text(timelines: Sequence[Timeline], width: int | None = None) -> str:
    """Return timelines for the terminal, one under the other; of two, also how they differ.

    ``width`` is that of the terminal in columns, None where lines may have any length.
    """
    lines = [line for number, each in enumerate(timelines) for line in (*[""] * (number > 0), *_lines(each, width))]
    if len(timelines) == 2:
        lines.append("")
        for line in _differences(*timelines):
            lines += hanging(line, width)
    return "".join(f"{line}\n" for line in lines)


def hanging(line: str, width: int | None) -> Iterator[str]:
    """Return a line as it is shown, broken where it is too wide, with each further part four columns further right."""
    indent = " " * (len(line) - len(line.lstrip(" ")))
    return behind(visible(line).lstrip(" "), width, indent, indent + "    ")


def _lines(timeline: Timeline, width: int | None) -> Iterator[str]:
    yield from hanging(f"{timeline.title}: {duration(timeline.makespan)}", width)
    on_chain = {address for address, _ in timeline.chain}
    wide = max((columns(visible(bar.address)) for bar in timeline.bars), default=0)
    longest = max((len(_outcome(bar)) for bar in timeline.bars), default=0)
    room = _WIDTH + 2 if width is None else min(width - wide - longest - 4, _WIDTH + 2)
    for bar in timeline.bars:
        name = f"{'*' if bar.address in on_chain else ' '} {visible(bar.address)}"
        if room < 0:
            # Words that don't fit beside the names stand below them.
            yield name
            name = ""
        else:
            name += " " * (wide + 2 - columns(name))
            name += f"  {_bar(bar, timeline.makespan, room - 2)}" if room >= _LEAST else ""
        start = f"{name or '  '}  "
        yield from behind(visible(said(bar)), width, start, " " * columns(start))
    legend = [f"{_SIGNS[doing]} {words}" for doing, words in explained(timeline).items()]
    if legend and room >= _LEAST:
        yield f"  {', '.join(legend)}"
    if timeline.chain:
        how = ", by the clock alone" if timeline.guessed else ""
        yield f"* critical path{how}:"
        by_address = {bar.address: bar for bar in timeline.bars}
        for address, after in timeline.chain:
            bar = by_address[address]
            length = (bar.end or 0) - (bar.start or 0)
            yield from hanging(f"    {address}  {duration(length)}{f'  after {after}' if after else ''}", width)


_SIGNS = {Doing.WAITING: "·", Doing.PROBING: "░", Doing.RETRYING: "▒", Doing.RUNNING: "█"}
_WORDS = {Doing.PROBING: "not ready yet", Doing.RETRYING: "after a failed attempt"}


def _bar(bar: Bar, makespan: float, width: int) -> str:
    if bar.start is None:
        return _SIGNS[Doing.WAITING] * width
    signs = [" "] * width
    scale = width / (makespan or 1.0)
    for stretch in bar.stretches(makespan):
        first = min(int(stretch.start * scale), width - 1)
        last = max(min(round(stretch.end * scale), width), first + 1)
        signs[first:last] = _SIGNS[stretch.doing] * (last - first)
    return "".join(signs)


def explained(timeline: Timeline) -> dict[Doing, str]:
    """Return in words what units do for a while that doesn't explain itself, as far as it is done."""
    done = {stretch.doing for bar in timeline.bars for stretch in bar.stretches(timeline.makespan)}
    return {doing: words for doing, words in _WORDS.items() if doing in done}


def said(bar: Bar) -> str:
    """Return in words what became of a unit, when, and why."""
    return ", ".join([_outcome(bar), *([bar.because] if bar.because else [])])


def _outcome(bar: Bar) -> str:
    words = [str(bar.outcome).replace("_", " ")]
    if bar.start is not None and bar.end is not None:
        words.append(f"{duration(bar.start)} to {duration(bar.end)}")
    elif bar.start is not None:
        words.append(f"since {duration(bar.start)}")
    if bar.code:
        words.append(f"exit code {bar.code}")
    words += [f"{word} at {duration(time)}" for time, word in bar.marks]
    return ", ".join(words)


def _differences(before: Timeline, after: Timeline) -> Iterator[str]:
    def lengths(timeline: Timeline) -> dict[str, float]:
        return {
            bar.address: bar.end - bar.start for bar in timeline.bars if bar.start is not None and bar.end is not None
        }

    one, other = lengths(before), lengths(after)
    change = after.makespan - before.makespan
    if duration(abs(change)) == "0 s":
        yield "both take the same time"
    else:
        yield f"the second takes {duration(abs(change))} {'longer' if change > 0 else 'less'} than the first"
    for address in sorted(one.keys() | other.keys()):
        if address not in other:
            yield f"  {address} ran in the first only"
        elif address not in one:
            yield f"  {address} ran in the second only"
        elif abs(other[address] - one[address]) >= 0.05:
            more = other[address] - one[address]
            yield f"  {address}: {duration(one[address])}, then {duration(other[address])} ({more:+.1f} s)"


FORMAT_VERSION = "1"


def to_json(timelines: Sequence[Timeline]) -> str:
    """Return timelines in their machine form: seconds from the first event, units by address."""
    value = {
        "format_version": FORMAT_VERSION,
        "logs": [
            {
                "log": timeline.title,
                "makespan": round(timeline.makespan, 6),
                "critical_path": [address for address, _ in timeline.chain],
                "units": [
                    {
                        "address": bar.address,
                        "outcome": bar.outcome,
                        "start": None if bar.start is None else round(bar.start, 6),
                        "end": None if bar.end is None else round(bar.end, 6),
                        "exit_code": bar.code,
                        "events": [{"time": round(time, 6), "event": word} for time, word in bar.marks],
                    }
                    for bar in sorted(timeline.bars, key=lambda bar: bar.address)
                ],
            }
            for timeline in timelines
        ],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


_TAGS = {Outcome.FAILED: "crit, ", Outcome.TIMED_OUT: "crit, ", Outcome.SUCCEEDED: "done, "}


def _name(text: str) -> str:
    """Return a name of a task. No escape is known there, so what would end it, or isn't printable, is replaced."""
    return "".join("_" if character in ":;#,%\\" or not character.isprintable() else character for character in text)


def to_mermaid(timelines: Sequence[Timeline]) -> str:
    """Return a Gantt chart (https://mermaid.js.org/syntax/gantt.html): a section a log, milliseconds from its begin."""
    lines = ["gantt", "  dateFormat x", "  axisFormat %M:%S"]
    number = 0
    for each in timelines:
        lines.append(f"  section {_name(each.title)}")
        said = {doing: f" ({words})" for doing, words in explained(each).items()}
        for bar in each.bars:
            ran = [stretch for stretch in bar.stretches(each.makespan) if stretch.doing is not Doing.WAITING]
            for stretch in ran if bar.end is not None else ():
                start = round(stretch.start * 1000)
                end = max(round(stretch.end * 1000), start + 1)
                tag = _TAGS.get(bar.outcome, "") if stretch is ran[-1] else "active, "
                lines.append(f"  {_name(bar.address)}{said.get(stretch.doing, '')} :{tag}t{number}, {start}, {end}")
                number += 1
    return "\n".join(lines) + "\n"
