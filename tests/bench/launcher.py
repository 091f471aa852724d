"""Time the generated launcher beside make, ninja and a bare loop, and print Markdown tables.

Run it as ``python -m tests.bench.launcher``, or with ``--short`` to see that it works. All that is compared is run in
turns within one run of this program, so that a noisy moment meets all of them. The numbers are those of this machine;
the ratios mean more.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.gates import gate_latencies, poll_latencies, ready_latencies, supervisor_memory, waiter_memory
from tests.bench.rivals import LAUNCHER_SHELLS, LOOPS, MAKE, Contender, Graph, chain, contenders, fan, layered
from tests.shells.harness import reset_environment

SLEEP: Final = "sleep 0.05"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to run. ``long_rounds`` is for units that sleep, since each round of them takes long."""

    graphs: tuple[Graph, ...]
    rounds: int
    long_rounds: int
    chains: int
    links: int
    polls: int
    waiting: tuple[int, int]
    waiters: int


_FULL: Final = Plan((chain(1), chain(100), fan(500), layered(20, 50, 3_000)), 3, 2, 6, 25, 40, (100, 1_100), 20)
_SHORT: Final = Plan((chain(1), chain(10), fan(50), layered(5, 20, 300)), 1, 1, 1, 10, 10, (10, 110), 5)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def seconds(command: list[str], folder: Path, path: str | None = None) -> float:
    """Return how long a command takes from its start to its end. It must end well.

    It gets a new folder for state, as in a workspace that starts: the files of earlier runs are no part of this one.
    """
    changes = {} if path is None else {"PATH": path}
    environment = reset_environment(UNITC_STATE_DIR=tempfile.mkdtemp(prefix="state-", dir=folder), **changes)
    began = time.perf_counter()
    ended = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
    )
    took = time.perf_counter() - began
    assert ended.returncode == 0, command
    return took


def race(graph: Graph, text: str, rivals: Sequence[Contender], rounds: int, root: Path) -> dict[str, float]:
    """Return the median seconds of each rival: a round to warm up, then rounds in which all run in turns."""
    commands = {}
    for number, rival in enumerate(rivals):
        folder = Path(tempfile.mkdtemp(prefix=f"{number}-", dir=root))
        commands[rival.name] = (rival.prepare(graph, text, folder), folder, rival.path)
    took: dict[str, list[float]] = {name: [] for name in commands}
    # Where a round is long, the runs before it were warm-up enough.
    for number in range(-1 if text == "true" else 0, rounds):
        for name, (command, folder, path) in commands.items():
            value = seconds(command, folder, path)
            if number >= 0:
                took[name].append(value)
    return {name: statistics.median(values) for name, values in took.items()}


def overhead(plan: Plan, root: Path) -> str:
    """Return the table of what a unit costs where it does nothing."""
    rivals = contenders()
    columns = [race(graph, "true", rivals, plan.rounds, root) for graph in plan.graphs]
    rows = []
    for rival in rivals:
        row = [rival.name]
        for graph, column in zip(plan.graphs, columns, strict=True):
            took = column[rival.name]
            row.append(f"{took / len(graph.needs) * 1000:.2f} ms ({took / column[MAKE]:.2f})")
        rows.append(row)
    return table(["`true`: time a unit (ratio to `make -j`)", *(graph.name for graph in plan.graphs)], rows)


def one_sleep(root: Path) -> float:
    """Return the seconds that one sleeping unit takes, started by a bare loop: the median of five times ten."""
    script = f"i=0; while [ $i -lt 10 ]; do sh -c '{SLEEP}'; i=$((i + 1)); done"
    return statistics.median(seconds(["dash", "-c", script], root) / 10 for _ in range(5))


def makespan(plan: Plan, root: Path) -> str:
    """Return the table of how long the whole takes where each unit sleeps, against the longest path."""
    rivals = [rival for rival in contenders() if rival.name not in LOOPS]
    one = one_sleep(root)
    columns = [race(graph, SLEEP, rivals, plan.long_rounds, root) for graph in plan.graphs]
    rows = [["longest path", *(f"{graph.path * one:.2f} s" for graph in plan.graphs)]]
    for rival in rivals:
        row = [rival.name]
        for graph, column in zip(plan.graphs, columns, strict=True):
            took = column[rival.name]
            row.append(f"{took:.2f} s ({(took / (graph.path * one) - 1) * 100:+.1f} %, {took / column[MAKE]:.2f})")
        rows.append(row)
    note = (
        f"\nThe longest path is its number of units times {one * 1000:.1f} ms, the time of one `sh -c '{SLEEP}'` in a "
        "bare loop. A graph that is wider than the cores takes as long as starting its processes does.\n"
    )
    head = f"`{SLEEP}`: makespan (over the longest path, ratio to `make -j`)"
    return table([head, *(graph.name for graph in plan.graphs)], rows) + note


def _percentile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def latency(plan: Plan, root: Path) -> str:
    """Return the table of gate latencies: from a published outcome to the first act of the body that waited."""
    gated: dict[str, list[float]] = {shell: [] for shell in LAUNCHER_SHELLS}
    for number in range(plan.chains):
        for shell in LAUNCHER_SHELLS:
            gated[shell] += gate_latencies(shell, root / f"gates-{shell}-{number}", plan.links)
    ready = {shell: ready_latencies(shell, root / f"ready-{shell}", plan.links) for shell in LAUNCHER_SHELLS}
    polled = poll_latencies(root / "poll", plan.polls)
    slow = statistics.median(polled)
    rows = [
        [
            name,
            f"{len(values):,}",
            f"{statistics.median(values) * 1000:.2f} ms",
            f"{_percentile(values, 0.99) * 1000:.2f} ms",
            f"1/{slow / statistics.median(values):.0f}" if values is not polled else "1",
        ]
        for name, values in [
            *((f"gate mode, {shell}", gated[shell]) for shell in gated),
            *((f"run, a probe's yes, {shell}", ready[shell]) for shell in ready),
            ("poll each second", polled),
        ]
    ]
    return table(["gate latency", "gates", "median", "p99", "ratio of medians to the poll"], rows)


def memory(plan: Plan, root: Path) -> str:
    """Return the table of what waiting units cost in memory."""
    few, many = plan.waiting
    rows = []
    for shell in LAUNCHER_SHELLS:
        (rss_few, pss_few), (rss_many, pss_many) = (
            supervisor_memory(shell, root / f"memory-{shell}-{count}", count) for count in plan.waiting
        )
        rss, pss = waiter_memory(shell, root / f"waiters-{shell}", plan.waiters)
        rows.append(
            [
                shell,
                f"{rss_few / 1024:.1f} MiB",
                f"{(rss_many - rss_few) / (many - few):.2f} KiB",
                f"{(pss_many - pss_few) / (many - few):.2f} KiB",
                f"{rss / 1024:.1f} MiB",
                f"{pss / 1024:.2f} MiB",
            ]
        )
    return table(
        [
            "memory",
            f"supervisor, {few} waiting: RSS",
            f"growth a waiting unit, {few} to {many:,}: RSS",
            "the same as PSS of all its processes",
            "gate mode, one waiting script: RSS of its shell",
            f"the same as PSS with its helpers, {plan.waiters} waiting",
        ],
        rows,
    )


def _machine() -> str:
    versions = [
        subprocess.run([name, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
        for name in ("make", "ninja")
    ]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} cores, Linux {platform.release()}, {versions[0]}, ninja {versions[1]}; load {load}"


def report(plan: Plan, root: Path) -> Iterator[str]:
    """Yield the tables, each when it is there."""
    yield f"Before: {_machine()}. Medians of {plan.rounds} runs, of {plan.long_rounds} with sleep.\n"
    yield overhead(plan, root)
    yield makespan(plan, root)
    yield latency(plan, root)
    yield memory(plan, root)
    yield f"After: load {', '.join(f'{value:.1f}' for value in os.getloadavg())}.\n"


def main(words: Sequence[str]) -> int:
    """Print the tables; return the exit code."""
    if list(words) not in ([], ["--short"]):
        print("usage: python -m tests.bench.launcher [--short]", file=sys.stderr)  # noqa: T201  # its output
        return 2
    with tempfile.TemporaryDirectory() as name:
        for part in report(_SHORT if words else _FULL, Path(name)):
            print(part, flush=True)  # noqa: T201  # its output
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
