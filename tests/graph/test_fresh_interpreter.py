"""What only a fresh interpreter shows: nothing depends on the seed of its hashes, and nothing is imported too early."""

from __future__ import annotations

import os
import subprocess
import sys

_SCRIPT = """
import random, sys
from compiler.drawing.dot import to_dot
from compiler.drawing.picture import make_picture
from compiler.drawing.graph_json import to_json
from compiler.order.graph import OrderGraph, cycles
from compiler.order.outcome import Outcome, Requires
from compiler.status.simulate import Scripted, simulate
from compiler.status.tracker import StatusTracker
from tests.graph.cases import unit_graph

shuffle = random.Random(sys.argv[1]).shuffle
names = [f"coder_script.u{n}" for n in range(40)]
edges = [(names[n], names[m], list(Requires)[(n + m) % 3]) for n in range(40) for m in range(n) if (n * m) % 7 == 3]
ring = [(names[n], names[(n * 7 + 1) % 40]) for n in range(40)] + [(names[n], names[n - 3]) for n in range(40)]
script = {name: Scripted(Outcome.FAILED) for name in names[::5]}
for each in (names, edges, ring):
    shuffle(each)

graph = OrderGraph(key=lambda name: name)
for edge in edges:
    graph.add_edge(*edge)
for name in names:
    graph.add_vertex(name)
print(to_dot([make_picture(unit_graph(graph))]), to_json([unit_graph(graph)]))
print(graph.topological_order(), cycles(ring))
print([graph.why(a, b) for a in sorted(names) for b in sorted(names)])
print(simulate(names, edges, script))
tracker = StatusTracker(names, edges)
tracker.subscribe(print)
for name in graph.topological_order()[:3]:
    tracker.set_outcome(name, Outcome.FAILED)
"""


def test_the_same_graph_gives_the_same_bytes_under_every_hash_seed() -> None:
    printed = set()
    for seed in ("0", "1", "random"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, seed], env=environment, capture_output=True, check=True, timeout=600
        )
        printed.add(done.stdout)
    assert len(printed) == 1
    assert len(printed.pop()) > 10_000


def test_networkx_is_imported_only_where_a_graph_is_made() -> None:
    lines = [
        "import sys, compiler.order.graph, compiler.status.tracker, compiler.status.simulate",
        "import compiler.drawing.dot, compiler.drawing.graph_json",
        "assert 'networkx' not in sys.modules",
        "compiler.order.graph.OrderGraph()",
        "assert 'networkx' in sys.modules",
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run([sys.executable, "-c", "\n".join(lines)], env=environment, check=True, timeout=600)
