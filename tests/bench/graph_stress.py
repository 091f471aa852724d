"""Stress the order graph from several threads, and print how much longer it takes than the least that could do.

Run it as ``python -m tests.bench.graph_stress [EDGES]``. The least is the same reads and writes on a plain networkx
graph in one thread, without locks or checks, in the same process. Only the ratio means anything: the seconds are those
of this machine at this moment.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from threading import Barrier, Thread

import networkx as nx

from compiler.order.graph import CycleClosed, OrderGraph
from compiler.order.outcome import Requires

Edges = list[tuple[int, int]]
THREADS = 8
ROUNDS = 3
READS_FOR_EACH_WRITE = 9


def sparse(size: int) -> Edges:
    """Return random (dependent, prerequisite) pairs without a cycle in a random order, two for each vertex."""
    pick = random.Random(size)
    ends = (sorted(pick.sample(range(size // 2), 2)) for _ in range(size))
    edges = list(dict.fromkeys((dependent, prerequisite) for prerequisite, dependent in ends))
    return pick.sample(edges, len(edges))


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


def seconds(action: Callable[[Edges], object], edges: Edges) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    action(edges)
    return time.perf_counter() - start


def main(size: int) -> None:
    """Print the best of some rounds of each, taken by turns, with about ``size`` edges."""
    edges = sparse(size)
    rounds = [(seconds(mixed_reads_and_writes, edges), seconds(plain_reads_and_writes, edges)) for _ in range(ROUNDS)]
    own, other = (min(times) for times in zip(*rounds, strict=True))
    what = f"{THREADS} threads, {READS_FOR_EACH_WRITE} reads a write, {len(edges):,} edges"
    print(f"{what} {own:8.3f} s {other:8.3f} s {own / other:7.1f} x")  # noqa: T201  # It prints.


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
