"""``unitc run``: the units of a template on this machine, watched."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from compiler import __version__
from compiler.command_line.application import command
from compiler.commands.graph import choose
from compiler.commands.shared.analysis import ask
from compiler.commands.shared.console import Console, ExitCode, TemplateRun, Usage
from compiler.commands.shared.rehearsal import Rehearsal, rehearse
from compiler.commands.views import LinesView
from compiler.order.model import Conduct, KnownBody, Phase, Unit, UnitGraph, UnknownBody
from compiler.order.outcome import Outcome
from compiler.records import replace
from compiler.signals import handled
from compiler.source.prose import counted
from compiler.status.decision import Change, Unmet, skip_reason
from compiler.status.events import Event, read_events, spans_of
from compiler.status.follow import Divergence, Follower
from compiler.status.tracker import StatusTracker

if TYPE_CHECKING:
    from compiler.command_line.parameters import (
        AgentOption,
        Annotated,
        AtOnceOption,
        DurationOption,
        DurationsOption,
        FailOption,
        PhaseOption,
        TemplateArgument,
        typer,
    )

_LOOK_EVERY = 0.05
"""Seconds between two looks at the log."""
_LAST_LOOKS = 40
"""How many times so many seconds the end of the output is waited for: what units left behind may hold it open."""


@command("run")
def run_(
    run: TemplateRun,
    path: TemplateArgument = ".",
    stub: Annotated[bool, typer.Option("--stub", help="Run a sleep in place of each body.")] = False,
    fail: FailOption = None,
    duration: DurationOption = None,
    durations: DurationsOption = None,
    jobs: AtOnceOption = None,
    phase: PhaseOption = None,
    agent: AgentOption = None,
) -> int:
    """Run the units of a template on this machine, in order, and print the timeline.

    The scripts themselves are run, here and now, unless --stub is given. Exits with the code of the launcher.
    """
    console = run.console
    if not stub and any((duration, durations, fail)):
        raise Usage("--duration, --durations and --fail belong to --stub")
    analysis, code = ask(run, path)
    if code is not ExitCode.OK:
        return code
    graphs = choose(console, analysis, None, phase or Phase.START, agent)
    if not graphs:
        return ExitCode.OK
    if len(graphs) > 1:
        raise Usage(f"there are several agents; name one by --agent: {', '.join(graph.runtime for graph in graphs)}")
    graph = _stubbed(graphs[0], rehearse(console, analysis, duration, durations, fail)) if stub else graphs[0]
    unknown = sum(isinstance(unit.body, UnknownBody) for unit in graph.units)
    if unknown:
        console.note(
            f"{counted(unknown, 'script')} can't run before apply: --set, --var and --assume-defaults give values that "
            "are missing, and --stub runs without them"
        )
    return _run(console, graph, jobs)


def _stubbed(graph: UnitGraph, rehearsal: Rehearsal) -> UnitGraph:
    """Return the graph with a sleep in the place of each body, never ready before its end, without retries.

    Whose failure doesn't count in a run doesn't count here either.
    """

    def body(address: str) -> KnownBody:
        told = rehearsal.told(address)
        ending = "\nexit 1" if told.outcome is Outcome.FAILED else ""
        return KnownBody(f"#!/bin/sh\nsleep {told.seconds:g}{ending}\n")

    def stub(unit: Unit) -> Unit:
        return replace(unit, body=body(unit.address), conduct=Conduct(optional=unit.conduct.optional))

    return replace(graph, units=tuple(map(stub, graph.units)))


def _run(console: Console, graph: UnitGraph, jobs: int | None) -> int:
    from compiler.drawing.timeline import duration, from_spans, to_text
    from compiler.launcher.launcher import emit_launcher
    from compiler.order.plan import make_plan

    plan = make_plan([graph])
    planned = plan.phases[0].units
    edges = [(each.unit.address, gate.prerequisite, gate.requires) for each in planned for gate in each.gates]
    mutexes = {each.unit.address: each.unit.mutexes for each in planned}
    follower = Follower(StatusTracker(mutexes, edges, mutexes))
    view = _view(console, graph, follower)
    with tempfile.TemporaryDirectory(prefix="unitc-run-") as folder:
        launcher = Path(folder, "launcher.sh")
        launcher.write_bytes(emit_launcher(plan, version=__version__).encode("utf-8", "surrogateescape"))
        command = ["sh", str(launcher), "run", "--phase", graph.phase, "--agent", graph.runtime]
        command += [] if jobs is None else ["--jobs", str(jobs)]
        state = Path(folder, "state")
        watched = _Watched(follower, view, _Log(state), frozenset(mutexes))
        try:
            with _started(command, state) as process, _passed_on(process):
                readers = [
                    threading.Thread(target=_read, args=(process, watched), kwargs={"error": error}, daemon=True)
                    for error in (False, True)
                ]
                for reader in readers:
                    reader.start()
                while process.poll() is None:
                    watched.look()
                    view.look()
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(_LOOK_EVERY)
                watched.look()
                # Who was stopped meanwhile has had one short wait less, not all of them: nothing that was said is lost.
                for reader in readers * _LAST_LOOKS:
                    reader.join(_LOOK_EVERY)
        finally:
            view.close()
    code = process.returncode if process.returncode >= 0 else 128 - process.returncode
    diverged = watched.diverged
    if not diverged and code in (0, 1):
        try:
            follower.finish()
        except Divergence as exc:
            diverged = str(exc)
    if watched.events:
        title = f"{graph.runtime}, phase {graph.phase}"
        timeline = from_spans(title, spans_of(watched.events), edges, watched.reasons)
        console.out("\n" + to_text([timeline], console.width(console.stdout)))
        console.lines([(0, f"{_summary(follower)} in {duration(timeline.makespan)}")])
    if diverged:
        console.fail(f"this is a bug in unitc: the launcher and the model of it disagree. {diverged}")
        return ExitCode.BUG
    return code


def _summary(follower: Follower) -> str:
    """Return how many units ended how, the good ones first."""
    counts = Counter(follower.tracker.outcomes().values())
    order = (Outcome.SUCCEEDED, Outcome.FAILED, Outcome.TIMED_OUT, Outcome.SKIPPED, Outcome.CANCELED)
    return ", ".join(f"{counts[each]} {str(each).replace('_', ' ')}" for each in order if counts[each])


def _announcement(change: Change, code: int | None, reason: str | None) -> str:
    """Return what is said of a unit that starts, fails or is skipped, empty where there is nothing to say.

    Of a failure without an exit code the launcher says why.
    """
    if change.outcome is Outcome.RUNNING and not change.said_ready:
        return f"unitc: {change.unit} runs"
    if change.outcome is Outcome.FAILED and code is not None:
        return f"unitc: {change.unit} failed with exit code {code}"
    if change.outcome is Outcome.SKIPPED and reason is not None:
        return f"unitc: {change.unit} skipped: {reason}"
    return ""


class _Watched:
    """A run's log, followed, and its output, so that what happened first is also shown first."""

    def __init__(self, follower: Follower, view: LinesView, log: _Log, units: frozenset[str]) -> None:
        self.events: list[Event] = []
        self.diverged = ""
        self._follower = follower
        self._view = view
        self._log = log
        self._units = units
        self._lock = threading.RLock()
        self._codes: dict[str, int | None] = {}
        self._unmet: dict[str, Unmet] = {}
        self.reasons: dict[str, str] = {}
        follower.tracker.subscribe(self._changed)

    def look(self) -> None:
        """Follow the log as far as it is written."""
        with self._lock:
            for event in self._log.more():
                self.events.append(event)
                self._codes[event.address] = event.code
                if not self.diverged:
                    try:
                        self._follower.feed(event)
                    except Divergence as exc:
                        self.diverged = str(exc)

    def printed(self, line: str, *, error: bool) -> None:
        """Take a line that the launcher printed. Its table at the end is left out: the timeline says the same."""
        with self._lock:
            self.look()
            unit, bar, text = line.partition(" | ")
            if error:
                # Of a skip and a failure the log has told already, and more of their causes.
                told = [f"unitc: {each} skipped: " for each in self.reasons]
                told += [f"unitc: {each} failed with exit code " for each in self._codes]
                if not line.startswith(tuple(told)):
                    self._view.told(line)
            elif bar and unit.rstrip(" ") in self._units:
                self._view.said(unit.rstrip(" "), text)

    def _changed(self, change: Change) -> None:
        if change.reason is not None:
            self._unmet[change.unit] = change.reason
            self.reasons[change.unit] = skip_reason(change.unit, self._unmet, self._codes)
        self._view.changed(change, _announcement(change, self._codes.get(change.unit), self.reasons.get(change.unit)))


def _view(console: Console, graph: UnitGraph, follower: Follower) -> LinesView:
    if not console.stdout.isatty():
        return LinesView(console, graph)
    from compiler.commands.live import LiveTable

    return LiveTable(console, graph, follower.tracker)


@contextlib.contextmanager
def _started(command: list[str], state: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start the launcher in a session of its own, so that a signal reaches it through us and once."""
    environment = {**os.environ, "UNITC_STATE_DIR": str(state)}
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def _passed_on(process: subprocess.Popen[bytes]) -> contextlib.AbstractContextManager[None]:
    """Pass signals on to the launcher: it ends its units, kills them on the second signal, and leaves with 128 + n."""

    def pass_on(number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)

    return handled(pass_on)


def _read(process: subprocess.Popen[bytes], watched: _Watched, *, error: bool) -> None:
    stream = process.stderr if error else process.stdout
    assert stream is not None
    with contextlib.suppress(ValueError):
        for line in stream:
            watched.printed(line.decode("utf-8", "surrogateescape"), error=error)


class _Log:
    """The event log that the launcher makes in a folder for state, read on from where it was read last."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._path: Path | None = None
        self._at = 0

    def more(self) -> Iterator[Event]:
        """Yield the events that are new."""
        if self._path is None:
            self._path = next(iter(self._state.glob("*/*/events.tsv")), None)
        if self._path is None:
            return
        with self._path.open("rb") as file:
            file.seek(self._at)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._at += len(whole)
        yield from read_events(whole.decode("ascii"))
