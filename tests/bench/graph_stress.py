"""Stress the order graph and the tracker, and print how much longer they take than the least that could do.

Run it as ``python -m tests.bench.graph_stress [EDGES]``. The least is a plain networkx graph beside it, in the same
process, with the same input, without locks, checks or sorting, or a bare loop over dicts. Only the ratios mean
anything: the seconds are those of this machine at this moment.
"""

from __future__ import annotations

import random
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from threading import Barrier, Thread

import networkx as nx

from compiler.order.edges import CycleClosed
from compiler.order.graph import OrderGraph, cycles
from compiler.order.outcome import Outcome, Requires
from compiler.status.tracker import Change, StatusTracker

Edges = list[tuple[int, int]]
THREADS = 8
ROUNDS = 3
READS_FOR_EACH_WRITE = 9


def chain(size: int) -> Edges:
    """Return (dependent, prerequisite) pairs, each dependent the next one's prerequisite."""
    return [(n + 1, n) for n in range(size)]


def product(size: int) -> Edges:
    """Return what one rule gives with as many scripts in ``run`` as in ``after``."""
    side = int(size**0.5)
    return [(side + run, after) for run in range(side) for after in range(side)]


def sparse(size: int) -> Edges:
    """Return random pairs, two for each vertex."""
    pick = random.Random(size)
    ends = (sorted(pick.sample(range(size // 2), 2)) for _ in range(size))
    return list(dict.fromkeys((dependent, prerequisite) for prerequisite, dependent in ends))


def dense(size: int) -> Edges:
    """Return all pairs of few vertices."""
    count = int((2 * size) ** 0.5)
    return [(dependent, prerequisite) for dependent in range(count) for prerequisite in range(dependent)]


def shuffled(edges: Edges) -> Edges:
    """Return the edges in a random order, the same each time."""
    return random.Random(len(edges)).sample(edges, len(edges))


def grow(edges: Iterable[tuple[int, int]]) -> OrderGraph[int, Requires]:
    """Return the graph of the edges, added one by one."""
    graph: OrderGraph[int, Requires] = OrderGraph()
    for dependent, prerequisite in edges:
        graph.add_edge(dependent, prerequisite, Requires.SUCCESS)
    return graph


def build(edges: Edges) -> OrderGraph[int, Requires]:
    """Return the graph of the edges, built at once."""
    return OrderGraph.build([], ((dependent, prerequisite, Requires.SUCCESS) for dependent, prerequisite in edges))


def plain(edges: Edges) -> nx.DiGraph[int]:
    """Return the plain graph of the edges, added one by one."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    for dependent, prerequisite in edges:
        graph.add_edge(prerequisite, dependent, requires=Requires.SUCCESS)
    return graph


def exhaust(algorithm: Callable[[nx.DiGraph[int]], Iterable[object]], graph: nx.DiGraph[int]) -> None:
    """Take all that the algorithm yields."""
    deque(algorithm(graph), maxlen=0)


def components(edges: Edges) -> None:
    """Find the strongly connected components of the plain graph of the edges, and no cycle."""
    exhaust(nx.strongly_connected_components, plain(edges))


def mixed_reads_and_writes(edges: Edges) -> None:
    """Write the edges from several threads, which read after each write, and close a cycle now and then."""
    graph: OrderGraph[int, Requires] = OrderGraph()
    barrier = Barrier(THREADS)
    refused = []

    def act(number: int) -> None:
        pick = random.Random(number)
        mine = edges[number::THREADS]
        barrier.wait()
        for place, (dependent, prerequisite) in enumerate(mine):
            graph.add_edge(dependent, prerequisite, Requires.SUCCESS)
            for _ in range(READS_FOR_EACH_WRITE):
                vertex = pick.choice(mine[: place + 1])[0]
                graph.prerequisites(vertex)
            if place % 100 == 0:
                try:
                    graph.add_edge(prerequisite, dependent, Requires.SUCCESS)
                except CycleClosed as refusal:
                    refused.append(refusal)

    threads = [Thread(target=act, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(graph.edges()) == len(edges)
    assert len(refused) == sum(len(range(0, len(edges[number::THREADS]), 100)) for number in range(THREADS))


def plain_reads_and_writes(edges: Edges) -> None:
    """Do the same reads and writes in one thread on a plain graph, which can't refuse anything."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    for number in range(THREADS):
        pick = random.Random(number)
        mine = edges[number::THREADS]
        for place, (dependent, prerequisite) in enumerate(mine):
            graph.add_edge(prerequisite, dependent, requires=Requires.SUCCESS)
            for _ in range(READS_FOR_EACH_WRITE):
                vertex = pick.choice(mine[: place + 1])[0]
                list(graph.pred[vertex].items())


def run_through_tracker(edges: Edges) -> None:
    """Run every unit to its success, each as soon as the tracker says that it is ready."""
    names = {vertex: f"u{vertex:06}" for edge in edges for vertex in edge}
    tracker = StatusTracker(names.values(), ((names[d], names[p], Requires.SUCCESS) for d, p in edges))
    waiting = {names[dependent] for dependent, _ in edges}
    ready = deque(name for name in names.values() if name not in waiting)

    def queue(change: Change) -> None:
        if change.ready:
            ready.append(change.unit)

    tracker.subscribe(queue)
    while ready:
        unit = ready.popleft()
        tracker.set_outcome(unit, Outcome.RUNNING)
        tracker.set_outcome(unit, Outcome.SUCCEEDED)
    assert set(tracker.outcomes().values()) == {Outcome.SUCCEEDED}


def run_through_dicts(edges: Edges) -> None:
    """Count gates down in bare dicts."""
    closed: dict[int, int] = {}
    dependents: dict[int, list[int]] = {}
    for dependent, prerequisite in edges:
        closed[dependent] = closed.get(dependent, 0) + 1
        closed.setdefault(prerequisite, 0)
        dependents.setdefault(prerequisite, []).append(dependent)
    ready = deque(vertex for vertex, count in closed.items() if not count)
    ran = 0
    while ready:
        ran += 1
        for dependent in dependents.get(ready.popleft(), ()):
            closed[dependent] -= 1
            if not closed[dependent]:
                ready.append(dependent)
    assert ran == len(closed)


def seconds(action: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def compare(what: str, ours: Callable[[], object], least: Callable[[], object]) -> None:
    """Print the best of some rounds of each, taken by turns."""
    times = [(seconds(ours), seconds(least)) for _ in range(ROUNDS)]
    own, other = min(first for first, _ in times), min(second for _, second in times)
    print(f"{what:<48} {own:8.3f} s {other:8.3f} s {own / other:7.1f} x", flush=True)  # noqa: T201  # It prints.


def main(size: int) -> None:
    """Print one line for each comparison, with about ``size`` edges."""
    shapes: dict[str, Edges] = {
        "chain": chain(size),
        "chain, backwards": chain(size)[::-1],
        "chain, shuffled": shuffled(chain(size)),
        "product": product(size),
        "sparse, shuffled": shuffled(sparse(size)),
        "dense, shuffled": shuffled(dense(size)),
    }
    for name, edges in shapes.items():
        compare(f"add edges one by one: {name}", partial(grow, edges), partial(plain, edges))
    for name, edges in shapes.items():
        compare(f"build at once: {name}", partial(build, edges), partial(plain, edges))
    for name in ("chain, shuffled", "sparse, shuffled", "dense, shuffled"):
        compare(
            f"topological order: {name}",
            build(shapes[name]).topological_order,
            partial(exhaust, nx.topological_sort, plain(shapes[name])),
        )
    ring = [*shapes["chain, shuffled"], (0, size)]
    both_ways = [*shapes["dense, shuffled"], *((b, a) for a, b in shapes["dense, shuffled"])]
    for name, edges in {"one cycle of all edges": ring, "countless cycles, one component": both_ways}.items():
        compare(name, partial(cycles, edges), partial(components, edges))
    compare(
        f"{THREADS} threads, {READS_FOR_EACH_WRITE} reads a write: sparse, shuffled",
        partial(mixed_reads_and_writes, shapes["sparse, shuffled"][: size // 10]),
        partial(plain_reads_and_writes, shapes["sparse, shuffled"][: size // 10]),
    )
    for name in ("chain, shuffled", "product", "sparse, shuffled"):
        compare(
            f"run through the tracker: {name}",
            partial(run_through_tracker, shapes[name]),
            partial(run_through_dicts, shapes[name]),
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
